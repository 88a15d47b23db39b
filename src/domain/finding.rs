//! Findings: where the mirror, the cloud, our writes and the vocabulary disagree.

use uuid::Uuid;

use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::{BATCH_STATES, BATCHES, RESERVATIONS, ReservationStatus, is_closed_state};
use crate::domain::write::Write;

/// What kind of disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// A document's fields differ between mirror and cloud.
    MirrorDiffers,
    /// The cloud has a document that the mirror lacks.
    MissingInMirror,
    /// The mirror has a document that the cloud lacks.
    ExtraInMirror,
    /// The numbers of documents differ, and no single document was made out.
    CountDiffers,
    /// Somebody else changed what an approved write wrote.
    WriteOverwritten,
    /// A field holds a word that the vocabulary does not know.
    UnknownWord,
    /// Two fields of one document contradict each other.
    FlagsDisagree,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::MirrorDiffers,
        Self::MissingInMirror,
        Self::ExtraInMirror,
        Self::CountDiffers,
        Self::WriteOverwritten,
        Self::UnknownWord,
        Self::FlagsDisagree,
    ];

    /// The word for it in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MirrorDiffers => "mirror-differs",
            Self::MissingInMirror => "missing-in-mirror",
            Self::ExtraInMirror => "extra-in-mirror",
            Self::CountDiffers => "count-differs",
            Self::WriteOverwritten => "write-overwritten",
            Self::UnknownWord => "unknown-word",
            Self::FlagsDisagree => "flags-disagree",
        }
    }

    /// The kind that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

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
}

impl Finding {
    const NAMESPACE: Uuid = Uuid::from_u128(0x2f0f_3c61_9a3e_4d0e_8b7a_6f2d_11c4_b002);

    /// Its id: the same disagreement always has the same one, so that its onset is kept.
    pub fn id(&self) -> Uuid {
        let place = self.path.as_ref().map_or(self.collection.as_str(), DocPath::as_str);
        let write = self.write.map(|write| write.to_string()).unwrap_or_default();
        Uuid::new_v5(&Self::NAMESPACE, format!("{}\n{place}\n{write}", self.kind.word()).as_bytes())
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

/// What a document says that the vocabulary does not know, or that contradicts itself.
pub fn in_document(document: &Document) -> Vec<Finding> {
    if !document.path.is_root() {
        return Vec::new();
    }
    let collection = document.path.collection();
    let text = |field: &str| document.fields.get(field).and_then(Value::as_text);
    let shown = |field: &str| document.fields.get(field).map_or("missing", Value::type_name);
    let finding = |kind, summary, field: &str, expected: Option<Value>| Finding {
        kind,
        collection: document.path.collection(),
        path: Some(document.path.clone()),
        summary,
        changes: vec![FieldChange {
            path: FieldPath::top(field),
            before: document.fields.get(field).cloned(),
            after: expected,
        }],
        write: None,
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
            Some(word) => {
                let closed = is_closed_state(word);
                if document.fields.get("isClosed").is_some_and(|flag| *flag != Value::Boolean(closed)) {
                    let summary = format!("`state` is {word}, but `isClosed` says otherwise");
                    findings.push(finding(
                        FindingKind::FlagsDisagree,
                        summary,
                        "isClosed",
                        Some(Value::Boolean(closed)),
                    ));
                }
            }
            None => {
                let summary = format!("`state` is {}, not a word", shown("state"));
                findings.push(finding(FindingKind::UnknownWord, summary, "state", None));
            }
        },
        _ => {}
    }
    findings
}

/// Where the document no longer is as our write left it; `None` when it is.
pub fn overwritten(record: &WriteRecord, current: Option<&Document>) -> Option<Finding> {
    let path = record.write.path();
    let touched: Vec<FieldChange> = match (&record.write, current) {
        (Write::Delete { .. }, None) => Vec::new(),
        (Write::Delete { .. }, Some(_)) => {
            return Some(found(record, format!("`{path}` was made again after it was removed here"), Vec::new()));
        }
        (Write::Create { .. } | Write::Update { .. }, None) => {
            return Some(found(record, format!("`{path}` was removed after it was written here"), Vec::new()));
        }
        (Write::Create { fields, .. }, Some(current)) => crate::domain::diff::diff(fields, &current.fields),
        (Write::Update { changes, .. }, Some(current)) => changes
            .iter()
            .map(|(field, value)| FieldChange {
                path: field.clone(),
                before: value.clone(),
                after: field.get(&current.fields).cloned(),
            })
            .filter(|change| change.before != change.after)
            .collect(),
    };
    if touched.is_empty() {
        return None;
    }
    let names: Vec<String> = touched.iter().map(|change| format!("`{}`", change.path)).collect();
    Some(found(record, format!("{} no longer as written here", names.join(", ")), touched))
}

fn found(record: &WriteRecord, summary: String, changes: Vec<FieldChange>) -> Finding {
    let path = record.write.path();
    Finding {
        kind: FindingKind::WriteOverwritten,
        collection: path.collection(),
        path: Some(path.clone()),
        summary,
        changes,
        write: Some(record.id),
    }
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
    fn unknown_words_and_contradictions_are_found() {
        let text = Value::text;
        check("reservations/r", &[("status", text("CONFIRMED"))], &[]);
        check("reservations/r", &[("status", text("CANCELED"))], &[FindingKind::UnknownWord]);
        check("reservations/r", &[], &[FindingKind::UnknownWord]);
        check("batches/b", &[("state", text("ON_HOLD"))], &[FindingKind::UnknownWord]);
        check("batches/b", &[("status", text("Complete"))], &[FindingKind::UnknownWord]);
        let closed = Value::Boolean(true);
        check("batches/b", &[("state", text("SHELVED")), ("isClosed", closed.clone())], &[FindingKind::FlagsDisagree]);
        check("batches/b", &[("state", text("CLOSED_OTHER")), ("isClosed", closed)], &[]);
        check("batches/b/timeline/t", &[("state", text("ON_HOLD"))], &[]);
    }
}
