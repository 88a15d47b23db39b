//! What the gate is asked, and what it answers.

use crate::domain::delegation::DelegationRefusal;
use crate::domain::reason::Reason;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Read what a connector says.
    Read,
    /// Ask for a change.
    Propose,
    /// Let it be sent.
    Approve,
    /// Not let it be sent.
    Reject,
    /// Take the own proposal back.
    Withdraw,
    /// Open a rejected proposal again.
    Reopen,
    /// Hold an approved proposal back for good.
    Stop,
    /// Claim an approved proposal and make it a write.
    Apply,
    /// Send a claimed write.
    Send,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Propose,
        Self::Approve,
        Self::Reject,
        Self::Withdraw,
        Self::Reopen,
        Self::Stop,
        Self::Apply,
        Self::Send,
    ];

    /// The word for it, which is its action in the policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Propose => "propose",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
            Self::Reopen => "reopen",
            Self::Stop => "stop",
            Self::Apply => "apply",
            Self::Send => "send",
        }
    }

    /// The act that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }
}

/// Whether all writes are stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// They are not.
    Off,
    /// Somebody has stopped them.
    On,
    /// It could not be read, or was never written down: that counts as stopped.
    #[default]
    Unknown,
}

/// Whether this box is the one that may write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lease {
    /// The lease names it.
    Ours,
    /// The lease names another box: this one is the second, and only mirrors.
    Another,
    /// Nobody has looked since the service started, or nobody has claimed it: that counts as no.
    #[default]
    Unknown,
}

impl Lease {
    /// The word for it in the policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Another => "another's",
            Self::Unknown => "unknown",
        }
    }
}

/// What the intake says about a proposal's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Nothing in it needs a look.
    Clear,
    /// Staff looked at it and let it through.
    Granted,
    /// It waits for staff.
    Review,
    /// Staff said no.
    Denied,
}

/// What owners' delegations say about what an agent wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delegated {
    /// No agent is involved, or nobody has looked: an agent is denied then.
    #[default]
    Nothing,
    /// One of them permits it.
    Permitted,
    /// None does.
    Refused(DelegationRefusal),
}

impl Delegated {
    /// Every answer.
    pub const ALL: [Self; 11] = [
        Self::Nothing,
        Self::Permitted,
        Self::Refused(DelegationRefusal::Missing),
        Self::Refused(DelegationRefusal::Invalid),
        Self::Refused(DelegationRefusal::AgentMismatch),
        Self::Refused(DelegationRefusal::OwnerMismatch),
        Self::Refused(DelegationRefusal::Revoked),
        Self::Refused(DelegationRefusal::Expired),
        Self::Refused(DelegationRefusal::ScopeMissing),
        Self::Refused(DelegationRefusal::ResourceMissing),
        Self::Refused(DelegationRefusal::StaleMirror),
    ];

    /// The word for it in the policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing | Self::Refused(DelegationRefusal::Missing) => "missing",
            Self::Permitted => "permitted",
            Self::Refused(DelegationRefusal::Invalid) => "invalid",
            Self::Refused(DelegationRefusal::AgentMismatch) => "of another agent",
            Self::Refused(DelegationRefusal::OwnerMismatch) => "of another owner",
            Self::Refused(DelegationRefusal::Revoked) => "revoked",
            Self::Refused(DelegationRefusal::Expired) => "expired",
            Self::Refused(DelegationRefusal::ScopeMissing) => "of another scope",
            Self::Refused(DelegationRefusal::ResourceMissing) => "of another resource",
            Self::Refused(DelegationRefusal::StaleMirror) => "stale",
        }
    }
}

/// How an agent stands with us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentStanding {
    /// Its key is good.
    #[default]
    Good,
    /// It was denied too often and has to pause.
    Suspended,
    /// The key that it used is unknown, revoked or over.
    KeyRefused,
}

impl AgentStanding {
    /// The word for it in the policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Suspended => "suspended",
            Self::KeyRefused => "key refused",
        }
    }
}

/// How the document stands to what was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// As the proposal needs it.
    Current,
    /// It has changed since.
    Moved,
    /// Nobody has looked, or the mirror can't tell.
    Unknown,
}

/// What the gate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `OK`, or the first of what stands in the way.
    pub reason: Reason,
    /// The policies that decided, by id.
    pub policies: Vec<String>,
    /// Everything that stands in the way, not only the first; empty when it is allowed.
    pub missing: Vec<Missing>,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub reason: Reason,
    /// The policies that say so, by id; none when no policy permits it.
    pub policies: Vec<String>,
}

/// Which reason is told first: who somebody is, then what they may, then how the thing stands, then what passes by itself.
const ORDER: [Reason; 22] = [
    Reason::TenantMismatch,
    Reason::CapabilityUnknown,
    Reason::AgentCannotDecide,
    Reason::NotProposer,
    Reason::RoleMissing,
    Reason::SelfApproval,
    Reason::CredentialRefused,
    Reason::DelegationMissing,
    Reason::DelegationInvalid,
    Reason::DelegationRevoked,
    Reason::DelegationExpired,
    Reason::DelegationActorMismatch,
    Reason::DelegationOwnerMismatch,
    Reason::DelegationScopeMissing,
    Reason::DelegationResourceMissing,
    Reason::AlreadyDecided,
    Reason::NotWaiting,
    Reason::Expired,
    Reason::ContentChanged,
    Reason::StaleBase,
    Reason::ApprovalRequired,
    Reason::OutsideCapability,
];

fn rank(reason: Reason) -> (bool, usize) {
    (reason.passes(), ORDER.iter().position(|other| *other == reason).unwrap_or(ORDER.len()))
}

impl Decision {
    /// It may happen, as these policies say.
    pub const fn allowed(policies: Vec<String>) -> Self {
        Self { reason: Reason::Ok, policies, missing: Vec::new() }
    }

    /// It may not, because of these: one for each policy that says so.
    pub fn denied(because: Vec<(Reason, Option<String>)>) -> Self {
        let mut missing: Vec<Missing> = Vec::new();
        for (reason, policy) in because {
            match missing.iter_mut().find(|known| known.reason == reason) {
                Some(known) => known.policies.extend(policy),
                None => missing.push(Missing { reason, policies: policy.into_iter().collect() }),
            }
        }
        for known in &mut missing {
            known.policies.sort();
        }
        missing.sort_by_key(|known| (rank(known.reason), known.reason.code()));
        let policies = missing.iter().flat_map(|known| known.policies.iter().cloned()).collect();
        let reason = missing.first().map_or(Reason::PolicyError, |known| known.reason);
        Self { reason, policies, missing }
    }

    /// The same, with one thing more that stands in the way.
    pub fn also(self, reason: Reason) -> Self {
        let known = self.missing.into_iter().flat_map(|missing| {
            let policies =
                if missing.policies.is_empty() { vec![None] } else { missing.policies.into_iter().map(Some).collect() };
            policies.into_iter().map(move |policy| (missing.reason, policy))
        });
        Self::denied(known.chain([(reason, None)]).collect())
    }

    /// Yes, or the first reason against it.
    ///
    /// # Errors
    /// The reason.
    pub fn asked(&self) -> Result<(), Reason> {
        if self.reason == Reason::Ok { Ok(()) } else { Err(self.reason) }
    }

    /// Would it be allowed later by itself, because everything in the way passes?
    pub fn passes(&self) -> bool {
        !self.missing.is_empty() && self.missing.iter().all(|known| known.reason.passes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_told_and_what_does_not_pass_comes_first() {
        let decision = Decision::denied(vec![
            (Reason::KillSwitchOn, Some("forbid.stopped".to_owned())),
            (Reason::SelfApproval, Some("b".to_owned())),
            (Reason::RoleMissing, None),
            (Reason::SelfApproval, Some("a".to_owned())),
        ]);
        let reasons: Vec<Reason> = decision.missing.iter().map(|missing| missing.reason).collect();
        assert_eq!(reasons, [Reason::RoleMissing, Reason::SelfApproval, Reason::KillSwitchOn]);
        assert_eq!(decision.asked(), Err(Reason::RoleMissing));
        assert_eq!(decision.policies, ["a", "b", "forbid.stopped"]);
        assert!(!decision.passes());
        assert!(Decision::denied(vec![(Reason::KillSwitchOn, None)]).passes());
        let more = decision.also(Reason::DocumentMissing);
        assert_eq!((more.missing.len(), more.policies.len()), (4, 3));
        assert_eq!(Decision::allowed(Vec::new()).also(Reason::AlreadySo).reason, Reason::AlreadySo);
        assert_eq!(Decision::denied(Vec::new()).reason, Reason::PolicyError, "no reason is no permission");
    }
}
