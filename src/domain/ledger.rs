//! The ledger: one row for each document that was meant to be written, from claimed to observed.

use crate::domain::document::{self, Document};
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::domain::write::Write;

/// One write that was meant to go out, and what became of it.
///
/// The writes of one proposal go out in one commit: they land together, or none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRecord {
    /// Its id: the idempotency key and the receipt's id.
    pub id: WriteId,
    /// The proposal that it carries out.
    pub proposal: ProposalId,
    /// Its place among the proposal's changes, from 1.
    pub place: usize,
    /// The exact write.
    pub write: Write,
    /// What the approval covered.
    pub content_hash: Hash,
    /// What the document held before, as Firestore said just before the intent; `None` when it did not exist.
    ///
    /// Of an update that is known from its receipt only, just the fields that it touched.
    pub before: Option<Fields>,
    /// The write that it takes back, if it is an undo.
    pub undoes: Option<WriteId>,
    /// Is it known from its receipt only, because the ledger was lost?
    pub rebuilt: bool,
    /// When the approval was claimed, and intent and before-image were stored: one transaction.
    pub intended: Timestamp,
    /// When it was last sent; `None` when we don't know that it was.
    pub sent: Option<Timestamp>,
    /// When an answer was lost, if one was.
    pub lost: Option<Timestamp>,
    /// Where it stands.
    pub state: WriteState,
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
    /// The receipt with its key is about another content; nothing was written by us.
    Conflicted {
        /// When that was seen.
        at: Timestamp,
    },
    /// The gate said no before it was sent; nothing was written.
    Abandoned {
        /// When.
        at: Timestamp,
        /// Why.
        reason: Reason,
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

/// A step of a write that is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The push job took it: its approval is spent.
    Claimed,
    /// Intent and before-image were stored.
    Intended,
    /// It was last sent.
    Sent,
    /// The answer was lost.
    Unknown,
    /// Firestore carried it out.
    Landed,
    /// The mirror has seen it.
    Observed,
    /// The document was not as it had to be.
    Stale,
    /// Firestore refused it.
    Refused,
    /// Its key was used for another content.
    Conflicted,
    /// The gate said no before it was sent.
    Abandoned,
}

impl Step {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Intended => "intended",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Landed => "landed",
            Self::Observed => "observed",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::Conflicted => "conflicted",
            Self::Abandoned => "abandoned",
        }
    }
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
            Self::Conflicted { .. } => "conflicted",
            Self::Abandoned { .. } => "abandoned",
        }
    }

    /// What Firestore said, if it carried the write out.
    pub const fn landing(&self) -> Option<Landing> {
        match self {
            Self::Landed(landing) | Self::Observed { landing, .. } => Some(*landing),
            Self::Intended
            | Self::Unknown { .. }
            | Self::Stale { .. }
            | Self::Refused { .. }
            | Self::Conflicted { .. }
            | Self::Abandoned { .. } => None,
        }
    }

    /// When it was learned what became of it, or that the answer was lost; `None` while nothing is known.
    pub const fn settled(&self) -> Option<Timestamp> {
        match self {
            Self::Intended => None,
            Self::Landed(landing) | Self::Observed { landing, .. } => Some(landing.at),
            Self::Unknown { at }
            | Self::Stale { at }
            | Self::Refused { at, .. }
            | Self::Conflicted { at }
            | Self::Abandoned { at, .. } => Some(*at),
        }
    }

    /// Is it not known yet whether it landed?
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Intended | Self::Unknown { .. } => true,
            Self::Landed(_)
            | Self::Observed { .. }
            | Self::Stale { .. }
            | Self::Refused { .. }
            | Self::Conflicted { .. }
            | Self::Abandoned { .. } => false,
        }
    }
}

impl WriteRecord {
    /// The write at `place` of a proposal, about to be stored with the document's before-image.
    pub fn intended(
        proposal: ProposalId,
        (place, write): (usize, Write),
        content_hash: Hash,
        before: Option<Fields>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: WriteId::of(proposal, write.path()),
            proposal,
            place,
            write,
            content_hash,
            before,
            undoes: None,
            rebuilt: false,
            intended: now,
            sent: None,
            lost: None,
            state: WriteState::Intended,
        }
    }

    /// The same, taking another write back.
    pub const fn undoing(mut self, undoes: Option<WriteId>) -> Self {
        self.undoes = undoes;
        self
    }

    /// The same, landed.
    pub fn landed(mut self, landing: Landing) -> Self {
        self.state = WriteState::Landed(landing);
        self
    }

    /// What the document holds after the write; `None` when it is gone.
    pub fn after(&self) -> Option<Fields> {
        self.write.applied_to(self.before.as_ref())
    }

    /// The hash of the whole document before; `None` when it did not exist, or when only its touched fields are known.
    pub fn before_hash(&self) -> Option<Hash> {
        self.whole().and(self.before.as_ref()).map(document::hash_of)
    }

    /// The hash of the whole document after; `None` when it is gone, or when only its touched fields are known.
    pub fn after_hash(&self) -> Option<Hash> {
        self.whole().and_then(|()| self.after()).as_ref().map(document::hash_of)
    }

    /// Is the whole document known, and not only what was touched of it?
    fn whole(&self) -> Option<()> {
        match self.write {
            Write::Update { .. } if self.rebuilt => None,
            Write::Create { .. } | Write::Update { .. } | Write::Delete { .. } => Some(()),
        }
    }

    /// The document's update time after the write, given the commit's: a write that changes nothing keeps the old one.
    pub fn update_time(&self, committed: Timestamp) -> Timestamp {
        match self.write {
            Write::Update { base, .. } if self.after() == self.before => base,
            Write::Create { .. } | Write::Update { .. } | Write::Delete { .. } => committed,
        }
    }

    /// Has the mirror, which shows `mirrored` at its `read_time`, seen this landing?
    pub fn is_seen(&self, landing: Landing, mirrored: Option<&Document>, read_time: Timestamp) -> bool {
        match mirrored {
            Some(document) if document.update_time >= landing.update_time => true,
            Some(_) | None => read_time >= landing.update_time,
        }
    }

    /// The steps that are behind it, in their order.
    pub fn steps(&self) -> Vec<(Step, Timestamp)> {
        let mut steps = vec![(Step::Claimed, self.intended), (Step::Intended, self.intended)];
        steps.extend(self.sent.map(|at| (Step::Sent, at)));
        steps.extend(self.lost.map(|at| (Step::Unknown, at)));
        match &self.state {
            WriteState::Intended | WriteState::Unknown { .. } => {}
            WriteState::Landed(landing) => steps.push((Step::Landed, landing.at)),
            WriteState::Observed { landing, at } => {
                steps.extend([(Step::Landed, landing.at), (Step::Observed, *at)]);
            }
            WriteState::Stale { at } => steps.push((Step::Stale, *at)),
            WriteState::Refused { at, .. } => steps.push((Step::Refused, *at)),
            WriteState::Conflicted { at } => steps.push((Step::Conflicted, *at)),
            WriteState::Abandoned { at, .. } => steps.push((Step::Abandoned, *at)),
        }
        steps
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
