//! The versions of a document that the mirror observed, and what they say about a moment.
//!
//! The stream tells of states, not of writes: what stood between two observations was never seen. So a version is only
//! known to have stood from its own time to the last read time at which the mirror still had it.

use crate::domain::diff::{FieldChange, diff};
use crate::domain::document::Document;
use crate::domain::sighting::Unreadable;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;

/// What every listing of versions says, so that nobody takes it for a log of writes.
pub const COALESCED: &str = "Versions between two observations were never seen.";

/// One version of a document as the mirror observed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What was seen.
    pub seen: Seen,
    /// The server read time at which it was taken in.
    pub observed: Timestamp,
    /// The last server read time at which it was known to stand.
    pub confirmed: Timestamp,
    /// Is it what stands now?
    pub newest: bool,
}

/// What was seen of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The document.
    Document(Document),
    /// It existed, but could not be kept.
    Unreadable(Unreadable),
    /// It existed no more.
    Deleted,
}

impl Version {
    /// When it came to stand; for a deletion the latest moment that it can have happened.
    pub const fn began(&self) -> Timestamp {
        match &self.seen {
            Seen::Document(document) => document.update_time,
            Seen::Unreadable(unreadable) => unreadable.update_time,
            Seen::Deleted => self.observed,
        }
    }

    /// The document, if it existed and could be kept.
    pub const fn document(&self) -> Option<&Document> {
        match &self.seen {
            Seen::Document(document) => Some(document),
            Seen::Unreadable(_) | Seen::Deleted => None,
        }
    }

    /// Every field that differs from the version before; `None` when one of them can't be compared.
    ///
    /// A document that was deleted, or did not exist, has no fields.
    pub fn changes_since(&self, before: &Self) -> Option<Vec<FieldChange>> {
        Some(diff(&before.fields()?, &self.fields()?))
    }

    fn fields(&self) -> Option<Fields> {
        match &self.seen {
            Seen::Document(document) => Some(document.fields.clone()),
            Seen::Deleted => Some(Fields::new()),
            Seen::Unreadable(_) => None,
        }
    }
}

/// What the mirror can say about a document at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// This version is known to have stood.
    Known(Version),
    /// Between two observations: this one or one that was never seen stood.
    Between {
        /// What was observed before.
        before: Version,
        /// What was observed after.
        after: Version,
    },
    /// Later than the mirror shows: this is what it knew last.
    Ahead(Version),
    /// Earlier than everything that the mirror kept: this is the first version.
    Earlier(Version),
    /// The mirror never had the document, or keeps nothing of it any more.
    Nothing,
}

impl Then {
    /// What the versions around `moment` say: the last one that began by then, and the one observed after it.
    pub fn at(moment: Timestamp, last: Option<Version>, next: Option<Version>) -> Self {
        match (last, next) {
            (None, None) => Self::Nothing,
            (None, Some(first)) => Self::Earlier(first),
            (Some(last), _) if moment <= last.confirmed => Self::Known(last),
            (Some(before), Some(after)) => Self::Between { before, after },
            (Some(last), None) => Self::Ahead(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocPath;
    use crate::domain::value::{FieldPath, Value};

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn version(update: i64, observed: i64, confirmed: i64) -> Version {
        let document = Document {
            path: DocPath::parse("batches/b-1").expect("legal"),
            fields: Fields::from([("n".to_owned(), Value::Integer(update))]),
            create_time: at(1),
            update_time: at(update),
        };
        Version { seen: Seen::Document(document), observed: at(observed), confirmed: at(confirmed), newest: false }
    }

    #[test]
    fn a_version_is_known_from_its_time_to_its_last_confirmation_and_never_longer() {
        let (first, second) = (version(10, 12, 30), version(40, 41, 50));
        let then = |moment| Then::at(at(moment), Some(first.clone()), Some(second.clone()));
        assert_eq!(then(10), Then::Known(first.clone()));
        assert_eq!(then(30), Then::Known(first.clone()));
        assert_eq!(then(31), Then::Between { before: first.clone(), after: second.clone() });
        assert_eq!(Then::at(at(51), Some(second.clone()), None), Then::Ahead(second));
        assert_eq!(Then::at(at(9), None, Some(first.clone())), Then::Earlier(first));
        assert_eq!(Then::at(at(9), None, None), Then::Nothing);
    }

    #[test]
    fn a_deletion_takes_every_field_and_what_can_not_be_kept_can_not_be_compared() {
        let (first, second) = (version(10, 12, 30), version(40, 41, 50));
        let gone = Version { seen: Seen::Deleted, ..second.clone() };
        let odd =
            Unreadable { path: DocPath::parse("batches/b-1").expect("legal"), update_time: at(4), why: "n".into() };
        let odd = Version { seen: Seen::Unreadable(odd), ..second.clone() };
        let changes = second.changes_since(&first).expect("comparable");
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].path, FieldPath::top("n"));
        let taken = gone.changes_since(&first).expect("comparable");
        assert_eq!((taken[0].before.clone(), taken[0].after.clone()), (Some(Value::Integer(10)), None));
        assert_eq!(odd.changes_since(&first), None);
        assert_eq!(gone.began(), at(41));
    }
}
