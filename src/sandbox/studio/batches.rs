use jiff::Timestamp;

use super::builder::{Fill, days, doc, hours, map};
use super::people::{DOV, INES, Person, mara, some_member, theo};
use super::random::Random;
use super::{Case, NOW, SampleDocument, judged};

const BASE: usize = 170;

/// The states of twenty consecutive batches, in the shares a studio in mid-season has.
const STATES: [&str; 20] = [
    "CLOSED_PICKED_UP",
    "SUBMITTED",
    "CLOSED_PICKED_UP",
    "SHELVED",
    "CLOSED_PICKED_UP",
    "READY_FOR_PICKUP",
    "CLOSED_PICKED_UP",
    "DRAFT",
    "CLOSED_PICKED_UP",
    "LOADED",
    "CLOSED_PICKED_UP",
    "SHELVED",
    "CLOSED_PICKED_UP",
    "SUBMITTED",
    "CLOSED_PICKED_UP",
    "READY_FOR_PICKUP",
    "CLOSED_PICKED_UP",
    "SHELVED",
    "CLOSED_PICKED_UP",
    "SUBMITTED",
];

pub(super) const TITLES: [&str; 16] = [
    "Speckled dinner set (12)",
    "Raku test tiles",
    "Porcelain bells for spring fair",
    "Two tall vases",
    "Celadon tea bowls (6)",
    "Handbuilt planters",
    "Mugs, second attempt",
    "Butter dishes with lids",
    "Carved lanterns",
    "Ramen bowls for the Saturday class",
    "Salt pigs and spoons",
    "Nesting bowls, B-Mix",
    "Cone 10 sculpture, one piece",
    "Test tiles: tenmoku over shino",
    "Wedding platter",
    "Recycled mid-fire pinch pots",
];

/// The id of the ordinary batch `index`.
pub(super) fn id(index: usize) -> String {
    format!("b-{:04}", index + 1)
}

/// How many ordinary batches there are.
pub(super) fn count(scale: usize) -> usize {
    judged(BASE, scale)
}

/// The ids of the ordinary batches that stand in a kiln now.
pub(super) fn loaded(scale: usize) -> impl Iterator<Item = String> {
    (0..count(scale)).filter(|index| state(*index) == "LOADED").map(id)
}

/// An ordinary batch that was picked up, or nothing at scale 0.
pub(super) fn picked_up(nth: usize, scale: usize) -> Option<usize> {
    // Every even index is a batch that was picked up.
    let batches = count(scale).div_ceil(2);
    Some(nth.checked_rem(batches)? * 2)
}

/// An ordinary batch that waits for its owner, or nothing at scale 0.
pub(super) fn ready(nth: usize, scale: usize) -> Option<usize> {
    // Of every twenty batches the sixth and the sixteenth are ready.
    let (rounds, rest) = (count(scale) / STATES.len(), count(scale) % STATES.len());
    let batches = rounds * 2 + usize::from(rest > 5) + usize::from(rest > 15);
    let nth = nth.checked_rem(batches)?;
    Some(nth / 2 * STATES.len() + if nth % 2 == 0 { 5 } else { 15 })
}

/// Who owns the ordinary batch `index`.
pub(super) fn owner(index: usize, scale: usize) -> Person {
    some_member(&mut Random::of("batchOwners", index), scale)
}

fn state(index: usize) -> &'static str {
    STATES[index % STATES.len()]
}

/// The batches of a healthy studio, and the timelines of every twentieth.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    (0..count(scale)).flat_map(|index| ordinary_batch(index, scale)).collect()
}

fn ordinary_batch(index: usize, scale: usize) -> Vec<SampleDocument> {
    let mut random = Random::of("batches", index);
    let owner = owner(index, scale);
    let state = state(index);
    let oldest_change = match state {
        "DRAFT" => days(18),
        "SUBMITTED" => days(4),
        "SHELVED" => days(6),
        "LOADED" => hours(6),
        "READY_FOR_PICKUP" => days(10),
        _closed => days(170),
    };
    let youngest_change = match state {
        "CLOSED_PICKED_UP" => days(2),
        "LOADED" => hours(3),
        _waiting => hours(1),
    };
    let updated = random.moment(NOW - oldest_change, NOW - youngest_change);
    let created = random.moment(updated - days(16), updated - days(if state == "DRAFT" { 0 } else { 3 }));
    let id = id(index);
    let mut batch = batch(&id, &owner, random.pick(&TITLES), state, created, updated)
        .text("intakeMode", random.pick(&["SHELF_PURCHASE", "SHELF_PURCHASE", "WHOLE_KILN", "COMMUNITY_SHELF"]))
        .int("estimatedCostCents", random.pick(&[1_500, 2_500, 3_000, 5_000, 7_500, 8_500]))
        .text_or_null("estimateNotes", random.chance(20).then_some("Two tall vases, keep apart."));
    if state == "LOADED" {
        batch = batch.text("currentKilnId", "kiln-ll-eq2827-3").text("currentKilnName", "L&L eQ2827-3");
    }
    if index % 34 == 6 {
        // A price from before estimates were written, which the cloud no longer reads.
        batch = batch.int("priceCents", 3_500);
    }
    if random.chance(12) {
        batch = batch
            .text("collectionName", "Spring wedding order")
            .text("collectionDesc", "Everything for the April wedding.");
    }
    let mut documents = vec![batch];
    if index.is_multiple_of(20) {
        documents.extend(timeline(&id, created, updated));
    }
    documents
}

/// A batch that is clean as long as its state is.
pub(super) fn batch(
    id: &str,
    owner: &Person,
    title: &str,
    state: &str,
    created: Timestamp,
    updated: Timestamp,
) -> SampleDocument {
    let closed = state.starts_with("CLOSED_");
    doc("batches", id)
        .text("ownerUid", &owner.uid)
        .text("ownerDisplayName", &owner.name)
        .texts("editors", [owner.uid.as_str(), INES])
        .text("title", title)
        .text("intakeMode", "SHELF_PURCHASE")
        .int("estimatedCostCents", 4_500)
        .text("kilnName", "L&L eQ2827-3")
        .null("estimateNotes")
        .text("state", state)
        .flag("isClosed", closed)
        .time("createdAt", created)
        .time("updatedAt", updated)
        .time_or_null("closedAt", closed.then_some(updated))
        .text("journeyRootBatchId", id)
        .null("journeyParentBatchId")
}

fn timeline(id: &str, created: Timestamp, closed: Timestamp) -> [SampleDocument; 4] {
    [
        moment(id, "CREATE_BATCH", created),
        moment(id, "SHELVED", created + days(1)),
        moment(id, "KILN_LOAD", created + days(2)).text("kilnId", "kiln-ll-eq2827-3").text("kilnName", "L&L eQ2827-3"),
        moment(id, "PICKED_UP_AND_CLOSE", closed),
    ]
}

/// One moment in a batch's life. Staff endpoints write the literal `admin` as the actor.
fn moment(batch_id: &str, kind: &str, at: Timestamp) -> SampleDocument {
    doc(&format!("batches/{batch_id}/timeline"), kind.to_lowercase().replace('_', "-"))
        .text("type", kind)
        .time("at", at)
        .text("actorUid", "admin")
        .text("actorName", "Studio staff")
        .null("notes")
        .texts("photos", [] as [&str; 0])
        .map("extra", map())
        .text("dedupeKey", format!("{batch_id}::{kind}::::"))
        .time("createdAt", at)
}

/// Batches that contradict themselves, the kiln or the vocabulary.
pub(super) fn cases() -> Vec<Case> {
    let (mara, theo) = (mara(), theo());
    let shelved = NOW - days(9);
    let mut legacy =
        batch("b-legacy-status", &mara, "Imported: blue mugs", "SHELVED", NOW - days(420), NOW - days(400))
            .text("status", "In progress")
            .int("priceCents", 3_500);
    legacy.fields.remove("state");
    vec![
        Case::new(
            "batch-stalled",
            "LOADED for 19 days, though its firing was unloaded 17 days ago",
            vec![
                batch("b-stalled", &mara, "Speckled dinner set (12)", "LOADED", NOW - days(26), NOW - days(19))
                    .text("currentKilnId", "kiln-skutt-km1218")
                    .text("currentKilnName", "Skutt KM1218"),
                firing_of_the_stalled_batch(),
                moment("b-stalled", "KILN_LOAD", NOW - days(19))
                    .text("kilnId", "kiln-skutt-km1218")
                    .text("kilnName", "Skutt KM1218"),
            ],
        ),
        Case::new(
            "batch-closed-but-shelved",
            "isClosed is true, but the state is SHELVED",
            vec![
                batch("b-closed-but-shelved", &theo, "Carved lanterns", "SHELVED", NOW - days(30), shelved)
                    .flag("isClosed", true)
                    .time("closedAt", shelved),
            ],
        ),
        Case::new(
            "batch-picked-up-but-open",
            "the state is CLOSED_PICKED_UP, but isClosed is false",
            vec![
                batch(
                    "b-picked-up-but-open",
                    &mara,
                    "Celadon tea bowls (6)",
                    "CLOSED_PICKED_UP",
                    NOW - days(40),
                    shelved,
                )
                .flag("isClosed", false)
                .null("closedAt"),
            ],
        ),
        Case::new("batch-legacy-status", "a legacy `status` and no `state` at all", vec![legacy]),
        Case::new(
            "batch-unknown-state",
            "the state ON_HOLD, which no writer of the cloud knows",
            vec![batch("b-on-hold", &theo, "Wedding platter", "ON_HOLD", NOW - days(12), NOW - days(5))],
        ),
    ]
}

fn firing_of_the_stalled_batch() -> SampleDocument {
    let (start, unloaded) = (NOW - days(19) + hours(2), NOW - days(17));
    super::kilns::firing(
        "f-unloaded-17-days-ago",
        super::kilns::EDGE_KILN,
        "glaze",
        "completed",
        start,
        start + hours(8),
    )
    .texts("batchIds", ["b-stalled"])
    .time("unloadedAt", unloaded)
    .text("unloadedByUid", DOV)
    .null("unloadNote")
    .time("updatedAt", unloaded)
}
