//! Atomic writes, each with its precondition.

use gcloud_sdk::google::firestore::v1 as wire;
use wire::precondition::ConditionType;
use wire::write::Operation;

use crate::authority::Authority;
use crate::authority::convert::{timestamp, wire_fields, wire_timestamp};
use crate::authority::error::{Code, Error};
use crate::domain::value::Fields;
use crate::domain::write::{CommitAnswer, Write};

/// Why a commit has no answer, told apart by what is certain.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A document is not as a write supposes. Nothing was written by this call; an earlier call may have been.
    #[error("Firestore refused the commit: a document is not as the write supposes")]
    Precondition(#[source] Error),
    /// Firestore will not do this. Nothing was written.
    #[error("Firestore refused the commit")]
    Refused(#[source] Error),
    /// Nothing was written, and the same commit may be sent again later.
    #[error("the commit was not applied")]
    NotApplied(#[source] Error),
    /// It may have been written, or not: look the receipt up.
    #[error("the outcome of the commit is unknown")]
    Unknown(#[source] Error),
}

impl CommitError {
    /// What Firestore, or the way to it, said.
    pub const fn cause(&self) -> &Error {
        match self {
            Self::Precondition(error) | Self::Refused(error) | Self::NotApplied(error) | Self::Unknown(error) => error,
        }
    }
}

/// Which kind of failure an error is. What is not certain is unknown.
fn classify(error: Error) -> CommitError {
    if error.is_unsent() {
        return CommitError::NotApplied(error);
    }
    match error.code() {
        Code::FailedPrecondition | Code::NotFound | Code::AlreadyExists => CommitError::Precondition(error),
        Code::InvalidArgument | Code::PermissionDenied | Code::OutOfRange | Code::Unimplemented => {
            CommitError::Refused(error)
        }
        Code::ResourceExhausted | Code::Aborted | Code::Unauthenticated => CommitError::NotApplied(error),
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => CommitError::Unknown(error),
    }
}

impl Authority {
    /// Applies all writes, or none, in one commit.
    ///
    /// # Errors
    /// [`CommitError`] says what is certain. Only [`CommitError::NotApplied`] may be sent again as it is.
    pub async fn commit(&self, writes: &[Write]) -> Result<CommitAnswer, CommitError> {
        let doing = || format!("commit {} writes", writes.len());
        let request = wire::CommitRequest {
            database: self.inner.database.clone(),
            writes: writes.iter().map(|write| self.wire_write(write)).collect(),
            ..Default::default()
        };
        let mut client = self.client().await.map_err(CommitError::NotApplied)?;
        let answer = self.within(doing, client.commit(self.timed(request))).await.map_err(classify)?.into_inner();
        let senseless = |what: &str| CommitError::Unknown(Error::malformed(doing(), what));
        if answer.write_results.len() != writes.len() {
            return Err(senseless("the server answered for another number of writes"));
        }
        let commit_time = answer.commit_time.ok_or_else(|| senseless("the server did not say when"))?;
        Ok(CommitAnswer {
            commit_time: timestamp(&commit_time),
            update_times: answer
                .write_results
                .iter()
                .map(|result| result.update_time.as_ref().map(timestamp))
                .collect(),
        })
    }

    fn wire_write(&self, write: &Write) -> wire::Write {
        let name = self.name(write.path());
        let (operation, mask, condition) = match write {
            Write::Create { fields, .. } => {
                let document = wire::Document { name, fields: wire_fields(fields), ..Default::default() };
                (Operation::Update(document), None, ConditionType::Exists(false))
            }
            Write::Update { changes, base, .. } => {
                let mut fields = Fields::new();
                for (path, value) in changes.iter().filter(|(_, value)| value.is_some()) {
                    path.set(&mut fields, value.clone());
                }
                let field_paths = changes.keys().map(ToString::to_string).collect();
                let document = wire::Document { name, fields: wire_fields(&fields), ..Default::default() };
                let condition = ConditionType::UpdateTime(wire_timestamp(*base));
                (Operation::Update(document), Some(wire::DocumentMask { field_paths }), condition)
            }
            Write::Delete { base, .. } => {
                (Operation::Delete(name), None, ConditionType::UpdateTime(wire_timestamp(*base)))
            }
        };
        wire::Write {
            operation: Some(operation),
            update_mask: mask,
            update_transforms: Vec::new(),
            current_document: Some(wire::Precondition { condition_type: Some(condition) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: Code, expect: &str) {
        let seen = match classify(Error::status("test".to_owned(), tonic::Status::new(code, "no"))) {
            CommitError::Precondition(_) => "precondition",
            CommitError::Refused(_) => "refused",
            CommitError::NotApplied(_) => "not applied",
            CommitError::Unknown(_) => "unknown",
        };
        assert_eq!(seen, expect, "{code:?}");
    }

    #[test]
    fn only_what_is_certain_is_called_certain() {
        for code in [Code::FailedPrecondition, Code::NotFound, Code::AlreadyExists] {
            check(code, "precondition");
        }
        for code in [Code::InvalidArgument, Code::PermissionDenied] {
            check(code, "refused");
        }
        check(Code::ResourceExhausted, "not applied");
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Unknown, Code::Cancelled] {
            check(code, "unknown");
        }
    }
}
