use jiff::Timestamp;

use super::builder::{Fill, Map, days, doc, hours, integer, map};
use super::people::{INES, Person, some_member};
use super::random::Random;
use super::{NOW, SampleDocument, batches, judged};

const BASE: usize = 230;

const STATIONS: [&str; 4] = ["studio-electric", "studio-kiln-a", "studio-kiln-b", "reduction-raku"];

/// How far a reservation has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Requested,
    Confirmed,
    Waitlisted,
    Cancelled,
    Ready,
    PickedUp,
}

/// The courses of twelve consecutive reservations. The first seven wait in a queue.
const COURSES: [Course; 12] = [
    Course::Confirmed,
    Course::Confirmed,
    Course::Requested,
    Course::Confirmed,
    Course::Requested,
    Course::Requested,
    Course::Waitlisted,
    Course::Cancelled,
    Course::Ready,
    Course::PickedUp,
    Course::Ready,
    Course::PickedUp,
];
const QUEUED_OF_TWELVE: usize = 7;

/// The reservations of a healthy studio: in time, at the listed price, and within their grace period.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    (0..judged(BASE, scale)).map(|index| ordinary_reservation(index, scale)).collect()
}

fn ordinary_reservation(index: usize, scale: usize) -> SampleDocument {
    let mut random = Random::of("reservations", index);
    let course = COURSES[index % COURSES.len()];
    let nth = index / COURSES.len() * 2 + index % 2;
    let linked = match course {
        Course::Ready => batches::ready(nth, scale),
        Course::PickedUp => batches::picked_up(nth, scale),
        Course::Requested | Course::Confirmed | Course::Waitlisted | Course::Cancelled => None,
    };
    let owner = linked.map_or_else(|| some_member(&mut random, scale), |batch| batches::owner(batch, scale));
    let firing_type = random.pick(&["glaze", "glaze", "bisque"]);
    let half_shelves = random.between(1, if firing_type == "glaze" { 6 } else { 3 });
    let (status, stage) = match course {
        Course::Requested => ("REQUESTED", "intake"),
        Course::Confirmed => ("CONFIRMED", "queued"),
        Course::Waitlisted => ("WAITLISTED", "intake"),
        Course::Cancelled => ("CANCELLED", "canceled"),
        Course::Ready => ("CONFIRMED", "ready_for_pickup"),
        Course::PickedUp => ("CONFIRMED", "picked_up"),
    };
    let id = format!("r-{:04}", index + 1);
    let created = random.moment(NOW - days(9), NOW - hours(2));
    let station = index / COURSES.len() % STATIONS.len();
    let reservation = reservation(&id, &owner, status, firing_type, half_shelves, created)
        .text("assignedStationId", STATIONS[station])
        .text("queueClass", STATIONS[station])
        .text_or_null("linkedBatchId", linked.map(batches::id))
        .map("stageStatus", stage_status(stage, created));
    match course {
        Course::Requested | Course::Confirmed | Course::Waitlisted => {
            let place = index % COURSES.len();
            let position = index / (COURSES.len() * STATIONS.len()) * QUEUED_OF_TWELVE + place + 1;
            let earliest = NOW + days(random.between(1, 5));
            reservation
                .map("preferredWindow", window(earliest, earliest + days(random.between(3, 14))))
                .int("queuePositionHint", integer(position))
                .map("estimatedWindow", estimate(position))
        }
        Course::Cancelled => reservation.null("loadStatus").null("arrivalStatus"),
        Course::Ready => stored_since(reservation, random.moment(NOW - days(12), NOW - hours(4)), half_shelves)
            .maps("pieces", [piece(&id, "ready")]),
        Course::PickedUp => {
            let ready = random.moment(NOW - days(160), NOW - days(20));
            stored_since(reservation, ready, half_shelves)
                .maps("pieces", [piece(&id, "picked_up")])
                .map("stageStatus", stage_status("picked_up", ready + days(6)))
                .time("createdAt", ready - days(12))
                .time("updatedAt", ready + days(6))
        }
    }
}

/// A reservation whose window is still ahead, at the listed price.
pub(super) fn reservation(
    id: &str,
    owner: &Person,
    status: &str,
    firing_type: &str,
    half_shelves: i64,
    created: Timestamp,
) -> SampleDocument {
    let token = super::builder::sha256_hex(&format!("{id}::1"), 8).to_uppercase();
    doc("reservations", id)
        .text("ownerUid", &owner.uid)
        .text("status", status)
        .text("loadStatus", "queued")
        .text("intakeMode", "SHELF_PURCHASE")
        .text("firingType", firing_type)
        .double("shelfEquivalent", f64::from(u8::try_from(half_shelves).expect("BUG: a kiln has few shelves")) / 2.0)
        .int("footprintHalfShelves", half_shelves)
        .double("heightInches", 9.0)
        .int("tiers", 1)
        .int("estimatedHalfShelves", half_shelves)
        .double("estimatedCost", listed_price(firing_type, half_shelves))
        .map("preferredWindow", window(NOW + days(2), NOW + days(9)))
        .text("queueClass", "studio-electric")
        .map("queueFairness", map().int("noShowCount", 0).int("lateArrivalCount", 0).int("overrideBoost", 0))
        .map("addOns", map().flag("rushRequested", false).flag("wholeKilnRequested", false))
        .map("notes", map().text("general", "Please keep the lids with the jars.").text("clayBody", "B-Mix 5/6"))
        .null("staffNotes")
        .maps("pieces", [piece(id, "awaiting_placement")])
        .map("stageStatus", stage_status("queued", created))
        .maps("stageHistory", [])
        .text("storageStatus", "active")
        .null("readyForPickupAt")
        .int("pickupReminderCount", 0)
        .null("lastReminderAt")
        .null("linkedBatchId")
        .text("arrivalStatus", "expected")
        .text("arrivalToken", format!("MF-ARR-{}-{}", &token[..4], &token[4..]))
        .int("arrivalTokenVersion", 1)
        .flag("isArchived", false)
        .text("createdByUid", &owner.uid)
        .text("createdByRole", "client")
        .time("createdAt", created)
        .time("updatedAt", created)
}

/// What the price table says, in dollars: 15 or 25 per half-shelf, and never more than a full kiln's 85.
fn listed_price(firing_type: &str, half_shelves: i64) -> f64 {
    let per_half_shelf = if firing_type == "bisque" { 15 } else { 25 };
    let dollars = u8::try_from((per_half_shelf * half_shelves).min(85)).expect("BUG: the cap fits into a byte");
    f64::from(dollars)
}

fn piece(reservation_id: &str, status: &str) -> Map {
    map()
        .text("pieceId", format!("MF-RES-{}", reservation_id.to_uppercase()))
        .text("pieceLabel", "Bowls")
        .int("pieceCount", 4)
        .null("piecePhotoUrl")
        .text("pieceStatus", status)
}

/// The days a member prefers.
pub(super) fn window(earliest: Timestamp, latest: Timestamp) -> Map {
    map().time("earliestDate", earliest).time("latestDate", latest)
}

/// The stage as staff see it.
pub(super) fn stage_status(stage: &str, at: Timestamp) -> Map {
    map().text("stage", stage).time("at", at).text("source", "staff").null("reason").text("actorUid", INES)
}

fn estimate(position: usize) -> Map {
    let (sla, confidence) = match position {
        0..=2 => ("on_track", "high"),
        3..=5 => ("at_risk", "medium"),
        _later => ("delayed", "low"),
    };
    let start = NOW + days(2) * i32::try_from((position - 1) / 2).expect("BUG: a queue is short");
    map()
        .time("currentStart", start)
        .time("currentEnd", start + days(2))
        .time("updatedAt", NOW - hours(1))
        .text("slaState", sla)
        .text("confidence", confidence)
}

/// The reservation with its pieces ready since `ready`, in the grace period before storage costs anything.
fn stored_since(reservation: SampleDocument, ready: Timestamp, half_shelves: i64) -> SampleDocument {
    reservation
        .text("loadStatus", "loaded")
        .text("arrivalStatus", "arrived")
        .time("arrivedAt", ready - days(3))
        .time("readyForPickupAt", ready)
        .map("preferredWindow", window(ready - days(8), ready - days(2)))
        .map("storageBilling", storage_billing(ready, half_shelves, 0, 0.0).text("status", "grace"))
        .time("createdAt", ready - days(10))
        .time("updatedAt", ready)
}

/// What storage costs: nothing for 462 hours, then 1.50 per half-shelf and full day, for at most 28 days.
pub(super) fn storage_billing(ready: Timestamp, half_shelves: i64, billed_days: i64, accrued: f64) -> Map {
    let grace_ends = ready + hours(462);
    map()
        .text("chargeBasis", "estimatedHalfShelves")
        .int("chargeBasisHalfShelves", half_shelves)
        .double("prepaidWeeklyRatePerHalfShelf", 2.0)
        .double("dailyRatePerHalfShelf", 1.5)
        .time("graceEndsAt", grace_ends)
        .time("billingStartsAt", grace_ends)
        .time("billingEndsAt", grace_ends + days(28))
        .int("billedDays", billed_days)
        .double("accruedCost", accrued)
}
