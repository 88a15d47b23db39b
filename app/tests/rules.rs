//! Promises that the pages of the rules keep, checked on the gallery's pages.

#[path = "../examples/gallery/scenes.rs"]
mod scenes;
#[path = "../examples/gallery/studio/mod.rs"]
mod studio;

use scraper::{ElementRef, Html, Selector};
use studio_cockpit::render::Rendered;

fn scene(name: &str) -> Rendered {
    let found = scenes::all().into_iter().find(|(each, _)| *each == name);
    found.map(|(_, rendered)| rendered).unwrap_or_else(|| panic!("no scene is called {name}"))
}

fn parsed(name: &str) -> Html {
    Html::parse_document(&scene(name).html)
}

fn select(css: &str) -> Selector {
    Selector::parse(css).expect("a selector")
}

fn all<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    page.select(&select(css)).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn one<'a>(page: &'a Html, css: &str) -> ElementRef<'a> {
    let found = all(page, css);
    assert_eq!(found.len(), 1, "exactly one `{css}`");
    found[0]
}

#[test]
fn what_is_empty_says_so_and_a_filter_can_be_cleared() {
    for (name, words) in [
        ("policy-empty", "No exemption is in force"),
        ("policy-empty", "Every limit has room"),
        ("resume-nothing", "Nothing is stopped"),
        ("exemptions-ended-empty", "None has ended yet"),
        ("quotas-empty", "Nothing was counted yet"),
        ("may-i", "Choose what you want to do"),
        ("agents-empty", "The mirror knows no agent"),
        ("agents-empty", "No key is good now"),
        ("agent-quiet", "Nobody delegates anything to it"),
        ("denials-empty", "Nothing was denied to an agent"),
        ("key-new-empty", "The mirror knows no agent"),
        ("intake-empty", "Nothing waits"),
    ] {
        let page = parsed(name);
        assert!(all(&page, ".empty-what").into_iter().any(|what| text(what) == words), "{name}: {words}");
    }
    for (name, clear) in [
        ("exemptions-filtered", "/policy/exemptions"),
        ("capabilities-filtered", "/policy/capabilities"),
        ("agents-filtered", "/agents"),
        ("denials-filtered", "/agents/denials"),
        ("intake-filtered", "/intake"),
    ] {
        assert_eq!(one(&parsed(name), ".empty a.button").attr("href"), Some(clear), "{name}");
    }
}

#[test]
fn a_panel_that_fails_leaves_the_page() {
    for (name, panels) in [
        ("policy-trouble", 4),
        ("exemptions-trouble", 1),
        ("quotas-trouble", 3),
        ("agents-trouble", 3),
        ("denials-trouble", 1),
        ("intake-trouble", 1),
        ("may-i-trouble", 1),
    ] {
        let rendered = scene(name);
        assert_eq!(rendered.status, 200, "{name}");
        let page = Html::parse_document(&rendered.html);
        let failed = all(&page, ".notice.bad[role=alert]");
        assert_eq!(failed.len(), panels, "{name}");
        for notice in failed {
            assert!(text(notice).contains("Error id 01J9-7F3K-QX2M"), "{name}");
        }
    }
    assert!(text(one(&parsed("policy-trouble"), "main")).contains("can’t be read, so nothing is sent"));
}

#[test]
fn every_form_with_a_problem_keeps_what_was_typed() {
    for name in [
        "stop-error",
        "resume-error",
        "exemption-new-error",
        "exemption-error",
        "counter-error",
        "agent-error",
        "key-error",
        "intake-item-error",
    ] {
        let rendered = scene(name);
        assert_eq!(rendered.status, 422, "{name}");
        let page = Html::parse_document(&rendered.html);
        assert_eq!(one(&page, "textarea#reason").text().collect::<String>(), scenes::TYPED, "{name}");
        assert_eq!(all(&page, ".error-summary").len(), 1, "{name}");
    }
    let key = parsed("key-new-error");
    assert_eq!(one(&key, "#name").attr("value"), Some(scenes::TYPED));
    assert_eq!(one(&key, "input[name=scopes][checked]").attr("value"), Some("batches:read"));
    assert_eq!(one(&key, "select#agent").attr("aria-describedby"), Some("agent-problem"));
}

#[test]
fn stopping_takes_one_step_and_resuming_a_word_and_two_people() {
    let stop = parsed("stop");
    assert!(all(&stop, "#confirm").is_empty(), "no word has to be typed");
    assert_eq!(one(&stop, "input[name=scope][checked]").attr("value"), Some("studio"));
    let asks = parsed("resume");
    assert_eq!(all(&asks, "form[action='/policy/resume'] #confirm").len(), 1);
    assert!(text(one(&asks, "main")).contains("stopped it"), "says who stopped it");
    let confirms = parsed("resume-confirm");
    assert_eq!(all(&confirms, "form[action='/policy/resume/confirm'] #confirm[required]").len(), 1);
    assert!(text(one(&confirms, "main")).contains("Dov Halpern staff asked 5 min ago"));
    let wrong = parsed("resume-error");
    assert_eq!(one(&wrong, "#confirm").attr("value"), Some("resume"));
    assert_eq!(one(&wrong, ".error-summary a").attr("href"), Some("#confirm"));
    let policy = parsed("policy");
    assert_eq!(one(&policy, ".switch a").attr("href"), Some("/policy"), "the frame leads there");
    assert!(text(one(&policy, "head > title")).starts_with("Stopped"));
}

#[test]
fn a_level_is_told_in_words_beside_its_bar() {
    let page = parsed("quotas");
    for level in all(&page, ".level") {
        let meter = level.select(&select("meter")).next().expect("a bar");
        assert!(meter.attr("aria-label").is_some_and(|name| name.starts_with("Left of ")));
        let words = format!("{} of {} left", meter.attr("value").unwrap_or("?"), meter.attr("max").unwrap_or("?"));
        assert!(text(level).ends_with(&words), "{}", text(level));
    }
    assert!(text(one(&page, "main")).contains("The registry has no such limit now"), "unknown is never zero");
}

#[test]
fn a_secret_is_on_the_one_page_that_shows_it() {
    for (name, rendered) in scenes::all() {
        assert_eq!(rendered.html.contains("sbak1_0123456789abcdef_c2VjcmV0"), name == "key-shown", "{name}");
    }
}
