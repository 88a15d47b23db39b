//! Taking a write back on paper: how its undo would go, given the document as it is now.

use crate::domain::document::Document;
use crate::domain::ledger::WriteRecord;
use crate::domain::reason::Reason;
use crate::domain::undoing::{Undoing, undoing};
use crate::domain::value::FieldPath;
use crate::domain::write::Standing;

/// How the undo of a write would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rehearsed {
    /// It would land.
    Clean,
    /// Somebody has changed the document since.
    Conflict(Conflict),
    /// There is nothing to put back.
    Impossible(Reason),
}

/// What stands in the way of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// How the document stands to what the undo needs.
    pub standing: Standing,
    /// The fields that are not as our write left them.
    pub fields: Vec<FieldPath>,
}

/// How the undo of `record` would go, with the document as `current` now. A clean merge is clean.
pub fn rehearsed(record: &WriteRecord, current: Option<&Document>) -> Rehearsed {
    let undo = match record.undo() {
        Ok(undo) => undo,
        Err(reason) => return Rehearsed::Impossible(reason),
    };
    match undoing(record, current) {
        Err(reason) => Rehearsed::Impossible(reason),
        Ok(Undoing::Clean(_) | Undoing::Merged(_) | Undoing::AlreadyBack) => Rehearsed::Clean,
        Ok(Undoing::Conflict(conflicts)) => {
            let whole = || record.after().unwrap_or_default().keys().map(FieldPath::top).collect::<Vec<_>>();
            let fields =
                conflicts.into_iter().flat_map(|conflict| conflict.field.map_or_else(whole, |field| vec![field]));
            Rehearsed::Conflict(Conflict { standing: undo.standing(current), fields: fields.collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::ids::{DocPath, Hash, ProposalId};
    use crate::domain::ledger::{Landing, WriteState};
    use crate::domain::time::Timestamp;
    use crate::domain::value::{Fields, Value};
    use crate::domain::write::Write;

    const OURS: Timestamp = Timestamp::from_micros(20);
    const THEIRS: Timestamp = Timestamp::from_micros(30);

    fn path() -> DocPath {
        DocPath::parse("reservations/r-1").expect("a legal path")
    }

    fn fields(status: &str) -> Fields {
        Fields::from([("status".to_owned(), Value::text(status)), ("pots".to_owned(), Value::Integer(3))])
    }

    fn document(status: &str, update_time: Timestamp) -> Document {
        Document { path: path(), fields: fields(status), create_time: Timestamp::from_micros(1), update_time }
    }

    fn landed(write: Write, before: Option<Fields>) -> WriteRecord {
        let proposal = ProposalId::from_uuid(uuid::Uuid::nil());
        let content = Hash::of("what was approved");
        WriteRecord::intended(proposal, (1, write), content, before, Timestamp::from_micros(10))
            .landed(Landing { at: OURS, update_time: OURS })
    }

    fn update() -> WriteRecord {
        let changes = BTreeMap::from([(FieldPath::top("status"), Some(Value::text("LOADED")))]);
        landed(Write::Update { path: path(), changes, base: Timestamp::from_micros(5) }, Some(fields("CONFIRMED")))
    }

    #[test]
    fn what_nobody_touched_since_comes_back_clean() {
        assert_eq!(rehearsed(&update(), Some(&document("LOADED", OURS))), Rehearsed::Clean);
        let create = landed(Write::Create { path: path(), fields: fields("LOADED") }, None);
        assert_eq!(rehearsed(&create, Some(&document("LOADED", OURS))), Rehearsed::Clean);
        let delete = landed(Write::Delete { path: path(), base: Timestamp::from_micros(5) }, Some(fields("LOADED")));
        assert_eq!(rehearsed(&delete, None), Rehearsed::Clean);
    }

    #[test]
    fn what_somebody_changed_is_a_conflict_that_names_the_fields() {
        let standing = Standing::Moved { update_time: THEIRS };
        let conflict = Conflict { standing, fields: vec![FieldPath::top("status")] };
        assert_eq!(rehearsed(&update(), Some(&document("PICKED_UP", THEIRS))), Rehearsed::Conflict(conflict));
        let gone = rehearsed(&update(), None);
        assert!(
            matches!(&gone, Rehearsed::Conflict(Conflict { standing: Standing::Gone, fields }) if fields.len() == 2)
        );
        let delete = landed(Write::Delete { path: path(), base: Timestamp::from_micros(5) }, Some(fields("LOADED")));
        let back = rehearsed(&delete, Some(&document("NEW", THEIRS)));
        assert!(matches!(back, Rehearsed::Conflict(Conflict { standing: Standing::Appeared, .. })));
    }

    #[test]
    fn what_others_changed_elsewhere_does_not_stand_in_the_way() {
        let mut theirs = document("LOADED", THEIRS);
        theirs.fields.insert("pots".to_owned(), Value::Integer(4));
        assert_eq!(rehearsed(&update(), Some(&theirs)), Rehearsed::Clean);
    }

    #[test]
    fn what_never_landed_can_not_be_taken_back() {
        let record = WriteRecord { state: WriteState::Stale { at: OURS }, ..update() };
        assert_eq!(rehearsed(&record, None), Rehearsed::Impossible(Reason::NothingToUndo));
    }
}
