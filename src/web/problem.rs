//! What went wrong, as one type: a kind that decides the status, a code for programs, a sentence for people, and the
//! cause for us.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::identity::Refusal;
use crate::store;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The request makes no sense.
    BadRequest,
    /// Nobody is signed in.
    NotSignedIn,
    /// Not for this person.
    Forbidden,
    /// Another site made the request.
    CrossSite,
    /// There is no such thing.
    NotFound,
    /// The address exists; the method does not.
    MethodNotAllowed,
    /// Something changed in between.
    Conflict,
    /// Too much was sent.
    TooLarge,
    /// It was sent in a form that is not read.
    UnsupportedMedia,
    /// It can be read, but a field is wrong.
    Unprocessable,
    /// Too many requests.
    TooMany,
    /// It could not be done.
    Internal,
    /// It can't be done at the moment.
    Unavailable,
}

impl ProblemKind {
    /// The status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The kind that an answer with this status tells of, if it tells of a problem.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        const KINDS: [ProblemKind; 12] = [
            ProblemKind::BadRequest,
            ProblemKind::NotSignedIn,
            ProblemKind::Forbidden,
            ProblemKind::NotFound,
            ProblemKind::MethodNotAllowed,
            ProblemKind::Conflict,
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMedia,
            ProblemKind::Unprocessable,
            ProblemKind::TooMany,
            ProblemKind::Internal,
            ProblemKind::Unavailable,
        ];
        let rest = || match status {
            _ if status.is_client_error() => Some(Self::BadRequest),
            _ if status.is_server_error() => Some(Self::Internal),
            _ => None,
        };
        KINDS.into_iter().find(|kind| kind.status() == status).or_else(rest)
    }
}

/// What went wrong. Return it from a handler; a layer makes it a page or JSON (RFC 9457).
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemKind,
    code: Cow<'static, str>,
    detail: String,
    retry_after: Option<Duration>,
    cause: Option<Arc<anyhow::Error>>,
    error_id: String,
}

impl Problem {
    /// A problem of this kind, with a stable code, and a sentence for people.
    pub fn new(kind: ProblemKind, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self { kind, code, detail, retry_after: None, cause: None, error_id: String::new() }
    }

    /// The request makes no sense.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadRequest, code, detail)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::NotFound, "NOT_FOUND", detail)
    }

    /// Not for this person.
    pub fn forbidden(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Forbidden, code, detail)
    }

    /// Something changed in between.
    pub fn conflict(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Conflict, code, detail)
    }

    /// It could not be done. The cause is logged, and never shown.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let detail = "Something went wrong on our side. Nothing was changed unless you see it here.";
        Self { cause: Some(Arc::new(cause.into())), ..Self::new(ProblemKind::Internal, "INTERNAL", detail) }
    }

    /// It can't be done at the moment. The cause is logged, and never shown.
    pub fn unavailable(code: &'static str, detail: impl Into<String>, cause: impl Into<anyhow::Error>) -> Self {
        Self { cause: Some(Arc::new(cause.into())), ..Self::new(ProblemKind::Unavailable, code, detail) }
    }

    /// Nobody is signed in: a page leads to the sign-in page, a program gets 401.
    pub fn not_signed_in(refusal: Option<Refusal>) -> Self {
        let code = refusal.map_or("NOT_SIGNED_IN", Refusal::code);
        let detail = refusal.map_or("Please sign in first.", Refusal::sentence);
        Self::new(ProblemKind::NotSignedIn, code, detail)
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(ProblemKind::MethodNotAllowed, "METHOD_NOT_ALLOWED", "This address can't be used that way.")
    }

    pub(super) fn too_many(retry_after: Duration) -> Self {
        let detail = "Too many attempts. Wait a moment, then try again.";
        Self::new(ProblemKind::TooMany, "RATE_LIMITED", detail).after(retry_after)
    }

    /// The same, worth trying again after this time.
    pub(super) fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// What kind of thing went wrong.
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The id under which the log tells the cause.
    pub fn error_id(&self) -> &str {
        &self.error_id
    }

    /// The cause, for the log.
    pub(super) fn cause(&self) -> Option<&anyhow::Error> {
        self.cause.as_deref()
    }

    pub(super) fn with_error_id(self, error_id: &str) -> Self {
        Self { error_id: error_id.to_owned(), ..self }
    }

    /// The problem as RFC 9457 wants it.
    pub(super) fn json(&self) -> Value {
        let status = self.kind.status();
        json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "error_id": self.error_id,
        })
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    /// The bare answer; the layer finds the problem beside it and fills it.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(rounded_up(wait)));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Whole seconds, never fewer than one: who waits that long has waited long enough.
fn rounded_up(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}
