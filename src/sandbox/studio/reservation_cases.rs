use super::batches::batch;
use super::builder::{Fill, days, hours, map};
use super::people::{INES, mara, theo};
use super::reservations::{reservation, stage_status, storage_billing, window};
use super::{Case, NOW};

/// Reservations that are late, mislabelled, mispriced or stored for too long.
pub(super) fn cases() -> Vec<Case> {
    let (mara, theo) = (mara(), theo());
    let created = NOW - days(24);
    vec![
        storage_case(),
        Case::new(
            "reservation-overdue",
            "CONFIRMED and queued, though its latest date passed 12 days ago",
            vec![
                reservation("r-overdue", &theo, "CONFIRMED", "glaze", 1, created)
                    .map("preferredWindow", window(NOW - days(19), NOW - days(12))),
            ],
        ),
        Case::new(
            "reservation-archived",
            "archived, but still CONFIRMED",
            vec![
                reservation("r-archived", &mara, "CONFIRMED", "bisque", 2, NOW - days(70))
                    .text("loadStatus", "loaded")
                    .text("storageStatus", "stored_by_policy")
                    .map("preferredWindow", window(NOW - days(66), NOW - days(60)))
                    .flag("isArchived", true)
                    .time("archivedAt", NOW - days(9))
                    .time("updatedAt", NOW - days(9)),
            ],
        ),
        Case::new(
            "reservation-finished-by-stage",
            "finished, which only stageStatus.stage says: there is no completed status",
            vec![
                reservation("r-picked-up", &theo, "CONFIRMED", "glaze", 1, created)
                    .text("loadStatus", "loaded")
                    .time("readyForPickupAt", NOW - days(8))
                    .map("preferredWindow", window(NOW - days(18), NOW - days(11)))
                    .map("stageStatus", stage_status("picked_up", NOW - days(4)))
                    .time("updatedAt", NOW - days(4)),
            ],
        ),
        Case::new(
            "reservation-canceled-one-l",
            "the status CANCELED, spelt with one L",
            vec![
                reservation("r-canceled-one-l", &mara, "CANCELED", "glaze", 1, created)
                    .null("loadStatus")
                    .map("stageStatus", stage_status("canceled", NOW - days(6)))
                    .time("updatedAt", NOW - days(6)),
            ],
        ),
        Case::new(
            "reservation-mispriced",
            "an estimated cost that is not 25 per half-shelf capped at 85: 65 for 2, and 125 for 5",
            vec![
                reservation("r-cost-off-by-15", &theo, "REQUESTED", "glaze", 2, NOW - days(1))
                    .double("estimatedCost", 65.0),
                reservation("r-cost-not-capped", &mara, "REQUESTED", "glaze", 5, NOW - days(2))
                    .double("estimatedCost", 125.0),
            ],
        ),
        Case::new(
            "reservation-status-only-readers-know",
            "the statuses CONFIRMED_ARRIVED and LOADED, which readers tolerate and no writer sets",
            vec![
                reservation("r-confirmed-arrived", &mara, "CONFIRMED_ARRIVED", "bisque", 1, NOW - days(3))
                    .text("arrivalStatus", "arrived")
                    .time("arrivedAt", NOW - hours(2)),
                reservation("r-status-loaded", &theo, "LOADED", "glaze", 1, NOW - days(5))
                    .text("loadStatus", "loaded")
                    .time("readyForPickupAt", NOW - days(1)),
            ],
        ),
    ]
}

fn storage_case() -> Case {
    let mara = mara();
    let ready = NOW - days(33);
    let reminder = |ordinal: i64, after_hours: i64| {
        map()
            .time("at", ready + hours(after_hours))
            .text("kind", format!("pickup_reminder_{ordinal}"))
            .int("reminderOrdinal", ordinal)
            .int("reminderCount", ordinal)
    };
    let reservation = reservation("r-storage-33-days", &mara, "CONFIRMED", "glaze", 2, NOW - days(45))
        .text("linkedBatchId", "b-storage-33-days")
        .text("loadStatus", "loaded")
        .text("storageStatus", "hold_pending")
        .map("preferredWindow", window(NOW - days(44), NOW - days(36)))
        .map("stageStatus", stage_status("stored", NOW - days(13)).text("actorUid", INES))
        .time("readyForPickupAt", ready)
        .int("pickupReminderCount", 3)
        .time("lastReminderAt", ready + hours(462))
        .maps("storageNoticeHistory", [reminder(1, 336), reminder(2, 420), reminder(3, 462)])
        .map("storageBilling", storage_billing(ready, 2, 13, 39.0).text("status", "billing"))
        .time("updatedAt", NOW - hours(11));
    Case::new(
        "batch-stored-33-days",
        "READY_FOR_PICKUP for 33 days: 13 full days past the grace of 19.25, at 1.50 for each of 2 half-shelves",
        vec![
            batch("b-storage-33-days", &mara, "Nesting bowls, B-Mix", "READY_FOR_PICKUP", NOW - days(46), ready),
            reservation,
        ],
    )
}
