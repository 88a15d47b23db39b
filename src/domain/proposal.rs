//! A proposal, the decisions about it, and how it moves.

use crate::domain::actor::Person;
use crate::domain::agent::KeyPrefix;
use crate::domain::capability::CapabilityId;
use crate::domain::change::{Change, Changes};
use crate::domain::ids::{Hash, ProposalId, Uid, WriteId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

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
    pub capability: CapabilityId,
    /// What it does to each document.
    pub changes: Changes,
    /// One sentence about it.
    pub summary: String,
    /// Why the proposer wants it.
    pub reason: GivenReason,
    /// Who proposed it.
    pub proposer: Person,
    /// In whose name, if an agent did.
    pub behalf: Option<Behalf>,
    /// When.
    pub created: Timestamp,
    /// After this moment it is neither decided nor pushed.
    pub expires: Timestamp,
    /// The finding that it was made from, if any.
    pub finding: Option<String>,
    /// Where it stands.
    pub state: ProposalState,
    /// Since when it stands there.
    pub state_since: Timestamp,
    /// How often it was opened: only decisions of this round count.
    pub round: u32,
    /// Why the push job holds it back at the moment, if it does.
    pub held: Option<Reason>,
}

/// In whose name an agent proposed, and by what right. It has to hold again when the write leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behalf {
    /// The owner.
    pub owner: Uid,
    /// The owner's delegation, by its document's id.
    pub delegation: String,
    /// The key that the agent used.
    pub key: KeyPrefix,
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
    /// What an approval covers: the capability and the exact writes, each with its path, base, fields and values.
    pub fn content_hash(&self) -> Hash {
        content_hash(&self.capability, &self.changes)
    }

    /// In whose name it was proposed: people act in their own.
    pub fn owner(&self) -> &Uid {
        self.behalf.as_ref().map_or(&self.proposer.uid, |behalf| &behalf.owner)
    }

    /// The id of the write that one of its changes leads to.
    pub fn write_id(&self, change: &Change) -> WriteId {
        WriteId::of(self.id, change.write.path())
    }
}

/// What an approval covers.
pub fn content_hash(capability: &CapabilityId, changes: &Changes) -> Hash {
    Hash::of(format!("{capability}\n{}", changes.canonical()))
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

/// Why something was rejected, for counting; the text says it for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectionCode {
    /// It is about the wrong document or the wrong value.
    WrongChange,
    /// There is no need for it any more.
    NotNeeded,
    /// It is not clear that it is right.
    Unproven,
    /// It would do harm.
    Unsafe,
    /// It breaks a rule of the studio.
    AgainstRules,
    /// Something else; the text says what.
    Other,
}

impl RejectionCode {
    /// Every code.
    pub const ALL: [Self; 6] =
        [Self::WrongChange, Self::NotNeeded, Self::Unproven, Self::Unsafe, Self::AgainstRules, Self::Other];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WrongChange => "wrong_change",
            Self::NotNeeded => "not_needed",
            Self::Unproven => "unproven",
            Self::Unsafe => "unsafe",
            Self::AgainstRules => "against_rules",
            Self::Other => "other",
        }
    }

    /// The code that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.word() == word)
    }
}

/// One person's decision about one proposal's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who decided.
    pub by: Person,
    /// What.
    pub choice: Choice,
    /// Why, as a code; only rejections have one.
    pub code: Option<RejectionCode>,
    /// Why.
    pub reason: GivenReason,
    /// The content that they looked at.
    pub content_hash: Hash,
    /// When.
    pub at: Timestamp,
    /// In which round of the proposal.
    pub round: u32,
}

/// The verdicts that count: the newest of each person, of the proposal's present round. Oldest first in, oldest first out.
pub fn standing<'a>(proposal: &Proposal, verdicts: &'a [Verdict]) -> Vec<&'a Verdict> {
    let of_round = |verdict: &&Verdict| verdict.round == proposal.round;
    let mut newest: Vec<&Verdict> = Vec::new();
    for verdict in verdicts.iter().filter(of_round) {
        newest.retain(|older| older.by.uid != verdict.by.uid);
        newest.push(verdict);
    }
    newest
}
