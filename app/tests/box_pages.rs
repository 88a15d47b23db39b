//! Promises of the pages that tell what the box is, does and has recorded, checked on the gallery's pages.

#[path = "../examples/gallery/scenes.rs"]
mod scenes;
#[path = "../examples/gallery/studio/mod.rs"]
mod studio;

use scraper::{ElementRef, Html, Selector};

fn scene(name: &str) -> (u16, Html) {
    let found = scenes::all().into_iter().find(|(each, _)| *each == name);
    let (_, rendered) = found.unwrap_or_else(|| panic!("{name} is no scene of the gallery"));
    (rendered.status, Html::parse_document(&rendered.html))
}

fn all<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(css).expect("a selector")).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn whole(name: &str) -> String {
    let (_, page) = scene(name);
    text(all(&page, "main")[0])
}

#[test]
fn what_is_empty_says_so_and_makes_nothing_up() {
    for (name, words) in [
        ("connectors-empty", "No collection is mirrored yet"),
        ("connectors", "No connector to the building is set up"),
        ("jobs-empty", "Nothing is known of any job"),
        ("reads-empty", "No day was counted yet"),
        ("scorecard-empty", "There is no score yet"),
        ("recommendations-empty", "No advisor looks at the studio yet"),
        ("studios", "No other studio is set up here"),
    ] {
        let (status, page) = scene(name);
        assert_eq!(status, 200, "{name}");
        assert!(all(&page, ".empty-what").into_iter().any(|what| text(what) == words), "{name}");
    }
    assert!(!whole("connectors-empty").contains("Well"), "what was never heard of is not well");
    assert!(!whole("reads-empty").contains("US$ 0.00"), "what was not counted costs an unknown amount");
    assert!(whole("scorecard-empty").contains("Unknown"));
}

#[test]
fn a_part_that_fails_leaves_the_others() {
    for (name, parts) in [
        ("connectors-trouble", 1),
        ("jobs-trouble", 4),
        ("reads-trouble", 2),
        ("scorecard-trouble", 4),
        ("recommendations-trouble", 1),
        ("studios-trouble", 1),
    ] {
        let (status, page) = scene(name);
        assert_eq!(status, 200, "{name}");
        let failed = all(&page, ".notice.bad[role=alert]");
        assert_eq!(failed.len(), parts, "{name}");
        assert!(failed.into_iter().all(|notice| text(notice).contains("Error id 01J9-7F3K-QX2M")), "{name}");
    }
    assert_eq!(scene("jobs-forbidden").0, 403);
}

#[test]
fn a_day_that_was_not_counted_is_unknown_and_a_gap() {
    let (_, page) = scene("reads");
    let rows: Vec<String> = all(&page, "table.ledger tbody tr").into_iter().map(text).collect();
    let uncounted = rows.iter().find(|row| row.starts_with("2026-03-07")).expect("has a row");
    assert!(uncounted.contains("unknown"), "{uncounted}");
    let bars = all(&page, "figure.chart svg rect.unknown");
    assert_eq!(bars.len(), 1);
}

#[test]
fn a_job_that_failed_or_ended_is_told_with_what_finds_the_log() {
    let (_, page) = scene("jobs");
    assert!(text(all(&page, "head > title")[0]).starts_with("2 failing"));
    let row = |name: &str| {
        let rows = all(&page, "tbody tr").into_iter().map(text);
        rows.into_iter().find(|row| row.starts_with(name)).unwrap_or_else(|| panic!("{name} has a row"))
    };
    assert!(row("drift").contains("Failing") && row("drift").contains("2 runs in a row failed"));
    assert!(row("drift").contains("could not ask how many documents there are"));
    assert!(row("drift").contains("0195a6f2"));
    assert!(row("seal").contains("Ended"));
    assert!(row("prune").contains("Not begun") && row("prune").contains("unknown"));
}

#[test]
fn a_filter_of_the_audit_log_is_kept_told_and_taken_away_by_itself() {
    let (status, page) = scene("audit-error");
    assert_eq!(status, 422);
    let from = all(&page, "input#from")[0];
    assert_eq!((from.attr("value"), from.attr("aria-invalid")), (Some("yesterday"), Some("true")));
    assert_eq!(all(&page, ".error-summary a")[0].attr("href"), Some("#from"));
    assert_eq!(all(&page, ".chips a.chip")[0].attr("href"), Some("/audit"));
    let pages: Vec<_> = all(&page, ".pager a").into_iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(pages, ["/audit?from=yesterday&after=9", "/audit?from=yesterday&before=1036"]);
    let (status, page) = scene("audit-refused");
    assert_eq!(status, 422);
    assert!(text(all(&page, ".error-summary")[0]).contains("50,000"));
    assert_eq!(all(&page, "form[action='/audit/export'] input[name=verdict]")[0].attr("value"), Some("allow"));
}

#[test]
fn an_entry_shows_before_and_after_and_how_to_verify_its_proof() {
    let told = whole("audit-entry");
    assert!(told.contains("11 hashes lead from this entry to the root of a tree of 1,042 entries"), "{told}");
    assert!(told.contains("studio-brain audit verify-proof audit-entry-1041-proof.json --key"), "{told}");
    assert!(told.contains("CONFIRMED") && told.contains("WAITLISTED"), "{told}");
    let (_, page) = scene("audit-entry");
    assert!(all(&page, "a[href='/audit/1041/proof']").len() == 1);
}

#[test]
fn help_is_at_the_same_place_of_every_page_of_somebody_signed_in() {
    for (name, rendered) in scenes::all() {
        let page = Html::parse_document(&rendered.html);
        if all(&page, "header.rail").is_empty() {
            continue;
        }
        let links: Vec<_> = all(&page, "header.rail nav a").into_iter().filter_map(|link| link.attr("href")).collect();
        assert_eq!(links.last(), Some(&"/help"), "{name}");
        assert_eq!(all(&page, ".rail-foot a[href='/studios']").len(), 1, "{name}");
    }
}
