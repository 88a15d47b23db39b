//! A proposal, the decisions about it, and how it moves.

use crate::domain::actor::Person;
use crate::domain::capability::Capability;
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::Write;

/// The shortest reason, in characters.
pub const REASON_MIN: usize = 10;

/// The longest reason, in characters.
pub const REASON_MAX: usize = 1_000;

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// What it asks for.
    pub capability: Capability,
    /// The exact write.
    pub write: Write,
    /// One sentence about it.
    pub summary: String,
    /// Why the proposer wants it.
    pub reason: GivenReason,
    /// Who proposed it.
    pub proposer: Person,
    /// When.
    pub created: Timestamp,
    /// After this moment it is neither decided nor pushed.
    pub expires: Timestamp,
    /// The write that it takes back, if it is an undo.
    pub undoes: Option<WriteId>,
    /// The finding that it was made from, if any.
    pub finding: Option<String>,
    /// Where it stands.
    pub state: ProposalState,
    /// Since when it stands there.
    pub state_since: Timestamp,
}

/// A reason that a person gave: 10 to 1,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenReason(String);

impl GivenReason {
    /// Trims and checks the text.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.trim().replace("\r\n", "\n");
        match text.chars().count() {
            0..REASON_MIN => Err(Reason::ReasonTooShort),
            REASON_MIN..=REASON_MAX => Ok(Self(text)),
            _ => Err(Reason::ReasonTooLong),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// It waits for a decision.
    Waiting,
    /// It was approved and waits for the push job.
    Approved,
    /// The push job took it: its approval is spent, the write tells the rest.
    Sent,
    /// A person rejected it.
    Rejected,
    /// Its proposer withdrew it.
    Withdrawn,
    /// Nobody decided, or nobody pushed, in time.
    Expired,
    /// The document moved before it could be sent.
    Stale,
    /// The gate said no at the last moment.
    Denied(Reason),
}

impl ProposalState {
    /// The word for it in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Stale => "stale",
            Self::Denied(_) => "denied",
        }
    }

    /// The state that the database's words stand for.
    pub fn parse(word: &str, reason: Option<&str>) -> Option<Self> {
        Some(match word {
            "waiting" => Self::Waiting,
            "approved" => Self::Approved,
            "sent" => Self::Sent,
            "rejected" => Self::Rejected,
            "withdrawn" => Self::Withdrawn,
            "expired" => Self::Expired,
            "stale" => Self::Stale,
            "denied" => Self::Denied(Reason::parse(reason?)?),
            _ => return None,
        })
    }

    /// May it still lead to a write?
    pub const fn is_open(self) -> bool {
        match self {
            Self::Waiting | Self::Approved => true,
            Self::Sent | Self::Rejected | Self::Withdrawn | Self::Expired | Self::Stale | Self::Denied(_) => false,
        }
    }
}

impl Proposal {
    /// What an approval covers: the capability and the exact write, with its path, base, fields and values.
    pub fn content_hash(&self) -> Hash {
        content_hash(self.capability, &self.write)
    }

    /// The id of the write it leads to.
    pub fn write_id(&self) -> WriteId {
        WriteId::of(self.id, self.write.path())
    }
}

/// What an approval covers.
pub fn content_hash(capability: Capability, write: &Write) -> Hash {
    Hash::of(format!("{}\n{}", capability.id(), write.canonical()))
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It may be sent.
    Approve,
    /// It may not.
    Reject,
}

impl Choice {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// The choice that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Approve, Self::Reject].into_iter().find(|choice| choice.word() == word)
    }
}

/// One person's decision about one proposal's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who decided.
    pub by: Person,
    /// What.
    pub choice: Choice,
    /// Why.
    pub reason: GivenReason,
    /// The content that they looked at.
    pub content_hash: Hash,
    /// When.
    pub at: Timestamp,
}
