//! What the gate did not do, as a problem: the same status and code for pages and programs.

use crate::domain::capability::BadInput;
use crate::domain::reason::Reason;
use crate::gate::GateError;
use crate::web::problem::{Problem, ProblemKind};

/// The kind of problem that a denial is.
pub fn kind_of(reason: Reason) -> ProblemKind {
    match reason {
        Reason::NotSignedIn => ProblemKind::NotSignedIn,
        Reason::RoleMissing
        | Reason::TenantMismatch
        | Reason::AgentCannotDecide
        | Reason::SelfApproval
        | Reason::NotProposer
        | Reason::BlockedByPolicy
        | Reason::BlockedByIntake
        | Reason::AgentSuspended
        | Reason::SecondPersonRequired
        | Reason::ExemptionForCritical
        | Reason::ExemptionSelfGranted
        | Reason::DelegationMissing
        | Reason::DelegationInvalid
        | Reason::DelegationRevoked
        | Reason::DelegationExpired
        | Reason::DelegationActorMismatch
        | Reason::DelegationOwnerMismatch
        | Reason::DelegationScopeMissing
        | Reason::DelegationResourceMissing
        | Reason::CredentialRefused => ProblemKind::Forbidden,
        Reason::DocumentMissing | Reason::VersionUnknown => ProblemKind::NotFound,
        Reason::AlreadyDecided
        | Reason::NotWaiting
        | Reason::ContentChanged
        | Reason::Expired
        | Reason::ApprovalRequired
        | Reason::WritesOff
        | Reason::KillSwitchOn
        | Reason::SecondBox
        | Reason::AdminApprovalRequired
        | Reason::DelayRunning
        | Reason::RequirementNotMet
        | Reason::OutsideCapability
        | Reason::StaleBase
        | Reason::TransitionNotAllowed
        | Reason::AlreadySo
        | Reason::NothingToUndo
        | Reason::UndoExists
        | Reason::OverwrittenSince
        | Reason::RefusedByServer
        | Reason::NotStopped
        | Reason::ResumeNotRequested
        | Reason::ExemptionMissing
        | Reason::ExemptionSpent => ProblemKind::Conflict,
        Reason::ReasonTooShort
        | Reason::ReasonTooLong
        | Reason::InputInvalid
        | Reason::CapabilityUnknown
        | Reason::ExemptionTooLong => ProblemKind::Unprocessable,
        Reason::RateLimited => ProblemKind::TooMany,
        Reason::MirrorNotReady
        | Reason::KillSwitchUnknown
        | Reason::LeaseUnknown
        | Reason::PolicyError
        | Reason::DelegationStale => ProblemKind::Unavailable,
        Reason::Ok | Reason::AnswerLost | Reason::ReceiptFound => ProblemKind::Internal,
    }
}

/// Is it the given reason that is wrong, the field of that name?
pub(super) fn is_about_reason(reason: Reason) -> bool {
    reason == Reason::ReasonTooShort || reason == Reason::ReasonTooLong
}

impl From<Reason> for Problem {
    fn from(reason: Reason) -> Self {
        let sentence = reason.sentence();
        let detail = if is_about_reason(reason) { format!("reason: {sentence}") } else { sentence.to_owned() };
        Self::new(kind_of(reason), reason.code(), detail)
    }
}

impl From<BadInput> for Problem {
    fn from(input: BadInput) -> Self {
        Self::new(ProblemKind::Unprocessable, Reason::InputInvalid.code(), input.to_string())
    }
}

impl From<GateError> for Problem {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Denied(reason) => reason.into(),
            GateError::Limited(retry_after) => Self::too_many(retry_after.duration()),
            GateError::Input(input) => input.into(),
            GateError::Missing { what } => Self::not_found(format!("There is no such {what}.")),
            GateError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_denial_has_a_status_that_says_what_to_do() {
        let check = |reason: Reason, status: u16| assert_eq!(kind_of(reason).status().as_u16(), status, "{reason}");
        check(Reason::SelfApproval, 403);
        check(Reason::NotWaiting, 409);
        check(Reason::ContentChanged, 409);
        check(Reason::ReasonTooShort, 422);
        check(Reason::DocumentMissing, 404);
        for reason in Reason::ALL {
            assert!(kind_of(*reason).status().as_u16() >= 400, "{reason}");
        }
    }
}
