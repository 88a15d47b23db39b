//! Who makes a request. Handlers ask by taking one of these types; nothing else tells them.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::domain::actor::Actor;
use crate::identity::Refusal;
use crate::identity::sessions::SessionRef;
use crate::web::cookie;
use crate::web::problem::Problem;
use crate::web::state::WebState;

/// Whoever has a verified credential: a signed-in browser, or an operator at the socket.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

/// A person in a signed-in browser.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Actor, pub SessionRef);

/// A person in a browser, signed in or not.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

/// The operator at the other end of the socket. Only the socket's layer puts it into a request.
#[derive(Clone, Debug)]
pub(super) struct AtSocket(pub(super) Actor);

/// What the request's cookie turned out to be; asked for once in a request.
#[derive(Clone)]
struct Resumed(Result<SignedIn, Option<Refusal>>);

impl<S> FromRequestParts<S> for SignedIn
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.extensions.get::<AtSocket>().is_some() {
            return Err(Problem::forbidden("BROWSER_ONLY", "Only a person in a browser can do this."));
        }
        resume(parts, &WebState::from_ref(state)).await?.map_err(Problem::not_signed_in)
    }
}

impl<S> FromRequestParts<S> for MaybeSignedIn
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(resume(parts, &WebState::from_ref(state)).await?.ok()))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(AtSocket(operator)) = parts.extensions.get() {
            return Ok(Self(operator.clone()));
        }
        let resumed = resume(parts, &WebState::from_ref(state)).await?;
        resumed.map(|SignedIn(actor, _)| Self(actor)).map_err(Problem::not_signed_in)
    }
}

/// Who looks at the page of a problem. What can't be found out is nobody: the page is shown all the same.
pub(super) async fn viewer(state: &WebState, headers: &HeaderMap) -> Option<Actor> {
    let secret = cookie::read(headers, &state.settings().origin)?;
    let (actor, _) = state.sessions().resume(state.store(), &secret, state.now()).await.ok()?.ok()?;
    Some(actor)
}

async fn resume(parts: &mut Parts, state: &WebState) -> Result<Result<SignedIn, Option<Refusal>>, Problem> {
    if let Some(Resumed(known)) = parts.extensions.get() {
        return Ok(known.clone());
    }
    let found = match cookie::read(&parts.headers, &state.settings().origin) {
        None => Err(None),
        Some(secret) => match state.sessions().resume(state.store(), &secret, state.now()).await? {
            Ok((actor, session)) => Ok(SignedIn(actor, session)),
            Err(refusal) => Err(Some(refusal)),
        },
    };
    parts.extensions.insert(Resumed(found.clone()));
    Ok(found)
}
