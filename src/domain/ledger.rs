//! The ledger of one write: from intent to observed.

use crate::domain::document::Document;
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::domain::write::Write;

/// One write that was meant to go out, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRecord {
    /// Its id: the idempotency key and the receipt's id.
    pub id: WriteId,
    /// The proposal that it carries out.
    pub proposal: ProposalId,
    /// The exact write.
    pub write: Write,
    /// What the approval covered.
    pub content_hash: Hash,
    /// What the document held before, as Firestore said just before the intent; `None` when it did not exist.
    pub before: Option<Fields>,
    /// When intent and before-image were stored.
    pub intended: Timestamp,
    /// Where it stands.
    pub state: WriteState,
    /// The write that it takes back, if it is an undo.
    pub undoes: Option<WriteId>,
}

/// Where a write stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// Stored here; perhaps sent, perhaps not.
    Intended,
    /// The answer was lost; the receipt will tell.
    Unknown {
        /// When the answer was lost.
        at: Timestamp,
    },
    /// Firestore carried it out.
    Landed(Landing),
    /// The mirror has seen it.
    Observed {
        /// What Firestore said.
        landing: Landing,
        /// When the mirror saw it.
        at: Timestamp,
    },
    /// The document was not as it had to be; nothing was written.
    Stale {
        /// When Firestore said so.
        at: Timestamp,
    },
    /// Firestore refused it; nothing was written.
    Refused {
        /// When.
        at: Timestamp,
        /// Why, as a code.
        reason: Reason,
        /// What Firestore said.
        answer: String,
    },
}

/// What Firestore said of a write that it carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landing {
    /// When we learned of it.
    pub at: Timestamp,
    /// The document's update time since; for a delete, the commit time.
    pub update_time: Timestamp,
}

impl WriteState {
    /// The word for it in the database.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Unknown { .. } => "unknown",
            Self::Landed(_) => "landed",
            Self::Observed { .. } => "observed",
            Self::Stale { .. } => "stale",
            Self::Refused { .. } => "refused",
        }
    }

    /// What Firestore said, if it carried the write out.
    pub const fn landing(&self) -> Option<Landing> {
        match self {
            Self::Landed(landing) | Self::Observed { landing, .. } => Some(*landing),
            Self::Intended | Self::Unknown { .. } | Self::Stale { .. } | Self::Refused { .. } => None,
        }
    }
}

impl WriteRecord {
    /// What the document holds after the write; `None` when it is gone.
    pub fn after(&self) -> Option<Fields> {
        self.write.applied_to(self.before.as_ref())
    }

    /// Has the mirror, which shows `mirrored` at its `read_time`, seen this landing?
    pub fn is_seen(&self, landing: Landing, mirrored: Option<&Document>, read_time: Timestamp) -> bool {
        match mirrored {
            Some(document) if document.update_time >= landing.update_time => true,
            Some(_) | None => read_time >= landing.update_time,
        }
    }

    /// The write that takes this one back.
    pub fn undo(&self) -> Result<Write, Reason> {
        let landing = self.state.landing().ok_or(Reason::NothingToUndo)?;
        let landed_as = match self.write {
            Write::Create { .. } | Write::Update { .. } => Some(landing.update_time),
            Write::Delete { .. } => None,
        };
        self.write.undo(self.before.as_ref(), landed_as).ok_or(Reason::NothingToUndo)
    }
}
