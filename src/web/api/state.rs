//! How many of what there is, and which documents these are.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::capability::BadInput;
use crate::domain::ids::DocPath;
use crate::domain::snapshot::{Number, Snapshot};
use crate::domain::time::Timestamp;
use crate::web::api::Query;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment};
use crate::web::problem::{Problem, ProblemKind};

/// Most documents of one answer.
const MOST: u64 = 1_000;

/// The documents behind a number of the state, in the order of their paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentsBehind {
    /// The number.
    pub number: String,
    /// What it is; null: unknown.
    pub value: Option<i64>,
    /// When it was counted.
    #[schema(value_type = Moment)]
    pub counted: Timestamp,
    /// The documents of this page.
    pub documents: Vec<DocumentBehind>,
    /// The last path of this page, to ask for the next one with `after`; null: there are no more.
    pub next: Option<String>,
}

/// A document behind a number of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentBehind {
    /// The document.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// Since when it is open; null: it is not, or does not say.
    #[schema(value_type = Option<Moment>)]
    pub since: Option<Timestamp>,
    /// By when it should be over; null: nothing says.
    #[schema(value_type = Option<Moment>)]
    pub due: Option<Timestamp>,
    /// What it is worth, in cents; null: it does not say.
    pub cents: Option<i64>,
}

/// A snapshot as a document.
pub(super) fn json(snapshot: &Snapshot) -> Value {
    serde_json::to_value(snapshot).expect("BUG: a snapshot is JSON")
}

/// The state was not counted since the service was set up.
pub(super) fn not_counted() -> Problem {
    Problem::new(ProblemKind::NotFound, "NOT_COUNTED", "The studio's state was not counted yet.")
}

/// How many to show at most.
pub(super) fn limit(query: &Query, usual: u64) -> Result<u32, Problem> {
    match query.whole("limit")?.unwrap_or(usual) {
        limit @ 1..=MOST => Ok(u32::try_from(limit).unwrap_or(u32::MAX)),
        _ => {
            let rule = format!("it is from 1 to {MOST}");
            Err(Problem::from(BadInput { field: "limit".to_owned(), rule }))
        }
    }
}

pub(in crate::web) async fn read(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Value>, Problem> {
    let newest = desk.store().snapshot_newest().await?.ok_or_else(not_counted)?;
    Ok(Json(json(&newest)))
}

pub(in crate::web) async fn documents(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<DocumentsBehind>, Problem> {
    let query = Query::parse(query.as_deref(), &["number", "after", "limit"])?;
    let wrong = |field: &str, rule: String| Problem::from(BadInput { field: field.to_owned(), rule });
    let number = query.text("number").unwrap_or_default().parse::<Number>();
    let number = number.map_err(|error| wrong("number", error.to_string()))?;
    let after = query.text("after").map(DocPath::parse).transpose();
    let after = after.map_err(|error| wrong("after", error.to_string()))?;
    let limit = limit(&query, 50)?;
    let newest = desk.store().snapshot_newest().await?.ok_or_else(not_counted)?;
    let value = newest.number(&number);
    // What is unknown has no documents: those that were counted once are not those that there are.
    let behind = match value {
        Some(_) => desk.store().documents_behind(&number, newest.generated_at, after.as_ref(), limit).await?,
        None => Vec::new(),
    };
    let next = (behind.len() == limit as usize).then(|| behind.last().map(|last| last.path.to_string())).flatten();
    let documents = behind.into_iter().map(|one| DocumentBehind {
        document: one.path,
        since: one.since,
        due: one.due,
        cents: one.cents,
    });
    Ok(Json(DocumentsBehind {
        number: number.to_string(),
        value,
        counted: newest.generated_at,
        documents: documents.collect(),
        next,
    }))
}
