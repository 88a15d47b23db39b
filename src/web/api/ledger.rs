//! Making the ledger again from the receipts in the cloud.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::time::Timestamp;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::Moment;
use crate::web::problem::Problem;

/// Asks for it: the body of `POST /api/v1/ledger/rebuild`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RebuildRequest {}

/// It was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RebuildAsked {
    /// Its number.
    pub id: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rebuild {
    /// Its number.
    pub id: i64,
    /// Who asked for it, as a label; null when the ledger was empty.
    pub requested_by: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    pub requested: Timestamp,
    /// When it was over; null while it is not.
    #[schema(value_type = Option<Moment>)]
    pub finished: Option<Timestamp>,
    /// How many receipts there are.
    pub receipts: u64,
    /// Writes that the ledger did not have, and has now.
    pub added: u64,
    /// Writes that the ledger had.
    pub same: u64,
    /// Receipts that tell what the ledger can't take.
    pub problems: Vec<RebuildProblem>,
    /// Why it could not be told, if it could not.
    pub failed: Option<String>,
}

/// A receipt that tells what the ledger can't take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RebuildProblem {
    /// The receipt's path.
    pub receipt: String,
    /// What is wrong with it.
    pub problem: String,
}

pub(in crate::web) async fn ask(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(RebuildRequest {}): JsonBody<RebuildRequest>,
) -> Result<(StatusCode, Json<RebuildAsked>), Problem> {
    let id = desk.request_rebuild(&caller).await?;
    Ok((StatusCode::ACCEPTED, Json(RebuildAsked { id })))
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Rebuild>, Problem> {
    let missing = || Problem::not_found("The ledger was not rebuilt under this number.");
    let id = id.parse().map_err(|_| missing())?;
    let found = desk.store().rebuild(id).await?.ok_or_else(missing)?;
    let problems = found.outcome.problems.into_iter().map(|(receipt, problem)| RebuildProblem { receipt, problem });
    Ok(Json(Rebuild {
        id: found.id,
        requested_by: found.requested_by,
        requested: found.requested,
        finished: found.finished,
        receipts: found.outcome.receipts,
        added: found.outcome.added,
        same: found.outcome.same,
        problems: problems.collect(),
        failed: found.failed,
    }))
}
