//! Promises every page keeps, checked on the gallery's pages.

mod queue;
#[path = "../../examples/gallery/scenes.rs"]
mod scenes;
#[path = "../../examples/gallery/studio/mod.rs"]
mod studio;

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html, Selector};
use studio_cockpit::{
    assets::{BUNDLE, FIREBASE_SIGN_IN, STYLESHEET},
    model::{
        forms::DecisionForm,
        state::StateChoice,
        viewer::{Environment, Live, Theme, Viewer},
    },
    render::{Page, Rendered},
};

fn scene(name: &str) -> Rendered {
    scenes::all()
        .into_iter()
        .find(|(each, _)| *each == name)
        .map(|(_, rendered)| rendered)
        .expect("a scene of the gallery")
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
fn every_page_has_one_heading_a_title_and_its_frame() {
    for (name, rendered) in scenes::all() {
        assert!(rendered.html.starts_with("<!DOCTYPE html><html lang=\"en\""), "{name}");
        let page = Html::parse_document(&rendered.html);
        assert!(page.errors.is_empty(), "{name}: {:?}", page.errors);
        assert_eq!(all(&page, "h1").len(), 1, "{name}");
        assert!(text(one(&page, "head > title")).ends_with("· Monsoon West"), "{name}");
        assert_eq!(all(&page, "main#main").len(), 1, "{name}");
        assert_eq!(one(&page, "a.skip").attr("href"), Some("#main"), "{name}");
        assert_eq!(one(&page, "link[rel=stylesheet]").attr("href"), Some(STYLESHEET.path().as_str()), "{name}");
        assert_eq!(all(&page, "meta[name=viewport]").len(), 1, "{name}");
        assert!(all(&page, "footer time[datetime]").len() == 1, "{name}: says when it was made");
    }
}

#[test]
fn no_page_needs_an_inline_script_or_style() {
    for (name, rendered) in scenes::all() {
        let page = Html::parse_document(&rendered.html);
        assert!(all(&page, "script:not([src]), style, [style], iframe, object").is_empty(), "{name}");
        let provider = (name == "sign-in-scripts").then(|| FIREBASE_SIGN_IN.path());
        assert_eq!(all(&page, "script").first().and_then(|script| script.attr("src")), provider.as_deref(), "{name}");
        assert!(!rendered.html.contains("<!>"), "{name}: no marks for hydration");
        for element in all(&page, "*") {
            assert!(element.value().attrs().all(|(attribute, _)| !attribute.starts_with("on")), "{name}");
        }
    }
}

#[test]
fn every_control_has_a_label_and_every_reference_leads_somewhere() {
    for (name, rendered) in scenes::all() {
        let page = Html::parse_document(&rendered.html);
        let ids: Vec<&str> = all(&page, "[id]").iter().filter_map(|element| element.attr("id")).collect();
        let known: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "{name}: ids are unique");
        let labels: HashSet<&str> = all(&page, "label").iter().filter_map(|label| label.attr("for")).collect();
        for control in all(&page, "input:not([type=hidden]), select, textarea") {
            let id = control.attr("id").unwrap_or_default();
            assert!(labels.contains(id), "{name}: `{id}` has no label");
        }
        for attribute in ["aria-describedby", "aria-labelledby", "for", "list"] {
            for element in all(&page, &format!("[{attribute}]")) {
                for id in element.attr(attribute).unwrap_or_default().split_whitespace() {
                    assert!(known.contains(id), "{name}: {attribute} names `{id}`, which is not there");
                }
            }
        }
        for link in all(&page, "a[href^='#'], use[href^='#']") {
            let id = link.attr("href").unwrap_or_default().trim_start_matches('#');
            assert!(known.contains(id), "{name}: nothing is called `{id}`");
        }
        for button in all(&page, "button, a") {
            assert!(!text(button).is_empty(), "{name}: a button or link without words");
        }
    }
}

#[test]
fn every_table_says_what_it_holds_and_carries_its_columns_into_the_cells() {
    for (name, rendered) in scenes::all() {
        let page = Html::parse_document(&rendered.html);
        for table in all(&page, "table") {
            assert!(table.select(&select("caption")).next().is_some(), "{name}");
            assert!(table.select(&select("th")).all(|head| head.attr("scope").is_some()), "{name}");
            assert!(table.select(&select("tbody td")).all(|cell| cell.attr("data-label").is_some()), "{name}");
            let columns = table.select(&select("thead th")).count();
            for row in table.select(&select("tbody tr")) {
                assert_eq!(row.select(&select("th, td")).count(), columns, "{name}");
            }
        }
    }
}

#[test]
fn forms_post_only_to_known_addresses() {
    let known: HashMap<&str, &[&str]> = HashMap::from([
        ("/session/persona", &["persona"][..]),
        ("/session/end", &[]),
        ("/session/provider", &[]),
        ("/session", &["id_token"]),
        ("/sessions/end", &["session"]),
        ("/sessions/end-others", &[]),
        ("/sessions/staff", &["person", "reason", "rule"]),
        ("/kept/discard", &[]),
        ("/proposals/0198/decision", &["reason"]),
        ("/preferences", &["return_to", "theme"]),
        ("/drift/check", &[]),
        ("/drift/f1/ignore", &["days", "reason", "scope"]),
        ("/drift/f6/unignore", &["rule"]),
        ("/proposals", &["capability", "document", "idempotency_key", "reason"]),
        ("/proposals/mine-to-decide/decision", &["content_hash", "decision", "idempotency_key", "reason"]),
        ("/proposals/mine-to-decide/decision?show=waiting", &["content_hash", "decision", "reason"]),
        ("/proposals/bulk", &["decision", "item", "reason"]),
        ("/documents/reservations/r-0042", &["at", "idempotency_key", "reason"]),
        ("/proposals/own/withdraw", &[]),
        ("/writes/observed/undo", &["idempotency_key", "reason"]),
        ("/design", &[]),
        ("/policy/stop", &["idempotency_key", "reason", "scope"]),
        ("/policy/resume", &["confirm", "idempotency_key", "mark", "reason", "scope"]),
        ("/policy/resume/confirm", &["confirm", "idempotency_key", "mark", "reason", "scope"]),
        ("/policy/lease", &["confirm", "idempotency_key", "reason"]),
        ("/policy/exemptions", &["beneficiary", "capability", "document", "hours", "idempotency_key", "owner"]),
        ("/policy/exemptions/e1/revoke", &["idempotency_key", "reason"]),
        ("/policy/quotas/counter", &["bucket", "idempotency_key", "reason"]),
        ("/agents/agent-ops-sweeper/resume", &["idempotency_key", "reason"]),
        ("/agents/keys", &["agent", "days", "idempotency_key", "name", "scopes"]),
        ("/agents/keys/0123456789abcdef/revoke", &["idempotency_key", "reason"]),
        ("/intake/1/decision", &["code", "idempotency_key", "reason", "seen", "text_hash"]),
        ("/audit/export", &["format"]),
        ("/jobs/drift-check", &[]),
        ("/jobs/verification", &[]),
        ("/jobs/snapshot", &[]),
    ]);
    let mut met = HashSet::new();
    for (name, rendered) in scenes::all() {
        let page = Html::parse_document(&rendered.html);
        for form in all(&page, "form[method=post]") {
            let action = form.attr("action").unwrap_or_default().to_owned();
            let fields = known.get(action.as_str()).unwrap_or_else(|| panic!("{name}: posts to `{action}`"));
            for field in *fields {
                assert!(
                    form.select(&select(&format!("[name='{field}']"))).next().is_some(),
                    "{name}: {action}: {field}"
                );
            }
            met.insert(action);
        }
        let methods = all(&page, "form").len();
        assert_eq!(methods, all(&page, "form[method=post], form[method=get]").len(), "{name}: every form says how");
    }
    assert_eq!(met.len(), known.len());
}

#[test]
fn what_is_empty_says_so_and_a_filter_can_be_cleared() {
    for (name, words) in [
        ("overview-empty", "No proposal waits for your decision"),
        ("drift-empty", "Nothing is known yet"),
        ("proposals-empty", "Nothing waits"),
        ("proposal-new-empty", "Nothing can be proposed"),
        ("proposal-new-final", "A reservation that is CANCELLED stays CANCELLED"),
        ("writes-empty", "Nothing was written yet"),
        ("audit-empty", "Nothing was recorded yet"),
        ("sign-in-nowhere", "Nobody can sign in yet"),
    ] {
        let page = parsed(name);
        assert!(all(&page, ".empty-what").into_iter().any(|what| text(what) == words), "{name}");
    }
    for (name, clear) in [
        ("drift-filtered", "/drift"),
        ("proposals-filtered", "/proposals"),
        ("documents-filtered", "/documents?collection=batches"),
        ("writes-filtered", "/writes"),
        ("audit-filtered", "/audit"),
    ] {
        assert_eq!(one(&parsed(name), ".empty a.button").attr("href"), Some(clear), "{name}");
    }
}

#[test]
fn a_panel_that_fails_leaves_the_page_and_is_never_shown_as_zero() {
    for (name, panels) in [
        ("overview-trouble", 8),
        ("documents-trouble", 2),
        ("document-trouble", 5),
        ("drift-trouble", 3),
        ("proposals-trouble", 1),
        ("writes-trouble", 2),
        ("audit-trouble", 2),
    ] {
        let rendered = scene(name);
        assert_eq!(rendered.status, 200, "{name}");
        let page = Html::parse_document(&rendered.html);
        let failed = all(&page, ".notice.bad[role=alert]");
        assert_eq!(failed.len(), panels, "{name}");
        for notice in failed {
            assert!(text(notice).contains("Error id 01J9-7F3K-QX2M"), "{name}");
            let retry = notice.select(&select("a")).next().and_then(|link| link.attr("href"));
            assert_eq!(retry, Some("/drift?kind=unknown-word&state=all"), "{name}: leads back to this page");
        }
    }
    let wrong = text(one(&parsed("overview-empty"), ".wrongs"));
    assert!(wrong.contains("have not been compared") && wrong.contains("Writes off"), "{wrong}");
    assert!(text(one(&parsed("overview-trouble"), ".wrongs")).contains("could not be read"));
}

#[test]
fn an_unknown_collection_is_unknown_and_the_known_ones_are_still_counted() {
    let page = parsed("overview");
    let row = all(&page, "tbody tr").into_iter().map(text).find(|row| row.starts_with("notificationJobs"));
    assert_eq!(row.as_deref(), Some("notificationJobsUnknownunknownUnknownnot begunnot yetunknown"));
    let tiles: Vec<String> = all(&page, ".tile-value").into_iter().map(text).collect();
    assert_eq!(tiles, ["103", "4", "Unknown"]);
}

#[test]
fn every_form_with_a_problem_keeps_what_was_typed() {
    for name in ["write-error", "proposal-new-status-error"] {
        let rendered = scene(name);
        assert_eq!(rendered.status, 422, "{name}");
        let page = Html::parse_document(&rendered.html);
        assert_eq!(one(&page, "textarea#reason").text().collect::<String>(), scenes::TYPED, "{name}");
    }
    let page = parsed("proposal-new-status-error");
    assert_eq!(all(&page, ".error-summary a").len(), 2);
    assert_eq!(one(&page, "fieldset[aria-invalid]").attr("aria-describedby"), Some("status-problem"));
}

#[test]
fn failures_have_their_status_and_say_what_to_do() {
    for (name, status, words) in [
        ("missing", 404, "Proposal nowhere could not be found"),
        ("forbidden", 403, "Only staff and administrators may read the audit log."),
        ("internal", 500, "Error id 01J9-7F3K"),
        ("cross-site", 403, "not made by a page of this cockpit"),
        ("not-signed-in", 401, "Sign in and try again."),
    ] {
        let rendered = scene(name);
        assert_eq!(rendered.status, status, "{name}");
        assert!(text(one(&Html::parse_document(&rendered.html), "main")).contains(words), "{name}");
    }
}

#[test]
fn the_frame_tells_who_is_here_and_where() {
    let page = parsed("drift");
    assert_eq!(text(one(&page, ".rail [aria-current=page]")), "Drift 9 open");
    assert!(text(one(&page, ".environment")).starts_with("Sandbox"));
    assert!(text(one(&page, ".signed-in")).contains("Signed in as Ines Okafor"));
    let production = parsed("proposal-sent");
    assert!(all(&production, ".environment").is_empty());
    assert_eq!(text(one(&production, ".brand-sub")), "Studio Brain · monsoon-west");
    assert!(text(one(&production, ".switch")).contains("Writes off"));
    assert_eq!(text(one(&production, ".flash[role=status]")), "Approved. It is sent with the next pass.");
    let alone = parsed("sign-in");
    assert!(all(&alone, ".rail").is_empty(), "a stranger sees no navigation");
    assert_eq!(all(&alone, "input[name=next][value='/drift']").len(), 4);
}

#[test]
fn times_are_the_studios_and_the_theme_is_the_readers() {
    let viewer = Viewer { theme: Theme::Dark, ..studio::viewer() };
    let page = Page::Proposal { id: "mine-to-decide".to_owned(), form: DecisionForm::default(), queue: None };
    let rendered = scenes::show(page, studio::Mood::Busy, &viewer);
    let page = Html::parse_document(&rendered.html);
    assert_eq!(one(&page, "html").attr("data-theme"), Some("dark"));
    assert_eq!(text(one(&page, ".themes [aria-pressed=true]")), "Dark");
    let made = one(&page, "footer time");
    assert_eq!((text(made).as_str(), made.attr("datetime")), ("10:00:00", Some("2026-03-18T17:00:00Z")));
    assert_eq!(made.attr("title"), Some("2026-03-18 17:00:00 UTC"));
}

#[test]
fn every_page_is_small_and_carries_only_the_icons_that_it_shows() {
    for (name, rendered) in scenes::all() {
        // The page of the design holds everything there is.
        assert!(name == "design" || rendered.html.len() <= 60_000, "{name}: {} bytes", rendered.html.len());
        let page = Html::parse_document(&rendered.html);
        let carried: HashSet<&str> = all(&page, "symbol").iter().filter_map(|symbol| symbol.attr("id")).collect();
        let shown: HashSet<&str> =
            all(&page, "use").iter().filter_map(|used| used.attr("href")?.strip_prefix('#')).collect();
        assert_eq!(carried, shown, "{name}");
    }
}

#[test]
fn the_design_shows_every_component_under_its_own_address() {
    let page = parsed("design");
    for link in all(&page, ".contents a") {
        let id = link.attr("href").unwrap_or_default().trim_start_matches('#');
        let heading = one(&page, &format!(".specimen > h2[id='{id}']"));
        assert_eq!(text(heading), text(link));
    }
    assert_eq!(all(&page, ".contents a").len(), all(&page, ".specimen").len());
    let production = Viewer { environment: Environment::Production { project: "p".to_owned() }, ..studio::viewer() };
    let elsewhere = Html::parse_document(
        &scenes::show(Page::Overview(StateChoice::default()), studio::Mood::Busy, &production).html,
    );
    assert_eq!(all(&parsed("overview"), "footer a[href='/design']").len(), 1);
    assert!(all(&elsewhere, "a[href='/design']").is_empty(), "only the sandbox leads there");
}

#[test]
fn a_chart_says_what_it_shows_and_has_its_numbers_beside_it() {
    let page = parsed("design");
    let charts = all(&page, "figure.chart");
    assert!(charts.len() >= 4);
    for chart in charts {
        let Some(drawing) = chart.select(&select("svg[role=img]")).next() else {
            assert_eq!(text(chart), "Members Nothing is recorded yet.", "there is nothing to draw");
            continue;
        };
        for attribute in ["aria-labelledby", "aria-describedby"] {
            let told = drawing.attr(attribute).map(|id| text(one(&page, &format!("[id='{id}']"))));
            assert!(told.is_some_and(|told| !told.is_empty()), "{attribute}");
        }
        assert!(drawing.select(&select("text")).next().is_none(), "text would be stretched with the drawing");
        assert!(chart.select(&select("details > summary")).next().is_some());
        let rows = chart.select(&select("tbody tr")).count();
        let pointed_at = drawing.select(&select("rect.spot, rect.bar, rect.unknown")).count();
        assert_eq!(rows, pointed_at, "a number for each place that can be pointed at");
    }
    let gap = all(&page, "figure.chart").into_iter().find(|chart| text(*chart).starts_with("Documents mirrored"));
    let gap = gap.expect("a chart with a gap");
    let unknown = gap.select(&select("tbody td")).filter(|cell| text(*cell) == "unknown").count();
    assert_eq!((unknown, gap.select(&select("line.unknown")).count()), (3, 3), "unknown is never zero");
    let path = gap.select(&select("path.line")).next().and_then(|line| line.attr("d")).unwrap_or_default();
    assert_eq!(path.matches('M').count(), 2, "the line is broken: {path}");
}

#[test]
fn a_sorted_column_says_so_and_every_other_can_be_sorted_by() {
    let page = parsed("design");
    let sorted: Vec<_> = all(&page, "th[aria-sort]").into_iter().map(|head| head.attr("aria-sort")).collect();
    assert_eq!(sorted, [Some("descending"), Some("ascending")]);
    for head in all(&page, "th:has(a.sort)") {
        let link = head.select(&select("a.sort")).next().expect("a link");
        assert!(link.attr("href").is_some_and(|href| href.starts_with("/design?sort=")), "a sort has an address");
        assert!(text(link).contains(", sort "), "{}", text(link));
    }
}

#[test]
fn the_browser_knows_the_colours_before_the_stylesheet_does() {
    for (theme, schemes) in [(Theme::System, "light dark"), (Theme::Light, "light"), (Theme::Dark, "dark")] {
        let viewer = Viewer { theme, ..studio::viewer() };
        let page = Html::parse_document(
            &scenes::show(Page::Overview(StateChoice::default()), studio::Mood::Busy, &viewer).html,
        );
        assert_eq!(one(&page, "meta[name=color-scheme]").attr("content"), Some(schemes));
    }
}

#[test]
fn scripts_are_named_only_where_they_were_built_in_and_show_nothing_before_they_run() {
    let live = Live { place: "1042.88".to_owned(), seconds: 3_540, can_stay: true };
    let viewer = Viewer { live: Some(live), ..studio::viewer() };
    let page =
        Html::parse_document(&scenes::show(Page::Overview(StateChoice::default()), studio::Mood::Busy, &viewer).html);
    let scripts: Vec<_> = all(&page, "script").iter().map(|script| (script.attr("src"), text(*script))).collect();
    let path = BUNDLE.map(|bundle| bundle.script.path());
    assert_eq!(scripts, path.iter().map(|path| (Some(path.as_str()), String::new())).collect::<Vec<_>>());
    assert_eq!(all(&page, "#alive[hidden][data-after='1042.88']").len(), scripts.len());
    assert_eq!(all(&page, "[data-opens]").len(), all(&page, "[data-opens][hidden]").len());
    assert!(all(&parsed("overview"), "script, #alive, dialog").is_empty(), "a page that stands nowhere has none");
}
