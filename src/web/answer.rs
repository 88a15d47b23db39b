//! Turns problems and panics into pages or JSON, and logs their causes once.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::FutureExt as _;
use tracing::error;

use crate::identity::Refusal;
use crate::web::caller::{self, has_key};
use crate::web::local_path::LocalPath;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::state::{PageRequest, WebState};
use crate::web::trace::RequestId;

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an answer depends on.
struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    id: RequestId,
}

/// Runs what is inside, and fills its answer when it tells of a problem.
pub(super) async fn answer(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let asked = Asked {
        method: request.method().clone(),
        uri: request.uri().clone(),
        headers: request.headers().clone(),
        id: request.extensions().get().cloned().unwrap_or_default(),
    };
    let running = tokio::time::timeout(PATIENCE, AssertUnwindSafe(next.run(request)).catch_unwind());
    let response = match running.await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => Problem::internal(anyhow::anyhow!("a handler panicked: {}", said(&*panic))).into_response(),
        Err(late) => {
            let detail = "This took too long and was given up. Try again in a moment.";
            Problem::unavailable("TIMED_OUT", detail, late).into_response()
        }
    };
    let (mut parts, body) = response.into_parts();
    let problem = match parts.extensions.remove::<Problem>().or_else(|| unnamed(&parts)) {
        None => return Response::from_parts(parts, body),
        Some(problem) => problem.with_error_id(asked.id.as_str()),
    };
    if let Some(cause) = problem.cause() {
        error!(error.id = asked.id.as_str(), error.code = problem.code(), "Request failed: {cause:#}");
    }
    let filled = fill(&state, &asked, &problem).await;
    let (filled, body) = filled.into_parts();
    parts.status = filled.status;
    // What the problem's answer already said (`Allow`, `Retry-After`) stays; the body's headers are replaced.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(filled.headers);
    Response::from_parts(parts, body)
}

async fn fill(state: &WebState, asked: &Asked, problem: &Problem) -> Response {
    if wants_json(asked.uri.path(), &asked.headers) {
        return json(problem);
    }
    match problem.kind() {
        ProblemKind::NotSignedIn => return Redirect::to(&sign_in_address(asked, problem)).into_response(),
        ProblemKind::BadRequest
        | ProblemKind::Forbidden
        | ProblemKind::CrossSite
        | ProblemKind::NotFound
        | ProblemKind::MethodNotAllowed
        | ProblemKind::Conflict
        | ProblemKind::TooLarge
        | ProblemKind::UnsupportedMedia
        | ProblemKind::Unprocessable
        | ProblemKind::TooMany
        | ProblemKind::Internal
        | ProblemKind::Unavailable => {}
    }
    let page = PageRequest {
        viewer: caller::viewer(state, &asked.headers).await,
        // Where a form was sent to can't be looked at again.
        here: if asked.method.is_safe() { here(&asked.uri) } else { "/".to_owned() },
        request_id: asked.id.as_str().to_owned(),
        headers: asked.headers.clone(),
    };
    match AssertUnwindSafe(state.pages().problem(&page, problem)).catch_unwind().await {
        Ok(html) => (problem.kind().status(), axum::response::Html(html)).into_response(),
        Err(panic) => {
            error!(error.id = asked.id.as_str(), "The page of a problem panicked: {}", said(&*panic));
            json(problem)
        }
    }
}

/// JSON for programs: everything below `/api`, and whoever sends a key or JSON, or asks for it and not for HTML.
pub(super) fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, what: &str| {
        headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|value| value.contains(what)))
    };
    let (html, json) = (says(header::ACCEPT, "text/html"), says(header::ACCEPT, "json"));
    let below_api = path == "/api" || path.starts_with("/api/");
    below_api || has_key(headers) || (!html && (json || says(header::CONTENT_TYPE, "application/json")))
}

/// Path and query of a request.
pub(super) fn here(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), |here| here.as_str().to_owned())
}

fn json(problem: &Problem) -> Response {
    let body = Body::from(problem.json().to_string());
    let mut response = (problem.kind().status(), body).into_response();
    let json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if problem.kind() == ProblemKind::NotSignedIn {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn sign_in_address(asked: &Asked, problem: &Problem) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    // A form that was sent can't be sent again by going back to its address.
    if asked.method.is_safe()
        && let Some(next) = LocalPath::parse(&here(&asked.uri)).filter(|next| next.as_str() != "/")
    {
        query.append_pair("next", next.as_str());
    }
    if Refusal::parse(problem.code()).is_some() {
        query.append_pair("why", problem.code());
    }
    let query = query.finish();
    if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") }
}

/// A problem that was answered without its name, such as a parameter that a library refused.
fn unnamed(parts: &axum::http::response::Parts) -> Option<Problem> {
    let kind = ProblemKind::of_status(parts.status)?;
    let plain = parts.headers.get(header::CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    plain.then(|| Problem::new(kind, "REFUSED", "The request could not be answered."))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("something that is no text")
}
