//! The sample with names and remarks that no layout expects: very long, unbroken, in other scripts, from right to left.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;

use super::SampleDocument;

/// The studio's own name in that world.
pub const LONG_NAME: &str =
    "Monsoon-West-Gemeinschaftstöpferwerkstattgenossenschaftshauptversammlungsniederlassung סטודיו המונסון המערבי 🏺🔥";

/// The fields in which people write what they like.
const WRITTEN_BY_PEOPLE: [&str; 12] = [
    "title",
    "displayName",
    "name",
    "subject",
    "notes",
    "staffNotes",
    "estimateNotes",
    "reason",
    "message",
    "description",
    "summary",
    "text",
];

/// What they write there: an unbroken word, Hebrew and Arabic with digits between, joined emoji, and combining letters.
const TAILS: [&str; 4] = [
    " Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsglasurbrennofenschlüsselverwalter",
    " קערה כחולה 12345 עם ידית שבורה; وعاء أزرق كبير مع مقبض مكسور ٦٧٨٩ ومكتوب عليه اسم طويل جدا",
    " 🏺🔥👩🏽‍🎨👨‍👩‍👧‍👦🏳️‍🌈🇦🇷🏺🔥👩🏽‍🎨👨‍👩‍👧‍👦🏳️‍🌈🇦🇷🏺🔥👩🏽‍🎨👨‍👩‍👧‍👦🏳️‍🌈🇦🇷🏺🔥👩🏽‍🎨",
    " Z͑̓a̴l̶g̷o̸ à́̂̃̄̅ \u{202e}sdrawkcab\u{202c} WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
];

/// The same documents with what people wrote made long, and a few more with long ids and words that nobody knows.
pub fn long_winded(mut documents: Vec<SampleDocument>) -> Vec<SampleDocument> {
    for (number, document) in documents.iter_mut().enumerate() {
        for name in WRITTEN_BY_PEOPLE {
            if let Some(ValueType::StringValue(text)) =
                document.fields.get_mut(name).and_then(|value| value.value_type.as_mut())
            {
                text.push_str(TAILS[number % TAILS.len()]);
            }
        }
    }
    let unbroken = "x".repeat(300);
    let text = |text: &str| Value { value_type: Some(ValueType::StringValue(text.to_owned())) };
    let about = |field: &str, word: &str, title: &str| {
        HashMap::from([(field.to_owned(), text(word)), ("title".to_owned(), text(title))])
    };
    let more = [
        (format!("batches/{unbroken}"), about("state", &unbroken, TAILS[0])),
        (format!("batches/קערה-{}", TAILS[1].replace(' ', "-")), about("state", TAILS[1], TAILS[1])),
        (format!("reservations/🏺{}", "🔥".repeat(90)), about("status", TAILS[2], TAILS[2])),
        (format!("reservations/{}", "r-0".repeat(120)), about("status", "CANCELED", TAILS[3])),
    ];
    documents.extend(more.map(|(path, fields)| SampleDocument { path, fields }));
    documents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocPath;
    use crate::sandbox::studio::monsoon_west;

    #[test]
    fn it_is_long_and_every_path_is_legal() {
        let (before, after) = (monsoon_west(0), long_winded(monsoon_west(0)));
        assert_eq!(after.len(), before.len() + 4);
        for document in &after {
            DocPath::parse(&document.path).expect("legal");
        }
        let longer = before.iter().zip(&after).filter(|(before, after)| before.fields != after.fields).count();
        assert!(longer > before.len() / 4, "{longer} of {}", before.len());
    }
}
