//! `GET` and `POST`: what the box is, what it does by itself and what that costs.

use axum::extract::{Path, State};
use axum::response::Response;
use studio_cockpit::model::jobs::Errand;
use studio_cockpit::model::reads::ReadsChoice;
use studio_cockpit::paths;
use studio_cockpit::render::Page;

use crate::domain::proof::Depth;
use crate::domain::reason::Reason;
use crate::web::body::FormBody;
use crate::web::cockpit::forms::{NoFields, told_at};
use crate::web::cockpit::jobs::may_ask;
use crate::web::cockpit::pages::{Asked, show};
use crate::web::cockpit::viewer::Told;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

pub(in crate::web) async fn connectors(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Connectors).await
}

pub(in crate::web) async fn jobs(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Jobs).await
}

pub(in crate::web) async fn reads(State(state): State<DeskState>, asked: Asked) -> Response {
    let choice = ReadsChoice::from_pairs(asked.pairs());
    show(&state, &asked, Page::Reads(choice)).await
}

pub(in crate::web) async fn scorecard(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Scorecard).await
}

pub(in crate::web) async fn recommendations(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Recommendations).await
}

pub(in crate::web) async fn studios(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Studios).await
}

pub(in crate::web) async fn help(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Help).await
}

/// `POST /jobs/{errand}`: the same wishes as those of the API.
pub(in crate::web) async fn start(
    State(state): State<DeskState>,
    Path(word): Path<String>,
    asked: Asked,
    FormBody(NoFields {}): FormBody<NoFields>,
) -> Result<Response, Problem> {
    let errand = Errand::parse(&word).ok_or_else(|| Problem::not_found("There is nothing of that name to ask for."))?;
    if !may_ask(asked.actor.kind(), errand) {
        return Err(Reason::RoleMissing.into());
    }
    let (desk, actor) = (&state.desk, &asked.actor);
    match errand {
        Errand::Check => desk.request_check(actor).await?,
        Errand::Verification => desk.request_verification(actor, Vec::new(), Depth::Digests).await?,
        Errand::Snapshot => desk.request_snapshot(actor, false).await?,
        Errand::Rebuild => desk.request_rebuild(actor).await?,
    };
    told_at(&state, &asked, Told::ErrandAsked, paths::JOBS.to_owned()).await
}
