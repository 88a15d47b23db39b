//! The kill switch: where it stands, stopping everything, and letting it go on.
//!
//! A body that can't be read changes nothing: there is no default that starts anything.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::kill_switch::{self as domain, CONFIRM_WITHIN, SwitchRecord, SwitchScope, SwitchState, SwitchStep};
use crate::domain::time::Timestamp;
use crate::web::api::Person;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::Moment;
use crate::web::problem::Problem;

/// How much of the history one answer has at most.
const PAGE: u16 = 100;

/// Both switches: the answer to `GET /api/v1/kill-switch`, and to resuming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KillSwitch {
    /// May anything be written?
    pub may_write: bool,
    /// `OK`, or why nothing may be written.
    pub code: String,
    /// The studio's own switch, and the box's.
    pub switches: Vec<Switch>,
    /// What was done with both, newest first; null when it can't be read.
    pub history: Option<Vec<Step>>,
}

/// Where one switch stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Switch {
    /// Which.
    pub scope: Scope,
    /// Where it stands.
    pub position: Position,
    /// Since when; null when that can't be read.
    #[schema(value_type = Option<Moment>)]
    pub since: Option<Timestamp>,
    /// Who stopped, or asked to resume; null while it runs.
    pub by: Option<Person>,
    /// Why they did; or what can't be read.
    pub reason: Option<String>,
    /// Until when another person may confirm that writes go on; null when nobody has asked.
    #[schema(value_type = Option<Moment>)]
    pub confirm_until: Option<Timestamp>,
}

/// What a switch stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The studio.
    #[default]
    Studio,
    /// Every studio on the box: thrown in each studio's database.
    Global,
}

/// The position of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Writes may leave.
    Running,
    /// Nothing leaves.
    Stopped,
    /// Nothing leaves; somebody has asked to resume, and another person has to confirm.
    ResumeRequested,
    /// Nothing leaves, because its history is missing or damaged.
    Unreadable,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Which switch.
    pub scope: Scope,
    /// `began`, `stopped`, `resume requested` or `resumed`.
    pub step: String,
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
}

/// Which switch, and why: the body of `POST /api/v1/kill-switch/stop`, `…/resume` and `…/resume/confirm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchRequest {
    /// Which switch; none named means the studio's.
    #[serde(default)]
    pub scope: Scope,
    /// 10 to 1,000 characters.
    pub reason: String,
}

/// Everything is stopped: the answer to `POST /api/v1/kill-switch/stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stopped {
    /// Which switch.
    pub scope: Scope,
    /// Has everything that was under way been answered? If not, the ledger tells what became of it.
    pub at_rest: bool,
}

impl From<Scope> for SwitchScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Studio => Self::Studio,
            Scope::Global => Self::Global,
        }
    }
}

impl From<SwitchScope> for Scope {
    fn from(scope: SwitchScope) -> Self {
        match scope {
            SwitchScope::Studio => Self::Studio,
            SwitchScope::Global => Self::Global,
        }
    }
}

impl Switch {
    fn of(switch: &domain::KillSwitch, scope: SwitchScope) -> Self {
        let is = |position, since, reason: Option<&str>| Self {
            scope: scope.into(),
            position,
            since,
            by: None,
            reason: reason.map(str::to_owned),
            confirm_until: None,
        };
        match switch.of(scope) {
            SwitchState::Running { since } => is(Position::Running, Some(*since), None),
            SwitchState::Unreadable { why } => is(Position::Unreadable, None, Some(why)),
            SwitchState::Stopped { last } => {
                let (position, confirm_until) = match last.step {
                    SwitchStep::ResumeRequested => (Position::ResumeRequested, Some(last.at.plus(CONFIRM_WITHIN))),
                    SwitchStep::Began | SwitchStep::Stopped | SwitchStep::Resumed => (Position::Stopped, None),
                };
                let by = Some(Person::from(&last.by));
                Self { by, confirm_until, ..is(position, Some(last.at), Some(&last.reason)) }
            }
        }
    }
}

impl From<SwitchRecord> for Step {
    fn from(record: SwitchRecord) -> Self {
        Self {
            scope: record.scope.into(),
            step: record.step.word().to_owned(),
            by: Person::from(&record.by),
            reason: record.reason,
            at: record.at,
        }
    }
}

impl KillSwitch {
    async fn now(desk: &Desk) -> Self {
        let switch = desk.store().kill_switch().await;
        let code = switch.may_write().err().map_or("OK", crate::domain::reason::Reason::code);
        // What is damaged must not keep anybody from seeing that everything is stopped.
        let history = match desk.store().kill_switch_history(PAGE).await {
            Ok(records) => Some(records.into_iter().map(Step::from).collect()),
            Err(error) => {
                tracing::error!(error = %error, "could not read the history of the kill switch");
                None
            }
        };
        Self {
            may_write: switch.may_write().is_ok(),
            code: code.to_owned(),
            switches: SwitchScope::ALL.map(|scope| Switch::of(&switch, scope)).into(),
            history,
        }
    }
}

pub(in crate::web) async fn read(State(desk): State<Desk>, Caller(_): Caller) -> Json<KillSwitch> {
    Json(KillSwitch::now(&desk).await)
}

pub(in crate::web) async fn stop(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<SwitchRequest>,
) -> Result<Json<Stopped>, Problem> {
    let stopped = desk.gate().stop_all(&caller, body.scope.into(), &body.reason, desk.now()).await?;
    Ok(Json(Stopped { scope: body.scope, at_rest: stopped.at_rest }))
}

pub(in crate::web) async fn request_resume(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<SwitchRequest>,
) -> Result<Json<KillSwitch>, Problem> {
    desk.gate().request_resume(&caller, body.scope.into(), &body.reason, desk.now()).await?;
    Ok(Json(KillSwitch::now(&desk).await))
}

pub(in crate::web) async fn confirm_resume(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<SwitchRequest>,
) -> Result<Json<KillSwitch>, Problem> {
    desk.gate().confirm_resume(&caller, body.scope.into(), &body.reason, desk.now()).await?;
    Ok(Json(KillSwitch::now(&desk).await))
}
