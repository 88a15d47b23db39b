//! A document as it arrived from the server: readable, or not.

use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;

/// A document as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It is one we understand.
    Readable(Document),
    /// It exists, but holds what we can't keep without loss.
    Unreadable(Unreadable),
}

/// A document that exists but can't be kept: recorded and skipped, never guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub path: DocPath,
    /// When it last changed.
    pub update_time: Timestamp,
    /// What about it can't be kept. Names fields, never their contents.
    pub why: String,
}

impl Sighting {
    /// The document, if it is one that we understand.
    pub fn readable(self) -> Option<Document> {
        match self {
            Self::Readable(document) => Some(document),
            Self::Unreadable(_) => None,
        }
    }

    /// Where the document is.
    pub const fn path(&self) -> &DocPath {
        match self {
            Self::Readable(document) => &document.path,
            Self::Unreadable(unreadable) => &unreadable.path,
        }
    }

    /// When the document last changed: its revision.
    pub const fn update_time(&self) -> Timestamp {
        match self {
            Self::Readable(document) => document.update_time,
            Self::Unreadable(unreadable) => unreadable.update_time,
        }
    }
}
