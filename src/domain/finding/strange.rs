//! What the vocabulary finds strange about documents: words and missing fields one by one, fields and types together.

use std::collections::BTreeMap;

use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::finding::{Finding, FindingKind};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::value::FieldPath;
use crate::domain::vocabulary::{Remark, RemarkKind, Vocabulary};

/// How many documents a finding about a whole collection names.
const NAMED: usize = 20;

/// What is strange about the documents of a mirror, while they are gone through.
#[derive(Debug, Default)]
pub struct Strange {
    findings: Vec<Finding>,
    together: BTreeMap<(FindingKind, CollectionId, FieldPath), Many>,
}

#[derive(Debug)]
struct Many {
    summary: String,
    documents: u64,
    first: Vec<DocPath>,
}

impl Strange {
    /// Adds what is strange about a document.
    pub fn add(&mut self, vocabulary: &Vocabulary, document: &Document) {
        for remark in vocabulary.look(document) {
            let kind = match remark.kind {
                RemarkKind::UnknownWord | RemarkKind::LegacySpelling | RemarkKind::RetiredWord => {
                    FindingKind::UnknownWord
                }
                RemarkKind::MissingField => FindingKind::MissingField,
                RemarkKind::WrongType => FindingKind::WrongType,
                RemarkKind::NewField => FindingKind::NewField,
                // Old documents have it, and nothing reads it: that is no news.
                RemarkKind::RetiredField => continue,
            };
            if matches!(kind, FindingKind::UnknownWord | FindingKind::MissingField) {
                self.findings.push(alone(kind, document, remark));
                continue;
            }
            let place = (kind, document.path.collection(), remark.field);
            let many = self.together.entry(place).or_insert_with(|| Many {
                summary: remark.summary,
                documents: 0,
                first: Vec::new(),
            });
            many.documents += 1;
            if many.first.len() < NAMED {
                many.first.push(document.path.clone());
            }
        }
    }

    /// All of it.
    pub fn findings(self) -> Vec<Finding> {
        let together = self.together.into_iter().map(|((kind, collection, field), many)| {
            let count = match many.documents {
                1 => "1 document".to_owned(),
                count => format!("{count} documents"),
            };
            Finding {
                rule: Some(field.to_string()),
                evidence: many.first,
                ..Finding::about_all(kind, collection, format!("{}: in {count}", many.summary))
            }
        });
        self.findings.into_iter().chain(together).collect()
    }
}

/// What the vocabulary finds strange about one document.
pub fn in_document(document: &Document) -> Vec<Finding> {
    let mut strange = Strange::default();
    strange.add(Vocabulary::shipped(), document);
    strange.findings()
}

fn alone(kind: FindingKind, document: &Document, remark: Remark) -> Finding {
    let rule = Some(remark.field.to_string());
    let changes = vec![FieldChange { path: remark.field, before: remark.found, after: remark.expected }];
    Finding { rule, changes, ..Finding::about(kind, document.path.clone(), remark.summary) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::value::{Fields, Value};

    fn batch(id: &str, extra: &[(&str, Value)]) -> Document {
        let mut fields: Fields = [
            ("ownerUid", Value::text("u")),
            ("state", Value::text("SHELVED")),
            ("isClosed", Value::Boolean(false)),
            ("createdAt", Value::Timestamp(Timestamp::default())),
            ("updatedAt", Value::Timestamp(Timestamp::default())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        fields.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let path = DocPath::parse(format!("batches/{id}")).expect("legal");
        Document { path, fields, create_time: Timestamp::default(), update_time: Timestamp::default() }
    }

    #[test]
    fn words_are_told_one_by_one_and_fields_together() {
        assert_eq!(in_document(&batch("b", &[])), []);
        let [found] = &in_document(&batch("b", &[("state", Value::text("ON_HOLD"))]))[..] else { panic!("one") };
        assert_eq!((found.kind, found.rule.as_deref()), (FindingKind::UnknownWord, Some("state")));

        let mut strange = Strange::default();
        for number in 0..30 {
            strange.add(Vocabulary::shipped(), &batch(&format!("b-{number:02}"), &[("mood", Value::text("calm"))]));
        }
        let findings = strange.findings();
        let [found] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!((found.kind, found.rule.as_deref()), (FindingKind::NewField, Some("mood")));
        assert_eq!((found.evidence.len(), found.path.as_ref()), (NAMED, None));
        assert!(found.summary.contains("30 documents") && !found.summary.contains("calm"), "{}", found.summary);
    }
}
