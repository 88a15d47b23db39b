use jiff::Timestamp;

use super::builder::{Fill, days, doc, hours, map, minutes};
use super::people::DOV;
use super::random::Random;
use super::{Case, NOW, SampleDocument, batches, judged};

/// A kiln's id and name.
pub(super) type Kiln = (&'static str, &'static str);

pub(super) const ELECTRIC: Kiln = ("kiln-ll-eq2827-3", "L&L eQ2827-3");
const RAKU: Kiln = ("kiln-raku-reduction", "Raku shed");
const TEST: Kiln = ("kiln-olympic-test", "Olympic test kiln");
/// The kiln that only the edge cases fire in, so that none of them overlaps an ordinary firing by accident.
pub(super) const EDGE_KILN: Kiln = ("kiln-skutt-km1218", "Skutt KM1218");
const IN_MAINTENANCE: Kiln = ("kiln-skutt-km1227", "Skutt KM1227");

const BASE: usize = 63;

/// The kilns that work, and their firings: three to come, one now, and the rest unloaded.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let electric = kiln(ELECTRIC, "electric", "firing").maps(
        "typicalCycles",
        [cycle("bisque", "Bisque", 9, "Cone 04"), cycle("mid-fire-glaze", "Mid-fire glaze", 8, "Cone 6")],
    );
    let raku = kiln(RAKU, "gas", "idle").maps(
        "typicalCycles",
        [cycle("reduction", "Reduction", 8, "Cone 10"), cycle("raku-glaze", "Raku glaze", 3, "Cone 06")],
    );
    let kilns = [electric, raku, kiln(TEST, "electric", "idle"), kiln(EDGE_KILN, "electric", "cooling")];
    kilns.into_iter().chain((0..judged(BASE, scale)).map(|index| ordinary_firing(index, scale))).collect()
}

fn kiln((id, name): Kiln, kind: &str, status: &str) -> SampleDocument {
    doc("kilns", id)
        .text("name", name)
        .text("type", if kind == "gas" { "Gas reduction, outdoor" } else { "Electric oxidation" })
        .text("volume", "7 cu ft")
        .text("maxTemp", "Cone 10")
        .text("status", status)
        .flag("isAvailable", status == "idle")
        .text("controller", if kind == "gas" { "Manual" } else { "Genesis" })
        .null("notes")
        .time("updatedAt", NOW - hours(3))
}

fn cycle(id: &str, name: &str, hours: i64, cone: &str) -> super::builder::Map {
    map().text("id", id).text("name", name).int("typicalDurationHours", hours).text("tempRange", cone).null("notes")
}

fn ordinary_firing(index: usize, scale: usize) -> SampleDocument {
    let mut random = Random::of("kilnFirings", index);
    let kiln = [ELECTRIC, RAKU, TEST][index % 3];
    let slot = i64::try_from(index / 3).expect("BUG: an index fits into an i64");
    let (cycle, length) = match kiln {
        RAKU => ("raku", hours(3)),
        _electric if random.chance(50) => ("bisque", hours(9)),
        _electric => ("glaze", hours(8)),
    };
    let id = format!("f-{:04}", index + 1);
    // Each slot is a day of its own, so no two firings of a kiln overlap.
    let start = match slot {
        0..=2 => NOW + days(2 * (3 - slot)) - hours(2),
        3 => NOW - hours(3),
        past => NOW - days(past - 2) + minutes(random.between(-120, 120)),
    };
    let current = slot == 3 && kiln == ELECTRIC;
    if slot < 3 {
        return firing(&id, kiln, cycle, "scheduled", start, start + length).time("createdAt", NOW - days(3));
    }
    if current {
        return firing(&id, kiln, cycle, "in-progress", start, start + length)
            .texts("batchIds", batches::loaded(scale));
    }
    let start = if slot == 3 { start - hours(18) } else { start };
    let unloaded = start + length + minutes(random.between(300, 540));
    firing(&id, kiln, cycle, "completed", start, start + length)
        .texts(
            "batchIds",
            [index, index + 1].into_iter().filter_map(|nth| batches::picked_up(nth, scale)).map(batches::id),
        )
        .time("unloadedAt", unloaded)
        .text("unloadedByUid", DOV)
        .text_or_null("unloadNote", random.chance(20).then_some("One shelf crawled, photographed."))
        .time("updatedAt", unloaded)
}

/// A firing with no batches in it.
pub(super) fn firing(
    id: &str,
    (kiln_id, kiln_name): Kiln,
    cycle: &str,
    status: &str,
    start: Timestamp,
    end: Timestamp,
) -> SampleDocument {
    let title = match cycle {
        "bisque" => "Cone 04 bisque load",
        "glaze" => "Cone 6 glaze load",
        _raku => "Raku evening",
    };
    doc("kilnFirings", id)
        .text("kilnId", kiln_id)
        .text("kilnName", kiln_name)
        .text("title", title)
        .text("cycleType", cycle)
        .time("startAt", start)
        .time("endAt", end)
        .text("status", status)
        .text("confidence", if status == "scheduled" { "estimated" } else { "scheduled" })
        .text("notes", "Drop-off deadline 7:00 AM.")
        .texts("batchIds", [] as [&str; 0])
        .texts("pieceIds", [] as [&str; 0])
        .null("unloadedAt")
        .time("createdAt", start - days(4))
        .text("createdByUid", DOV)
        .time("updatedAt", (start - days(1)).min(NOW - hours(1)))
        .text("updatedByUid", DOV)
}

/// Firings that the calendar or the kiln contradicts.
pub(super) fn cases() -> Vec<Case> {
    let overdue_end = NOW - hours(9);
    let (first, tomorrow) = (NOW + days(2), NOW + days(1));
    let past = NOW - days(3);
    vec![
        Case::new(
            "firing-overdue",
            "in-progress, though its end passed 9 hours ago",
            vec![firing("f-overdue", EDGE_KILN, "bisque", "in-progress", overdue_end - hours(9), overdue_end)],
        ),
        Case::new(
            "firing-scheduled-in-the-past",
            "still scheduled, though it should have started 3 days ago",
            vec![firing("f-scheduled-in-the-past", EDGE_KILN, "glaze", "scheduled", past, past + hours(8))],
        ),
        Case::new(
            "firings-overlap",
            "two firings share the same kiln for four hours",
            vec![
                firing("f-overlap-first", EDGE_KILN, "glaze", "scheduled", first, first + hours(8))
                    .time("createdAt", NOW - days(2)),
                firing("f-overlap-second", EDGE_KILN, "bisque", "scheduled", first + hours(4), first + hours(13))
                    .time("createdAt", NOW - days(1)),
            ],
        ),
        Case::new(
            "firing-of-a-missing-batch",
            "names a batch that does not exist",
            vec![
                firing("f-missing-batch", EDGE_KILN, "glaze", "completed", NOW - days(6), NOW - days(6) + hours(8))
                    .texts("batchIds", ["b-does-not-exist"])
                    .time("unloadedAt", NOW - days(5))
                    .text("unloadedByUid", DOV)
                    .time("updatedAt", NOW - days(5)),
            ],
        ),
        Case::new(
            "kiln-in-maintenance-with-firing",
            "a kiln in maintenance has a firing scheduled tomorrow",
            vec![
                kiln(IN_MAINTENANCE, "electric", "maintenance").text("notes", "Relay 2 sticks. Part ordered."),
                firing(
                    "f-tomorrow-in-maintenance",
                    IN_MAINTENANCE,
                    "glaze",
                    "scheduled",
                    tomorrow,
                    tomorrow + hours(8),
                )
                .time("createdAt", NOW - days(7)),
            ],
        ),
    ]
}
