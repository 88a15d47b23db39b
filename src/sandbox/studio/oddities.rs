use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::r#type::LatLng;

use super::batches::batch;
use super::builder::{Fill, days, doc, hours, map};
use super::people::{mara, theo};
use super::{Case, NOW, SampleDocument};

/// Documents that are hard to store, compare or address.
pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "twins",
            "equal content, but the keys were set in the opposite order and the numbers written differently",
            twins(),
        ),
        Case::new(
            "not-a-twin",
            "looks like the twins, but its numbers are integers, which is another content",
            vec![
                doc("glazes", "tenmoku-integers")
                    .int("firings", 2)
                    .int("thickness", 1)
                    .map("oxides", iron())
                    .text("name", "Tenmoku"),
            ],
        ),
        Case::new("giant", "a document of about 900 kilobytes", vec![giant()]),
        Case::new(
            "unusual-ids",
            "ids in other scripts, two that look alike but are not, and one full of characters that URLs reserve",
            vec![
                odd_id("b-Größe-陶器-🏺"),
                odd_id("b-caf\u{e9}"),
                odd_id("b-cafe\u{301}"),
                odd_id("b 1.5 % & ? # + \" <i> `'"),
            ],
        ),
        Case::new(
            "drill-document",
            "every kind of field that a rollback drill must bring back as it was",
            vec![drill()],
        ),
    ]
}

fn twins() -> Vec<SampleDocument> {
    let one = doc("glazes", "tenmoku-twin-a")
        .text("name", "Tenmoku")
        .map("oxides", iron())
        .double("thickness", 1.0)
        .double("firings", 2.0);
    let other = doc("glazes", "tenmoku-twin-b")
        .double("firings", 20e-1)
        .double("thickness", 0.1e1)
        .map("oxides", map().double("manganese", 5e-2).double("iron", 0.8e-1))
        .text("name", "Tenmoku");
    vec![one, other]
}

fn iron() -> super::builder::Map {
    map().double("iron", 0.08).double("manganese", 0.05)
}

/// Below Firestore's limit of 1 MiB, but far above what anyone expects of a note.
fn giant() -> SampleDocument {
    let line = "Firing log: 04:10 cone 012 down, 05:55 cone 04 bending, damper two fingers, no reduction. ";
    let mut notes = line.repeat(900_000 / line.len() + 1);
    notes.truncate(900_000);
    batch("b-900-kilobytes", &mara(), "Firing log, pasted whole", "SHELVED", NOW - days(6), NOW - days(5))
        .text("estimateNotes", notes)
}

fn odd_id(id: &str) -> SampleDocument {
    batch(id, &theo(), "Test tiles with an unusual label", "SUBMITTED", NOW - days(3), NOW - days(2))
}

fn drill() -> SampleDocument {
    let (collection, id) = super::DRILL_DOCUMENT.split_once('/').expect("BUG: a path has a collection and an id");
    doc(collection, id)
        .text("text", "Nothing depends on this document. Drills change it and bring it back.")
        .text("unicode", "Größe 陶器 🏺 café")
        .int("integer", 42)
        .int("largeInteger", 9_007_199_254_740_993)
        .double("double", 0.1)
        .double("wholeDouble", 3.0)
        .flag("flag", true)
        .time("timestamp", NOW - hours(1) + jiff::SignedDuration::from_micros(123_456))
        .null("null")
        .texts("emptyArray", [] as [&str; 0])
        .texts("array", ["bisque", "glaze"])
        .maps("arrayOfMaps", [map().int("cone", 6), map().double("cone", 6.0)])
        .map("emptyMap", map())
        .map("map", map().map("nested", map().text("dotted.key", "needs quoting").null("nothing")).int("count", 1))
        .text("dotted.field `name`", "needs quoting in a field mask")
        .set("bytes", ValueType::BytesValue(vec![0, 255, 128, 10]))
        .set("place", ValueType::GeoPointValue(LatLng { latitude: 33.4484, longitude: -112.074 }))
}
