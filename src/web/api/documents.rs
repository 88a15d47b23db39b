//! The mirror's documents.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::canonical;
use crate::domain::ids::{DocPath, Hash};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment, Sha256};
use crate::web::problem::Problem;

/// A document as the mirror has it: the answer to `GET /api/v1/documents/{path}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Where it is.
    #[schema(value_type = DocumentPath)]
    pub path: DocPath,
    /// What it holds, in Firestore's JSON form with the names in order.
    pub fields: serde_json::Value,
    /// The SHA-256 of the fields' canonical text.
    #[schema(value_type = Sha256)]
    pub hash: Hash,
    /// When it was created.
    #[schema(value_type = Moment)]
    pub create_time: Timestamp,
    /// When it last changed: its revision.
    #[schema(value_type = Moment)]
    pub update_time: Timestamp,
    /// The cloud's time at which this revision was taken in.
    #[schema(value_type = Moment)]
    pub read_time: Timestamp,
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(path): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Document>, Problem> {
    let missing = || Problem::from(Reason::DocumentMissing);
    let path = DocPath::parse(path).map_err(|_| missing())?;
    let held = desk.store().document(&path).await?.ok_or_else(missing)?;
    Ok(Json(Document {
        path,
        fields: canonical::to_json(&held.document.fields),
        hash: held.hash,
        create_time: held.document.create_time,
        update_time: held.document.update_time,
        read_time: held.read_time,
    }))
}
