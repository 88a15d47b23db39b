//! A document and its hash.

use crate::domain::canonical;
use crate::domain::ids::{DocPath, Hash};
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;

/// A document as Firestore has it at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is.
    pub path: DocPath,
    /// What it holds.
    pub fields: Fields,
    /// When it was created; grows when a document is deleted and made again.
    pub create_time: Timestamp,
    /// When it last changed: its revision.
    pub update_time: Timestamp,
}

impl Document {
    /// The hash of what it holds: the same fields always have the same hash.
    pub fn hash(&self) -> Hash {
        hash_of(&self.fields)
    }
}

/// The SHA-256 of the fields' canonical text.
pub fn hash_of(fields: &Fields) -> Hash {
    Hash::of(canonical::encode(fields))
}
