//! b: the key numbers that are derived from the mirror, against what the cloud counts at the same moment.

use std::collections::BTreeMap;

use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::finding::{Family, Finding, FindingKind};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::Vocabulary;
use crate::jobs::drift::Drift;
use crate::jobs::drift::look::Look;

/// How many documents say which word, in every field of the mirror that says a state.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<(CollectionId, FieldPath), BTreeMap<String, u64>>);

impl Tally {
    /// Counts a document.
    pub(super) fn add(&mut self, vocabulary: &Vocabulary, document: &Document) {
        let collection = document.path.collection();
        let Some(known) = vocabulary.of(&collection) else { return };
        for words in known.states() {
            let Some(word) = words.of(&document.fields) else { continue };
            let place = (collection.clone(), words.field().clone());
            *self.0.entry(place).or_default().entry(word.to_owned()).or_default() += 1;
        }
    }
}

impl Drift {
    /// Recounts every number in the cloud, at the moment that the mirror shows.
    pub(super) async fn recount(&self, tally: &Tally, now: Timestamp, look: &mut Look) {
        for ((collection, field), words) in &tally.0 {
            let Some(as_of) = look.shown.get(collection).copied() else { continue };
            for (word, ours) in words {
                let number = format!("{field}={word}");
                let counted = self.authority.count_where(collection, field, &Value::text(word), as_of).await;
                let theirs = match counted {
                    Ok(counted) => counted.count,
                    Err(error) => {
                        look.complain(Family::Numbers, format!("`{collection}` can't be counted: {}", error.chain()));
                        let untold = words.keys().map(|word| (collection.clone(), format!("{field}={word}")));
                        look.numbers_untold.extend(untold);
                        break;
                    }
                };
                if !self.bounds.threshold.is_reached(theirs, *ours) {
                    continue;
                }
                let confidence = self.bounds.freshness.confidence(collection, now.since(as_of));
                let value = |count: u64| Some(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
                let summary = format!("{ours} documents say `{number}` here, the cloud counts {theirs}");
                look.findings.push(Finding {
                    rule: Some(number),
                    changes: vec![FieldChange { path: field.clone(), before: value(*ours), after: value(theirs) }],
                    confidence,
                    as_of: Some(as_of),
                    ..Finding::about_all(FindingKind::NumberDiffers, collection.clone(), summary)
                });
            }
        }
    }
}
