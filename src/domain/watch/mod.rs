//! The Listen protocol as a state machine without IO: messages in, snapshots and orders out.
//!
//! The rules are those of `google/firestore/v1/firestore.proto` and of Google's own clients:
//! nothing may be shown before the server says that the whole stream is consistent, which it does with a
//! [`Message::TargetChange`](crate::domain::watch::Message::TargetChange) of kind
//! [`TargetChangeKind::NoChange`](crate::domain::watch::TargetChangeKind::NoChange) that names no target and carries a read time.

/// Which names a set might contain: the server's compact list of a target's documents.
pub mod bloom;

/// The state machine.
mod machine;

/// What is known of one target, and what waits for the next snapshot.
mod target;

/// The rules of the protocol, one by one.
#[cfg(test)]
mod tests;

/// A stream that only counts says the same as one that knows.
#[cfg(test)]
mod counting_tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::sighting::{Sighting, Unreadable};
use crate::domain::time::Timestamp;

pub use bloom::BloomFilter;
pub use machine::Watch;

/// The number of a target on a stream: one query whose results are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(i32);

/// Target ids are 1 to 2,147,483,647: zero would let the server choose, and negative ones are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a target id: use 1 or more")]
pub struct BadTargetId(i64);

impl TargetId {
    /// From a number that must be positive.
    pub fn new(number: i64) -> Result<Self, BadTargetId> {
        i32::try_from(number).ok().filter(|id| *id > 0).map(Self).ok_or(BadTargetId(number))
    }

    /// The number.
    pub const fn number(self) -> i32 {
        self.0
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Where a target continues later. Opaque: only the server knows what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeToken(Vec<u8>);

impl ResumeToken {
    /// From the bytes of a message; no bytes are no token.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty()).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ResumeToken({} bytes)", self.0.len())
    }
}

/// What the server sent (`google.firestore.v1.ListenResponse`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Something about targets changed, or the stream reached a consistent snapshot.
    TargetChange {
        /// What.
        kind: TargetChangeKind,
        /// Which targets; none named means all of them.
        targets: Vec<TargetId>,
        /// Why the server removed a target.
        cause: Option<Cause>,
        /// Where the named targets continue.
        resume_token: Option<ResumeToken>,
        /// The moment that the stream is consistent at.
        read_time: Option<Timestamp>,
    },
    /// A document is new or has changed, possibly several times.
    DocumentChange {
        /// The document now.
        document: Sighting,
        /// The targets that it matches now.
        targets: Vec<TargetId>,
        /// The targets that it no longer matches.
        removed: Vec<TargetId>,
    },
    /// A document was deleted.
    DocumentDelete {
        /// Which.
        path: DocPath,
    },
    /// A document no longer matches, or the server can't send its new value: no proof of a deletion.
    DocumentRemove {
        /// Which.
        path: DocPath,
        /// The targets that it left; none named means all of them.
        removed: Vec<TargetId>,
    },
    /// How many documents match a target now.
    Filter {
        /// Which target; not named on a stream with one target only.
        target: Option<TargetId>,
        /// How many.
        count: u64,
        /// The names of all documents that match.
        names: Option<BloomFilter>,
    },
}

impl Message {
    /// Does it say that the whole stream is consistent?
    pub fn is_boundary(&self) -> bool {
        match self {
            Self::TargetChange { kind: TargetChangeKind::NoChange, targets, read_time: Some(_), .. } => {
                targets.is_empty()
            }
            Self::TargetChange { .. }
            | Self::DocumentChange { .. }
            | Self::DocumentDelete { .. }
            | Self::DocumentRemove { .. }
            | Self::Filter { .. } => false,
        }
    }
}

/// What a stream that only counts must learn before it takes a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing.
    Nothing,
    /// Whether these targets had these documents in the last snapshot, and at which revisions.
    Revisions(Vec<(TargetId, DocPath)>),
    /// All documents that this target had in the last snapshot.
    Everything(TargetId),
}

/// What changed about targets (`google.firestore.v1.TargetChange.TargetChangeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetChangeKind {
    /// Nothing: a token, or a consistent snapshot.
    NoChange,
    /// The targets were added.
    Add,
    /// The targets were removed by the server.
    Remove,
    /// The targets show everything committed before they were added.
    Current,
    /// The targets' first state will be sent again.
    Reset,
}

/// Why the server removed a target (`google.rpc.Status`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The number of a `google.rpc.Code`.
    pub code: i32,
    /// What the server said, for people.
    pub message: String,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Apply these changes as one.
    Snapshot(Snapshot),
    /// Read all of the target's documents again: what we know of it can't be made true by changes.
    Relist {
        /// Which target.
        target: TargetId,
        /// Why.
        why: Distrust,
    },
    /// Find out which of these documents are gone: the filter of names holds some by chance that exist no more.
    ///
    /// The boundary waits for [`Watch::searched`].
    Search {
        /// Which target.
        target: TargetId,
        /// The documents that may exist, in no particular order.
        among: Vec<DocPath>,
        /// How many of them exist.
        count: u64,
        /// The moment of that count, which is the boundary's.
        read_time: Timestamp,
    },
    /// Open the stream again, later.
    Restart {
        /// The target that the server dropped.
        target: TargetId,
        /// Why, if the server said.
        cause: Option<Cause>,
    },
    /// Do without the target: the server will refuse it again.
    Fail {
        /// Which target.
        target: TargetId,
        /// Why.
        cause: Cause,
    },
}

/// Why what we know of a target is not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The server counts other than we do, and did not say which documents are gone.
    Count {
        /// How many documents the server says there are.
        server: u64,
        /// How many we would have.
        ours: u64,
    },
    /// The server refused to continue from where we were.
    Position(Cause),
}

impl fmt::Display for Distrust {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count { server, ours } => write!(out, "the server has {server} documents where we have {ours}"),
            Self::Position(cause) => write!(out, "the server refused to continue: {}", cause.message),
        }
    }
}

/// All changes between two moments at which the whole stream was consistent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The moment that the stream is consistent at.
    pub read_time: Timestamp,
    /// Where each target continues from this snapshot; a target without a new token keeps its old one.
    pub tokens: BTreeMap<TargetId, ResumeToken>,
    /// Documents that are new or have changed.
    pub upserts: Vec<Document>,
    /// Documents that are new or have changed, and can't be kept.
    pub unreadable: Vec<Unreadable>,
    /// Documents that exist no more.
    pub deletes: Vec<DocPath>,
    /// Documents that left every target, and the one they left last; nobody said that they were deleted: look them up.
    pub lookups: BTreeMap<DocPath, TargetId>,
}

impl Snapshot {
    /// How many documents it is about.
    pub fn len(&self) -> usize {
        self.upserts.len() + self.unreadable.len() + self.deletes.len() + self.lookups.len()
    }

    /// Is it about no document?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does it say nothing but that all is as it was?
    pub fn is_heartbeat(&self) -> bool {
        self.is_empty()
    }
}

/// The server broke the protocol: nothing it said since the last snapshot can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// It added a target that was not asked for.
    #[error("the server added the target {0}, which nobody asked for")]
    UnknownTarget(TargetId),
    /// It sent a filter without naming a target, on a stream with several.
    #[error("the server sent a count without saying of which target")]
    NamelessFilter,
}
