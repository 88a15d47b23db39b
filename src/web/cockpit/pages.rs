//! `GET`: pages.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use studio_cockpit::model::audit::AuditFilter;
use studio_cockpit::model::drift::{DriftFilter, IgnoreForm};
use studio_cockpit::model::forms::{DecisionForm, DraftForm, UndoForm};
use studio_cockpit::model::queue::ProposalFilter;
use studio_cockpit::model::state::StateChoice;
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::model::viewer::Viewer;
use studio_cockpit::model::writes::WriteFilter;
use studio_cockpit::paths;
use studio_cockpit::render::{Failure, Page, Rendered, error_page, render};
use tracing::error;
use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::time::Timestamp;
use crate::identity::sessions::SessionRef;
use crate::web::answer;
use crate::web::caller::SignedIn;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::viewer::{self, Frame};
use crate::web::cockpit::visit::Visit;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;
use crate::web::trace::RequestId;

/// What a signed-in person asks for.
#[derive(Debug)]
pub(in crate::web) struct Asked {
    pub(super) actor: Actor,
    pub(super) session: SessionRef,
    /// Path and query: where links on the page lead back to.
    pub(super) here: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    pub(super) request_id: String,
}

impl FromRequestParts<DeskState> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &DeskState) -> Result<Self, Problem> {
        let SignedIn(actor, session) = SignedIn::from_request_parts(parts, state).await?;
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            actor,
            session,
            here: answer::here(&parts.uri),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.clone(),
            request_id: parts.extensions.get::<RequestId>().cloned().unwrap_or_default().as_str().to_owned(),
        })
    }
}

impl Asked {
    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn cockpit(&self, state: &DeskState) -> Cockpit {
        Cockpit::for_viewer(state.desk.clone(), self.actor.clone(), self.request_id.clone())
            .with_sessions(state.web.sessions().clone(), self.session.clone())
    }
}

/// A new idempotency key, for a fresh form.
pub(super) fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}

/// Renders a page for whoever asked.
pub(super) async fn show(state: &DeskState, asked: &Asked, page: Page) -> Response {
    let viewer = frame(state, asked).await;
    answer(render(page, &asked.cockpit(state), &viewer).await)
}

/// Renders a page with another status: a form that comes back because it was denied.
pub(super) async fn show_as(state: &DeskState, asked: &Asked, page: Page, status: StatusCode) -> Response {
    let mut response = show(state, asked, page).await;
    // A page that failed in itself keeps its own status.
    if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        *response.status_mut() = status;
    }
    response
}

async fn frame(state: &DeskState, asked: &Asked) -> Viewer {
    let live = viewer::live(&state.desk, &asked.session, &asked.request_id).await;
    let kept = state.web.take_flashes(&asked.session).await.unwrap_or_else(|cause| {
        let cause = anyhow::Error::new(cause);
        error!(error.id = asked.request_id, "Messages for the page could not be taken: {cause:#}");
        Vec::new()
    });
    let frame = Frame {
        headers: &asked.headers,
        here: asked.here.clone(),
        flashes: viewer::flashes(&kept),
        request_id: &asked.request_id,
        live,
    };
    viewer::viewer(&state.desk, Some(&asked.actor), frame).await
}

fn answer(rendered: Rendered) -> Response {
    let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(rendered.html)).into_response()
}

pub(in crate::web) async fn overview(State(state): State<DeskState>, asked: Asked) -> Response {
    visited(&state, &asked, Page::Overview).await
}

pub(in crate::web) async fn state(State(state): State<DeskState>, asked: Asked) -> Response {
    visited(&state, &asked, Page::State).await
}

/// A page that tells what changed since the last visit, and remembers this one.
async fn visited(state: &DeskState, asked: &Asked, page: fn(StateChoice) -> Page) -> Response {
    let visit = Visit::of(&asked.headers, state.desk.now());
    let last_visit = visit.before.map(Timestamp::to_jiff);
    let choice = StateChoice { last_visit, ..StateChoice::from_pairs(asked.pairs()) };
    let mut response = show(state, asked, page(choice)).await;
    response.headers_mut().append(header::SET_COOKIE, visit.cookie(&state.web.settings().origin));
    response
}

pub(in crate::web) async fn drift(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = DriftFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Drift(filter)).await
}

pub(in crate::web) async fn finding(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    show(&state, &asked, Page::Finding { id, form: IgnoreForm::default() }).await
}

pub(in crate::web) async fn proposals(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = ProposalFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Proposals(filter)).await
}

pub(in crate::web) async fn new_proposal(State(state): State<DeskState>, asked: Asked) -> Response {
    let mut form = DraftForm { idempotency_key: fresh_key(), ..DraftForm::from_pairs(asked.pairs()) };
    match asked.cockpit(&state).prefill(&mut form).await {
        Ok(()) => show(&state, &asked, Page::NewProposal(form)).await,
        Err(unanswered) => {
            let failure = match unanswered {
                Unanswered::Missing { what } => Failure::NotFound { what },
                Unanswered::Forbidden { why } => Failure::Forbidden { why },
                Unanswered::Trouble(trouble) => Failure::Internal { trouble },
            };
            answer(error_page(failure, &frame(&state, &asked).await))
        }
    }
}

pub(in crate::web) async fn proposal(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    let form = DecisionForm { idempotency_key: fresh_key(), ..DecisionForm::default() };
    let queue = ProposalFilter::of_queue(asked.pairs());
    show(&state, &asked, Page::Proposal { id, form, queue }).await
}

pub(in crate::web) async fn writes(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = WriteFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Writes(filter)).await
}

pub(in crate::web) async fn write(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    let form = UndoForm { idempotency_key: fresh_key(), ..UndoForm::default() };
    show(&state, &asked, Page::Write { id, form }).await
}

pub(in crate::web) async fn audit(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = AuditFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Audit(filter)).await
}

pub(in crate::web) async fn audit_entry(
    State(state): State<DeskState>,
    Path(sequence): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let sequence = sequence.parse().map_err(|_| Problem::not_found("There is no such audit entry."))?;
    Ok(show(&state, &asked, Page::AuditEntry { sequence }).await)
}

/// `GET /design`
pub(in crate::web) async fn design(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Design).await
}

/// `POST /design`: the forms that the page shows lead back to it, and do nothing.
pub(in crate::web) async fn design_again(_: Asked) -> Redirect {
    Redirect::to(paths::DESIGN)
}
