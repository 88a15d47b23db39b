use super::*;

/// The documents of a collection that belong to no edge case.
fn ordinary<'a>(studio: &'a Studio, collection: &str) -> Vec<(&'a str, Fields<'a>)> {
    let edge: BTreeSet<_> = edge_cases().into_iter().flat_map(|case| case.paths).collect();
    studio.collection(collection).filter(|(path, _)| !edge.contains(*path)).collect()
}

#[test]
fn staff_find_reservations_in_every_status_they_can_move() {
    let studio = Studio::at_scale(1);
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reservation) in ordinary(&studio, "reservations") {
        *statuses.entry(reservation.text("status")).or_default() += 1;
    }
    assert_eq!(statuses.keys().copied().collect::<Vec<_>>(), ["CANCELLED", "CONFIRMED", "REQUESTED", "WAITLISTED"]);
    assert!(statuses.values().all(|count| *count >= 15), "{statuses:?}");
}

#[test]
fn ordinary_reservations_cost_what_the_price_table_says_in_dollars() {
    let studio = Studio::at_scale(2);
    for (path, reservation) in ordinary(&studio, "reservations") {
        let per_half_shelf = if reservation.text("firingType") == "bisque" { 15 } else { 25 };
        let cents = (per_half_shelf * reservation.int("estimatedHalfShelves")).min(85) * 100;
        assert_eq!((reservation.double("estimatedCost") * 100.0).round() as i64, cents, "`{path}`");
    }
}

#[test]
fn a_linked_batch_exists_and_belongs_to_who_reserved() {
    for scale in [1, 2] {
        let studio = Studio::at_scale(scale);
        let linked =
            ordinary(&studio, "reservations").into_iter().filter(|(_, fields)| !fields.is_null("linkedBatchId"));
        let mut seen = 0;
        for (path, reservation) in linked {
            let batch = studio.get(&format!("batches/{}", reservation.text("linkedBatchId")));
            assert_eq!(batch.text("ownerUid"), reservation.text("ownerUid"), "`{path}`");
            let stage = reservation.map("stageStatus").text("stage").to_uppercase();
            assert_eq!(batch.text("state").trim_start_matches("CLOSED_"), stage, "`{path}`");
            seen += 1;
        }
        assert!(seen > 50, "only {seen} reservations have a batch");
    }
}

#[test]
fn people_named_by_documents_exist() {
    let studio = Studio::at_scale(2);
    for (collection, field) in [
        ("batches", "ownerUid"),
        ("reservations", "ownerUid"),
        ("communityReports", "reporterUid"),
        ("agentRequests", "createdByUid"),
        ("materialsOrders", "uid"),
        ("eventSignups", "uid"),
        ("delegations", "ownerUid"),
        ("libraryLoans", "borrowerUid"),
        ("notificationJobs", "uid"),
    ] {
        for (path, fields) in studio.collection(collection) {
            assert!(studio.has(&format!("users/{}", fields.text(field))), "`{path}` names a person who does not exist");
        }
    }
}

#[test]
fn ordinary_batches_agree_with_themselves() {
    let studio = Studio::at_scale(1);
    for (path, batch) in ordinary(&studio, "batches") {
        assert_eq!(batch.text("state").starts_with("CLOSED_"), batch.flag("isClosed"), "`{path}`");
        assert_ne!(batch.is_null("closedAt"), batch.flag("isClosed"), "`{path}`");
        assert!(batch.time("createdAt") <= batch.time("updatedAt"), "`{path}`");
        assert!(batch.time("updatedAt") < NOW, "`{path}`");
    }
}

#[test]
fn ordinary_firings_never_overlap_and_carry_batches_that_exist() {
    let studio = Studio::at_scale(5);
    let mut by_kiln: BTreeMap<&str, Vec<(Timestamp, Timestamp, &str)>> = BTreeMap::new();
    for (path, firing) in ordinary(&studio, "kilnFirings") {
        assert!(firing.texts("batchIds").iter().all(|id| studio.has(&format!("batches/{id}"))), "`{path}`");
        assert!(studio.has(&format!("kilns/{}", firing.text("kilnId"))), "`{path}`");
        let done = firing.text("status") == "completed";
        assert_eq!(done, !firing.is_null("unloadedAt"), "`{path}`");
        assert_eq!(firing.text("status") == "scheduled", firing.time("startAt") > NOW, "`{path}`");
        by_kiln.entry(firing.text("kilnId")).or_default().push((firing.time("startAt"), firing.time("endAt"), path));
    }
    for (kiln, mut firings) in by_kiln {
        firings.sort();
        for pair in firings.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "`{}` and `{}` overlap in {kiln}", pair[0].2, pair[1].2);
        }
    }
}

#[test]
fn ordinary_orders_and_charges_match_their_payments_to_the_cent() {
    let studio = Studio::at_scale(1);
    let mut matched = 0;
    for (path, payment) in ordinary(&studio, "payments") {
        let (sold, total) = match payment.text("source") {
            "materials" => (format!("materialsOrders/{}", payment.text("orderId")), "totalCents"),
            _events => (format!("eventCharges/{}", payment.text("chargeId")), "totalCents"),
        };
        let sold = studio.get(&sold);
        assert_eq!(sold.int(total), payment.int("amountTotal"), "`{path}`");
        assert_eq!(sold.text("stripeCheckoutSessionId"), payment.text("checkoutSessionId"), "`{path}`");
        for event in payment.texts("eventIds") {
            assert!(studio.has(&format!("stripeWebhookEvents/{event}")), "`{path}` lists an event that does not exist");
        }
        matched += 1;
    }
    assert_eq!(matched, ordinary(&studio, "materialsOrders").len() + ordinary(&studio, "eventCharges").len());
}

#[test]
fn counters_of_ordinary_events_match_their_signups() {
    let studio = Studio::at_scale(1);
    for (path, event) in ordinary(&studio, "events") {
        let id = path.trim_start_matches("events/");
        let of = |statuses: &[&str]| {
            let signups = studio.collection("eventSignups").filter(|(_, signup)| signup.text("eventId") == id);
            signups.filter(|(_, signup)| statuses.contains(&signup.text("status"))).count() as i64
        };
        assert_eq!(event.int("ticketedCount"), of(&["ticketed", "checked_in"]), "`{path}`");
        assert_eq!(event.int("checkedInCount"), of(&["checked_in"]), "`{path}`");
        assert_eq!(event.int("waitlistCount"), of(&["waitlisted"]), "`{path}`");
        assert_eq!(event.int("offeredCount"), of(&["offered"]), "`{path}`");
        assert!(event.int("remainingCapacity") >= 0, "`{path}`");
    }
}

#[test]
fn ordinary_reports_are_answered_in_time() {
    let studio = Studio::at_scale(1);
    for (path, report) in ordinary(&studio, "communityReports") {
        let open = ["open", "triaged", "actioned"].contains(&report.text("status"));
        let age = NOW.duration_since(report.time("createdAt"));
        assert!(!open || age < builder::hours(48), "`{path}` is late");
        assert_ne!(report.text("severity"), "high", "`{path}`");
    }
}
