//! What went wrong between us and Firestore.

use std::error::Error as StdError;
use std::time::Duration;

pub use tonic::Code;

/// Why Firestore did not answer, or not as asked. Ask it a question; its text is for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no connection: surely nothing was sent.
    #[error("could not connect to Firestore at {url}")]
    Connect {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// Firestore, or the way to it, answered with an error.
    #[error("could not {doing}: {code:?}")]
    Status {
        /// What we were doing, as it stands after "could not".
        doing: String,
        /// The gRPC code.
        code: Code,
        /// What it said.
        #[source]
        source: Box<tonic::Status>,
    },
    /// No answer came in time.
    #[error("could not {doing}: no answer within {} s", limit.as_secs_f32())]
    Timeout {
        /// What we were doing, as it stands after "could not".
        doing: String,
        /// How long we waited.
        limit: Duration,
    },
    /// The answer makes no sense.
    #[error("could not {doing}: {what}")]
    Malformed {
        /// What we were doing, as it stands after "could not".
        doing: String,
        /// What is wrong with the answer.
        what: String,
    },
}

/// What every function here returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(super) fn connect(url: &str, source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Connect { url: url.to_owned(), source: Box::new(source) }
    }

    pub(super) fn status(doing: String, status: tonic::Status) -> Self {
        Self::Status { doing, code: status.code(), source: Box::new(status) }
    }

    pub(super) const fn timeout(doing: String, limit: Duration) -> Self {
        Self::Timeout { doing, limit }
    }

    pub(super) fn malformed(doing: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Malformed { doing: doing.into(), what: what.into() }
    }

    /// The gRPC code, or the one that says the same.
    pub const fn code(&self) -> Code {
        match self {
            Self::Connect { .. } => Code::Unavailable,
            Self::Status { code, .. } => *code,
            Self::Timeout { .. } => Code::DeadlineExceeded,
            Self::Malformed { .. } => Code::Internal,
        }
    }

    /// Worth the same request again, later.
    ///
    /// These are the codes on which Google's own client opens a stream again (`isPermanentWatchError`).
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Malformed { .. } => false,
            Self::Connect { .. } | Self::Status { .. } | Self::Timeout { .. } => matches!(
                self.code(),
                Code::Aborted
                    | Code::Cancelled
                    | Code::Unknown
                    | Code::DeadlineExceeded
                    | Code::ResourceExhausted
                    | Code::Internal
                    | Code::Unavailable
                    | Code::Unauthenticated
            ),
        }
    }

    /// A document is not as the request supposes: read it again, never retry blindly.
    pub const fn is_conflict(&self) -> bool {
        matches!(self.code(), Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted)
    }

    /// The document or the database does not exist.
    pub const fn is_not_found(&self) -> bool {
        matches!(self.code(), Code::NotFound)
    }

    /// We ask for more than we may: wait as long as we ever wait.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self.code(), Code::ResourceExhausted)
    }

    /// The server refuses the read time or token that we continue from.
    pub const fn is_position_refused(&self) -> bool {
        matches!(self.code(), Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange)
    }

    /// The server refuses us, now and later.
    pub const fn is_refused(&self) -> bool {
        matches!(self.code(), Code::PermissionDenied | Code::NotFound | Code::Unimplemented)
    }

    /// Is it certain that nothing reached the server?
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Connect { .. } => true,
            Self::Timeout { .. } | Self::Malformed { .. } => false,
            Self::Status { source, .. } => {
                let mut cause = source.source();
                while let Some(error) = cause {
                    if error.is::<tonic::ConnectError>() {
                        return true;
                    }
                    cause = error.source();
                }
                false
            }
        }
    }

    /// The whole chain of causes, for a log line or a table.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
