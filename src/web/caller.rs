//! Who makes a request. Handlers ask by taking one of these types; nothing else tells them.
//!
//! # Guarantees
//! * A request is made by one: whoever sends two credentials is refused, and never taken for the more powerful.
//! * Keys are neither logged nor kept; the log names what was wrong with one.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use studio_cockpit::paths;
use tracing::warn;

use crate::domain::actor::Actor;
use crate::domain::agent::KeyRefusal;
use crate::identity::Refusal;
use crate::identity::agents::{self, VerifiedAgent};
use crate::identity::sessions::{SessionRef, SessionSecret};
use crate::web::cookie;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::state::WebState;

/// The longest `Authorization` header that is looked at.
const LONGEST: usize = 200;

/// Whoever has a verified credential: a signed-in browser, an operator at the socket, or an agent with its key.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

/// The agent that made the request, if one did: what its key allows at most.
#[derive(Clone, Debug)]
pub struct Agent(pub Option<VerifiedAgent>);

/// A person in a signed-in browser.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Actor, pub SessionRef);

/// A person in a browser, signed in or not.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

/// The operator at the other end of the socket. Only the socket's layer puts it into a request.
#[derive(Clone, Debug)]
pub(super) struct AtSocket(pub(super) Actor);

/// What the request's credential proves.
#[derive(Clone)]
enum Credential {
    Operator(Actor),
    Session(SignedIn),
    Key(VerifiedAgent),
    /// None, or a cookie that is good for nothing any more.
    Nothing(Option<Refusal>),
}

/// What the credential turned out to be; asked for once in a request.
#[derive(Clone)]
struct Known(Result<Credential, Problem>);

impl<S> FromRequestParts<S> for SignedIn
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match known(parts, &WebState::from_ref(state)).await? {
            Credential::Session(signed_in) => Ok(signed_in),
            Credential::Nothing(refusal) => Err(Problem::not_signed_in(refusal)),
            Credential::Operator(_) | Credential::Key(_) => {
                Err(Problem::forbidden("BROWSER_ONLY", "Only a person in a browser can do this."))
            }
        }
    }
}

impl<S> FromRequestParts<S> for MaybeSignedIn
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(match known(parts, &WebState::from_ref(state)).await? {
            Credential::Session(signed_in) => Some(signed_in),
            Credential::Operator(_) | Credential::Key(_) | Credential::Nothing(_) => None,
        }))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        actor(parts, &WebState::from_ref(state)).await.map(Self)
    }
}

impl<S> FromRequestParts<S> for Agent
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(match known(parts, &WebState::from_ref(state)).await? {
            Credential::Key(agent) => Some(agent),
            Credential::Operator(_) | Credential::Session(_) | Credential::Nothing(_) => None,
        }))
    }
}

/// Whoever has a verified credential.
pub(super) async fn actor(parts: &mut Parts, state: &WebState) -> Result<Actor, Problem> {
    match known(parts, state).await? {
        Credential::Operator(actor) | Credential::Session(SignedIn(actor, _)) => Ok(actor),
        Credential::Key(agent) => Ok(agent.actor),
        Credential::Nothing(refusal) => Err(Problem::not_signed_in(refusal)),
    }
}

/// Who looks at the page of a problem. What can't be found out is nobody: the page is shown all the same.
pub(super) async fn viewer(state: &WebState, headers: &HeaderMap) -> Option<Actor> {
    let secret = cookie::read(headers, &state.settings().origin)?;
    let (actor, _) = state.sessions().resume(state.store(), &secret, state.now()).await.ok()?.ok()?;
    Some(actor)
}

async fn known(parts: &mut Parts, state: &WebState) -> Result<Credential, Problem> {
    if let Some(Known(found)) = parts.extensions.get() {
        return found.clone();
    }
    let found = find(parts, state).await;
    parts.extensions.insert(Known(found.clone()));
    found
}

async fn find(parts: &Parts, state: &WebState) -> Result<Credential, Problem> {
    let (keyed, secret) = (has_key(&parts.headers), cookie::read(&parts.headers, &state.settings().origin));
    match (parts.extensions.get(), keyed, secret) {
        (Some(AtSocket(_)), true, _) | (None, true, Some(_)) => Err(mixed()),
        (Some(AtSocket(operator)), false, _) => Ok(Credential::Operator(operator.clone())),
        (None, true, None) => by_key(&parts.headers, state).await.map(Credential::Key),
        (None, false, None) => Ok(Credential::Nothing(None)),
        (None, false, Some(secret)) => match session(parts, state, &secret).await? {
            Ok((actor, session)) => Ok(Credential::Session(SignedIn(actor, session))),
            Err(refusal) => Ok(Credential::Nothing(Some(refusal))),
        },
    }
}

/// Who is behind this secret. To listen is not to use: a page that nobody looks at keeps no session alive.
async fn session(
    parts: &Parts,
    state: &WebState,
    secret: &SessionSecret,
) -> Result<Result<(Actor, SessionRef), Refusal>, Problem> {
    let (sessions, store, now) = (state.sessions(), state.store(), state.now());
    Ok(if parts.uri.path() == paths::LIVE {
        sessions.look(store, &secret.key(), now).await?
    } else {
        sessions.resume(store, secret, now).await?
    })
}

/// Does the request say that it is made with a key? What it sends may still be none.
pub(super) fn has_key(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

async fn by_key(headers: &HeaderMap, state: &WebState) -> Result<VerifiedAgent, Problem> {
    let now = state.now();
    let found = match bearer(headers) {
        Some(key) => agents::authenticate(state.store(), key, now).await?,
        None => Err(KeyRefusal::Unknown),
    };
    found.map_err(|refusal| {
        let (code, sentence) = (refusal.reason().code(), refusal.reason().sentence());
        warn!(event = "agent.key_refused", reason.code = code, "Refused an agent's key: {}", refusal.word());
        match refusal {
            KeyRefusal::Unknown | KeyRefusal::Revoked | KeyRefusal::Expired => {
                Problem::new(ProblemKind::NotSignedIn, code, sentence)
            }
            KeyRefusal::Suspended { until } => Problem::forbidden(code, sentence).after(until.since(now)),
        }
    })
}

/// The key, if there is exactly one and it is sent as a bearer token.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let text = value.to_str().ok().filter(|text| text.len() <= LONGEST)?;
    let (scheme, key) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn mixed() -> Problem {
    Problem::bad_request("CREDENTIALS_MIXED", "Send a key or a session, and not both.")
}
