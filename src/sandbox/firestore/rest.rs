//! What the official emulator serves over plain HTTP beside gRPC: a sign of life, and the way back to empty.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::json;

use super::names::DatabaseName;
use super::world::{Database, World};

/// The routes over this world.
pub(super) fn routes(world: World) -> Router {
    Router::new()
        .route("/", get(async || "Ok\n"))
        .route("/emulator/v1/projects/{project}/databases/{database}/documents", delete(clear))
        .with_state(world)
}

async fn clear(State(world): State<World>, Path((project, database)): Path<(String, String)>) -> Response {
    match DatabaseName::parse("database", &format!("projects/{project}/databases/{database}")) {
        Ok(name) => {
            Database::of(world.databases.get(&name)).clear();
            Json(json!({})).into_response()
        }
        Err(status) => {
            let error = json!({ "code": 400, "message": status.message(), "status": "INVALID_ARGUMENT" });
            (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
        }
    }
}
