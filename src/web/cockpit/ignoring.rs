//! `POST`: ignoring a finding for a while, and telling of it again.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::drift::IgnoreForm;
use studio_cockpit::paths;
use studio_cockpit::render::Page;
use uuid::Uuid;

use crate::domain::reason::Reason;
use crate::gate::NewIgnore;
use crate::web::body::FormBody;
use crate::web::cockpit::forms::told_at;
use crate::web::cockpit::pages::{Asked, show_as};
use crate::web::cockpit::viewer::Told;
use crate::web::denial::{denied, kind_of};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// Seconds of a day.
const DAY: u64 = 86_400;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct IgnoreFields {
    reason: String,
    days: String,
    scope: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct UnignoreFields {
    rule: String,
}

/// `POST /drift/{id}/ignore`
pub(in crate::web) async fn ignore(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    mut asked: Asked,
    FormBody(fields): FormBody<IgnoreFields>,
) -> Result<Response, Problem> {
    let finding = Uuid::try_parse(&id).map_err(|_| Problem::not_found("There is no such finding."))?;
    let alike = fields.scope == "alike";
    // What is no number of days is refused like a number that is too large.
    let days: u64 = fields.days.parse().unwrap_or_default();
    let lasts = Duration::from_secs(days.saturating_mul(DAY));
    let new = NewIgnore { finding, alike, reason: fields.reason.clone(), lasts };
    match state.desk.gate().ignore_finding(&asked.actor, new, state.desk.now()).await {
        Ok(_) => told_at(&state, &asked, Told::Ignored, paths::finding(&id)).await,
        Err(error) => {
            let reason = denied(error)?;
            let problem = if reason == Reason::InputInvalid {
                "Choose a time from 1 to 90 days.".to_owned()
            } else {
                reason.sentence().to_owned()
            };
            let form = IgnoreForm { reason: fields.reason, days: fields.days, alike, problem: Some(problem) };
            asked.here = paths::finding(&id);
            Ok(show_as(&state, &asked, Page::Finding { id, form }, kind_of(reason).status()).await)
        }
    }
}

/// `POST /drift/{id}/unignore`
pub(in crate::web) async fn unignore(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    asked: Asked,
    FormBody(fields): FormBody<UnignoreFields>,
) -> Result<Response, Problem> {
    let rule = Uuid::try_parse(&fields.rule).map_err(|_| Problem::not_found("There is no such rule."))?;
    state.desk.gate().stop_ignoring(&asked.actor, rule, state.desk.now()).await?;
    told_at(&state, &asked, Told::Unignored, paths::finding(&id)).await
}
