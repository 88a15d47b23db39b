//! Findings: where the mirror, the cloud, our numbers, our writes, the vocabulary and the documents disagree.

/// What kinds there are.
mod kind;

/// What is ignored, by whom and until when.
mod ignore;

/// Where a finding stands.
mod state;

/// From when on two numbers differ.
mod threshold;

/// What our writes have become.
mod overwritten;

use uuid::Uuid;

pub use ignore::{Ignore, IgnoreScope, LONGEST, SHORTEST, WantedIgnore, ignored, may_ignore};
pub use kind::{Confidence, Family, FindingKind};
pub use overwritten::overwritten;
pub use state::{Answer, Standing};
pub use threshold::Threshold;

use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, WriteId};
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::{BATCH_STATES, BATCHES, RESERVATIONS, ReservationStatus};

/// One disagreement, as one look saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// The collection.
    pub collection: CollectionId,
    /// The document; `None` when it is about the whole collection.
    pub path: Option<DocPath>,
    /// One sentence.
    pub summary: String,
    /// Fields that differ: what we have (or what was found) on the left, what the cloud says (or what the vocabulary
    /// expects) on the right.
    pub changes: Vec<FieldChange>,
    /// The write that was overwritten, if it is about one.
    pub write: Option<WriteId>,
    /// The rule that is broken, or the field or number that it is about, where kind and place do not say it all.
    pub rule: Option<String>,
    /// Other documents that it rests on.
    pub evidence: Vec<DocPath>,
    /// How sure we are.
    pub confidence: Confidence,
    /// The server's time as of which it was seen, if it was seen there.
    pub as_of: Option<Timestamp>,
}

impl Finding {
    const NAMESPACE: Uuid = Uuid::from_u128(0x2f0f_3c61_9a3e_4d0e_8b7a_6f2d_11c4_b002);

    /// A finding about a document of which we are sure, with nothing more to say.
    pub fn about(kind: FindingKind, path: DocPath, summary: impl Into<String>) -> Self {
        let collection = path.collection();
        Self { path: Some(path), ..Self::about_all(kind, collection, summary) }
    }

    /// A finding about a whole collection of which we are sure, with nothing more to say.
    pub fn about_all(kind: FindingKind, collection: CollectionId, summary: impl Into<String>) -> Self {
        Self {
            kind,
            collection,
            path: None,
            summary: summary.into(),
            changes: Vec::new(),
            write: None,
            rule: None,
            evidence: Vec::new(),
            confidence: Confidence::High,
            as_of: None,
        }
    }

    /// Its id: the same disagreement always has the same one, so that its onset is kept.
    pub fn id(&self) -> Uuid {
        let place = self.path.as_ref().map_or(self.collection.as_str(), DocPath::as_str);
        let write = self.write.map(|write| write.to_string()).unwrap_or_default();
        let mut name = format!("{}\n{place}\n{write}", self.kind.word());
        if let Some(rule) = &self.rule {
            name.push('\n');
            name.push_str(rule);
        }
        Uuid::new_v5(&Self::NAMESPACE, name.as_bytes())
    }

    /// Every document that it names.
    pub fn documents(&self) -> impl Iterator<Item = &DocPath> {
        self.path.iter().chain(&self.evidence)
    }
}

/// A finding with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFinding {
    /// Its id.
    pub id: Uuid,
    /// What was seen when it was last looked at.
    pub finding: Finding,
    /// When it was first seen.
    pub since: Timestamp,
    /// When it was last looked at.
    pub looked: Timestamp,
    /// Since when it is gone; `None` while it is open.
    pub resolved: Option<Timestamp>,
}

/// What a document says that the vocabulary does not know.
pub fn in_document(document: &Document) -> Vec<Finding> {
    if !document.path.is_root() {
        return Vec::new();
    }
    let collection = document.path.collection();
    let text = |field: &str| document.fields.get(field).and_then(Value::as_text);
    let shown = |field: &str| document.fields.get(field).map_or("missing", Value::type_name);
    let finding = |kind, summary, field: &str, expected: Option<Value>| Finding {
        changes: vec![FieldChange {
            path: FieldPath::top(field),
            before: document.fields.get(field).cloned(),
            after: expected,
        }],
        ..Finding::about(kind, document.path.clone(), summary)
    };
    let mut findings = Vec::new();
    match collection.as_str() {
        RESERVATIONS => match text("status") {
            Some(word) if ReservationStatus::parse(word).is_some() => {}
            Some(word) => {
                let meant = ReservationStatus::read(word);
                let summary = match meant {
                    Some(status) => format!("`status` is spelled {word}; the studio writes {}", status.word()),
                    None => format!("`status` holds {word}, which is no status of a reservation"),
                };
                let expected = meant.map(|status| Value::text(status.word()));
                findings.push(finding(FindingKind::UnknownWord, summary, "status", expected));
            }
            None => {
                let summary = format!("`status` is {}, not a word", shown("status"));
                findings.push(finding(FindingKind::UnknownWord, summary, "status", None));
            }
        },
        BATCHES => match text("state") {
            Some(word) if !BATCH_STATES.contains(&word) => {
                let summary = format!("`state` holds {word}, which is no state of a batch");
                findings.push(finding(FindingKind::UnknownWord, summary, "state", None));
            }
            Some(_) => {}
            None => {
                let summary = format!("`state` is {}, not a word", shown("state"));
                findings.push(finding(FindingKind::UnknownWord, summary, "state", None));
            }
        },
        _ => {}
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::value::Fields;

    #[track_caller]
    fn check(path: &str, fields: &[(&str, Value)], expect: &[FindingKind]) {
        let document = Document {
            path: DocPath::parse(path).expect("legal"),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Fields>(),
            create_time: Timestamp::default(),
            update_time: Timestamp::default(),
        };
        let kinds: Vec<_> = in_document(&document).iter().map(|finding| finding.kind).collect();
        assert_eq!(kinds, expect, "{path}");
    }

    #[test]
    fn unknown_words_are_found() {
        let text = Value::text;
        check("reservations/r", &[("status", text("CONFIRMED"))], &[]);
        check("reservations/r", &[("status", text("CANCELED"))], &[FindingKind::UnknownWord]);
        check("reservations/r", &[], &[FindingKind::UnknownWord]);
        check("batches/b", &[("state", text("ON_HOLD"))], &[FindingKind::UnknownWord]);
        check("batches/b", &[("status", text("Complete"))], &[FindingKind::UnknownWord]);
        check("batches/b/timeline/t", &[("state", text("ON_HOLD"))], &[]);
    }
}
