//! Stopping an approved proposal, and opening a rejected one again.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::ProposalId;
use crate::web::api::proposals::{Moved, ProposalState};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::problem::Problem;

/// Why: the body of `POST /api/v1/proposals/{id}/stop` and `…/reopen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// 10 to 1,000 characters.
    pub reason: String,
}

pub(in crate::web) async fn stop(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<Json<Moved>, Problem> {
    let id = parse(&id)?;
    desk.gate().stop(&caller, id, &body.reason, desk.now()).await?;
    Ok(Json(Moved { id, state: ProposalState::Rejected }))
}

pub(in crate::web) async fn reopen(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<Json<Moved>, Problem> {
    let id = parse(&id)?;
    desk.gate().reopen(&caller, id, &body.reason, desk.now()).await?;
    Ok(Json(Moved { id, state: ProposalState::Waiting }))
}

fn parse(id: &str) -> Result<ProposalId, Problem> {
    id.parse().map_err(|_| Problem::not_found("There is no such proposal."))
}
