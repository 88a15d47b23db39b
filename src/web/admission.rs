//! Lets in whom the table says, before anything of the request's body is made sense of.
//!
//! # Guarantees
//! * A handler runs only for those whom its route admits.
//! * A denied attempt to change something is in the audit log; a flood of them is counted, and not written down.
//! * An agent that tries what is not for agents has to pause in the end.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::info;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::agent::SuspensionRule;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::reason::Reason;
use crate::store;
use crate::telemetry::names;
use crate::web::caller::{self, AtSocket};
use crate::web::cross_site;
use crate::web::problem::Problem;
use crate::web::route::{AskedBy, Route, Who};
use crate::web::state::WebState;

/// What stands before one route.
#[derive(Clone)]
pub(super) struct Guard {
    web: WebState,
    route: Arc<Route>,
}

impl Guard {
    pub(super) fn new(web: &WebState, route: Route) -> Self {
        Self { web: web.clone(), route: Arc::new(route) }
    }

    fn check(&self, actor: &Actor) -> Result<(), Reason> {
        if actor.studio() != self.web.store().studio() {
            return Err(Reason::TenantMismatch);
        }
        if self.route.who.admits(actor.kind()) { Ok(()) } else { Err(Reason::RoleMissing) }
    }

    /// Writes the denial down, unless this actor was denied too often in the last minute.
    async fn record(&self, actor: &Actor, reason: Reason) -> store::Result<()> {
        let (studio, now) = (self.web.store().studio(), self.web.now());
        if !self.web.limits().may_record(actor, now) {
            return Ok(());
        }
        let target = Target::Other(format!("{} {}", self.route.method, self.route.path));
        let event = Event::new(now, actor.person(), Action::RequestDenied, target).because(reason);
        let mut tx = self.web.store().begin().await?;
        tx.audit(studio, event).await?;
        if actor.kind() == ActorKind::Agent {
            tx.agent_denied(studio, &actor.person(), reason, &SuspensionRule::default(), now).await?;
        }
        tx.commit().await
    }
}

/// Runs the handler if the route is for whoever asks.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Result<Response, Problem> {
    // The socket is no browser's; a change was checked by the layer around all routes.
    let is_stream = guard.route.asked_by == AskedBy::OwnPages && request.method().is_safe();
    if is_stream && request.extensions().get::<AtSocket>().is_none() {
        cross_site::check_asker(request.uri(), request.headers(), &guard.web.settings().origin)?;
    }
    match guard.route.who {
        Who::Anyone => return Ok(next.run(request).await),
        Who::Roles(_) => {}
    }
    let (mut parts, body) = request.into_parts();
    let actor = caller::actor(&mut parts, &guard.web).await?;
    let Err(reason) = guard.check(&actor) else { return Ok(next.run(Request::from_parts(parts, body)).await) };
    let (method, path) = (&guard.route.method, &guard.route.path);
    let studio = guard.web.store().studio().to_string();
    metrics::counter!(names::HTTP_DENIED, "studio" => studio, "role" => actor.kind().as_str()).increment(1);
    info!(event = "request.denied", actor = %actor.person(), reason.code = reason.code(), "Denied {method} {path}");
    // Looking changes nothing, and so writes nothing.
    if !parts.method.is_safe() {
        guard.record(&actor, reason).await?;
    }
    Err(reason.into())
}
