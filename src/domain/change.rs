//! What a proposal does: changes to distinct documents, carried out by one commit, all of them or none.

use std::collections::BTreeSet;

use crate::domain::ids::{DocPath, WriteId};
use crate::domain::reason::Reason;
use crate::domain::write::Write;

/// The most documents that one proposal may change.
///
/// Each has a receipt in the same commit, and 500 writes in one is what Google's clients keep to.
pub const MOST_CHANGES: usize = 100;

/// What a proposal does to one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The document that it is about; a note is about another one than it creates.
    pub subject: DocPath,
    /// The exact write.
    pub write: Write,
    /// The write that it takes back, if it does.
    pub undoes: Option<WriteId>,
}

/// Everything that a proposal does, in the order of the commit.
///
/// Invariant: 1 to [`MOST_CHANGES`] changes, each to another document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// A single change.
    pub fn one(change: Change) -> Self {
        Self(vec![change])
    }

    /// Checks how many they are, and that no document is changed twice.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn parse(changes: Vec<Change>) -> Result<Self, Reason> {
        match changes.len() {
            0 => return Err(Reason::NothingToChange),
            1..=MOST_CHANGES => {}
            _ => return Err(Reason::TooManyDocuments),
        }
        let paths: BTreeSet<&DocPath> = changes.iter().map(|change| change.write.path()).collect();
        if paths.len() < changes.len() {
            return Err(Reason::DocumentTwice);
        }
        Ok(Self(changes))
    }

    /// The first one.
    pub fn first(&self) -> &Change {
        self.0.first().expect("BUG: there is at least one change")
    }

    /// The only one, if there is no other.
    pub fn only(&self) -> Option<&Change> {
        match self.0.as_slice() {
            [change] => Some(change),
            _ => None,
        }
    }

    /// How many documents are changed.
    #[expect(clippy::len_without_is_empty, reason = "there is always a change")]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Each change.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// The exact writes.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.0.iter().map(|change| &change.write)
    }

    /// The documents that are written.
    pub fn paths(&self) -> impl Iterator<Item = &DocPath> {
        self.writes().map(Write::path)
    }

    /// Does it take anything back?
    pub fn is_undo(&self) -> bool {
        self.0.iter().any(|change| change.undoes.is_some())
    }

    /// The same, without saying of these writes that they are taken back.
    pub fn without_undone(&self, forgotten: &[WriteId]) -> Self {
        let mut changes = self.0.clone();
        for change in &mut changes {
            change.undoes = change.undoes.filter(|id| !forgotten.contains(id));
        }
        Self(changes)
    }

    /// The canonical texts of the writes, one in a line.
    pub fn canonical(&self) -> String {
        self.writes().map(Write::canonical).collect::<Vec<_>>().join("\n")
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn change(path: &str) -> Change {
        let path = DocPath::parse(path).expect("legal");
        let write = Write::Delete { path: path.clone(), base: Timestamp::from_micros(1) };
        Change { subject: path, write, undoes: None }
    }

    #[test]
    fn a_proposal_changes_one_to_a_hundred_distinct_documents() {
        let many = |count: usize| (0..count).map(|number| change(&format!("c/d{number}"))).collect::<Vec<_>>();
        assert_eq!(Changes::parse(many(0)), Err(Reason::NothingToChange));
        assert_eq!(Changes::parse(many(100)).map(|changes| changes.len()), Ok(100));
        assert_eq!(Changes::parse(many(101)), Err(Reason::TooManyDocuments));
        assert_eq!(Changes::parse(vec![change("c/d"), change("c/d")]), Err(Reason::DocumentTwice));
    }
}
