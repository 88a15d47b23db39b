//! Every edge case of the sample studio that is about data shows up as the right finding with the right documents.

use std::collections::BTreeSet;

use studio_brain::domain::finding::FindingKind::{
    self, DanglingReference, FlagsDisagree, MissingField, RuleBroken, UnknownWord,
};
use studio_brain::sandbox::studio::edge_cases;
use studio_brain::store::findings::CheckOutcome;

use super::stage::{Found, Stage};

/// An edge case with the findings that it has to be: kind, rule, and which of its documents by their place in the case.
type Expected = (&'static str, FindingKind, &'static str, &'static [usize]);

/// Groups 1 to 8 and 10 to 14. What an intake has to judge is not here, and neither is what is in order.
const EXPECTED: &[Expected] = &[
    ("batch-stalled", RuleBroken, "batch-stalled", &[0, 1]),
    ("batch-stored-33-days", RuleBroken, "batch-waits-past-grace", &[0]),
    ("batch-stored-33-days", RuleBroken, "reservation-stored-past-grace", &[1, 0]),
    ("batch-closed-but-shelved", FlagsDisagree, "batch-closed-flag", &[0]),
    ("batch-picked-up-but-open", FlagsDisagree, "batch-open-flag", &[0]),
    ("batch-legacy-status", MissingField, "state", &[0]),
    ("batch-unknown-state", UnknownWord, "state", &[0]),
    ("reservation-overdue", RuleBroken, "reservation-overdue", &[0]),
    ("reservation-archived", FlagsDisagree, "reservation-archived-but-open", &[0]),
    ("reservation-finished-by-stage", FlagsDisagree, "reservation-finished-but-expected", &[0]),
    ("reservation-canceled-one-l", UnknownWord, "status", &[0]),
    ("reservation-mispriced", RuleBroken, "reservation-price", &[0]),
    ("reservation-mispriced", RuleBroken, "reservation-price", &[1]),
    ("reservation-status-only-readers-know", UnknownWord, "status", &[0]),
    ("reservation-status-only-readers-know", UnknownWord, "status", &[1]),
    ("firing-overdue", RuleBroken, "firing-overdue", &[0]),
    ("firing-scheduled-in-the-past", RuleBroken, "firing-never-started", &[0]),
    ("firings-overlap", RuleBroken, "firings-overlap", &[0, 1]),
    ("firing-of-a-missing-batch", DanglingReference, "kilnFirings.batchIds", &[0]),
    ("kiln-in-maintenance-with-firing", RuleBroken, "firing-in-a-kiln-out-of-service", &[0, 1]),
    ("report-safety-late", RuleBroken, "report-late", &[0]),
    ("reports-coordinated", RuleBroken, "reports-coordinated", &[0, 1, 2, 3, 4, 5, 6]),
    // Two of its reporters report twice.
    ("reports-coordinated", RuleBroken, "report-twice", &[0, 5]),
    ("reports-coordinated", RuleBroken, "report-twice", &[2, 6]),
    ("report-duplicate", RuleBroken, "report-twice", &[0, 1]),
    ("appeal-by-the-assignee", RuleBroken, "appeal-by-the-assignee", &[0, 1]),
    ("order-pending-40-minutes", RuleBroken, "order-checkout-waits", &[0, 1]),
    ("order-pending-9-days", RuleBroken, "order-checkout-waits", &[0, 1]),
    ("order-paid-without-payment", RuleBroken, "order-paid-without-payment", &[0]),
    // It names an event that never was.
    ("order-paid-without-payment", DanglingReference, "materialsOrders.lastEventId", &[0]),
    ("order-missed-webhook", RuleBroken, "order-missed-webhook", &[0, 1]),
    ("order-missed-webhook", RuleBroken, "order-checkout-waits", &[0, 1]),
    ("order-amount-differs", RuleBroken, "order-amount-differs", &[0, 1]),
    ("order-paid-twice", RuleBroken, "order-paid-twice", &[0, 1, 2]),
    ("order-refunded-but-picked-up", FlagsDisagree, "order-refunded-but-picked-up", &[0, 1]),
    ("order-dispute-won", FlagsDisagree, "order-dispute-won", &[0, 1]),
    ("order-currency-differs", RuleBroken, "order-currency-differs", &[0, 1]),
    ("webhook-processed-twice", RuleBroken, "webhook-processed-twice", &[0, 1]),
    ("webhook-stuck", RuleBroken, "webhook-stuck", &[0]),
    ("event-oversold", RuleBroken, "event-oversold", &[0]),
    ("signup-offer-expired", RuleBroken, "signup-offer-expired", &[0, 1]),
    ("signup-checked-in-unpaid", FlagsDisagree, "signup-checked-in-unpaid", &[0, 1]),
    ("charge-without-signup", DanglingReference, "eventCharges.signupId", &[0]),
    ("delegation-just-expired", RuleBroken, "delegation-expired", &[0]),
    ("delegation-owner-mismatch", RuleBroken, "delegation-of-another-owner", &[0]),
    ("delegation-of-everything", RuleBroken, "delegation-of-everything", &[0]),
    ("delegation-of-a-suspended-client", RuleBroken, "delegation-to-a-suspended-agent", &[0, 1]),
    ("agent-ledger-does-not-add-up", RuleBroken, "agent-ledger-sum", &[0]),
    ("loan-overdue", RuleBroken, "loan-overdue", &[0]),
    ("library-request-waiting", RuleBroken, "library-request-waits", &[0]),
];

/// Cases of these groups that are in order: they are there so that nobody complains about them.
const IN_ORDER: &[&str] = &[
    "reports-harmless-words",
    "order-pending-3-minutes",
    "delegation-active",
    "delegation-revoked-meanwhile",
    "delegation-of-one-resource",
    "delegation-scope-missing",
    "twins",
    "not-a-twin",
    "giant",
    "unusual-ids",
    "drill-document",
];

/// What else the cases break.
fn beside() -> Vec<Found> {
    vec![
        Found::new(RuleBroken, "loan-overdue", &["libraryLoans/loan-overdue-21-days", "libraryItems/book-06"]),
        Found::new(
            RuleBroken,
            "library-request-waits",
            &["libraryRequests/lreq-waiting-10-days", "libraryItems/book-03"],
        ),
    ]
}

#[tokio::test]
async fn every_edge_case_of_the_sample_is_the_right_finding_with_the_right_documents() {
    let mut stage = Stage::sample().await;
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let cases = edge_cases();
    let mut expected: BTreeSet<Found> = EXPECTED
        .iter()
        .filter(|(name, ..)| !["loan-overdue", "library-request-waiting"].contains(name))
        .map(|(name, kind, rule, places)| {
            let case = cases.iter().find(|case| case.name == *name).unwrap_or_else(|| panic!("no case `{name}`"));
            let paths: Vec<&str> = places.iter().map(|place| case.paths[*place].as_str()).collect();
            Found::new(*kind, rule, &paths)
        })
        .collect();
    expected.extend(beside());
    let found: BTreeSet<Found> = stage.open().await.into_iter().collect();
    let missing: Vec<&Found> = expected.difference(&found).collect();
    let surplus: Vec<&Found> = found.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:#?}\nsurplus: {surplus:#?}");
    stage.close().await;
}

#[test]
fn every_case_of_the_sample_is_either_found_in_order_or_the_intakes() {
    for case in edge_cases() {
        let is_found = EXPECTED.iter().any(|(name, ..)| *name == case.name);
        let is_intake = case.name.starts_with("request");
        let is_in_order = IN_ORDER.contains(&case.name);
        let count = [is_found, is_intake, is_in_order].into_iter().filter(|holds| *holds).count();
        assert_eq!(count, 1, "`{}`", case.name);
    }
}

#[tokio::test]
async fn a_healthy_studio_raises_nothing_in_a_hundred_passes() {
    let mut stage = Stage::healthy().await;
    for pass in 0..100 {
        let outcome = if pass % 20 == 0 { stage.look_at_what_is_shown().await } else { stage.look_as_due().await };
        assert_eq!(outcome, CheckOutcome::Same, "pass {pass}: {:#?}", stage.open().await);
    }
    assert_eq!(stage.store.finding_count().await.expect("counts"), 0);
    stage.close().await;
}
