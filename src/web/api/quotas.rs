//! Quotas: who was told to wait, what is counted, and which counters something else has changed.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::quota::{Bucket, Level};
use crate::domain::time::Timestamp;
use crate::gate::Gate;
use crate::store::{QuotaFault, TopLimited};
use crate::web::api::Person;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::Moment;
use crate::web::problem::Problem;

/// How many lines each list has at most.
const PAGE: u16 = 100;

/// What is counted: the answer to `GET /api/v1/quotas`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quotas {
    /// Who was told to wait most often in the last seven days, and for what.
    pub most_limited: Vec<Limited>,
    /// The counters, those first that take longest to be full again.
    pub counters: Vec<Counter>,
    /// Counters that do not fit the audit log: something else has changed them.
    pub faults: Vec<Fault>,
}

/// Who was told to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limited {
    /// Who.
    pub actor: Person,
    /// For what.
    pub capability: String,
    /// How often.
    pub denied: u64,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counter {
    /// Its name, such as `actor ops_note.append 3600s agent:agent-glaze-scout`: what resetting asks for.
    pub bucket: String,
    /// Counted for whom: `actor`, `owner`, `capability`, `studio` or `global`.
    pub scope: String,
    /// Who that is.
    pub subject: String,
    /// The capability that it counts; null: all of them.
    pub capability: Option<String>,
    /// The window.
    pub window_seconds: u64,
    /// How many may be used in the window; null when the registry has no such limit now.
    pub limit: Option<u32>,
    /// How many could be used now; null when the registry has no such limit now.
    pub remaining: Option<u32>,
    /// When all of them will have come back.
    #[schema(value_type = Moment)]
    pub full: Timestamp,
}

/// A counter that does not fit the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The counter's name.
    pub bucket: String,
}

/// What is wrong with a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// It was changed by something else.
    Changed,
    /// It is gone: it would count as full.
    Missing,
    /// The audit log knows nothing of it.
    Unrecorded,
}

/// Fills a counter up: the body of `POST /api/v1/quotas/reset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaReset {
    /// The counter's name, as it is listed.
    pub bucket: String,
    /// 10 to 1,000 characters.
    pub reason: String,
}

impl From<TopLimited> for Limited {
    fn from(top: TopLimited) -> Self {
        Self { actor: Person::from(&top.actor), capability: top.capability, denied: top.denied }
    }
}

impl From<QuotaFault> for Fault {
    fn from(fault: QuotaFault) -> Self {
        match fault {
            QuotaFault::Changed { bucket } => Self { kind: FaultKind::Changed, bucket },
            QuotaFault::Missing { bucket } => Self { kind: FaultKind::Missing, bucket },
            QuotaFault::Unrecorded { bucket } => Self { kind: FaultKind::Unrecorded, bucket },
        }
    }
}

impl Counter {
    fn of((bucket, level): (Bucket, Level), gate: &Gate, now: Timestamp) -> Self {
        let limit = gate.limit_of(&bucket);
        Self {
            bucket: bucket.to_string(),
            scope: bucket.scope.word().to_owned(),
            subject: bucket.subject,
            capability: bucket.capability,
            window_seconds: Duration::from_micros(bucket.window_us.unsigned_abs()).as_secs(),
            limit: limit.map(|limit| limit.count()),
            remaining: limit.map(|limit| limit.remaining(Some(level), now)),
            full: level.full,
        }
    }
}

pub(in crate::web) async fn list(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Quotas>, Problem> {
    let (store, gate, now) = (desk.store(), desk.gate(), desk.now());
    let counters = store.quota_counters(PAGE).await?;
    Ok(Json(Quotas {
        most_limited: store.quota_top_limited(now, PAGE).await?.into_iter().map(Limited::from).collect(),
        counters: counters.into_iter().map(|counter| Counter::of(counter, gate, now)).collect(),
        faults: store.quota_faults(now, gate.longest_window()).await?.into_iter().map(Fault::from).collect(),
    }))
}

pub(in crate::web) async fn reset(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<QuotaReset>,
) -> Result<StatusCode, Problem> {
    desk.gate().reset_quota(&caller, &body.bucket, &body.reason, desk.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
