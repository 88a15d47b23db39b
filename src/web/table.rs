//! The route table: every address that is answered and who may call it, on one screen.
//!
//! None of these has its layers: merge them, then give them to [`with_layers`](crate::web::with_layers).

use axum::Router;
use studio_cockpit::paths;

use crate::domain::freshness::FreshnessBounds;
use crate::telemetry::Metrics;
use crate::web::api::{
    agents, audit, capabilities, changes, checks, documents, drift, drills, exemptions, history, ignores, intake,
    kill_switch, lease, ledger, may, proposals, propose, quotas, rehearsals, review, snapshots, state, status,
    verifications, writes,
};
use crate::web::cockpit::{
    assets, audit_copy, box_pages, bulk, documents as browsed, forms, ignoring, pages, rules, sessions,
};
use crate::web::desk::{Desk, DeskState};
use crate::web::health::{self, Health};
use crate::web::live;
use crate::web::route::{ADMINS, ANYONE, BROWSING_ADMINS, OPERATORS, PEOPLE, PEOPLE_AND_AGENTS, Route, STAFF, Table};
use crate::web::state::WebState;
use crate::web::{openapi, sign_in};

/// Signing in and out.
fn session_table() -> Table<WebState> {
    Table::below("")
        .get(paths::SIGN_IN, ANYONE, sign_in::page)
        .post("/session", ANYONE, sign_in::with_token)
        .post(paths::PERSONA, ANYONE, sign_in::as_persona)
        .post(paths::PROVIDER, ANYONE, sign_in::provider::go)
        .get(sign_in::provider::BACK, ANYONE, sign_in::provider::back_again)
        .post(paths::SIGN_OUT, ANYONE, sign_in::out)
}

/// Is it alive, is it ready, and its metrics. None of them tells of a document or a person.
fn health_table() -> Table<Health> {
    Table::below("").get("/healthz", ANYONE, async || "ok\n").get("/readyz", ANYONE, health::readyz).get(
        "/metrics",
        ANYONE,
        health::metrics_text,
    )
}

/// What people see and do.
fn cockpit_table() -> Table<DeskState> {
    let table = Table::below("")
        .get(paths::OVERVIEW, STAFF, pages::overview)
        .get(paths::STATE, STAFF, pages::state)
        .get(paths::DRIFT, STAFF, pages::drift)
        .post(paths::DRIFT_CHECK, STAFF, forms::check_drift)
        .get("/drift/{id}", STAFF, pages::finding)
        .post("/drift/{id}/ignore", STAFF, ignoring::ignore)
        .post("/drift/{id}/unignore", STAFF, ignoring::unignore)
        .get(paths::DOCUMENTS, STAFF, browsed::list)
        .get("/documents/{*path}", STAFF, browsed::page)
        .post("/documents/{*path}", STAFF, browsed::restore)
        .get(paths::PROPOSALS, STAFF, pages::proposals)
        .post(paths::PROPOSALS, STAFF, forms::propose)
        .get(paths::NEW_PROPOSAL, STAFF, pages::new_proposal)
        .get(paths::BULK, STAFF, bulk::page)
        .post(paths::BULK, STAFF, bulk::decide)
        .get("/proposals/{id}", STAFF, pages::proposal)
        .post("/proposals/{id}/decision", STAFF, forms::decide)
        .post("/proposals/{id}/withdraw", STAFF, forms::withdraw)
        .get(paths::WRITES, STAFF, pages::writes)
        .get("/writes/{id}", STAFF, pages::write)
        .post("/writes/{id}/undo", STAFF, forms::undo)
        .get(paths::POLICY, STAFF, rules::policy::page)
        .get(paths::STOP, STAFF, rules::switch::stop_page)
        .post(paths::STOP, STAFF, rules::switch::stop)
        .get(paths::RESUME, STAFF, rules::switch::resume_page)
        .post(paths::RESUME, STAFF, rules::switch::ask)
        .post(paths::RESUME_CONFIRM, STAFF, rules::switch::confirm)
        .get(paths::LEASE, STAFF, rules::policy::lease_page)
        .post(paths::LEASE, ADMINS, rules::policy::take_lease)
        .get(paths::EXEMPTIONS, STAFF, rules::exemptions::list)
        .post(paths::EXEMPTIONS, STAFF, rules::exemptions::grant)
        .get(paths::NEW_EXEMPTION, STAFF, rules::exemptions::new)
        .get("/policy/exemptions/{id}", STAFF, rules::exemptions::one)
        .post("/policy/exemptions/{id}/revoke", STAFF, rules::exemptions::revoke)
        .get(paths::QUOTAS, STAFF, rules::quotas::list)
        .get(paths::COUNTER, STAFF, rules::quotas::one)
        .post(paths::COUNTER, STAFF, rules::quotas::reset)
        .get(paths::CAPABILITIES, STAFF, rules::capabilities::list)
        .get("/policy/capabilities/{id}", STAFF, rules::capabilities::one)
        .get(paths::MAY_I, STAFF, rules::may_i::page)
        .get(paths::AGENTS, STAFF, rules::agents::list)
        .get("/agents/{id}", STAFF, rules::agents::one)
        .post("/agents/{id}/resume", STAFF, rules::agents::resume)
        .get(paths::DENIALS, STAFF, rules::agents::denials)
        .get(paths::NEW_KEY, STAFF, rules::keys::new)
        .post(paths::AGENT_KEYS, ADMINS, rules::keys::issue)
        .get("/agents/keys/{prefix}", STAFF, rules::keys::one)
        .post("/agents/keys/{prefix}/revoke", ADMINS, rules::keys::revoke)
        .get(paths::INTAKE, STAFF, rules::intake::list)
        .get("/intake/{id}", STAFF, rules::intake::one)
        .post("/intake/{id}/decision", STAFF, rules::intake::decide)
        .get(paths::AUDIT, STAFF, pages::audit)
        .get("/audit/{sequence}", STAFF, pages::audit_entry)
        .get("/audit/{sequence}/proof", STAFF, audit_copy::proof)
        .post(paths::AUDIT_EXPORT, BROWSING_ADMINS, audit_copy::export)
        .get(paths::CONNECTORS, STAFF, box_pages::connectors)
        .get(paths::JOBS, STAFF, box_pages::jobs)
        .post("/jobs/{errand}", STAFF, box_pages::start)
        .get(paths::READS, STAFF, box_pages::reads)
        .get(paths::SCORECARD, STAFF, box_pages::scorecard)
        .get(paths::RECOMMENDATIONS, STAFF, box_pages::recommendations)
        .get(paths::STUDIOS, STAFF, box_pages::studios)
        .get(paths::HELP, STAFF, box_pages::help)
        .get(paths::SESSIONS, STAFF, sessions::page)
        .post(paths::SESSIONS_END, STAFF, sessions::end)
        .post(paths::SESSIONS_END_OTHERS, STAFF, sessions::end_others)
        .get(paths::STAFF, ADMINS, sessions::staff)
        .post(paths::STAFF, ADMINS, sessions::set_staff)
        .get(paths::KEPT, STAFF, sessions::kept_page)
        .post(paths::KEPT_DISCARD, STAFF, sessions::discard)
        .post(paths::PREFERENCES, ANYONE, forms::preferences)
        .get_by_own_pages(paths::LIVE, STAFF, live::listen)
        .get("/assets/{name}", ANYONE, assets::asset);
    // Every component in every state is for whoever builds pages, not for a studio.
    if cfg!(feature = "sandbox") {
        table.get(paths::DESIGN, STAFF, pages::design).post(paths::DESIGN, STAFF, pages::design_again)
    } else {
        table
    }
}

/// The same for programs. Each of these is described in [`openapi::operations`](crate::web::openapi).
fn api_table() -> Table<DeskState> {
    Table::below("/api/v1")
        .get("/openapi.json", ANYONE, openapi::read)
        .get("/status", PEOPLE, status::read)
        .post("/proposals", PEOPLE_AND_AGENTS, propose::propose)
        .get("/proposals/{id}", PEOPLE_AND_AGENTS, proposals::read)
        .post("/proposals/{id}/decision", PEOPLE, proposals::decide)
        .post("/proposals/{id}/withdraw", PEOPLE_AND_AGENTS, proposals::withdraw)
        .post("/proposals/{id}/stop", PEOPLE, review::stop)
        .post("/proposals/{id}/reopen", PEOPLE, review::reopen)
        .get("/may-i", PEOPLE_AND_AGENTS, may::read)
        .get("/writes/{id}", PEOPLE, writes::read)
        .post("/writes/{id}/undo", PEOPLE, writes::undo)
        .post("/proposals/{id}/undo", PEOPLE, writes::undo_proposal)
        .post("/ledger/rebuild", ADMINS, ledger::ask)
        .get("/ledger/rebuilds/{id}", PEOPLE, ledger::read)
        .get("/findings", PEOPLE, drift::findings)
        .get("/findings/{id}", PEOPLE, drift::finding)
        .post("/findings/{id}/ignore", PEOPLE, ignores::ignore)
        .get("/drift", PEOPLE, checks::standing)
        .get("/drift/ignores", PEOPLE, ignores::list)
        .post("/drift/ignores/{id}/end", PEOPLE, ignores::end)
        .post("/drift/checks", PEOPLE, checks::ask)
        .get("/drift/checks/{id}", PEOPLE, checks::check)
        .post("/mirror/verifications", PEOPLE, verifications::ask)
        .get("/mirror/verifications/{id}", PEOPLE, verifications::read)
        .get("/state", PEOPLE, state::read)
        .get("/state/documents", PEOPLE, state::documents)
        .get("/snapshots", PEOPLE, snapshots::list)
        .post("/snapshots", PEOPLE, snapshots::ask)
        .get("/snapshots/runs/{id}", PEOPLE, snapshots::run)
        .get("/snapshots/{id}", PEOPLE, snapshots::read)
        .get("/snapshots/{id}/diff", PEOPLE, snapshots::diff)
        .get("/audit", PEOPLE, audit::read)
        .get("/audit/seal", PEOPLE, audit::seal)
        .post("/audit/exports", OPERATORS, audit::export)
        .post("/audit/key/rotations", OPERATORS, audit::rotate_key)
        .get("/documents/{*path}", PEOPLE, documents::read)
        .get("/history/{*path}", PEOPLE, history::read)
        .get("/changes", PEOPLE, changes::wait)
        .post("/drills", OPERATORS, drills::start)
        .post("/drills/undo", OPERATORS, drills::undo)
        .post("/drills/begin", OPERATORS, drills::begin)
        .post("/drills/finish", OPERATORS, drills::finish)
        .post("/drills/rehearse", OPERATORS, rehearsals::rehearse)
        .get("/kill-switch", PEOPLE, kill_switch::read)
        .post("/kill-switch/stop", PEOPLE, kill_switch::stop)
        .post("/kill-switch/resume", PEOPLE, kill_switch::request_resume)
        .post("/kill-switch/resume/confirm", PEOPLE, kill_switch::confirm_resume)
        .get("/lease", PEOPLE, lease::read)
        .post("/lease/take", ADMINS, lease::take)
        .get("/exemptions", PEOPLE, exemptions::list)
        .post("/exemptions", PEOPLE, exemptions::grant)
        .post("/exemptions/{id}/revoke", PEOPLE, exemptions::revoke)
        .get("/quotas", PEOPLE, quotas::list)
        .post("/quotas/reset", PEOPLE, quotas::reset)
        .get("/intake", PEOPLE, intake::list)
        .post("/intake/{id}/review", PEOPLE, intake::review)
        .get("/agents", PEOPLE, agents::list)
        .post("/agents/keys", ADMINS, agents::issue)
        .post("/agents/keys/{prefix}/revoke", ADMINS, agents::revoke)
        .post("/agents/{uid}/resume", PEOPLE, agents::resume)
        .get("/agents/denials", PEOPLE, agents::denials)
        .get("/capabilities", PEOPLE_AND_AGENTS, capabilities::list)
}

/// Every route, and who may call it.
pub fn routes() -> impl Iterator<Item = Route> {
    let people = session_table().routes().chain(health_table().routes());
    people.chain(cockpit_table().routes()).chain(api_table().routes())
}

/// Signing in and out.
pub fn session(state: &WebState) -> Router {
    session_table().guarded(state.clone(), state)
}

/// Is it alive, is it ready, and its metrics.
pub fn health(state: &WebState, metrics: Metrics, bounds: FreshnessBounds) -> Router {
    health_table().guarded(Health { state: state.clone(), metrics, bounds }, state)
}

/// What people see and do.
pub fn cockpit(web: &WebState, desk: &Desk) -> Router {
    cockpit_table().guarded(DeskState { web: web.clone(), desk: desk.clone() }, web)
}

/// The same for programs.
pub fn api(web: &WebState, desk: &Desk) -> Router {
    api_table().guarded(DeskState { web: web.clone(), desk: desk.clone() }, web)
}
