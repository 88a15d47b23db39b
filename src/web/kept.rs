//! Keeps what was typed: a form that is sent when its session is over, or its sign-in too old, waits for its person.
//!
//! # Guarantees
//! * Nothing is done with the form until its person has signed in again and sent it once more.
//! * It is kept for the person whose session it was, in the browser that sent it, for an hour.
//! * When it can't be told whose it is, nothing is kept: whoever sent it gets back what was typed.
//! * What was typed is never logged.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use tracing::{error, info};

use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::sign_in::{FORM_LASTS, KeptForm};
use crate::identity::Refusal;
use crate::identity::secret::BrowserSecret;
use crate::store;
use crate::web::answer::{here, wants_json};
use crate::web::body;
use crate::web::cookie::{self, Cookie};
use crate::web::local_path::LocalPath;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::sign_in::page_request;
use crate::web::state::{KeptPage, SentForm, WebState};

/// Where the form waits.
const WAITING: &str = "/kept";

/// Why a form could not be taken.
enum Late {
    /// The session is over, and it is known whose it was.
    Over(Refusal),
    /// The sign-in is too old for what the form does.
    TooOld,
    /// Nobody is signed in, or somebody was signed out.
    Stranger,
}

/// Keeps forms that come too late. Everything else passes.
pub(super) async fn keep(State(state): State<WebState>, request: Request, next: Next) -> Response {
    if !is_form(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, state.settings().max_body).await else { return body::too_large().into_response() };
    let response = next.run(Request::from_parts(parts.clone(), Body::from(bytes.clone()))).await;
    let Some(late) = response.extensions().get::<Problem>().and_then(late) else {
        return forget_sent(&state, &parts, response).await;
    };
    match answer_late(&state, &parts, &bytes, late).await {
        Ok(Some(answer)) => answer,
        Ok(None) => response,
        Err(cause) => {
            // The form is lost to us, and not to the browser: its back button still has it.
            error!("A form could not be kept: {:#}", anyhow::Error::new(cause));
            response
        }
    }
}

/// Only forms of people: a program reads its answer and still has what it sent. Doors have no words to keep.
fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = request.uri().path();
    let door =
        path == "/session" || path.starts_with("/session/") || path.starts_with(WAITING) || path == "/preferences";
    request.method() == Method::POST
        && kind.starts_with("application/x-www-form-urlencoded")
        && !door
        && !wants_json(path, request.headers())
}

fn late(problem: &Problem) -> Option<Late> {
    if problem.code() == Reason::StepUpRequired.code() {
        return Some(Late::TooOld);
    }
    if problem.kind() != ProblemKind::NotSignedIn {
        return None;
    }
    Some(match Refusal::parse(problem.code()) {
        Some(refusal @ (Refusal::SessionIdle | Refusal::SessionExpired | Refusal::RoleChanged)) => Late::Over(refusal),
        Some(_) | None => Late::Stranger,
    })
}

async fn answer_late(state: &WebState, parts: &Parts, bytes: &Bytes, late: Late) -> store::Result<Option<Response>> {
    let Some(sent) = sent(parts, bytes) else { return Ok(None) };
    let owner = match cookie::read(&parts.headers, &state.settings().origin) {
        Some(secret) => state.sessions().owner(state.store(), &secret).await?,
        None => None,
    };
    match (late, owner) {
        (Late::Over(refusal), Some(owner)) => wait(state, owner, sent, bytes, refusal.code()).await.map(Some),
        (Late::TooOld, Some(owner)) => wait(state, owner, sent, bytes, Refusal::StepUpRequired.code()).await.map(Some),
        (Late::Over(_) | Late::TooOld, None) | (Late::Stranger, _) if sent.fields.is_empty() => Ok(None),
        (Late::Over(_) | Late::TooOld, None) | (Late::Stranger, _) => {
            let request = page_request(state, parts).await;
            let html = state.pages().kept(&request, KeptPage::SignedOut(sent)).await;
            Ok(Some((StatusCode::UNAUTHORIZED, Html(html)).into_response()))
        }
    }
}

/// Keeps the form, and leads to the sign-in and from there to the form.
async fn wait(state: &WebState, owner: Uid, sent: SentForm, bytes: &Bytes, why: &str) -> store::Result<Response> {
    let secret = match BrowserSecret::new() {
        Ok(secret) => secret,
        Err(cause) => return Ok(Problem::internal(cause).into_response()),
    };
    let form = KeptForm {
        browser: secret.hash(),
        uid: owner,
        path: sent.path,
        page: sent.page,
        fields: String::from_utf8_lossy(bytes).into_owned(),
        kept: state.now(),
    };
    let mut tx = state.store().begin().await?;
    tx.kept_form_insert(&form).await?;
    tx.commit().await?;
    info!(event = "form.kept", form.path = form.path, reason.code = why, "Kept a form that came too late: {why}");
    let cookie = Cookie::Kept.set(&state.settings().origin, &secret.expose(), FORM_LASTS);
    let to = Redirect::to(&format!("/sign-in?next=%2Fkept&why={why}"));
    Ok(([(header::SET_COOKIE, cookie)], to).into_response())
}

/// A form that was kept and is now taken waits no more.
async fn forget_sent(state: &WebState, parts: &Parts, mut response: Response) -> Response {
    let origin = &state.settings().origin;
    let taken = response.status().is_redirection();
    let Some(secret) = cookie::secret(&parts.headers, origin, Cookie::Kept).filter(|_| taken) else { return response };
    match forget(state, &secret, Some(parts.uri.path())).await {
        Ok(true) => {
            response.headers_mut().append(header::SET_COOKIE, Cookie::Kept.clear(origin));
            response
        }
        Ok(false) => response,
        Err(cause) => {
            error!("A kept form could not be forgotten: {:#}", anyhow::Error::new(cause));
            response
        }
    }
}

/// Forgets the form of this browser, if it was sent to `path`, or whatever it is.
pub(super) async fn forget(state: &WebState, secret: &BrowserSecret, path: Option<&str>) -> store::Result<bool> {
    let mut tx = state.store().begin().await?;
    let forgotten = tx.kept_form_delete(&secret.hash(), path).await?;
    tx.commit().await?;
    Ok(forgotten)
}

/// The form as it was sent; none when its address could lead elsewhere.
fn sent(parts: &Parts, bytes: &Bytes) -> Option<SentForm> {
    let path = LocalPath::parse(&here(&parts.uri))?.to_string();
    let page = page_of(parts).unwrap_or_else(|| "/".to_owned());
    Some(SentForm { path, page, fields: form_urlencoded::parse(bytes).into_owned().collect() })
}

/// Where the form stands, as the browser says; another site's pages are none of ours, and the layer before refused them.
fn page_of(parts: &Parts) -> Option<String> {
    let referrer = parts.headers.get(header::REFERER)?.to_str().ok()?;
    let uri: Uri = referrer.parse().ok()?;
    LocalPath::parse(&here(&uri)).map(|path| path.to_string())
}

/// The fields of a form that was kept.
pub(super) fn fields(form: &KeptForm) -> SentForm {
    let fields = form_urlencoded::parse(form.fields.as_bytes()).into_owned().collect();
    SentForm { path: form.path.clone(), page: form.page.clone(), fields }
}
