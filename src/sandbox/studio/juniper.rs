use super::builder::{Fill, days, doc, hours, map};
use super::random::Random;
use super::{NOW, SampleDocument, sorted};

/// (uid, name, role)
const PEOPLE: [(&str, &str, &str); 6] = [
    ("uid_je_hana_sorrel", "Hana Sorrel", "admin"),
    ("uid_je_otto_pike", "Otto Pike", "staff"),
    ("uid_je_lucia_fenn", "Lucia Fenn", "member"),
    ("uid_je_kofi_ames", "Kofi Ames", "member"),
    ("uid_je_wren_dahl", "Wren Dahl", "member"),
    ("uid_je_tariq_bell", "Tariq Bell", "member"),
];

const STATES: [&str; 6] = ["SHELVED", "CLOSED_PICKED_UP", "SUBMITTED", "READY_FOR_PICKUP", "CLOSED_PICKED_UP", "DRAFT"];

const STATUSES: [&str; 4] = ["REQUESTED", "CONFIRMED", "WAITLISTED", "CANCELLED"];

/// The documents of the small studio `juniper-east`, sorted by path.
///
/// Its ids are its own, so that a document of one studio shown in the other is seen at once.
pub fn juniper_east() -> Vec<SampleDocument> {
    let users = PEOPLE.iter().map(|(uid, name, role)| {
        doc("users", uid)
            .text("uid", *uid)
            .text("displayName", *name)
            .text("email", format!("{}@juniper-east.example", name.to_lowercase().replace(' ', ".")))
            .text("role", *role)
            .flag("isActive", true)
            .time("createdAt", NOW - days(200))
            .time("updatedAt", NOW - days(20))
    });
    let kilns = [("je-kiln-front", "Paragon Dragon"), ("je-kiln-back", "Skutt KM818")].map(|(id, name)| {
        doc("kilns", id)
            .text("name", name)
            .text("type", "Electric oxidation")
            .text("status", "idle")
            .flag("isAvailable", true)
            .time("updatedAt", NOW - hours(5))
    });
    let work = (0..14).map(batch).chain((0..12).map(reservation)).chain((0..6).map(firing));
    sorted(users.chain(kilns).chain(work).collect())
}

fn member(random: &mut Random) -> (&'static str, &'static str) {
    let (uid, name, _) = random.pick(&PEOPLE[2..]);
    (uid, name)
}

fn batch(index: usize) -> SampleDocument {
    let mut random = Random::of("juniper-east/batches", index);
    let (uid, name) = member(&mut random);
    let state = STATES[index % STATES.len()];
    let closed = state == "CLOSED_PICKED_UP";
    let updated = random.moment(NOW - days(6), NOW - hours(2));
    let id = format!("je-b-{:03}", index + 1);
    doc("batches", &id)
        .text("ownerUid", uid)
        .text("ownerDisplayName", name)
        .texts("editors", [uid])
        .text("title", random.pick(&super::batches::TITLES))
        .text("intakeMode", "SHELF_PURCHASE")
        .int("estimatedCostCents", random.pick(&[1_500, 2_500, 5_000]))
        .text("state", state)
        .flag("isClosed", closed)
        .time("createdAt", updated - days(9))
        .time("updatedAt", updated)
        .time_or_null("closedAt", closed.then_some(updated))
        .text("journeyRootBatchId", id)
        .null("journeyParentBatchId")
}

fn reservation(index: usize) -> SampleDocument {
    let mut random = Random::of("juniper-east/reservations", index);
    let (uid, _) = member(&mut random);
    let created = random.moment(NOW - days(5), NOW - hours(1));
    doc("reservations", format!("je-r-{:03}", index + 1))
        .text("ownerUid", uid)
        .text("status", STATUSES[index % STATUSES.len()])
        .text("loadStatus", "queued")
        .text("intakeMode", "SHELF_PURCHASE")
        .text("firingType", "glaze")
        .double("shelfEquivalent", 0.5)
        .int("estimatedHalfShelves", 1)
        .double("estimatedCost", 25.0)
        .map("preferredWindow", map().time("earliestDate", NOW + days(1)).time("latestDate", NOW + days(8)))
        .flag("isArchived", false)
        .text("createdByUid", uid)
        .text("createdByRole", "client")
        .time("createdAt", created)
        .time("updatedAt", created)
}

fn firing(index: usize) -> SampleDocument {
    let days_ago = super::builder::integer(index) * 3 - 4;
    let start = NOW - days(days_ago);
    let over = days_ago > 0;
    doc("kilnFirings", format!("je-f-{:03}", index + 1))
        .text("kilnId", "je-kiln-front")
        .text("kilnName", "Paragon Dragon")
        .text("title", "Cone 6 glaze load")
        .text("cycleType", "glaze")
        .time("startAt", start)
        .time("endAt", start + hours(8))
        .text("status", if over { "completed" } else { "scheduled" })
        .text("confidence", "scheduled")
        .texts("batchIds", [] as [&str; 0])
        .time_or_null("unloadedAt", over.then_some(start + hours(20)))
        .time("createdAt", start - days(6))
        .time("updatedAt", (start - days(5)).min(NOW - hours(1)))
}
