//! Signing in and out.

/// At a provider: going there and coming back.
pub(super) mod provider;

/// What the page with a provider's script may do beside what every page may.
mod allowance;

use std::fmt;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use tracing::warn;

use crate::domain::sign_in::browser_family;
use crate::identity::sessions::Arrival;
use crate::identity::sources::Brought;
use crate::identity::{Refusal, VerifiedIdentity};
use crate::web::answer::{here, wants_json};
use crate::web::body::{FormBody, FormOrJson};
use crate::web::local_path::LocalPath;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::state::{PageRequest, SignInPage, WebState};
use crate::web::trace::RequestId;
use crate::web::{caller, cookie};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonaForm {
    persona: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    id_token: String,
    #[serde(default)]
    next: String,
}

impl fmt::Debug for TokenForm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TokenForm").field("next", &self.next).finish_non_exhaustive()
    }
}

/// `GET /sign-in`: how one can sign in here.
pub(super) async fn page(State(state): State<WebState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let mut next = None;
    let mut refusal = None;
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "next" => next = LocalPath::parse(&value),
            "why" => refusal = Refusal::parse(&value),
            _ => {}
        }
    }
    show(&state, &parts, StatusCode::OK, next, refusal).await
}

/// `POST /session/persona`: signs in as a made-up person of the sandbox. Elsewhere there is no such address.
pub(super) async fn as_persona(State(state): State<WebState>, request: Request) -> Result<Response, Problem> {
    if !state.sources().takes(&Brought::Persona("")) {
        return Err(Problem::not_found("There is no such sign-in here."));
    }
    let (parts, FormBody(PersonaForm { persona, next })) = read(&state, request).await?;
    let proved = state.sources().prove(Brought::Persona(&persona), state.now()).await;
    admit(&state, &parts, proved, LocalPath::parse(&next)).await
}

/// `POST /session`: signs in with an ID token.
pub(super) async fn with_token(State(state): State<WebState>, request: Request) -> Result<Response, Problem> {
    let (parts, FormOrJson(TokenForm { id_token, next })) = read(&state, request).await?;
    let proved = state.sources().prove(Brought::Token(&id_token), state.now()).await;
    admit(&state, &parts, proved, LocalPath::parse(&next)).await
}

/// `POST /session/end`: signs out. Doing it twice is no mistake.
pub(super) async fn out(State(state): State<WebState>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let origin = &state.settings().origin;
    if let Some(secret) = cookie::read(&headers, origin) {
        let mut tx = state.store().begin().await?;
        state.sessions().end(&mut tx, &secret, state.now()).await?;
        tx.commit().await?;
    }
    let answer = if wants_json(uri.path(), &headers) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Redirect::to("/sign-in").into_response()
    };
    Ok(([(header::SET_COOKIE, cookie::clear(origin))], answer).into_response())
}

/// Counts the attempt, then reads the body.
async fn read<T>(state: &WebState, request: Request) -> Result<(Parts, T), Problem>
where
    T: FromRequest<WebState, Rejection = Problem>,
{
    let (parts, body) = request.into_parts();
    state.limits().sign_in(&parts, state.now())?;
    let body = T::from_request(Request::from_parts(parts.clone(), body), state).await?;
    Ok((parts, body))
}

/// The one way in: begins the session of whoever proved who they are, and answers.
async fn admit(
    state: &WebState,
    parts: &Parts,
    proved: Result<VerifiedIdentity, Refusal>,
    next: Option<LocalPath>,
) -> Result<Response, Problem> {
    let now = state.now();
    let origin = &state.settings().origin;
    let mut tx = state.store().begin().await?;
    let started = match proved {
        Ok(identity) => {
            let replaces = cookie::read(&parts.headers, origin);
            let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
            let browser = browser_family(agent.unwrap_or_default());
            let arrival = Arrival { replaces: replaces.as_ref(), browser };
            state.sessions().start(&mut tx, &identity, Some(arrival), now).await?
        }
        Err(refusal) => {
            state.sessions().refused(&mut tx, refusal, None, now).await?;
            Err(refusal)
        }
    };
    tx.commit().await?;
    let started = match started {
        Ok(started) => started,
        Err(refusal) => return Ok(refuse(state, parts, refusal, next).await),
    };
    let next = next.map_or_else(|| "/".to_owned(), |next| next.to_string());
    let answer = if wants_json(parts.uri.path(), &parts.headers) {
        (StatusCode::CREATED, Json(json!({ "next": next, "ends": started.session.ends }))).into_response()
    } else {
        Redirect::to(&next).into_response()
    };
    let cookie = cookie::set(origin, &started.secret, state.sessions().longest());
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

async fn refuse(state: &WebState, parts: &Parts, refusal: Refusal, next: Option<LocalPath>) -> Response {
    warn!(event = "session.refused", reason.code = refusal.code(), "Sign-in refused: {}", refusal.code());
    let kind = kind_of(refusal);
    if wants_json(parts.uri.path(), &parts.headers) {
        // Not `NotSignedIn`: that would lead a page to the sign-in page, and this is the sign-in.
        return Problem::new(kind, refusal.code(), refusal.sentence()).into_response();
    }
    show(state, parts, kind.status(), next, Some(refusal)).await
}

fn kind_of(refusal: Refusal) -> ProblemKind {
    match refusal {
        Refusal::TokenKeysUnavailable | Refusal::ProviderUnavailable => ProblemKind::Unavailable,
        Refusal::TokenMalformed | Refusal::PersonaUnknown => ProblemKind::Unprocessable,
        Refusal::SourceUnknown => ProblemKind::NotFound,
        Refusal::TokenAlg
        | Refusal::TokenUnknownKey
        | Refusal::TokenSignature
        | Refusal::TokenExpired
        | Refusal::TokenNotYet
        | Refusal::TokenAudience
        | Refusal::TokenIssuer
        | Refusal::TokenSubject
        | Refusal::TokenTenant
        | Refusal::TokenNonce
        | Refusal::SignInTooOld
        | Refusal::EmailUnverified
        | Refusal::NotStaff
        | Refusal::StaffRevoked
        | Refusal::RoleChanged
        | Refusal::SessionExpired
        | Refusal::SessionIdle
        | Refusal::SessionUnknown
        | Refusal::NotOperator
        | Refusal::ProviderDenied
        | Refusal::CodeRefused
        | Refusal::AttemptUnknown
        | Refusal::AttemptExpired
        | Refusal::OtherBrowser
        | Refusal::ProofNotFresh
        | Refusal::StepUpRequired => ProblemKind::Forbidden,
    }
}

async fn show(
    state: &WebState,
    parts: &Parts,
    status: StatusCode,
    next: Option<LocalPath>,
    refusal: Option<Refusal>,
) -> Response {
    let request = page_request(state, parts).await;
    let offers = state.sources().offers();
    let allowance = allowance::of(&offers);
    let html = state.pages().sign_in(&request, SignInPage { offers, next, refusal }).await;
    let mut response = (status, Html(html)).into_response();
    response.extensions_mut().insert(allowance);
    response
}

/// The request that a page of the doors answers.
pub(super) async fn page_request(state: &WebState, parts: &Parts) -> PageRequest {
    PageRequest {
        viewer: caller::viewer(state, &parts.headers).await,
        here: here(&parts.uri),
        request_id: parts.extensions.get::<RequestId>().cloned().unwrap_or_default().as_str().to_owned(),
        headers: parts.headers.clone(),
    }
}
