//! Proposals: the queue and one proposal in full.

use jiff::Timestamp;

use super::{
    facts::{Actor, Capability, Effect, FieldChange, May, Risk, TimelineEvent},
    queue::Neighbours,
    trouble::Panel,
    writes::WriteState,
};

/// A proposal in a list.
#[derive(Debug, Clone)]
pub struct ProposalRow {
    /// Its id.
    pub id: String,
    /// One sentence, such as `Set reservation r-0042 from REQUESTED to CONFIRMED`.
    pub summary: String,
    /// Which capability it uses.
    pub capability: Capability,
    /// The first document's path.
    pub document: String,
    /// How many documents there are beside it.
    pub more: usize,
    /// Who proposed it.
    pub proposer: Actor,
    /// When.
    pub proposed_at: Timestamp,
    /// How much harm it could do.
    pub risk: Risk,
    /// Approvals given.
    pub approvals_given: u32,
    /// Approvals needed.
    pub approvals_needed: u32,
    /// Where it stands.
    pub state: ProposalState,
    /// Whether the viewer may decide it.
    pub may_decide: May,
    /// What the policy says of sending it; `None` once that is no question.
    pub policy: Option<PolicyResult>,
}

impl ProposalRow {
    /// May the viewer decide it together with others? Only what could do little harm.
    pub fn may_bulk(&self) -> bool {
        self.risk == Risk::Low && self.state == ProposalState::Waiting && self.may_decide == May::Yes
    }
}

/// What the policy says of sending a proposal now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyResult {
    /// It would be sent.
    Passes,
    /// Nothing but approvals is missing.
    NeedsApprovals,
    /// Something else stands in the way.
    Held {
        /// What, in a sentence; the first of several.
        why: String,
    },
}

/// One thing that the policy looks at before a proposal is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCheck {
    /// What is looked at, such as `Approvals`.
    pub name: &'static str,
    /// What stands in the way, a sentence each; empty when nothing does.
    pub against: Vec<String>,
}

/// Where a proposal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalState {
    /// Waits for a decision.
    Waiting,
    /// Approved, waits to be sent.
    Approved,
    /// Sent: the write tells the rest.
    Sent {
        /// The write's id.
        write_id: String,
        /// Where the write stands.
        write: WriteState,
    },
    /// Rejected by a person.
    Rejected,
    /// Withdrawn by its proposer.
    Withdrawn,
    /// Nobody decided, or the approval was not used, in time.
    Expired,
    /// The document moved before it could be sent.
    Stale,
    /// The gate said no at the last moment.
    Denied {
        /// Why.
        why: String,
    },
}

/// One proposal in full. What it is stands even where it can't be read how it stands.
#[derive(Debug, Clone)]
pub struct ProposalDetail {
    /// Its id.
    pub id: String,
    /// One sentence, as in a list.
    pub summary: String,
    /// Which capability it uses.
    pub capability: Capability,
    /// Who proposed it.
    pub proposer: Actor,
    /// When.
    pub proposed_at: Timestamp,
    /// How much harm it could do.
    pub risk: Risk,
    /// How it stands, and what the viewer may do about it.
    pub standing: Panel<ProposalStanding>,
    /// The proposer's reason.
    pub reason: String,
    /// What it does to each document; all of it lands, or nothing.
    pub documents: Vec<DocumentChange>,
    /// The hash an approval covers; sent back by the decision form as `content_hash`.
    pub content_hash: String,
    /// How it would be undone, a sentence each.
    pub rollback: Vec<String>,
    /// Whom and what it touches, a sentence each.
    pub blast: Vec<String>,
    /// The proposals beside it in the queue that the reader comes from.
    pub neighbours: Option<Panel<Neighbours>>,
    /// When it expires, if it still can.
    pub expires_at: Option<Timestamp>,
    /// The finding it was made from, if any.
    pub finding_id: Option<String>,
    /// What happened so far, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}

/// How a proposal stands.
#[derive(Debug, Clone)]
pub struct ProposalStanding {
    /// Where it stands.
    pub state: ProposalState,
    /// Approvals given.
    pub approvals_given: u32,
    /// Approvals needed.
    pub approvals_needed: u32,
    /// Decisions given.
    pub decisions: Vec<Decision>,
    /// Whether the viewer may decide it.
    pub may_decide: May,
    /// Whether the viewer may withdraw it; `None` when that is no question (not theirs, or over).
    pub may_withdraw: Option<May>,
    /// What is looked at before it is sent; empty once it is over.
    pub checks: Vec<PolicyCheck>,
    /// The policies that decided, by their ids.
    pub policies: Vec<String>,
}

/// What a proposal does to one document.
#[derive(Debug, Clone)]
pub struct DocumentChange {
    /// The document's path.
    pub document: String,
    /// What it does to it.
    pub effect: Effect,
    /// Fields it changes: now (or before it was sent) on the left, after on the right.
    pub changes: Panel<Vec<FieldChange>>,
    /// The document's update time it is bound to; `None` when the document must not exist.
    pub base: Option<Timestamp>,
    /// The exact write, as it would be sent, in JSON.
    pub raw: String,
    /// What would happen now, judged against the mirror.
    pub dry_run: Panel<DryRun>,
    /// The write that it became, once it was sent.
    pub write_id: Option<String>,
    /// The write it undoes, if it undoes one.
    pub undo_of: Option<String>,
}

/// What would happen if it were sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The verdict.
    pub verdict: DryRunVerdict,
    /// The cloud's time the mirror stood at.
    pub as_of: Timestamp,
}

/// A dry run's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DryRunVerdict {
    /// The document is as it was when proposed: the write would land.
    Current,
    /// The document moved: the write would be refused.
    Moved {
        /// Its update time now.
        updated_at: Timestamp,
    },
    /// The document is gone: the write would be refused.
    Gone,
    /// The document exists although it must not: the write would be refused.
    Appeared,
    /// The document already holds the proposed values.
    AlreadySo,
    /// The mirror is too old or does not know.
    CouldNotTell {
        /// Why not.
        why: String,
    },
}

/// A decision given.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What they decided.
    pub choice: Choice,
    /// Their reason.
    pub reason: String,
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It may be sent.
    Approve,
    /// It may not.
    Reject,
}

impl Choice {
    /// The word used in the form field `decision`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// Reads the form field `decision`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Approve, Self::Reject].into_iter().find(|choice| choice.word() == word)
    }
}
