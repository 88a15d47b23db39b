//! Why something was allowed or denied: a stable code for machines, a sentence for people.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)*) => {
        /// A reason code. Codes are stable: alerts, tests and other programs rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code, such as `SELF_APPROVAL`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means and what to do, for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// The reason with this code.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.code() == code)
            }
        }
    };
}

reasons! {
    /// It may happen.
    Ok = "OK", "Allowed.";
    /// The actor's role may not do this.
    RoleMissing = "ROLE_MISSING", "Your role may not do this.";
    /// The credential is good for another studio.
    TenantMismatch = "TENANT_MISMATCH", "Your credential belongs to another studio.";
    /// Agents propose and never decide.
    AgentCannotDecide = "AGENT_CANNOT_DECIDE", "An agent may propose, but only people decide.";
    /// The proposer never counts as an approver.
    SelfApproval = "SELF_APPROVAL", "You proposed this; a colleague has to approve it.";
    /// The same person has decided already.
    AlreadyDecided = "ALREADY_DECIDED", "You have already decided this proposal.";
    /// The proposal no longer waits.
    NotWaiting = "NOT_WAITING", "This proposal no longer waits for a decision.";
    /// The form was about other content.
    ContentChanged = "CONTENT_CHANGED", "This is not the content you looked at: open the proposal again.";
    /// The reason is too short to be one.
    ReasonTooShort = "REASON_TOO_SHORT", "Give a reason of at least 10 characters.";
    /// The reason is too long.
    ReasonTooLong = "REASON_TOO_LONG", "Keep the reason under 1,000 characters.";
    /// Nobody decided, or nobody pushed, in time.
    Expired = "EXPIRED", "It expired before it was used: propose it again.";
    /// There is no approval by another person.
    ApprovalRequired = "APPROVAL_REQUIRED", "It needs an approval by somebody other than the proposer.";
    /// Writes are turned off.
    WritesOff = "WRITES_OFF", "Writes are turned off in the configuration (`push.enabled`).";
    /// The document moved since the proposal was made.
    StaleBase = "STALE_BASE", "The document has changed since: look again and propose anew.";
    /// The document is not in the mirror.
    DocumentMissing = "DOCUMENT_MISSING", "The mirror has no such document.";
    /// The mirror is not complete yet, or too old to rely on.
    MirrorNotReady = "MIRROR_NOT_READY", "The mirror does not know this collection well enough yet: try again once it is fresh.";
    /// The vocabulary does not allow this step.
    TransitionNotAllowed = "TRANSITION_NOT_ALLOWED", "That status cannot follow the present one.";
    /// The document already is as proposed.
    AlreadySo = "ALREADY_SO", "The document already is as you propose.";
    /// The mirror can't prove which version stood at that moment.
    VersionUnknown = "VERSION_UNKNOWN", "The mirror does not know which version stood then: choose one from the document's history.";
    /// An input breaks its rule.
    InputInvalid = "INPUT_INVALID", "An input breaks its rule.";
    /// There is no such capability.
    CapabilityUnknown = "CAPABILITY_UNKNOWN", "There is no such capability.";
    /// Only the proposer may withdraw.
    NotProposer = "NOT_PROPOSER", "Only its proposer may withdraw a proposal.";
    /// The write did not land, or its before-image is gone.
    NothingToUndo = "NOTHING_TO_UNDO", "This write changed nothing that could be undone.";
    /// An undo is under way, or done.
    UndoExists = "UNDO_EXISTS", "An undo of this write was already proposed.";
    /// The document moved after our write.
    OverwrittenSince = "OVERWRITTEN_SINCE", "Somebody changed the document after this write: an undo would lose their change.";
    /// What we changed is as it was before.
    AlreadyBack = "ALREADY_BACK", "What this write changed is already as it was before it.";
    /// The proposal would change nothing.
    NothingToChange = "NOTHING_TO_CHANGE", "Name at least one document.";
    /// One proposal changes too many documents.
    TooManyDocuments = "TOO_MANY_DOCUMENTS", "One proposal may change 100 documents at most, and no more than its limits let through at once.";
    /// One proposal changes a document twice.
    DocumentTwice = "DOCUMENT_TWICE", "One proposal may change a document only once.";
    /// People took the same change back before.
    RolledBack = "ROLLED_BACK", "This change was taken back before, so that only a person may propose it again.";
    /// The receipt of this key is about something else.
    KeyReused = "KEY_REUSED", "The receipt with this write's key is about another content: nothing was written.";
    /// Firestore refused the write for another reason than its condition.
    RefusedByServer = "REFUSED_BY_SERVER", "Firestore refused the write; nothing was written.";
    /// The answer was lost.
    AnswerLost = "ANSWER_LOST", "The answer was lost; the receipt tells what happened.";
    /// The receipt of the same write was found.
    ReceiptFound = "RECEIPT_FOUND", "The receipt was found: the write had landed.";
    /// The document does not hold what the capability requires.
    RequirementNotMet = "REQUIREMENT_NOT_MET", "The document is not in a state in which this may be done.";
    /// The stored write reaches further than its capability.
    OutsideCapability = "OUTSIDE_CAPABILITY", "The write reaches further than its capability: it is not sent.";
    /// An admin has to be among the approvers.
    AdminApprovalRequired = "ADMIN_APPROVAL_REQUIRED", "It needs the approval of an admin, too.";
    /// The time in which anyone may stop it is not over.
    DelayRunning = "DELAY_RUNNING", "It was approved and waits a while, so that anyone may still stop it.";
    /// Somebody has stopped all writes.
    KillSwitchOn = "KILL_SWITCH_ON", "All writes are stopped.";
    /// It could not be read whether writes are stopped.
    KillSwitchUnknown = "KILL_SWITCH_UNKNOWN", "It can't be told whether writes are stopped, so they are.";
    /// The lease names another box.
    SecondBox = "SECOND_BOX", "Another box of this studio writes: this one only mirrors until an operator decides.";
    /// Nobody has looked at the lease since the service started, or nobody has claimed it.
    LeaseUnknown = "LEASE_UNKNOWN", "It is not known yet whether this box is the one that writes.";
    /// A rule of this studio forbids it.
    BlockedByPolicy = "BLOCKED_BY_POLICY", "A rule of this studio forbids it.";
    /// A policy could not be evaluated.
    PolicyError = "POLICY_ERROR", "A rule could not be evaluated, so the answer is no.";
    /// It was done too often.
    RateLimited = "RATE_LIMITED", "It was done too often: wait, and try again.";
    /// The text needs a person's look first.
    BlockedByIntake = "BLOCKED_BY_INTAKE_POLICY", "What it says has to be reviewed by staff first.";
    /// Somebody else decided since the page was opened.
    DecidedMeanwhile = "DECIDED_MEANWHILE", "Somebody decided about this since you opened the page: look at it again.";
    /// An agent without a delegation.
    DelegationMissing = "DELEGATION_MISSING", "The agent has no delegation from the owner.";
    /// The owner took the delegation back.
    DelegationRevoked = "DELEGATION_REVOKED", "The delegation was revoked.";
    /// The delegation is over.
    DelegationExpired = "DELEGATION_EXPIRED", "The delegation has expired.";
    /// The delegation is another agent's.
    DelegationActorMismatch = "DELEGATION_ACTOR_MISMATCH", "The delegation belongs to another agent.";
    /// The delegation is another owner's.
    DelegationOwnerMismatch = "DELEGATION_OWNER_MISMATCH", "The delegation was given by another owner.";
    /// The delegation does not reach as far.
    DelegationScopeMissing = "DELEGATION_SCOPE_MISSING", "The delegation does not cover this capability.";
    /// The delegation is about other things.
    DelegationResourceMissing = "DELEGATION_RESOURCE_MISSING", "The delegation does not cover this document.";
    /// The mirror of delegations is too old.
    DelegationStale = "DELEGATION_STALE", "The delegations were not read recently enough to rely on them.";
    /// Who came is not known.
    NotSignedIn = "NOT_SIGNED_IN", "Sign in first.";
    /// The credential was refused.
    CredentialRefused = "CREDENTIAL_REFUSED", "The credential was refused.";
    /// Only a stopped switch can be resumed.
    NotStopped = "NOT_STOPPED", "The kill switch is not on.";
    /// Nobody has asked for it yet, or not lately.
    ResumeNotRequested = "RESUME_NOT_REQUESTED", "Somebody has to ask for it first; another person then confirms.";
    /// Two different people are needed.
    SecondPersonRequired = "SECOND_PERSON_REQUIRED", "Another person has to do this.";
    /// Critical capabilities have no exemptions.
    ExemptionForCritical = "EXEMPTION_FOR_CRITICAL", "A critical capability has no exemptions.";
    /// An exemption lasts 72 hours at most.
    ExemptionTooLong = "EXEMPTION_TOO_LONG", "An exemption lasts a minute to 72 hours.";
    /// The one who gains by it never grants it.
    ExemptionSelfGranted = "EXEMPTION_SELF_GRANTED", "Somebody else than the one who gains by it has to grant it.";
    /// There is no exemption that holds.
    ExemptionMissing = "EXEMPTION_MISSING", "There is no exemption that holds.";
    /// It has been used for this already.
    ExemptionSpent = "EXEMPTION_SPENT", "An exemption was used for this already.";
    /// The agent may not act for now.
    AgentSuspended = "AGENT_SUSPENDED", "This agent is suspended for now.";
    /// The person proved who they are too long ago for this.
    StepUpRequired = "STEP_UP_REQUIRED", "Sign in again first: for this, your sign-in has to be a few minutes old at most.";
    /// The delegation can't be understood.
    DelegationInvalid = "DELEGATION_INVALID", "The delegation can't be understood, so it permits nothing.";
}

impl Reason {
    /// May the same thing be allowed later, without anybody proposing or deciding anew?
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::WritesOff
                | Self::KillSwitchOn
                | Self::KillSwitchUnknown
                | Self::SecondBox
                | Self::LeaseUnknown
                | Self::MirrorNotReady
                | Self::RateLimited
                | Self::DelayRunning
                | Self::DelegationStale
                | Self::AgentSuspended
                | Self::BlockedByIntake
                | Self::BlockedByPolicy
                | Self::PolicyError
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.code()), Some(*reason));
        }
    }
}
