//! What differs between two snapshots.

use std::collections::BTreeSet;

use crate::domain::ids::DocPath;
use crate::domain::snapshot::{Counted, Number, Snapshot};
use crate::domain::time::Timestamp;

/// A number that is not the same in two snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberChange {
    /// The number.
    pub number: Number,
    /// What it was; none: unknown.
    pub before: Option<i64>,
    /// What it is; none: unknown.
    pub after: Option<i64>,
}

impl NumberChange {
    /// By how much it grew or shrank; none where one of the two is unknown.
    pub fn delta(&self) -> Option<i64> {
        Some(self.after?.wrapping_sub(self.before?))
    }
}

/// A document that counts otherwise in one snapshot than in another, or whose deadline passed in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The document.
    pub path: DocPath,
    /// What it counted as; none: it was not there.
    pub was: Option<Counted>,
    /// What it counts as; none: it is gone.
    pub now: Option<Counted>,
}

impl Recount {
    /// By how much it changes a number between the moments of two snapshots.
    pub fn share(&self, number: &Number, (before, after): (Timestamp, Timestamp)) -> i64 {
        let share = |counted: &Option<Counted>, moment| counted.as_ref().map_or(0, |one| number.share(one, moment));
        share(&self.now, after).wrapping_sub(share(&self.was, before))
    }
}

/// Every number that is not the same, by name.
pub fn difference(before: &Snapshot, after: &Snapshot) -> Vec<NumberChange> {
    let numbers: BTreeSet<Number> = before.numbers().into_keys().chain(after.numbers().into_keys()).collect();
    numbers
        .into_iter()
        .map(|number| NumberChange { before: before.number(&number), after: after.number(&number), number })
        .filter(|change| change.before != change.after)
        .collect()
}
