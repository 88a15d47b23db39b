//! What the pages of proposals promise beside.

use super::*;

#[test]
fn a_queue_is_sorted_and_turned_by_addresses_and_a_proposal_knows_its_neighbours() {
    let page = parsed("proposals");
    let sorts: Vec<_> = all(&page, "a.sort").into_iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(sorts, ["/proposals?sort=risk", "/proposals?sort=oldest"]);
    assert_eq!(all(&page, "th[aria-sort]").len(), 1);
    assert_eq!(
        all(&page, "form[action='/proposals/bulk'] input[type=checkbox]").len(),
        2,
        "only of low risk, and mine"
    );
    let rest = parsed("proposals-all");
    assert_eq!(one(&rest, "a[rel=next]").attr("href"), Some("/proposals?show=all&after=denied"));
    let chips: Vec<String> = all(&parsed("proposals-filtered"), ".chip").into_iter().map(text).collect();
    assert_eq!(chips.len(), 2);
    let beside = parsed("proposal-in-queue");
    assert_eq!(one(&beside, "a[rel=prev]").attr("href"), Some("/proposals/swept?show=waiting"));
    assert_eq!(one(&beside, "a[rel=next]").attr("href"), Some("/proposals/own?show=waiting"));
}

#[test]
fn several_are_decided_together_only_when_they_may_be() {
    assert_eq!(all(&parsed("bulk"), "form[action='/proposals/bulk'] input[name=item]").len(), 2);
    let mixed = parsed("bulk-mixed");
    assert!(all(&mixed, "form[action='/proposals/bulk']").is_empty());
    assert!(text(one(&mixed, ".decide")).contains("several kinds"));
    let done = text(one(&parsed("bulk-done"), "main"));
    assert!(done.contains("You approved it") && done.contains("Nothing was done"), "{done}");
    assert_eq!(scene("bulk-error").status, 422);
}

#[test]
fn a_decision_with_a_problem_comes_back_with_what_was_typed() {
    let rendered = scene("proposal-error");
    assert_eq!(rendered.status, 422);
    let page = Html::parse_document(&rendered.html);
    let reason = one(&page, "textarea#reason");
    assert_eq!(reason.text().collect::<String>(), scenes::TYPED, "kept to the letter, and only as text");
    assert_eq!(reason.attr("aria-invalid"), Some("true"));
    assert_eq!(reason.attr("aria-describedby"), Some("reason-problem reason-hint"));
    assert_eq!(reason.attr("minlength"), Some("10"));
    assert_eq!(text(one(&page, "#reason-problem")), "The reason needs at least 10 characters.");
    let summary = one(&page, ".error-summary[tabindex='-1'][autofocus]");
    assert_eq!(summary.select(&select("a")).next().and_then(|link| link.attr("href")), Some("#reason"));
    assert_eq!(one(&page, "input[name=idempotency_key]").attr("value"), Some("k1"), "a form sent twice counts once");
    assert!(one(&page, "input[name=content_hash]").attr("value").is_some_and(|hash| hash.starts_with("5be1f0c6")));
}

#[test]
fn the_proposer_is_told_why_they_cannot_decide() {
    let page = parsed("proposal-own");
    assert_eq!(text(one(&page, "#why-not")), "You proposed this; a colleague has to approve it.");
    assert!(all(&page, "[name=decision]").is_empty(), "there is no form to decide");
    assert_eq!(all(&page, ".decide button[disabled][aria-describedby='why-not']").len(), 2);
    assert_eq!(all(&page, "form[action='/proposals/own/withdraw']").len(), 1);
}
