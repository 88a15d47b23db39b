//! `GET /live`: what changes, told to open pages as it does.
//!
//! # Guarantees
//! * Only that something changed is told, by topic and count: what it is now, a page asks for again.
//! * Every event says where the log and the mirror stood. A browser that comes back with it, or a page that tells where
//!   it was made, misses nothing and hears nothing twice; past a bound it is told `many` instead of each.
//! * A stream ends with its session, and when the service stops. To listen keeps no session alive.

/// What changed, in words that pages know.
mod topic;

/// How many streams there may be.
mod streams;

/// One page that listens.
mod listener;

/// Where a page stands.
mod place;

use std::time::Duration;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};

use crate::store::Place;
use crate::web::caller::SignedIn;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;
use crate::web::serve::Stopping;

use listener::Listener;

pub(super) use place::words;
pub(super) use streams::Streams;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Proxies that keep an answer back until it is whole would keep this one for ever.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

const UNKEPT: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// How long a stream may be silent: shorter than whatever is between us and the browser waits.
const SILENCE: Duration = Duration::from_secs(15);

/// Tells a page what changes, from where it stands: `Last-Event-ID`, or `after` for the first time, or now.
pub(in crate::web) async fn listen(
    State(state): State<DeskState>,
    SignedIn(_, session): SignedIn,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let now = state.desk.store().place().await?;
    let from = place(&headers, query.as_deref(), now)?;
    let slot = state.web.streams().take(session.key)?;
    let stop = stopping.map(|Extension(Stopping(stop))| stop).unwrap_or_default();
    let events = Listener::new(state, session, slot, from, stop).events();
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(SILENCE));
    Ok(([UNBUFFERED, UNKEPT], stream).into_response())
}

fn place(headers: &HeaderMap, query: Option<&str>, now: Place) -> Result<Place, Problem> {
    let last = headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("unreadable").to_owned());
    let after = || {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        pairs.into_iter().find(|(name, _)| name == "after").map(|(_, value)| value.into_owned())
    };
    match last.filter(|last| !last.is_empty()).or_else(after) {
        None => Ok(now),
        Some(words) => place::parse(&words, now).ok_or_else(|| {
            Problem::bad_request("PLACE", "`after` and `Last-Event-ID` are the id of an event, such as `1042.88`.")
        }),
    }
}
