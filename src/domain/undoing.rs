//! Taking a write back: as it was, when nobody touched the document since; else field by field, three ways.
//!
//! For each field that the write touched there are three values: before it, ours, and what the document holds now. Where
//! the document still holds ours, the value from before comes back. Where it holds the value from before, there is
//! nothing to do. Anything else was somebody's decision after ours, and is a conflict: it is named, never overwritten.

use std::collections::BTreeMap;

use crate::domain::diff::diff;
use crate::domain::document::Document;
use crate::domain::ledger::WriteRecord;
use crate::domain::reason::Reason;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::write::Write;

/// How a write can be taken back, as its document is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoing {
    /// Nobody touched the document since: it comes back as it was.
    Clean(Write),
    /// The document moved, and what we changed was left alone: our fields come back, everything else stays as it is.
    Merged(Write),
    /// What we changed is as it was before.
    AlreadyBack,
    /// Somebody has changed what we wrote.
    Conflict(Vec<Conflict>),
}

/// A field that somebody changed after our write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which field; `None`: the whole document.
    pub field: Option<FieldPath>,
    /// What it held before our write; `None` when it was missing.
    pub before: Option<Value>,
    /// What we wrote; `None` when we removed it.
    pub ours: Option<Value>,
    /// What it holds now; `None` when it is missing.
    pub theirs: Option<Value>,
}

/// How `record` can be taken back while its document is `current`.
///
/// # Errors
/// The write did not land, so that there is nothing to take back.
pub fn undoing(record: &WriteRecord, current: Option<&Document>) -> Result<Undoing, Reason> {
    let landing = record.state.landing().ok_or(Reason::NothingToUndo)?;
    let untouched = match (&record.write, current) {
        (Write::Create { .. } | Write::Update { .. }, Some(document)) => document.update_time == landing.update_time,
        (Write::Delete { .. }, None) => true,
        (Write::Create { .. } | Write::Update { .. }, None) | (Write::Delete { .. }, Some(_)) => false,
    };
    if untouched {
        return record.undo().map(Undoing::Clean);
    }
    match (&record.write, current) {
        (Write::Create { .. }, None) => Ok(Undoing::AlreadyBack),
        (Write::Update { .. }, None) => Ok(Undoing::Conflict(vec![Conflict::of_whole()])),
        (Write::Delete { .. }, None) => record.undo().map(Undoing::Clean),
        (Write::Create { path, fields }, Some(theirs)) => {
            let conflicts = conflicts(fields, &theirs.fields);
            let gone = Write::Delete { path: path.clone(), base: theirs.update_time };
            Ok(if conflicts.is_empty() { Undoing::Merged(gone) } else { Undoing::Conflict(conflicts) })
        }
        (Write::Delete { .. }, Some(theirs)) => {
            let before = record.before.as_ref().ok_or(Reason::NothingToUndo)?;
            let conflicts = conflicts(before, &theirs.fields);
            Ok(if conflicts.is_empty() { Undoing::AlreadyBack } else { Undoing::Conflict(conflicts) })
        }
        (Write::Update { path, changes, .. }, Some(theirs)) => {
            let before = record.before.as_ref().ok_or(Reason::NothingToUndo)?;
            Ok(match merged(changes, before, &theirs.fields) {
                Err(conflicts) => Undoing::Conflict(conflicts),
                Ok(back) if back.is_empty() => Undoing::AlreadyBack,
                Ok(changes) => Undoing::Merged(Write::Update { path: path.clone(), changes, base: theirs.update_time }),
            })
        }
    }
}

/// Who changed the document last, as it says itself; Firestore does not tell.
pub fn last_changed_by(document: &Document) -> Option<&str> {
    const FIELDS: [&str; 3] = ["updatedByUid", "updatedBy", "lastUpdatedBy"];
    FIELDS.iter().find_map(|field| document.fields.get(*field).and_then(Value::as_text)).filter(|by| !by.is_empty())
}

impl Conflict {
    const fn of_whole() -> Self {
        Self { field: None, before: None, ours: None, theirs: None }
    }
}

/// Fields of the whole document that are no longer as they were left.
fn conflicts(ours: &Fields, theirs: &Fields) -> Vec<Conflict> {
    let changed = diff(ours, theirs);
    changed
        .into_iter()
        .map(|change| Conflict { field: Some(change.path), before: None, ours: change.before, theirs: change.after })
        .collect()
}

/// The fields to bring back, or those that somebody changed.
fn merged(
    changes: &BTreeMap<FieldPath, Option<Value>>,
    before: &Fields,
    theirs: &Fields,
) -> Result<BTreeMap<FieldPath, Option<Value>>, Vec<Conflict>> {
    let (mut back, mut conflicts) = (BTreeMap::new(), Vec::new());
    for (field, ours) in changes {
        let (before, theirs) = (field.get(before), field.get(theirs));
        if theirs == before {
            continue;
        }
        if theirs == ours.as_ref() {
            back.insert(field.clone(), before.cloned());
        } else {
            let (before, theirs) = (before.cloned(), theirs.cloned());
            conflicts.push(Conflict { field: Some(field.clone()), before, ours: ours.clone(), theirs });
        }
    }
    if conflicts.is_empty() { Ok(back) } else { Err(conflicts) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::tests::{any_fields, any_value};
    use crate::domain::ids::{DocPath, Hash, ProposalId};
    use crate::domain::ledger::{Landing, WriteState};
    use crate::domain::time::Timestamp;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn path() -> DocPath {
        DocPath::parse("c/d").expect("legal")
    }

    fn landed(write: Write, before: Option<Fields>) -> WriteRecord {
        let landing = Landing { at: at(9), update_time: at(5) };
        let proposal = ProposalId::from_uuid(uuid::Uuid::nil());
        WriteRecord::intended(proposal, (1, write), Hash::of("x"), before, at(4)).landed(landing)
    }

    fn document(fields: Fields, update_time: i64) -> Document {
        Document { path: path(), fields, create_time: at(1), update_time: at(update_time) }
    }

    fn fields(members: &[(&str, i64)]) -> Fields {
        members.iter().map(|(name, value)| ((*name).to_owned(), Value::Integer(*value))).collect()
    }

    fn update(members: &[(&str, Option<i64>)]) -> Write {
        let changes = members.iter().map(|(name, value)| (FieldPath::top(*name), value.map(Value::Integer)));
        Write::Update { path: path(), changes: changes.collect(), base: at(2) }
    }

    #[test]
    fn a_document_that_nobody_touched_comes_back_as_it_was() {
        let record = landed(update(&[("a", Some(2)), ("gone", None)]), Some(fields(&[("a", 1), ("gone", 7)])));
        let now = document(fields(&[("a", 2)]), 5);
        let Ok(Undoing::Clean(undo)) = undoing(&record, Some(&now)) else { panic!("is clean") };
        assert_eq!(undo.applied_to(Some(&now.fields)), Some(fields(&[("a", 1), ("gone", 7)])));
        assert_eq!(undo.base(), Some(at(5)));
    }

    #[test]
    fn what_others_changed_elsewhere_stays() {
        let record = landed(update(&[("a", Some(2))]), Some(fields(&[("a", 1), ("b", 1)])));
        let now = document(fields(&[("a", 2), ("b", 9)]), 6);
        let Ok(Undoing::Merged(undo)) = undoing(&record, Some(&now)) else { panic!("is merged") };
        assert_eq!(undo.applied_to(Some(&now.fields)), Some(fields(&[("a", 1), ("b", 9)])));
        assert_eq!(undo.base(), Some(at(6)), "bound to the document as it is now");
    }

    #[test]
    fn what_others_changed_after_us_is_named_and_kept() {
        let record = landed(update(&[("a", Some(2)), ("b", Some(2))]), Some(fields(&[("a", 1), ("b", 1)])));
        let now = document(fields(&[("a", 3), ("b", 2)]), 6);
        let conflict = Conflict {
            field: Some(FieldPath::top("a")),
            before: Some(Value::Integer(1)),
            ours: Some(Value::Integer(2)),
            theirs: Some(Value::Integer(3)),
        };
        assert_eq!(undoing(&record, Some(&now)), Ok(Undoing::Conflict(vec![conflict])));
        assert_eq!(undoing(&record, None), Ok(Undoing::Conflict(vec![Conflict::of_whole()])));
    }

    #[test]
    fn what_is_back_needs_no_undo() {
        let record = landed(update(&[("a", Some(2))]), Some(fields(&[("a", 1)])));
        assert_eq!(undoing(&record, Some(&document(fields(&[("a", 1)]), 6))), Ok(Undoing::AlreadyBack));
        let made = landed(Write::Create { path: path(), fields: fields(&[("a", 1)]) }, None);
        assert_eq!(undoing(&made, None), Ok(Undoing::AlreadyBack));
        let gone = landed(Write::Delete { path: path(), base: at(2) }, Some(fields(&[("a", 1)])));
        assert_eq!(undoing(&gone, Some(&document(fields(&[("a", 1)]), 8))), Ok(Undoing::AlreadyBack));
        let Ok(Undoing::Conflict(conflicts)) = undoing(&gone, Some(&document(fields(&[("a", 2)]), 8))) else {
            panic!("somebody made another one")
        };
        assert_eq!(conflicts.len(), 1);
    }

    #[test]
    fn what_did_not_land_has_no_undo() {
        let mut record = landed(update(&[("a", Some(2))]), Some(fields(&[])));
        record.state = WriteState::Stale { at: at(9) };
        assert_eq!(undoing(&record, None), Err(Reason::NothingToUndo));
    }

    proptest! {
        /// Whatever others did to other fields, theirs stay and ours come back.
        #[test]
        fn a_merge_changes_only_what_we_wrote(before in any_fields(), theirs in any_fields(), value in any_value()) {
            let field = FieldPath::top("ours");
            let write =
                Write::Update { path: path(), changes: [(field.clone(), Some(value.clone()))].into(), base: at(2) };
            let record = landed(write, Some(before.clone()));
            let mut now = theirs;
            field.set(&mut now, Some(value));
            match undoing(&record, Some(&document(now.clone(), 6))) {
                Ok(Undoing::Merged(undo)) => {
                    let mut expected = now.clone();
                    field.set(&mut expected, field.get(&before).cloned());
                    prop_assert_eq!(undo.applied_to(Some(&now)), Some(expected));
                }
                Ok(Undoing::AlreadyBack) => prop_assert_eq!(field.get(&before), field.get(&now)),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
