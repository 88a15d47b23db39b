//! Which of the studio's boxes writes, and deciding that it is this one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::decision::Lease as Answer;
use crate::domain::lease as domain;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{self, Looked};
use crate::web::api::Person;
use crate::web::api::review::Because;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::Moment;
use crate::web::problem::Problem;

/// Which box writes, as this one has seen it: the answer to `GET /api/v1/lease`, and to taking it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// How this box stands to the lease.
    pub standing: LeaseStanding,
    /// `OK`, or why nothing is sent from here.
    pub code: String,
    /// This box.
    pub here: StudioBox,
    /// The box that the lease names; null when it names none, or nobody has looked.
    pub holder: Option<StudioBox>,
    /// When that box claimed it.
    #[schema(value_type = Option<Moment>)]
    pub claimed: Option<Timestamp>,
    /// Who took it from another box for that one, and why; null when nobody had to decide.
    pub taken: Option<String>,
    /// Since when this box stands so; null before the first look.
    #[schema(value_type = Option<Moment>)]
    pub since: Option<Timestamp>,
    /// When something new was seen last; null before the first look.
    #[schema(value_type = Option<Moment>)]
    pub looked: Option<Timestamp>,
    /// Somebody's decision that this box takes it, which waits for writes to be let out; null when there is none.
    pub taking: Option<Taking>,
}

/// How a box stands to the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaseStanding {
    /// Nobody has looked since the service started.
    Unknown,
    /// Nobody has it: it is claimed as soon as writes may leave.
    Free,
    /// This box is the one that writes.
    Ours,
    /// Another box writes: this one only mirrors.
    Second,
}

/// One start of one box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StudioBox {
    /// The id of its data directory; a copy of the directory has the same.
    pub id: String,
    /// The id of this start of its service.
    pub start: String,
    /// A hash of what identifies its machine.
    pub machine: String,
    /// Where its data directory is.
    pub directory: String,
    /// The version of its service.
    pub version: String,
    /// When its service started; null when it did not say.
    #[schema(value_type = Option<Moment>)]
    pub started: Option<Timestamp>,
}

/// A decision that this box takes the lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taking {
    /// Who decided.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
}

impl From<&domain::Holder> for StudioBox {
    fn from(holder: &domain::Holder) -> Self {
        Self {
            id: holder.edge.clone(),
            start: holder.start.clone(),
            machine: holder.machine.clone(),
            directory: holder.directory.clone(),
            version: holder.version.clone(),
            started: holder.started,
        }
    }
}

impl Lease {
    fn new(here: &domain::Holder, looked: Looked) -> Self {
        let (standing, claim) = match &looked.standing {
            domain::Standing::Unknown => (LeaseStanding::Unknown, None),
            domain::Standing::Free { .. } => (LeaseStanding::Free, None),
            domain::Standing::Ours(claim) => (LeaseStanding::Ours, Some(claim)),
            domain::Standing::Second(claim) => (LeaseStanding::Second, Some(claim)),
        };
        let code = match looked.standing.answer() {
            Answer::Ours => Reason::Ok,
            Answer::Another => Reason::SecondBox,
            Answer::Unknown => Reason::LeaseUnknown,
        };
        Self {
            standing,
            code: code.code().to_owned(),
            here: here.into(),
            holder: claim.map(|claim| StudioBox::from(&claim.holder)),
            claimed: claim.and_then(|claim| claim.claimed),
            taken: claim.and_then(|claim| claim.taken.clone()),
            since: looked.since,
            looked: looked.at,
            taking: looked.taking.map(|taking| Taking {
                by: Person::from(&taking.by),
                reason: taking.reason.as_str().to_owned(),
                at: taking.at,
            }),
        }
    }

    async fn now(desk: &Desk) -> store::Result<Self> {
        Ok(Self::new(desk.store().me()?, desk.store().lease().await?))
    }
}

pub(in crate::web) async fn read(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Lease>, Problem> {
    Ok(Json(Lease::now(&desk).await?))
}

pub(in crate::web) async fn take(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<(StatusCode, Json<Lease>), Problem> {
    desk.gate().take_lease(&caller, &body.reason, desk.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(Lease::now(&desk).await?)))
}
