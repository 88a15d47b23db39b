//! What we may ask Firestore to write. Every write carries its precondition: none can overwrite blindly.

use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};

/// One write of an atomic commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a document that must not exist yet. A receipt is one of these.
    Create {
        /// Where.
        path: DocPath,
        /// All that it will hold.
        fields: Fields,
    },
    /// Changes some fields of a document that must still be at the revision `base`.
    Update {
        /// Which document.
        path: DocPath,
        /// The fields to set; `None` removes the field. Every other field stays as it is.
        changes: Vec<(FieldPath, Option<Value>)>,
        /// The update time that the document must still have.
        base: Timestamp,
    },
    /// Deletes a document that must still be at the revision `base`.
    Delete {
        /// Which document.
        path: DocPath,
        /// The update time that the document must still have.
        base: Timestamp,
    },
}

impl Write {
    /// The document that is written.
    pub const fn path(&self) -> &DocPath {
        match self {
            Self::Create { path, .. } | Self::Update { path, .. } | Self::Delete { path, .. } => path,
        }
    }
}

/// What Firestore said about a commit that it applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitAnswer {
    /// A read at this moment or later sees the writes.
    pub commit_time: Timestamp,
    /// For each write the document's update time after it. `None` after a delete.
    ///
    /// A write that changed nothing keeps the old update time, and no echo of it ever comes over Listen.
    pub update_times: Vec<Option<Timestamp>>,
}
