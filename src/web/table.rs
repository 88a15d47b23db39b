//! The route table: every address that is answered, on one screen.
//!
//! None of these has its layers: merge them, then give them to [`with_layers`](crate::web::with_layers).

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use studio_cockpit::paths;

use crate::telemetry::Metrics;
use crate::web::api::{
    agents, audit, capabilities, changes, documents, drift, drills, exemptions, history, intake, kill_switch, may,
    proposals, quotas, review, status, verifications, writes,
};
use crate::web::cockpit::{assets, forms, pages};
use crate::web::desk::{Desk, DeskState};
use crate::web::health::{self, Health};
use crate::web::sign_in;
use crate::web::state::WebState;

/// Signing in and out.
pub fn session(state: &WebState) -> Router {
    Router::new()
        .route(paths::SIGN_IN, get(sign_in::page))
        .route("/session", post(sign_in::with_token))
        .route(paths::PERSONA, post(sign_in::as_persona))
        .route(paths::SIGN_OUT, post(sign_in::out))
        .with_state(state.clone())
}

/// Is it alive, is it ready, and its metrics. None of them tells of a document or a person.
pub fn health(state: &WebState, metrics: Metrics, stale_after: Duration) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics_text))
        .with_state(Health { state: state.clone(), metrics, stale_after })
}

/// What people see and do.
pub fn cockpit(web: &WebState, desk: &Desk) -> Router {
    Router::new()
        .route(paths::OVERVIEW, get(pages::overview))
        .route(paths::DRIFT, get(pages::drift))
        .route(paths::DRIFT_CHECK, post(forms::check_drift))
        .route(paths::PROPOSALS, get(pages::proposals).post(forms::propose))
        .route(paths::NEW_PROPOSAL, get(pages::new_proposal))
        .route("/proposals/{id}", get(pages::proposal))
        .route("/proposals/{id}/decision", post(forms::decide))
        .route("/proposals/{id}/withdraw", post(forms::withdraw))
        .route(paths::WRITES, get(pages::writes))
        .route("/writes/{id}", get(pages::write))
        .route("/writes/{id}/undo", post(forms::undo))
        .route(paths::AUDIT, get(pages::audit))
        .route("/audit/{sequence}", get(pages::audit_entry))
        .route(paths::PREFERENCES, post(forms::preferences))
        .route("/assets/{name}", get(assets::asset))
        .with_state(DeskState { web: web.clone(), desk: desk.clone() })
}

/// The same for programs.
pub fn api(web: &WebState, desk: &Desk) -> Router {
    let routes = Router::new()
        .route("/status", get(status::read))
        .route("/proposals", post(proposals::propose))
        .route("/proposals/{id}", get(proposals::read))
        .route("/proposals/{id}/decision", post(proposals::decide))
        .route("/proposals/{id}/withdraw", post(proposals::withdraw))
        .route("/proposals/{id}/stop", post(review::stop))
        .route("/proposals/{id}/reopen", post(review::reopen))
        .route("/may-i", get(may::read))
        .route("/writes/{id}", get(writes::read))
        .route("/writes/{id}/undo", post(writes::undo))
        .route("/findings", get(drift::findings))
        .route("/drift/checks", post(drift::ask))
        .route("/drift/checks/{id}", get(drift::check))
        .route("/mirror/verifications", post(verifications::ask))
        .route("/mirror/verifications/{id}", get(verifications::read))
        .route("/audit", get(audit::read))
        .route("/documents/{*path}", get(documents::read))
        .route("/history/{*path}", get(history::read))
        .route("/changes", get(changes::wait))
        .route("/drills", post(drills::start))
        .route("/drills/undo", post(drills::undo))
        .route("/drills/finish", post(drills::finish))
        .route("/kill-switch", get(kill_switch::read))
        .route("/kill-switch/stop", post(kill_switch::stop))
        .route("/kill-switch/resume", post(kill_switch::request_resume))
        .route("/kill-switch/resume/confirm", post(kill_switch::confirm_resume))
        .route("/exemptions", get(exemptions::list).post(exemptions::grant))
        .route("/exemptions/{id}/revoke", post(exemptions::revoke))
        .route("/quotas", get(quotas::list))
        .route("/quotas/reset", post(quotas::reset))
        .route("/intake", get(intake::list))
        .route("/intake/{id}/review", post(intake::review))
        .route("/agents", get(agents::list))
        .route("/agents/keys", post(agents::issue))
        .route("/agents/keys/{prefix}/revoke", post(agents::revoke))
        .route("/agents/{uid}/resume", post(agents::resume))
        .route("/agents/denials", get(agents::denials))
        .route("/capabilities", get(capabilities::list));
    Router::new().nest("/api/v1", routes).with_state(DeskState { web: web.clone(), desk: desk.clone() })
}
