//! The refusals of the service. A message names the field it is about.

use tonic::Status;

/// `INVALID_ARGUMENT` about one field.
pub(super) fn invalid(field: &str, problem: impl std::fmt::Display) -> Status {
    Status::invalid_argument(format!("{field}: {problem}"))
}

/// `INVALID_ARGUMENT` about a field that is required and absent.
pub(super) fn missing(field: &str) -> Status {
    invalid(field, "is required")
}

/// `NOT_FOUND`: a read of a document that is not there.
pub(super) fn document_not_found(name: &str) -> Status {
    Status::not_found(format!("Document \"{name}\" not found."))
}

/// `NOT_FOUND`: a write whose precondition wants the document to exist.
pub(super) fn no_document_to_update(name: &str) -> Status {
    Status::not_found(format!("No document to update: {name}"))
}

/// `ALREADY_EXISTS`: a write whose precondition wants the document to be absent.
pub(super) fn already_exists(name: &str) -> Status {
    Status::already_exists(format!("Document already exists: {name}"))
}

/// `FAILED_PRECONDITION`: the document moved.
pub(super) fn version_mismatch(name: &str, stored: i64, required: i64) -> Status {
    Status::failed_precondition(format!(
        "the stored version ({stored}) does not match the required base version ({required}): {name}"
    ))
}

/// `ABORTED`: another commit was faster.
pub(super) fn contention() -> Status {
    Status::aborted("Too much contention on these documents. Please try again.")
}

/// `INVALID_ARGUMENT`: a transaction that is unknown, finished or too old.
pub(super) fn transaction_expired() -> Status {
    invalid("transaction", "the referenced transaction has expired or is no longer valid")
}

/// `FAILED_PRECONDITION`: a read time that has left the window.
pub(super) fn snapshot_too_old() -> Status {
    Status::failed_precondition("read_time: the requested snapshot version is too old")
}

/// `UNIMPLEMENTED`, on purpose.
pub(super) fn not_served(what: &str) -> Status {
    Status::unimplemented(format!("{what} is not served by the sandbox"))
}

/// `UNAVAILABLE`: what a client hears when the way to the server is gone.
pub(super) fn connection_lost() -> Status {
    Status::unavailable("the connection was lost")
}

/// `UNAVAILABLE`: the server ends what still runs.
pub(super) fn stopping() -> Status {
    Status::unavailable("the server is stopping")
}

/// `RESOURCE_EXHAUSTED`: the client leaves too much unread.
pub(super) fn too_slow() -> Status {
    Status::resource_exhausted("the client reads too slowly: too many responses wait for it")
}

/// `INVALID_ARGUMENT`: a resume token that the service does not take any more.
pub(super) fn token_rejected() -> Status {
    invalid("resume_token", "is no longer valid for this target")
}
