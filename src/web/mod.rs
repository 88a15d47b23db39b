//! HTTP only: the route table on one screen is [`table`](crate::web::table).
//!
//! # Guarantees
//! * Every answer, also to nonsense and after a panic, has its security headers and a request id.
//! * Every route says who may call it, and nobody else reaches its handler.
//! * Nothing is changed by a request that another site made, and nothing is ever changed by `GET`: but for the answer of
//!   an identity provider, which only the browser that went there can bring, once.
//! * What went wrong is told once to us, with its causes, and once to the person, without them.

/// Is it alive, is it ready, and its metrics.
pub mod health;

/// The route table, on one screen.
pub mod table;

/// A route, and who may call it.
pub mod route;

/// Lets in whom the table says.
mod admission;

/// What the API is, for programs that write programs.
pub mod openapi;

/// What every handler may use.
pub mod state;

/// What went wrong, as one type.
pub mod problem;

/// The bodies of requests, read strictly.
pub mod body;

/// Who makes a request.
pub mod caller;

/// Signing in and out.
pub mod sign_in;

/// What a browser is told once.
pub mod flash;

/// What browsers call us.
pub mod origin;

/// A path of this site, safe to redirect to.
pub mod local_path;

/// The cookie that holds a session's secret.
mod cookie;

/// Turns problems and panics into pages or JSON.
mod answer;

/// Names every request and says how it was answered.
pub mod trace;

/// What every answer tells the browser about itself.
pub mod security_headers;

/// Keeps what was typed when a session ends in the middle of it.
mod kept;

/// Keeps other sites from acting in a person's name.
mod cross_site;

/// How much, and how often.
pub mod limits;

/// How often somebody may knock before we know who they are.
pub mod rate;

/// Listens, answers, and stops when told.
pub mod serve;

/// The operators' door: a socket that only this machine can reach.
pub mod socket;

/// What pages and API are made from.
pub mod desk;

/// What differs between two snapshots, and the documents behind it.
mod comparison;

/// What the gate did not do, as a problem.
pub mod denial;

/// The cockpit: pages over the store, forms over the gate.
pub mod cockpit;

/// What changes, told to open pages as it does.
mod live;

/// The same for programs: JSON under `/api/v1`.
pub mod api;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::telemetry::Metrics;
use crate::web::desk::Desk;
use crate::web::problem::Problem;
use crate::web::state::WebState;

pub use table::session as routes;

/// Where a request comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// From a browser with a session's cookie, or from a program with an agent's key.
    Browser,
    /// From this machine, with the operating system's word about who it is.
    Socket,
}

/// Everything that browsers may ask for.
pub fn router(state: &WebState) -> Router {
    with_layers(routes(state), state, Door::Browser)
}

/// Everything that is answered at a door.
pub fn at_door(door: Door, state: &WebState, desk: &Desk, metrics: Metrics) -> Router {
    let routes = routes(state)
        .merge(health::routes(state, metrics, desk.settings().bounds.clone()))
        .merge(api::routes(state, desk));
    let routes = match door {
        Door::Browser => routes.merge(cockpit::routes(state, desk)),
        Door::Socket => routes,
    };
    with_layers(routes, state, door)
}

/// Puts the layers around routes. A request meets them from the last line to the first.
pub fn with_layers(routes: Router, state: &WebState, door: Door) -> Router {
    let routes = routes.fallback(nothing_here).method_not_allowed_fallback(not_that_method);
    let routes = match door {
        Door::Browser => routes
            .layer(from_fn_with_state(state.clone(), kept::keep))
            .layer(from_fn_with_state(state.clone(), cross_site::refuse_other_sites))
            .layer(from_fn_with_state(state.clone(), limits::refuse_floods)),
        Door::Socket => routes.layer(from_fn_with_state(state.clone(), socket::admit)),
    };
    routes
        .layer(from_fn_with_state(state.clone(), limits::refuse_large_bodies))
        .layer(DefaultBodyLimit::max(state.settings().max_body))
        .layer(from_fn_with_state(state.clone(), answer::answer))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn_with_state(state.clone(), trace::trace))
}

async fn nothing_here() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

async fn not_that_method() -> Problem {
    Problem::method_not_allowed()
}
