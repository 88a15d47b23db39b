//! What the gate did not do, as a problem: the same status and code for pages and programs.

use crate::domain::canonical;
use crate::domain::capability::BadInput;
use crate::domain::reason::Reason;
use crate::domain::undoing::Conflict;
use crate::domain::value::Value;
use crate::gate::{Author, GateError, Overwritten};
use crate::web::problem::{Problem, ProblemKind};

/// The most conflicts that a problem tells one by one.
const MOST_CONFLICTS: usize = 10;

/// The reason of a denial.
///
/// # Errors
/// It was no denial, or one that signing in again puts right: the problem that it is.
pub fn denied(error: GateError) -> Result<Reason, Problem> {
    match error {
        // A form can't put this right: its person signs in again, and finds it as it was.
        GateError::Denied(Reason::StepUpRequired) => Err(Reason::StepUpRequired.into()),
        GateError::Denied(reason) => Ok(reason),
        error @ (GateError::Overwritten(_)
        | GateError::Limited(_)
        | GateError::Input(_)
        | GateError::Missing { .. }
        | GateError::Store(_)) => Err(error.into()),
    }
}

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
        | Reason::RolledBack
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
        | Reason::StepUpRequired
        | Reason::CredentialRefused => ProblemKind::Forbidden,
        Reason::DocumentMissing | Reason::VersionUnknown => ProblemKind::NotFound,
        Reason::AlreadyDecided
        | Reason::DecidedMeanwhile
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
        | Reason::AlreadyBack
        | Reason::KeyReused
        | Reason::RefusedByServer
        | Reason::NotStopped
        | Reason::ResumeNotRequested
        | Reason::ExemptionMissing
        | Reason::ExemptionSpent => ProblemKind::Conflict,
        Reason::ReasonTooShort
        | Reason::ReasonTooLong
        | Reason::InputInvalid
        | Reason::CapabilityUnknown
        | Reason::NothingToChange
        | Reason::TooManyDocuments
        | Reason::DocumentTwice
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
            GateError::Overwritten(overwritten) => {
                let reason = Reason::OverwrittenSince;
                Self::new(kind_of(reason), reason.code(), conflicts(&overwritten))
            }
            GateError::Limited(retry_after) => Self::too_many(retry_after.duration()),
            GateError::Input(input) => input.into(),
            GateError::Missing { what } => Self::not_found(format!("There is no such {what}.")),
            GateError::Store(error) => error.into(),
        }
    }
}

/// Who changed what after a write that somebody wants to take back, in words.
pub(super) fn conflicts(overwritten: &[Overwritten]) -> String {
    let value = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), canonical::encode_value);
    let each = |one: &Overwritten| {
        let by = match &one.by {
            Author::Write(id) => format!("by write {id}"),
            Author::Named(who) => format!("by {who}"),
            Author::Unknown => "by somebody that the document does not name".to_owned(),
        };
        let Conflict { field, ours, theirs, .. } = &one.conflict;
        match field {
            None => format!("`{}` was removed, {by}", one.document),
            Some(field) => format!(
                "`{field}` of `{}` was written as {} and is {} now, {by}",
                one.document,
                value(ours.as_ref()),
                value(theirs.as_ref()),
            ),
        }
    };
    let shown: Vec<String> = overwritten.iter().take(MOST_CONFLICTS).map(each).collect();
    let more = overwritten.len().saturating_sub(MOST_CONFLICTS);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{} {}{rest}.", Reason::OverwrittenSince.sentence(), shown.join("; "))
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
