//! The shapes that a rule can have.

use std::time::Duration;

use crate::domain::consistency::computed::Computation;
use crate::domain::consistency::test::Test;
use crate::domain::finding::FindingKind;
use crate::domain::ids::CollectionId;
use crate::domain::value::FieldPath;

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id, such as `event-oversold`.
    pub id: String,
    /// What a document that breaks it is called.
    pub finding: FindingKind,
    /// Whose documents it is about.
    pub collection: CollectionId,
    /// It is about those for which all of this holds.
    pub when: Vec<Test>,
    /// What has to be.
    pub shape: Shape,
    /// What is wrong, for people: the end of a sentence about the document.
    pub says: String,
    /// A document that tells more: which field names it, and where it is.
    pub cites: Option<Link>,
}

/// A field that names documents of a collection by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The field: one id, or a list of them.
    pub by: FieldPath,
    /// Their collection.
    pub to: CollectionId,
}

/// What has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// All of these tests hold; with none, no document may be as `when` says.
    Within {
        /// The tests.
        expect: Vec<Test>,
    },
    /// Whatever the field names exists.
    Refers(Link),
    /// No document that the field names is like this.
    Beside {
        /// Which documents are named.
        link: Link,
        /// All of this holds of the other document.
        other: Vec<Test>,
        /// And these two fields differ, ours and theirs.
        differ: Option<(FieldPath, FieldPath)>,
        /// And these two fields are the same, ours and theirs.
        same: Option<(FieldPath, FieldPath)>,
        /// And this moment of theirs is before that of ours, theirs first.
        before: Option<(FieldPath, FieldPath)>,
        /// Which of the two the finding is about.
        about: About,
    },
    /// Some document of another collection names it.
    Named {
        /// That collection.
        of: CollectionId,
        /// The field with which it names.
        by: FieldPath,
        /// All of this holds of the other document.
        other: Vec<Test>,
    },
    /// No two of them with the same value of a field are at the same time.
    Apart {
        /// The field.
        of: FieldPath,
        /// When one begins.
        from: FieldPath,
        /// When it ends.
        until: FieldPath,
    },
    /// Not that many of them with the same value of a field, within some time.
    Crowd {
        /// The field.
        of: FieldPath,
        /// The moment of each.
        at: Option<FieldPath>,
        /// The time.
        within: Option<Duration>,
        /// That many are too many.
        at_least: usize,
        /// If there are also that many values of this field among them.
        distinct: Option<(FieldPath, usize)>,
    },
    /// A field is the sum over documents below this one, as the cloud adds them up.
    Sum {
        /// The collection below.
        below: CollectionId,
        /// What is added up.
        field: FieldPath,
        /// Where the sum is kept.
        kept: FieldPath,
    },
    /// What is written in Rust.
    Computed(Computation),
}

/// Which of two documents a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The one that names.
    This,
    /// The one that is named.
    Other,
}

impl Rule {
    /// The collections whose documents have to be gone through.
    pub fn scanned(&self) -> impl Iterator<Item = &CollectionId> {
        let other = match &self.shape {
            Shape::Named { of, .. } => Some(of),
            Shape::Within { .. }
            | Shape::Refers(_)
            | Shape::Beside { .. }
            | Shape::Apart { .. }
            | Shape::Crowd { .. }
            | Shape::Sum { .. }
            | Shape::Computed(_) => None,
        };
        std::iter::once(&self.collection).chain(other)
    }

    /// The collections that have to be known.
    pub fn needs(&self) -> impl Iterator<Item = &CollectionId> {
        let other = match &self.shape {
            Shape::Refers(link) | Shape::Beside { link, .. } => Some(&link.to),
            Shape::Named { of, .. } => Some(of),
            Shape::Within { .. }
            | Shape::Apart { .. }
            | Shape::Crowd { .. }
            | Shape::Sum { .. }
            | Shape::Computed(_) => None,
        };
        std::iter::once(&self.collection).chain(other)
    }
}
