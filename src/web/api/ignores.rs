//! Rules by which findings are ignored.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::finding::{self, IgnoreScope};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::gate::NewIgnore;
use crate::web::api::Person;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{Id, Moment, Name};
use crate::web::problem::Problem;

/// Rules by which findings are ignored now: the answer to `GET /api/v1/drift/ignores`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ignores {
    /// The newest first.
    pub ignores: Vec<IgnoreRule>,
}

/// A rule by which findings are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IgnoreRule {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: Uuid,
    /// The one finding that is meant; null: all that are alike.
    #[schema(value_type = Option<Id>)]
    pub finding: Option<Uuid>,
    /// The kind of those that are alike.
    pub kind: Option<String>,
    /// Their collection.
    #[schema(value_type = Option<Name>)]
    pub collection: Option<CollectionId>,
    /// The rule, field or number that they are about.
    pub rule: Option<String>,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: Person,
    /// Since when.
    #[schema(value_type = Moment)]
    pub since: Timestamp,
    /// From this moment on it no longer holds.
    #[schema(value_type = Moment)]
    pub expires: Timestamp,
}

/// What is not to be told of for a while: the body of `POST /api/v1/findings/{id}/ignore`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoreRequest {
    /// Are all that are alike meant, too: of the same kind and rule, in the same collection?
    #[serde(default)]
    pub alike: bool,
    /// Why it does not matter: 10 to 1,000 characters.
    pub reason: String,
    /// For how long, in minutes: 1 to 129,600, which is 90 days.
    pub lasts_minutes: u32,
}

impl From<&finding::Ignore> for IgnoreRule {
    fn from(ignore: &finding::Ignore) -> Self {
        let (finding, kind, collection, rule) = match &ignore.scope {
            IgnoreScope::Finding(id) => (Some(*id), None, None, None),
            IgnoreScope::Alike { kind, collection, rule } => {
                (None, Some(kind.word().to_owned()), Some(collection.clone()), rule.clone())
            }
        };
        Self {
            id: ignore.id,
            finding,
            kind,
            collection,
            rule,
            reason: ignore.reason.as_str().to_owned(),
            by: Person::from(&ignore.by),
            since: ignore.since,
            expires: ignore.expires,
        }
    }
}

pub(in crate::web) async fn list(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Ignores>, Problem> {
    let ignores = desk.store().ignores(desk.now()).await?;
    Ok(Json(Ignores { ignores: ignores.iter().map(IgnoreRule::from).collect() }))
}

pub(in crate::web) async fn ignore(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<IgnoreRequest>,
) -> Result<(StatusCode, Json<IgnoreRule>), Problem> {
    let finding = Uuid::try_parse(&id).map_err(|_| Problem::not_found("There is no such finding."))?;
    let lasts = Duration::from_secs(u64::from(body.lasts_minutes) * 60);
    let new = NewIgnore { finding, alike: body.alike, reason: body.reason, lasts };
    let ignore = desk.gate().ignore_finding(&caller, new, desk.now()).await?;
    Ok((StatusCode::CREATED, Json(IgnoreRule::from(&ignore))))
}

pub(in crate::web) async fn end(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::not_found("There is no such rule."))?;
    desk.gate().stop_ignoring(&caller, id, desk.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
