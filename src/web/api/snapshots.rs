//! The state as it was, and what changed since.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::ids::DocPath;
use crate::domain::snapshot::NumberChange;
use crate::domain::time::Timestamp;
use crate::store::snapshots::Kept;
use crate::web::api::Query;
use crate::web::api::state::{json, limit, not_counted};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::comparison::{Behind, Comparison};
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment};
use crate::web::problem::Problem;

/// Snapshots that are kept, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Snapshots {
    /// The snapshots of this page.
    pub snapshots: Vec<SnapshotTitle>,
    /// The last number of this page, to ask for the next one with `before`; null: there are no more.
    pub next: Option<i64>,
}

/// A snapshot, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotTitle {
    /// Its number; null: it is the state as it is now.
    pub id: Option<i64>,
    /// When it was taken.
    #[schema(value_type = Moment)]
    pub taken: Timestamp,
    /// The studio's day.
    pub day: String,
}

/// Asks for a snapshot now: the body of `POST /api/v1/snapshots`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRequest {
    /// Is everything to be counted again, and compared with what was counted before?
    #[serde(default)]
    pub from_nothing: bool,
}

/// It was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotAsked {
    /// The wish's number.
    pub id: i64,
}

/// What came of a snapshot that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotRun {
    /// The wish's number.
    pub id: i64,
    /// Who asked for it, as a label.
    pub requested_by: String,
    /// When.
    #[schema(value_type = Moment)]
    pub requested: Timestamp,
    /// Was everything to be counted again?
    pub from_nothing: bool,
    /// When it was over; null while it is not.
    #[schema(value_type = Option<Moment>)]
    pub finished: Option<Timestamp>,
    /// The snapshot that was kept; null while there is none.
    pub snapshot: Option<i64>,
    /// Did counting everything again come to the same? Null: it was not counted again, or is not over.
    pub same: Option<bool>,
}

/// What differs between two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotDiff {
    /// The earlier one.
    pub from: SnapshotTitle,
    /// The later one.
    pub to: SnapshotTitle,
    /// Every number that is not the same, by name.
    pub changes: Vec<NumberDiff>,
}

/// A number that is not the same in two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NumberDiff {
    /// The number, such as `figures/batchesActive`.
    pub number: String,
    /// What it was; null: unknown.
    pub before: Option<i64>,
    /// What it is; null: unknown.
    pub after: Option<i64>,
    /// The first of the documents behind the difference, by path.
    pub documents: Vec<ShareOfDocument>,
    /// How many documents are behind it; null: it can't be told.
    pub documents_total: Option<u64>,
    /// Why it can't be told which documents these are; null: it can.
    pub documents_unknown: Option<String>,
}

/// What one document adds to a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShareOfDocument {
    /// The document.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// By how much it changes the number.
    pub share: i64,
}

fn missing() -> Problem {
    Problem::not_found("No such snapshot is kept. Name its number, a day such as 2026-03-18, or yesterday.")
}

async fn called(desk: &Desk, name: &str) -> Result<Kept, Problem> {
    desk.snapshot_called(name).await?.ok_or_else(missing)
}

pub(in crate::web) async fn list(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Snapshots>, Problem> {
    let query = Query::parse(query.as_deref(), &["before", "limit"])?;
    let before = query.whole("before")?.map(|before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = limit(&query, 50)?;
    let kept = desk.store().snapshots(before, limit).await?;
    let next = (kept.len() == limit as usize).then(|| kept.last().map(|last| last.id)).flatten();
    let titles = kept.into_iter().map(|title| SnapshotTitle {
        id: Some(title.id),
        taken: title.taken,
        day: title.day.to_string(),
    });
    Ok(Json(Snapshots { snapshots: titles.collect(), next }))
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json(&called(&desk, &id).await?.snapshot)))
}

pub(in crate::web) async fn diff(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<SnapshotDiff>, Problem> {
    let query = Query::parse(query.as_deref(), &["to", "limit"])?;
    let limit = limit(&query, 20)? as usize;
    let before = called(&desk, &id).await?;
    let after = match query.text("to") {
        Some(name) => Some(called(&desk, name).await?),
        None => None,
    };
    let comparison = Comparison::of(desk.store(), before, after).await?.ok_or_else(not_counted)?;
    let title = |id, snapshot: &crate::domain::snapshot::Snapshot| SnapshotTitle {
        id,
        taken: snapshot.generated_at,
        day: snapshot.snapshot_date.to_string(),
    };
    let changes = comparison.changes.iter().map(|change| number_diff(change, comparison.behind(change), limit));
    Ok(Json(SnapshotDiff {
        from: title(Some(comparison.before.id), &comparison.before.snapshot),
        to: title(comparison.after.0, &comparison.after.1),
        changes: changes.collect(),
    }))
}

fn number_diff(change: &NumberChange, behind: Behind<'_>, limit: usize) -> NumberDiff {
    let (documents, documents_total, documents_unknown) = match behind {
        Behind::Documents(all) => {
            let total = all.len() as u64;
            let share = |(path, share): (&DocPath, i64)| ShareOfDocument { document: path.clone(), share };
            (all.into_iter().take(limit).map(share).collect(), Some(total), None)
        }
        Behind::Unknown(why) => (Vec::new(), None, Some(why)),
    };
    let number = change.number.to_string();
    NumberDiff { number, before: change.before, after: change.after, documents, documents_total, documents_unknown }
}

pub(in crate::web) async fn ask(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(SnapshotRequest { from_nothing }): JsonBody<SnapshotRequest>,
) -> Result<(StatusCode, Json<SnapshotAsked>), Problem> {
    let id = desk.request_snapshot(&caller, from_nothing).await?;
    Ok((StatusCode::ACCEPTED, Json(SnapshotAsked { id })))
}

pub(in crate::web) async fn run(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<SnapshotRun>, Problem> {
    let missing = || Problem::not_found("No snapshot was asked for under this number.");
    let id = id.parse().map_err(|_| missing())?;
    let found = desk.store().snapshot_run(id).await?.ok_or_else(missing)?;
    let (finished, snapshot, same) = match found.finished {
        Some((at, snapshot, same)) => (Some(at), Some(snapshot), same),
        None => (None, None, None),
    };
    Ok(Json(SnapshotRun {
        id: found.id,
        requested_by: found.requested_by,
        requested: found.requested,
        from_nothing: found.is_from_nothing,
        finished,
        snapshot,
        same,
    }))
}
