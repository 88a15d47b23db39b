//! Exemptions: what may be done without its approval, for a while.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::exemption::{self, Ended};
use crate::domain::ids::{DocPath, Uid};
use crate::domain::time::Timestamp;
use crate::gate::NewExemption;
use crate::web::api::Person;
use crate::web::api::review::Because;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment, PersonId};
use crate::web::problem::Problem;

/// How many exemptions one answer has at most.
const PAGE: u16 = 200;

/// Exemptions: the answer to `GET /api/v1/exemptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exemptions {
    /// Newest first, those that ended among them.
    pub exemptions: Vec<Exemption>,
}

/// An exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exemption {
    /// Its id.
    pub id: String,
    /// The capability's id.
    pub capability: String,
    /// In whose name things are done under it.
    #[schema(value_type = PersonId)]
    pub owner: Uid,
    /// The one document that it covers; null: every document of the owner.
    #[schema(value_type = Option<DocumentPath>)]
    pub document: Option<DocPath>,
    /// Who gains by it.
    #[schema(value_type = PersonId)]
    pub beneficiary: Uid,
    /// Who granted it.
    pub granted_by: Person,
    /// Why.
    pub justification: String,
    /// When.
    #[schema(value_type = Moment)]
    pub granted: Timestamp,
    /// From this moment it no longer holds.
    #[schema(value_type = Moment)]
    pub expires: Timestamp,
    /// Does it hold now?
    pub standing: Standing,
    /// How often something was let through by it.
    pub uses: u64,
}

/// Whether an exemption holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does.
    Live,
    /// Somebody took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What is to be let happen: the body of `POST /api/v1/exemptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptionRequest {
    /// Such as `reservation.status.set`; never a critical one.
    pub capability: String,
    /// In whose name things are done under it: one owner.
    #[schema(value_type = PersonId)]
    pub owner: Uid,
    /// The one document that it is to cover; none named means every document of the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DocumentPath>)]
    pub document: Option<DocPath>,
    /// Who asked for it and gains by it: never the one who grants it.
    #[schema(value_type = PersonId)]
    pub beneficiary: Uid,
    /// How long it is to hold, in minutes: 1 to 4,320, which is 72 hours.
    pub lasts_minutes: u32,
    /// Why the studio can do without the approval: 10 to 1,000 characters.
    pub reason: String,
}

impl Exemption {
    fn of(exemption: exemption::Exemption, uses: u64, now: Timestamp) -> Self {
        let standing = match exemption.ended {
            Some(Ended::Revoked) => Standing::Revoked,
            Some(Ended::Expired) => Standing::Expired,
            None if exemption.holds_at(now) => Standing::Live,
            None => Standing::Expired,
        };
        Self {
            id: exemption.id.to_string(),
            capability: exemption.capability,
            owner: exemption.owner,
            document: exemption.resource,
            beneficiary: exemption.beneficiary,
            granted_by: Person::from(&exemption.granted_by),
            justification: exemption.justification.as_str().to_owned(),
            granted: exemption.granted,
            expires: exemption.expires,
            standing,
            uses,
        }
    }
}

pub(in crate::web) async fn list(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Exemptions>, Problem> {
    let (now, uses) = (desk.now(), desk.store().exemption_uses().await?);
    let found = desk.store().exemptions(PAGE).await?;
    let shown = |one: exemption::Exemption| {
        let uses = uses.get(&one.id).copied().unwrap_or_default();
        Exemption::of(one, uses, now)
    };
    Ok(Json(Exemptions { exemptions: found.into_iter().map(shown).collect() }))
}

pub(in crate::web) async fn grant(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<ExemptionRequest>,
) -> Result<(StatusCode, Json<Exemption>), Problem> {
    let new = NewExemption {
        capability: body.capability,
        owner: body.owner,
        document: body.document,
        beneficiary: body.beneficiary,
        justification: body.reason,
        lasts: Duration::from_secs(u64::from(body.lasts_minutes) * 60),
    };
    let now = desk.now();
    let granted = desk.gate().grant_exemption(&caller, new, now).await?;
    Ok((StatusCode::CREATED, Json(Exemption::of(granted, 0, now))))
}

pub(in crate::web) async fn revoke(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<StatusCode, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("There is no such exemption."))?;
    desk.gate().revoke_exemption(&caller, id, &body.reason, desk.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
