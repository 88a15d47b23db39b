//! How much, and how often.
//!
//! # Guarantees
//! * Every request at the browser's door is counted before anything is asked of the database: by address, and by the
//!   session or key that it names, genuine or not.
//! * What is remembered has a fixed size, whatever comes in.

use std::hash::Hash;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::warn;

use crate::domain::actor::Actor;
use crate::domain::ids;
use crate::domain::quota::{Limit, RetryAfter};
use crate::domain::time::Timestamp;
use crate::telemetry::names;
use crate::web::problem::Problem;
use crate::web::rate::{BoundedLimiter, Knocker};
use crate::web::state::WebState;
use crate::web::{body, cookie};

/// The most addresses, sessions and keys that are told apart.
const MOST_KNOCKERS: usize = 4_096;

const MINUTE: Duration = Duration::from_secs(60);

/// How often somebody may knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Requests from one address.
    pub address: Limit,
    /// Requests with one session or key.
    pub credential: Limit,
    /// Attempts to sign in from one address.
    pub sign_in: Limit,
}

impl Default for HttpLimits {
    /// 600 a minute and 200 at once for an address, 300 and 100 for a session, 20 attempts to sign in.
    fn default() -> Self {
        Self { address: per_minute(600, 200), credential: per_minute(300, 100), sign_in: per_minute(20, 20) }
    }
}

/// So many a minute, and so many at once.
fn per_minute(count: u32, burst: u32) -> Limit {
    Limit::with_burst(count, MINUTE, burst).expect("BUG: it is a limit")
}

/// What is counted of everyone who knocks.
#[derive(Debug)]
pub(super) struct Limits {
    addresses: Counted<Knocker>,
    credentials: Counted<Knocker>,
    sign_ins: Counted<Knocker>,
    /// Denials that are written down, by actor.
    denials: Counted<String>,
    /// Refusals that are logged, by who knocks.
    told: Counted<Knocker>,
}

/// A limiter that many requests share.
#[derive(Debug)]
struct Counted<K>(Mutex<BoundedLimiter<K>>);

impl<K: Clone + Eq + Hash> Counted<K> {
    fn new(limit: Limit) -> Self {
        Self(Mutex::new(BoundedLimiter::new(limit, MOST_KNOCKERS)))
    }

    fn take(&self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).admit(key, now)
    }
}

impl Limits {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        Self {
            addresses: Counted::new(limits.address),
            credentials: Counted::new(limits.credential),
            sign_ins: Counted::new(limits.sign_in),
            denials: Counted::new(per_minute(10, 10)),
            told: Counted::new(per_minute(1, 1)),
        }
    }

    /// Counts one attempt to sign in by whoever made the request.
    pub(super) fn sign_in(&self, parts: &Parts, now: Timestamp) -> Result<(), Problem> {
        self.sign_ins.take(&at(&parts.extensions), now).map_err(|wait| Problem::too_many(wait.duration()))
    }

    /// Is this denial to be written down, or one of a flood?
    pub(super) fn may_record(&self, denied: &Actor, now: Timestamp) -> bool {
        self.denials.take(&denied.person().to_string(), now).is_ok()
    }

    fn knock(&self, state: &WebState, request: &Request) -> Result<(), Problem> {
        let now = state.now();
        let address = at(request.extensions());
        self.addresses.take(&address, now).map_err(|wait| self.refuse(state, "address", &address, wait))?;
        match credential(request.headers(), state) {
            None => Ok(()),
            Some(credential) => {
                let taken = self.credentials.take(&credential, now);
                taken.map_err(|wait| self.refuse(state, "credential", &credential, wait))
            }
        }
    }

    fn refuse(&self, state: &WebState, by: &'static str, who: &Knocker, wait: RetryAfter) -> Problem {
        let studio = state.store().studio().to_string();
        metrics::counter!(names::HTTP_LIMITED, "studio" => studio, "by" => by).increment(1);
        if self.told.take(who, state.now()).is_ok() {
            warn!(event = "rate_limit_triggered", by, "Too many requests by one {by}; repeats are only counted");
        }
        Problem::too_many(wait.duration())
    }
}

/// Whoever is at the other end of the connection.
fn at(extensions: &Extensions) -> Knocker {
    let address = extensions.get::<ConnectInfo<SocketAddr>>();
    address.map_or(Knocker::Nowhere, |ConnectInfo(address)| Knocker::at(address.ip()))
}

/// The session or key that the request names. Whether it is genuine is not asked here.
fn credential(headers: &HeaderMap, state: &WebState) -> Option<Knocker> {
    let key = headers.get(header::AUTHORIZATION).map(|key| ids::Hash::of(key.as_bytes()));
    let session = || cookie::read(headers, &state.settings().origin).map(|secret| ids::Hash::of(secret.expose()));
    key.or_else(session).map(Knocker::Credential)
}

/// Refuses who knocks too often.
pub(super) async fn refuse_floods(State(state): State<WebState>, request: Request, next: Next) -> Response {
    match state.limits().knock(&state, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses a body whose announced length is too large, before a byte of it is read.
pub(super) async fn refuse_large_bodies(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let too_large = announced
        .is_some_and(|length| length.parse::<usize>().map_or(true, |length| length > state.settings().max_body));
    if too_large { body::too_large().into_response() } else { next.run(request).await }
}
