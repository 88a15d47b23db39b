//! What is asked of a document's fields: conditions, deadlines and figures.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::vocabulary::Standing;

/// One question to one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub(super) field: FieldPath,
    pub(super) test: Test,
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Exactly this.
    Is(Value),
    /// One of these words, legacy spellings too.
    OneOf(BTreeSet<String>),
    /// There, and not null; or the opposite.
    There(bool),
}

impl Condition {
    /// The field that is asked.
    pub const fn field(&self) -> &FieldPath {
        &self.field
    }

    /// Is it so?
    pub fn holds(&self, fields: &Fields) -> bool {
        let value = self.field.get(fields);
        match &self.test {
            Test::Is(wanted) => value == Some(wanted),
            Test::OneOf(words) => value.and_then(Value::as_text).is_some_and(|word| words.contains(word)),
            Test::There(wanted) => value.is_some_and(|value| *value != Value::Null) == *wanted,
        }
    }
}

/// Which documents of a collection are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub(super) standing: Option<Standing>,
    pub(super) words: Option<Condition>,
    pub(super) when: Vec<Condition>,
}

impl Selection {
    /// Is a document with these fields and this standing meant?
    pub fn has(&self, fields: &Fields, standing: Option<Standing>) -> bool {
        self.standing.is_none_or(|wanted| standing == Some(wanted))
            && self.conditions().all(|condition| condition.holds(fields))
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.words.iter().chain(&self.when)
    }
}

/// By when an open document should be over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub(super) id: String,
    pub(super) meaning: String,
    pub(super) at: FieldPath,
    pub(super) after: Duration,
    pub(super) only: Selection,
}

impl Deadline {
    /// Its name within the collection.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it means that it has passed, for people.
    pub fn meaning(&self) -> &str {
        &self.meaning
    }

    /// The moment by which a document has to be over; none when the deadline is not about it.
    pub fn of(&self, fields: &Fields, standing: Option<Standing>) -> Option<Timestamp> {
        if standing != Some(Standing::Open) || !self.only.has(fields, standing) {
            return None;
        }
        moment(&self.at, fields).map(|at| at.plus(self.after))
    }
}

/// A number of the snapshot that has a name of its own: how many documents are so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub(super) name: String,
    pub(super) block: Block,
    pub(super) meaning: String,
    pub(super) only: Selection,
}

impl Figure {
    /// Its name in the snapshot, such as `batchesActive`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands in the snapshot.
    pub const fn block(&self) -> Block {
        self.block
    }

    /// What is counted, for people.
    pub fn meaning(&self) -> &str {
        &self.meaning
    }

    /// Does a document with these fields and this standing count?
    pub fn counts(&self, fields: &Fields, standing: Option<Standing>) -> bool {
        self.only.has(fields, standing)
    }
}

/// A part of the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// What there is.
    Counts,
    /// What the studio has to do.
    Ops,
    /// What is owed.
    Finance,
    /// What people say, ask and come to.
    Community,
}

impl Block {
    /// Every block, in the order of the snapshot.
    pub const ALL: [Self; 4] = [Self::Counts, Self::Ops, Self::Finance, Self::Community];

    /// Its name in the snapshot.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Ops => "ops",
            Self::Finance => "finance",
            Self::Community => "community",
        }
    }

    /// The block that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|block| block.word() == word)
    }
}

/// The moment that a field holds, if it holds one.
pub(super) fn moment(field: &FieldPath, fields: &Fields) -> Option<Timestamp> {
    match field.get(fields) {
        Some(Value::Timestamp(at)) => Some(*at),
        Some(_) | None => None,
    }
}
