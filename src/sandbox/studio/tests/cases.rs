use std::collections::HashSet;

use super::*;
use crate::sandbox::studio::builder::{days, hours, minutes};

/// The age of a moment when the sample is seen.
fn age(at: Timestamp) -> jiff::SignedDuration {
    NOW.duration_since(at)
}

/// The documents of one edge case, in the order in which the case lists them.
#[track_caller]
fn case<'a, const COUNT: usize>(studio: &'a Studio, name: &str) -> [Fields<'a>; COUNT] {
    let case = edge_cases().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case `{name}`"));
    let documents: Vec<_> = case.paths.iter().map(|path| studio.get(path)).collect();
    documents.first_chunk().copied().unwrap_or_else(|| panic!("`{name}` has only {} documents", documents.len()))
}

fn studio() -> Studio {
    Studio::at_scale(0)
}

#[test]
fn every_case_has_a_name_of_its_own_and_documents_that_exist() {
    let (studio, cases) = (studio(), edge_cases());
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
    for case in &cases {
        assert!(!case.paths.is_empty() && !case.shows.is_empty(), "`{}` shows nothing", case.name);
        assert!(case.paths.iter().all(|path| studio.has(path)), "a document of `{}` is missing", case.name);
    }
}

#[test]
fn a_batch_is_loaded_for_19_days_though_its_firing_was_unloaded_17_days_ago() {
    let studio = studio();
    let [batch, firing] = case(&studio, "batch-stalled");
    assert_eq!((batch.text("state"), age(batch.time("updatedAt"))), ("LOADED", days(19)));
    assert_eq!((firing.texts("batchIds"), age(firing.time("unloadedAt"))), (vec!["b-stalled"], days(17)));
    assert_eq!(firing.text("kilnId"), batch.text("currentKilnId"));
}

#[test]
fn a_batch_stored_for_33_days_has_accrued_13_full_days_past_its_grace() {
    let studio = studio();
    let [batch, reservation] = case(&studio, "batch-stored-33-days");
    assert_eq!((batch.text("state"), age(batch.time("updatedAt"))), ("READY_FOR_PICKUP", days(33)));
    let (ready, billing) = (reservation.time("readyForPickupAt"), reservation.map("storageBilling"));
    assert_eq!(age(ready), days(33));
    assert_eq!(billing.time("graceEndsAt").duration_since(ready), hours(462));
    let full_days = age(billing.time("billingStartsAt")).as_hours() / 24;
    assert_eq!((full_days, billing.int("billedDays")), (13, 13));
    let half_shelves = billing.int("chargeBasisHalfShelves");
    assert_eq!(half_shelves, reservation.int("estimatedHalfShelves"));
    assert_eq!(billing.double("accruedCost"), 13.0 * half_shelves as f64 * 1.5);
}

#[test]
fn batches_contradict_themselves_or_the_vocabulary() {
    let studio = studio();
    let [shelved] = case(&studio, "batch-closed-but-shelved");
    assert_eq!((shelved.text("state"), shelved.flag("isClosed")), ("SHELVED", true));
    let [picked_up] = case(&studio, "batch-picked-up-but-open");
    assert_eq!((picked_up.text("state"), picked_up.flag("isClosed")), ("CLOSED_PICKED_UP", false));
    let [legacy] = case(&studio, "batch-legacy-status");
    assert_eq!((legacy.text("status"), legacy.value("state")), ("In progress", None));
    let [unknown] = case(&studio, "batch-unknown-state");
    assert_eq!(unknown.text("state"), "ON_HOLD");
}

#[test]
fn reservations_are_late_archived_finished_or_misspelt() {
    let studio = studio();
    let [overdue] = case(&studio, "reservation-overdue");
    assert_eq!((overdue.text("status"), overdue.text("loadStatus")), ("CONFIRMED", "queued"));
    assert_eq!(age(overdue.map("preferredWindow").time("latestDate")), days(12));
    let [archived] = case(&studio, "reservation-archived");
    assert_eq!((archived.text("status"), archived.flag("isArchived")), ("CONFIRMED", true));
    let [finished] = case(&studio, "reservation-finished-by-stage");
    assert_eq!((finished.text("status"), finished.map("stageStatus").text("stage")), ("CONFIRMED", "picked_up"));
    let [canceled] = case(&studio, "reservation-canceled-one-l");
    assert_eq!(canceled.text("status"), "CANCELED");
    let tolerated: [Fields<'_>; 2] = case(&studio, "reservation-status-only-readers-know");
    assert_eq!(tolerated.map(|reservation| reservation.text("status")), ["CONFIRMED_ARRIVED", "LOADED"]);
}

#[test]
fn two_reservations_do_not_cost_what_the_price_table_says() {
    let studio = studio();
    let reservations: [Fields<'_>; 2] = case(&studio, "reservation-mispriced");
    for (reservation, (half_shelves, cost)) in reservations.iter().zip([(2, 65.0), (5, 125.0)]) {
        assert_eq!((reservation.text("firingType"), reservation.int("estimatedHalfShelves")), ("glaze", half_shelves));
        assert_eq!(reservation.double("estimatedCost"), cost);
        assert_ne!(cost, f64::min(25.0 * half_shelves as f64, 85.0));
    }
}

#[test]
fn firings_contradict_the_calendar_or_the_kiln() {
    let studio = studio();
    let [overdue] = case(&studio, "firing-overdue");
    assert_eq!((overdue.text("status"), age(overdue.time("endAt"))), ("in-progress", hours(9)));
    let [past] = case(&studio, "firing-scheduled-in-the-past");
    assert_eq!((past.text("status"), age(past.time("startAt"))), ("scheduled", days(3)));
    let [first, second] = case(&studio, "firings-overlap");
    assert_eq!(first.text("kilnId"), second.text("kilnId"));
    assert_eq!(first.time("endAt").duration_since(second.time("startAt")), hours(4));
    let [orphan] = case(&studio, "firing-of-a-missing-batch");
    assert!(orphan.texts("batchIds").iter().all(|id| !studio.has(&format!("batches/{id}"))));
    let [kiln, tomorrow] = case(&studio, "kiln-in-maintenance-with-firing");
    assert_eq!((kiln.text("status"), kiln.text("name")), ("maintenance", tomorrow.text("kilnName")));
    assert_eq!((tomorrow.text("status"), age(tomorrow.time("startAt"))), ("scheduled", -days(1)));
}

#[test]
fn reports_are_late_coordinated_or_repeated() {
    let studio = studio();
    let [late] = case(&studio, "report-safety-late");
    assert_eq!((late.text("category"), late.text("severity"), late.text("status")), ("safety", "high", "open"));
    assert_eq!(age(late.time("createdAt")), hours(26));

    let burst: [Fields<'_>; 7] = case(&studio, "reports-coordinated");
    let reporters: BTreeSet<_> = burst.iter().map(|report| report.text("reporterUid")).collect();
    let targets: BTreeSet<_> = burst.iter().map(|report| report.map("targetRef").text("id")).collect();
    assert_eq!((reporters.len(), targets.len()), (5, 1));
    assert_eq!(burst[6].time("createdAt").duration_since(burst[0].time("createdAt")), minutes(50));
    assert!(burst[6].flag("coordinationSignal"));

    let [first, second] = case(&studio, "report-duplicate");
    assert_eq!(first.text("dedupeKey"), second.text("dedupeKey"));
    assert!(second.time("createdAt").duration_since(first.time("createdAt")) < hours(24));

    let bait: [Fields<'_>; 4] = case(&studio, "reports-harmless-words");
    let words = ["slurry", "shipping", "whatever", "bottoms"];
    assert!(bait.iter().zip(words).all(|(report, word)| report.text("note").to_lowercase().contains(word)));

    let [appeal, report] = case(&studio, "appeal-by-the-assignee");
    assert_eq!(appeal.text("reviewedByUid"), report.text("assigneeUid"));
    assert!(studio.has(&format!("communityReports/{}", appeal.text("reportId"))));
}

#[test]
fn requests_come_in_every_status_and_test_the_intake() {
    let studio = studio();
    let all: [Fields<'_>; 8] = case(&studio, "requests-in-every-status");
    assert_eq!(all.iter().map(|request| request.text("status")).collect::<BTreeSet<_>>().len(), 8);
    let [no_rights] = case(&studio, "request-without-rights");
    assert_eq!((no_rights.text("kind"), no_rights.map("policy").flag("rightsAttested")), ("commission", false));
    let [likeness] = case(&studio, "request-exact-likeness");
    assert_eq!(likeness.text("title"), "Pikachu planter, exact look");
    let [forget] = case(&studio, "request-harmless-forget");
    assert!(forget.text("title").starts_with("Do not forget"));
    let [marvelous] = case(&studio, "request-harmless-marvelous");
    assert!(marvelous.text("summary").contains("marvelous"));
    let [hidden] = case(&studio, "request-zero-width");
    let visible: String =
        hidden.text("summary").chars().filter(|letter| !"\u{200b}\u{200d}".contains(*letter)).collect();
    assert!(visible.contains("counterfeit") && !hidden.text("summary").contains("counterfeit"));
    let [leet] = case(&studio, "request-leetspeak");
    assert!(leet.text("summary").contains("c0unt3rf31t"));
    let [padded] = case(&studio, "request-padded");
    assert_eq!(padded.map("metadata").text("brief").find("counterfeit"), Some(5_000 + "Then make a stamp to ".len()));
    let [large] = case(&studio, "request-print-too-large");
    assert_eq!(large.map("x1cSpec").map("dimensionsMm").double("x"), 300.0);
}

#[test]
fn checkouts_wait_for_minutes_or_for_days() {
    let studio = studio();
    for (name, waiting) in [
        ("order-pending-3-minutes", minutes(3)),
        ("order-pending-40-minutes", minutes(40)),
        ("order-pending-9-days", days(9)),
    ] {
        let [order, payment] = case(&studio, name);
        assert_eq!((order.text("status"), age(order.time("createdAt"))), ("checkout_pending", waiting));
        assert_eq!(payment.text("status"), "checkout_created");
    }
}

#[test]
fn orders_and_payments_do_not_fit() {
    let studio = studio();
    let payments_of = |id: &str| {
        let of =
            |(_, payment): &(&str, Fields<'_>)| payment.value("orderId").is_some() && payment.text("orderId") == id;
        studio.collection("payments").filter(of).count()
    };
    let [unpaid] = case(&studio, "order-paid-without-payment");
    assert_eq!((unpaid.text("status"), payments_of("order-paid-without-payment")), ("paid", 0));
    let [order, payment] = case(&studio, "order-missed-webhook");
    assert_eq!((order.text("status"), payment.text("status")), ("checkout_pending", "payment_succeeded"));
    let [order, payment] = case(&studio, "order-amount-differs");
    assert_eq!(payment.int("amountTotal") - order.int("totalCents"), 100);
    let [_, first, second] = case(&studio, "order-paid-twice");
    assert_eq!((first.text("orderId"), payments_of("order-paid-twice")), (second.text("orderId"), 2));
    assert_ne!(first.text("stripePaymentIntentId"), second.text("stripePaymentIntentId"));
    let [order, payment] = case(&studio, "order-refunded-but-picked-up");
    assert_eq!((order.text("status"), order.text("paymentStatus")), ("picked_up", "refunded"));
    assert_eq!(payment.text("status"), "charge_refunded");
    let [order] = case(&studio, "order-dispute-won");
    let dispute = ["status", "stripeDisputeStatus", "stripeDisputeLifecycle"].map(|field| order.text(field));
    assert_eq!(dispute, ["disputed", "won", "closed"]);
    let [order, payment] = case(&studio, "order-currency-differs");
    assert_eq!((order.text("currency"), payment.text("currency")), ("USD", "CAD"));
    assert_eq!(order.int("totalCents"), payment.int("amountTotal"));
}

#[test]
fn webhooks_run_twice_or_never_end_and_a_ledger_does_not_add_up() {
    let studio = studio();
    let [_, payment] = case(&studio, "webhook-processed-twice");
    let events = payment.texts("eventIds");
    assert_eq!((events.len(), events.iter().collect::<BTreeSet<_>>().len()), (3, 2));
    let [stuck] = case(&studio, "webhook-stuck");
    assert_eq!((age(stuck.time("processingStartedAt")), stuck.is_null("processedAt")), (minutes(20), true));

    let sum = |agent: &str| {
        let entries = studio.collection(&format!("agentAccounts/{agent}/ledger")).collect::<Vec<_>>();
        entries.iter().map(|(_, entry)| entry.int("amountCents")).sum::<i64>()
    };
    let [account] = case(&studio, "agent-ledger-does-not-add-up");
    assert_eq!((account.int("prepaidBalanceCents"), sum("agent-glaze-scout")), (40_000, 37_500));
    assert_eq!(studio.get("agentAccounts/agent-clay-buyer").int("prepaidBalanceCents"), sum("agent-clay-buyer"));
}

#[test]
fn events_are_oversold_and_signups_contradict_themselves() {
    let studio = studio();
    let [event, seats @ ..]: [Fields<'_>; 8] = case(&studio, "event-oversold");
    assert!(event.int("ticketedCount") > event.int("capacity"));
    assert_eq!(
        seats.iter().filter(|seat| seat.text("status") == "ticketed").count() as i64,
        event.int("ticketedCount")
    );
    let [offer] = case(&studio, "signup-offer-expired");
    assert_eq!((offer.text("status"), age(offer.time("offerExpiresAt"))), ("offered", hours(5)));
    let [guest] = case(&studio, "signup-checked-in-unpaid");
    assert_eq!((guest.text("status"), guest.text("paymentStatus")), ("checked_in", "unpaid"));
    let [charge, payment] = case(&studio, "charge-without-signup");
    assert_eq!(charge.text("paymentStatus"), "paid");
    assert!(!studio.has(&format!("eventSignups/{}", charge.text("signupId"))));
    assert_eq!(payment.text("status"), "payment_succeeded");
}

#[test]
fn delegations_hold_or_do_not() {
    let studio = studio();
    let [active] = case(&studio, "delegation-active");
    assert!(active.text("status") == "active" && active.time("expiresAt") > NOW && active.texts("scopes").len() == 2);
    let [expired] = case(&studio, "delegation-just-expired");
    assert_eq!((expired.text("status"), age(expired.time("expiresAt"))), ("active", minutes(1)));
    let [revoked] = case(&studio, "delegation-revoked-meanwhile");
    assert_eq!((revoked.text("status"), age(revoked.time("revokedAt"))), ("revoked", minutes(10)));
    let [mismatch] = case(&studio, "delegation-owner-mismatch");
    assert!(!mismatch.texts("resources").contains(&format!("owner:{}", mismatch.text("ownerUid")).as_str()));
    let [one] = case(&studio, "delegation-of-one-resource");
    assert!(studio.has(one.texts("resources")[1]));
    let [everything] = case(&studio, "delegation-of-everything");
    assert!(everything.texts("resources").contains(&"*"));
    let [reader] = case(&studio, "delegation-scope-missing");
    assert!(reader.texts("scopes").iter().all(|scope| scope.ends_with(":read")));
    let [of_suspended, client] = case(&studio, "delegation-of-a-suspended-client");
    assert_eq!((of_suspended.text("status"), client.text("status")), ("active", "suspended"));
    assert!(studio.has(&format!("agentClients/{}", of_suspended.text("agentClientId"))));
}

#[test]
fn a_book_is_late_and_a_wish_waits() {
    let studio = studio();
    let [loan] = case(&studio, "loan-overdue");
    assert_eq!((loan.text("status"), age(loan.time("dueAt"))), ("checked_out", days(21)));
    let [request] = case(&studio, "library-request-waiting");
    assert_eq!((request.text("status"), age(request.time("requestedAt"))), ("pending_approval", days(10)));
}

#[test]
fn twins_are_equal_and_their_lookalike_is_not() {
    let studio = studio();
    let [one, other] = case(&studio, "twins");
    assert_eq!(one.0, other.0);
    let [lookalike] = case(&studio, "not-a-twin");
    assert_eq!((one.double("firings"), lookalike.int("firings")), (2.0, 2));
    assert_ne!(one.0, lookalike.0);
}

#[test]
fn giants_and_unusual_ids_are_in_the_sample() {
    let studio = studio();
    let [giant] = case(&studio, "giant");
    assert_eq!(giant.text("estimateNotes").len(), 900_000);
    let odd = edge_cases().into_iter().find(|case| case.name == "unusual-ids").expect("the case exists").paths;
    assert!(odd.contains(&"batches/b-Größe-陶器-🏺".to_owned()));
    let (composed, decomposed) = (&odd[1], &odd[2]);
    assert!(composed.ends_with("f\u{e9}") && decomposed.ends_with("fe\u{301}") && composed != decomposed);
}

#[test]
fn the_drill_document_has_every_kind_of_field() {
    let studio = studio();
    let [drill] = case(&studio, "drill-document");
    assert!(studio.has(DRILL_DOCUMENT));
    let kinds: HashSet<_> = drill.0.values().flat_map(|value| &value.value_type).map(std::mem::discriminant).collect();
    // String, integer, double, boolean, timestamp, null, array, map, bytes and place.
    assert_eq!(kinds.len(), 10);
}
