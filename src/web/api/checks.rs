//! Looks at the cloud, and what they say about each question.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::finding::{Answer, Family, Standing};
use crate::domain::time::Timestamp;
use crate::store;
use crate::web::api::drift::GOOD_FOR;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::Moment;
use crate::web::problem::Problem;

/// A look at the cloud that was asked for: the answer to `POST /api/v1/drift/checks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckAsked {
    /// Its number. A look that is under way already is joined.
    pub id: i64,
}

/// A look at the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// Its number.
    pub id: i64,
    /// Who asked for it; null when it was due.
    pub requested_by: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    pub requested: Timestamp,
    /// When it ended; null while it has not.
    #[schema(value_type = Option<Moment>)]
    pub finished: Option<Timestamp>,
    /// How it ended; null while it has not.
    pub outcome: Option<CheckOutcome>,
    /// What could not be told, and why.
    pub why: Option<String>,
    /// Documents read from the cloud.
    pub documents_read: u64,
    /// Findings that are open now.
    pub findings_open: u64,
}

/// How a look at the cloud ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing differs.
    Same,
    /// Something does.
    Drift,
    /// It could not be told.
    Unknown,
}

/// Where the questions of drift stand: the answer to `GET /api/v1/drift`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Drift {
    /// Each question.
    pub questions: Vec<Question>,
}

/// One question, and where its answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DriftQuestion)]
pub struct Question {
    /// mirror, numbers, writes, schema, rules or settings.
    pub family: String,
    /// in-sync, drifted, stale or unknown.
    pub state: String,
    /// What could not be told, and why.
    pub why: Option<String>,
    /// Findings that are open and not ignored; null when nobody has looked.
    pub open: Option<u64>,
    /// When it was last answered; null when it never was.
    #[schema(value_type = Option<Moment>)]
    pub looked: Option<Timestamp>,
}

impl Question {
    fn of(family: Family, answer: Option<&Answer>, now: Timestamp) -> Self {
        let standing = match answer {
            Some(answer) => answer.standing(GOOD_FOR, now),
            None => Standing::Unknown { why: "nobody has looked yet".to_owned() },
        };
        let why = match &standing {
            Standing::Unknown { why } => Some(why.clone()),
            Standing::InSync | Standing::Drifted | Standing::Ignored(_) | Standing::Stale => {
                answer.and_then(|answer| answer.untold.clone())
            }
        };
        Self {
            family: family.word().to_owned(),
            state: standing.word().to_owned(),
            why,
            open: answer.map(|answer| answer.open),
            looked: answer.map(|answer| answer.looked),
        }
    }
}

pub(in crate::web) async fn standing(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Drift>, Problem> {
    let (answers, now) = (desk.store().drift_answers().await?, desk.now());
    let question = |family| Question::of(family, answers.get(&family), now);
    Ok(Json(Drift { questions: Family::ALL.into_iter().map(question).collect() }))
}

pub(in crate::web) async fn ask(
    State(desk): State<Desk>,
    Caller(caller): Caller,
) -> Result<(StatusCode, Json<CheckAsked>), Problem> {
    let id = desk.request_check(&caller).await?;
    Ok((StatusCode::ACCEPTED, Json(CheckAsked { id })))
}

pub(in crate::web) async fn check(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Check>, Problem> {
    let missing = || Problem::not_found("There is no such look at the cloud.");
    let id = id.parse().map_err(|_| missing())?;
    let check = desk.store().check_by_id(id).await?.ok_or_else(missing)?;
    let (finished, outcome, why) = match check.finished {
        None => (None, None, None),
        Some((at, store::findings::CheckOutcome::Same)) => (Some(at), Some(CheckOutcome::Same), None),
        Some((at, store::findings::CheckOutcome::Drift)) => (Some(at), Some(CheckOutcome::Drift), None),
        Some((at, store::findings::CheckOutcome::Unknown { why })) => {
            (Some(at), Some(CheckOutcome::Unknown), Some(why))
        }
    };
    Ok(Json(Check {
        id: check.id,
        requested_by: check.requested_by,
        requested: check.requested,
        finished,
        outcome,
        why,
        documents_read: check.documents_read,
        findings_open: desk.store().finding_count().await?,
    }))
}
