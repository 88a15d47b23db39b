//! Waiting for a change, without asking again and again.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::web::api::Query;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::problem::Problem;

/// The longest wait, in seconds: less than any layer around us would wait.
const LONGEST: u64 = 25;

/// That something has changed, without saying what: the answer to `GET /api/v1/changes?after=<n>&wait=<seconds>`.
///
/// Ask with the last number; an answer with the same number means that nothing has changed. After a restart the numbers
/// begin again, so that any other number means: look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// The number of changes since the service started.
    pub change: u64,
}

pub(in crate::web) async fn wait(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Change>, Problem> {
    let query = Query::parse(query.as_deref(), &["after", "wait"])?;
    let patience = Duration::from_secs(query.whole("wait")?.unwrap_or(0).min(LONGEST));
    let mut changed = desk.store().changed();
    if let Some(after) = query.whole("after")? {
        // Both ends of a wait mean the same: say where we are.
        let _waited = tokio::time::timeout(patience, changed.wait_for(|change| *change != after)).await;
    }
    let change = *changed.borrow_and_update();
    Ok(Json(Change { change }))
}
