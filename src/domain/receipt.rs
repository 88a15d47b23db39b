//! The receipt of a write: created in the same commit, so that its existence proves that the write landed.

use crate::domain::canonical;
use crate::domain::capability::RECEIPTS;
use crate::domain::document;
use crate::domain::ids::{DocPath, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{self, Choice, Proposal, Verdict};
use crate::domain::value::{Fields, Value};
use crate::domain::write::Write;

/// Where the receipt of a write is.
pub fn path(write: WriteId) -> DocPath {
    DocPath::parse(format!("{RECEIPTS}/{write}")).expect("BUG: a UUID is a legal id")
}

/// The creation of the receipt: enough to know what was done, for whom, and how to take it back.
pub fn creation(record: &WriteRecord, proposal: &Proposal, verdicts: &[Verdict]) -> Write {
    let text = |text: String| Value::Text(text);
    let approvals = proposal::standing(proposal, verdicts)
        .into_iter()
        .filter(|verdict| verdict.choice == Choice::Approve)
        .map(|verdict| {
            Value::Map(Fields::from([
                ("by".to_owned(), text(verdict.by.to_string())),
                ("at".to_owned(), Value::Timestamp(verdict.at)),
                ("reason".to_owned(), Value::text(verdict.reason.as_str())),
            ]))
        })
        .collect();
    let before = record.before.as_ref();
    let fields = Fields::from([
        ("version".to_owned(), Value::Integer(1)),
        ("proposal".to_owned(), text(proposal.id.to_string())),
        ("capability".to_owned(), Value::text(proposal.capability.as_str())),
        ("summary".to_owned(), text(proposal.summary.clone())),
        ("proposedBy".to_owned(), text(proposal.proposer.to_string())),
        ("proposedAt".to_owned(), Value::Timestamp(proposal.created)),
        ("reason".to_owned(), Value::text(proposal.reason.as_str())),
        ("approvals".to_owned(), Value::Array(approvals)),
        ("path".to_owned(), Value::text(record.write.path().as_str())),
        ("write".to_owned(), text(record.write.canonical())),
        ("contentHash".to_owned(), text(record.content_hash.to_string())),
        ("before".to_owned(), before.map_or(Value::Null, |before| text(canonical::encode(&touched(record, before))))),
        ("beforeHash".to_owned(), before.map_or(Value::Null, |before| text(document::hash_of(before).to_string()))),
        ("intendedAt".to_owned(), Value::Timestamp(record.intended)),
        ("undoes".to_owned(), record.undoes.map_or(Value::Null, |undone| text(undone.to_string()))),
    ]);
    Write::Create { path: path(record.id), fields }
}

/// The before-image of exactly the fields that the write touches.
fn touched(record: &WriteRecord, before: &Fields) -> Fields {
    match &record.write {
        Write::Create { .. } | Write::Delete { .. } => before.clone(),
        Write::Update { changes, .. } => {
            let mut image = Fields::new();
            for field in changes.keys() {
                field.set(&mut image, field.get(before).cloned());
            }
            image
        }
    }
}
