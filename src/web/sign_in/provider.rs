//! Signing in at an OpenID Connect provider: going there, and coming back with a code.
//!
//! # Guarantees
//! * Whoever comes back has to be the browser that went, with a `state` that is used once and lasts ten minutes.
//! * The nonce and the code verifier never leave this box but for the provider.
//! * The address to come back to is made from the configured origin, and from nothing that a request says.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::domain::ids::Hash;
use crate::domain::sign_in::{ATTEMPT_LASTS, Attempt, Proof};
use crate::identity::secret::BrowserSecret;
use crate::identity::sources::{Brought, Question};
use crate::identity::{Refusal, VerifiedIdentity};
use crate::web::body::FormBody;
use crate::web::cookie::{self, Cookie};
use crate::web::local_path::LocalPath;
use crate::web::problem::Problem;
use crate::web::sign_in::{admit, read, refuse};
use crate::web::state::WebState;

/// Where the provider sends browsers back to.
pub(in crate::web) const BACK: &str = "/session/provider/back";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoForm {
    #[serde(default)]
    next: String,
    /// Has the person to prove anew who they are?
    #[serde(default)]
    again: String,
}

/// `POST /session/provider`: sends the browser to the provider.
pub(in crate::web) async fn go(State(state): State<WebState>, request: Request) -> Result<Response, Problem> {
    let (parts, FormBody(GoForm { next, again })) = read(&state, request).await?;
    let next = LocalPath::parse(&next);
    let origin = &state.settings().origin;
    // A cookie that is set under another name of this machine would not come back.
    if !host_is(&parts, origin.to_string().as_str()) {
        let query = next
            .map(|next| form_urlencoded::Serializer::new(String::new()).append_pair("next", next.as_str()).finish());
        return Ok(Redirect::to(&format!("{origin}/sign-in?{}", query.unwrap_or_default())).into_response());
    }
    let proof = if again.is_empty() { Proof::Any } else { Proof::Fresh };
    let secret = || BrowserSecret::new().map_err(Problem::internal);
    let (browser, answer, nonce, verifier) = (secret()?, secret()?, secret()?.expose(), secret()?.expose());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let (now, back, shown) = (state.now(), back(&state), answer.expose());
    let question = Question { state: &shown, nonce: &nonce, challenge: &challenge, back: &back, proof };
    let place = match state.sources().place(&question, now).await {
        Ok(place) => place,
        Err(refusal) => return Ok(refuse(&state, &parts, refusal, next).await),
    };
    let next = next.map_or_else(String::new, |next| next.to_string());
    let (key, hash) = (answer.hash(), browser.hash());
    let attempt = Attempt { state: key, browser: hash, nonce, verifier, proof, next, began: now };
    let mut tx = state.store().begin().await?;
    tx.attempt_insert(&attempt).await?;
    tx.commit().await?;
    let cookie = Cookie::Attempt.set(origin, &browser.expose(), ATTEMPT_LASTS);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&place)).into_response())
}

/// `GET /session/provider/back`: a browser comes back. Nobody but the one that went can make it mean anything.
pub(in crate::web) async fn back_again(State(state): State<WebState>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    state.limits().sign_in(&parts, state.now())?;
    let answer = Answer::of(&parts.uri);
    let taken = take(&state, &parts, &answer).await?;
    let (proved, next) = match taken {
        Ok(attempt) => {
            let next = LocalPath::parse(&attempt.next);
            (prove(&state, &answer, &attempt).await, next)
        }
        Err(refusal) => (Err(refusal), None),
    };
    let mut response = admit(&state, &parts, proved, next).await?;
    response.headers_mut().append(header::SET_COOKIE, Cookie::Attempt.clear(&state.settings().origin));
    Ok(response)
}

/// What the provider says in the address.
#[derive(Default)]
struct Answer {
    state: String,
    code: String,
    error: String,
}

impl Answer {
    fn of(uri: &Uri) -> Self {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "state" => answer.state = value.into_owned(),
                "code" => answer.code = value.into_owned(),
                "error" => answer.error = value.into_owned(),
                _ => {}
            }
        }
        answer
    }
}

/// The attempt that this browser comes back from. It is gone afterwards, whatever comes of it.
async fn take(state: &WebState, parts: &Parts, answer: &Answer) -> Result<Result<Attempt, Refusal>, Problem> {
    let browser = cookie::secret(&parts.headers, &state.settings().origin, Cookie::Attempt);
    let Some(known) = BrowserSecret::parse(&answer.state) else { return Ok(Err(Refusal::AttemptUnknown)) };
    let mut tx = state.store().begin().await?;
    let attempt = tx.attempt_take(&known.hash()).await?;
    tx.commit().await?;
    let Some(attempt) = attempt else { return Ok(Err(Refusal::AttemptUnknown)) };
    if !browser.is_some_and(|browser| same(&browser.hash(), &attempt.browser)) {
        return Ok(Err(Refusal::OtherBrowser));
    }
    Ok(if attempt.is_over(state.now()) { Err(Refusal::AttemptExpired) } else { Ok(attempt) })
}

async fn prove(state: &WebState, answer: &Answer, attempt: &Attempt) -> Result<VerifiedIdentity, Refusal> {
    match answer.error.as_str() {
        "" => {}
        "temporarily_unavailable" | "server_error" => return Err(Refusal::ProviderUnavailable),
        _ => return Err(Refusal::ProviderDenied),
    }
    let brought = Brought::Code { code: &answer.code, back: &back(state), attempt };
    state.sources().prove(brought, state.now()).await
}

fn back(state: &WebState) -> String {
    format!("{}{BACK}", state.settings().origin)
}

fn same(one: &Hash, other: &Hash) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.bytes(), other.bytes()).is_ok()
}

/// Was the request made under the name that the origin has?
fn host_is(parts: &Parts, origin: &str) -> bool {
    let host = parts.uri.authority().map(|authority| authority.as_str());
    let host = host.or_else(|| parts.headers.get(header::HOST).and_then(|value| value.to_str().ok()));
    host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, ours)| ours.eq_ignore_ascii_case(host)))
}
