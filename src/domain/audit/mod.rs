//! The audit log: what is recorded, and how it proves itself.
//!
//! Every entry is a leaf of a Merkle tree (RFC 6962). Signed heads of the tree, its checkpoints, are anchored outside: a
//! change, removal, reordering, insertion or truncation of what a checkpoint covers can't be hidden from its holder.

/// One entry, and its canonical text.
mod entry;

/// The Merkle tree over the entries.
pub mod tree;

/// Signed heads of the tree, and the keys that sign them.
pub mod checkpoint;

/// Is the log what was recorded?
pub mod walk;

/// A part of the log that proves itself without a database.
pub mod bundle;

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::actor::Person;
use crate::domain::ids::{DocPath, Hash, ProposalId, WriteId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// What happened. The words are stable: filters, alerts and exports rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word, such as `proposal.approved`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The action that `word` stands for.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.word() == word)
            }
        }
    };
}

actions! {
    /// The service started.
    ServiceStarted = "service.started";
    /// The service stopped as asked.
    ServiceStopped = "service.stopped";
    /// The database was brought back from a copy.
    DatabaseRestored = "database.restored";
    /// Somebody signed in, or was refused.
    SessionStarted = "session.started";
    /// Somebody signed out, or was signed out.
    SessionEnded = "session.ended";
    /// An administrator said who may sign in, or was denied.
    StaffRuleSet = "staff.rule_set";
    /// An administrator took such a word back, or was denied.
    StaffRuleCleared = "staff.rule_cleared";
    /// A proposal was made, or denied.
    ProposalCreated = "proposal.created";
    /// A proposal was approved, or the approval was denied.
    ProposalApproved = "proposal.approved";
    /// A proposal was rejected, or the rejection was denied.
    ProposalRejected = "proposal.rejected";
    /// A proposal was withdrawn, or that was denied.
    ProposalWithdrawn = "proposal.withdrawn";
    /// An approved proposal was stopped before it was sent, or that was denied.
    ProposalStopped = "proposal.stopped";
    /// A rejected proposal was opened again, or that was denied.
    ProposalReopened = "proposal.reopened";
    /// A proposal was not used in time.
    ProposalExpired = "proposal.expired";
    /// The push job was told no, or found the document moved.
    PushDenied = "push.denied";
    /// Intent and before-image were stored.
    WriteIntended = "write.intended";
    /// Firestore carried a write out.
    WriteLanded = "write.landed";
    /// The document was not as it had to be; nothing was written.
    WriteStale = "write.stale";
    /// Firestore refused a write.
    WriteRefused = "write.refused";
    /// The key of a write was used for another content.
    WriteConflicted = "write.conflicted";
    /// The gate said no before a write was sent.
    WriteAbandoned = "write.abandoned";
    /// The answer was lost.
    WriteUnknown = "write.unknown";
    /// The mirror has seen a write.
    WriteObserved = "write.observed";
    /// Somebody asked for the ledger to be made again.
    LedgerRebuildRequested = "ledger.rebuild_requested";
    /// Somebody asked for a snapshot of the studio's state.
    SnapshotRequested = "snapshot.requested";
    /// The ledger was made again from the receipts.
    LedgerRebuilt = "ledger.rebuilt";
    /// Somebody asked for a comparison with the cloud.
    DriftRequested = "drift.requested";
    /// A difference was found.
    DriftFound = "drift.found";
    /// A difference is gone.
    DriftResolved = "drift.resolved";
    /// Somebody said that findings do not matter for a while, or that was denied.
    DriftIgnored = "drift.ignored";
    /// Somebody ended that before its time, or that was denied.
    DriftIgnoreEnded = "drift.ignore_ended";
    /// Somebody asked for a proof of the mirror.
    VerificationRequested = "mirror.verification_requested";
    /// A drill began.
    DrillStarted = "drill.started";
    /// A drill ended.
    DrillFinished = "drill.finished";
    /// A share of one or more limits was taken.
    QuotaTaken = "quota.taken";
    /// A share was given back: there was no effect.
    QuotaReturned = "quota.returned";
    /// Somebody filled a limit up.
    QuotaReset = "quota.reset";
    /// A limit was reached; repeats within a minute are counted, not recorded.
    RateLimitTriggered = "rate_limit_triggered";
    /// The kill switch was thrown.
    KillSwitchStopped = "kill_switch.stopped";
    /// Somebody asked to resume.
    KillSwitchResumeRequested = "kill_switch.resume_requested";
    /// A second person confirmed, and work resumed.
    KillSwitchResumed = "kill_switch.resumed";
    /// This box claimed the lease: it is the one that writes.
    LeaseClaimed = "lease.claimed";
    /// The lease names another box: this one only mirrors.
    LeaseLost = "lease.lost";
    /// Somebody decided that this box takes the lease from another, or that was denied.
    LeaseTakeRequested = "lease.take_requested";
    /// This box took the lease from another, as somebody decided.
    LeaseTaken = "lease.taken";
    /// An exemption was granted, or that was denied.
    ExemptionCreated = "exemption.created";
    /// An exemption was used, or that was denied.
    ExemptionUsed = "exemption.used";
    /// An exemption was taken back, or that was denied.
    ExemptionRevoked = "exemption.revoked";
    /// An exemption's time was over.
    ExemptionExpired = "exemption.expired";
    /// A text was classified as harmless enough, although rules matched.
    IntakeClassified = "intake.classified";
    /// A text waits for a review.
    IntakeRoutedToReview = "intake.routed_to_review";
    /// A reviewer let a text pass, or was denied.
    IntakeGranted = "intake.override_granted";
    /// A reviewer stopped a text, or was denied.
    IntakeDenied = "intake.override_denied";
    /// An agent got a key, or that was denied.
    AgentKeyIssued = "agent.key_issued";
    /// An agent's key was taken back, or that was denied.
    AgentKeyRevoked = "agent.key_revoked";
    /// An agent was denied too often and may not act for a while.
    AgentSuspended = "agent.suspended";
    /// Somebody ended an agent's suspension, or that was denied.
    AgentResumed = "agent.resumed";
    /// Somebody called a route that is not for their role.
    RequestDenied = "request.denied";
    /// An agent asked for what was not delegated to it.
    DelegationDenied = "delegation.denied";
    /// The log got a key that signs its checkpoints, without one before that could vouch for it.
    AuditKeyCreated = "audit.key_created";
    /// An operator asked for a new key.
    AuditKeyRotationRequested = "audit.key_rotation_requested";
    /// The key was replaced; the one before signs this entry.
    AuditKeyRotated = "audit.key_rotated";
    /// Somebody took a copy of the log.
    AuditExported = "audit.exported";
    /// Payloads of old entries were dropped; their leaves stay.
    AuditPruned = "audit.pruned";
    /// The entries of before the tree became its first leaves.
    AuditPlanted = "audit.planted";
    /// What is anchored in Firestore is not a part of this log.
    AuditAnchorMismatch = "audit.anchor_mismatch";
}

pub use entry::{BadEntry, Chained, Entry, GENESIS, canonical};

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The service.
    Service,
    /// A session, by the first digits of its hash.
    Session(String),
    /// A proposal.
    Proposal(ProposalId),
    /// A write.
    Write(WriteId),
    /// A document.
    Document(DocPath),
    /// A whole collection, or anything else by name.
    Other(String),
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => out.write_str("service"),
            Self::Session(id) => write!(out, "session:{id}"),
            Self::Proposal(id) => write!(out, "proposal:{id}"),
            Self::Write(id) => write!(out, "write:{id}"),
            Self::Document(path) => write!(out, "document:{path}"),
            Self::Other(name) => write!(out, "other:{name}"),
        }
    }
}

impl Target {
    /// Reads what [`Target`] displays.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "service" {
            return Some(Self::Service);
        }
        let (kind, rest) = text.split_once(':')?;
        Some(match kind {
            "session" => Self::Session(rest.to_owned()),
            "proposal" => Self::Proposal(rest.parse().ok()?),
            "write" => Self::Write(rest.parse().ok()?),
            "document" => Self::Document(DocPath::parse(rest).ok()?),
            "other" => Self::Other(rest.to_owned()),
            _ => return None,
        })
    }
}

/// What is to be recorded, before it has a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Person,
    /// What.
    pub action: Action,
    /// About what.
    pub target: Target,
    /// `OK`, or why it was denied or went wrong.
    pub reason: Reason,
    /// The hash of what went in, if anything did.
    pub input: Option<Hash>,
    /// The hash of what came out, if anything did.
    pub output: Option<Hash>,
    /// Further facts by name; never documents or secrets.
    pub details: BTreeMap<String, String>,
}

impl Event {
    /// An event that was allowed, with nothing more to say.
    pub fn new(at: Timestamp, actor: Person, action: Action, target: Target) -> Self {
        Self { at, actor, action, target, reason: Reason::Ok, input: None, output: None, details: BTreeMap::new() }
    }

    /// The same, with this reason code.
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// The same, with the hash of what went in.
    pub fn input(mut self, hash: Hash) -> Self {
        self.input = Some(hash);
        self
    }

    /// The same, with the hash of what came out.
    pub fn output(mut self, hash: Hash) -> Self {
        self.output = Some(hash);
        self
    }

    /// The same, with one more fact.
    pub fn detail(mut self, name: &str, text: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), text.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_targets_survive_their_words() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.word()), Some(*action));
        }
        for text in ["service", "session:ab", "document:a/b", "other:x:y"] {
            assert_eq!(Target::parse(text).map(|target| target.to_string()), Some(text.to_owned()));
        }
    }
}
