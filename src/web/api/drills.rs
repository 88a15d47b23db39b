//! Drills: how they begin and end, and for the rollback the service proposes on a document of its own, so that the operator, somebody else, can approve.
//! The table admits operators only.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::capability::{DRILLS, Request, shipped};
use crate::domain::ids::{DocPath, Hash, WriteId};
use crate::domain::reason::Reason;
use crate::domain::value::Value;
use crate::gate::{NewProposal, NewUndo, Undone};
use crate::web::api::proposals::{self, Proposed};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Sha256};
use crate::web::problem::Problem;

/// The drill's document: nothing of the studio's business is in it.
const DOCUMENT: &str = "rollback";

/// Who proposes.
const JOB: &str = "drill";

const MARK: &str = "A rollback drill was here.";
const REASON: &str = "Rollback drill: change the drill document, so that the change can be taken back.";
const UNDO_REASON: &str = "Rollback drill: take the change back and prove that nothing is left of it.";

/// Starts a drill: the body of `POST /api/v1/drills`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillStart {}

/// A drill that has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrillStarted {
    /// The document that it is about.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// The hash of what the mirror has of it now; null when it has nothing.
    #[schema(value_type = Option<Sha256>)]
    pub before: Option<Hash>,
    /// The proposal to approve.
    pub proposed: Proposed,
}

/// Takes the drill's write back: the body of `POST /api/v1/drills/undo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillUndo {
    /// The write.
    #[schema(value_type = Id)]
    pub write: WriteId,
}

/// Begins a drill that makes its own proposals or none: the body of `POST /api/v1/drills/begin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillBegin {
    /// Which one.
    pub drill: DrillName,
}

/// Ends a drill: the body of `POST /api/v1/drills/finish`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrillFinish {
    /// Which one; the rollback, if nothing is said.
    #[serde(default)]
    pub drill: DrillName,
    /// How it ended.
    pub outcome: DrillOutcome,
    /// The SHA-256 of the evidence file.
    #[schema(value_type = Sha256)]
    pub evidence_hash: Hash,
}

/// Which drill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DrillName {
    /// A write, and its undo.
    #[default]
    Rollback,
    /// Every undo on paper.
    Rehearse,
    /// The service killed at every step.
    Crash,
    /// A commit whose answer is lost.
    LostReply,
    /// Everything stopped, and let go on.
    KillSwitch,
    /// A document that moves after the approval.
    StaleApproval,
    /// A copy of the box beside the original.
    SecondBox,
}

impl DrillName {
    /// The word, as on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Rehearse => "rehearse",
            Self::Crash => "crash",
            Self::LostReply => "lost-reply",
            Self::KillSwitch => "kill-switch",
            Self::StaleApproval => "stale-approval",
            Self::SecondBox => "second-box",
        }
    }
}

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrillOutcome {
    /// Everything was as it must be.
    Succeeded,
    /// Something was not.
    Failed,
    /// That could not be told.
    Unknown,
}

impl DrillOutcome {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

pub(in crate::web) async fn start(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(DrillStart {}): JsonBody<DrillStart>,
) -> Result<(StatusCode, Json<DrillStarted>), Problem> {
    let document = document();
    let before = desk.store().document(&document).await?.map(|held| held.hash);
    let capability = desk.gate().registry().find(shipped::DRILL_DOCUMENT_SET).ok_or(Reason::CapabilityUnknown)?;
    let inputs = [("note".to_owned(), Value::text(MARK))].into();
    let request = Request::parse(capability, document.as_str(), &inputs)?;
    let new = NewProposal {
        requests: request.into(),
        reason: REASON.to_owned(),
        finding: None,
        request_key: None,
        agent: None,
    };
    let now = desk.now();
    let proposed = desk.gate().propose(&proposer(&desk), new, now).await?;
    let event = Event::new(now, caller.person(), Action::DrillStarted, Target::Document(document.clone()))
        .detail("proposal", proposed.id.to_string());
    record(&desk, event).await?;
    let (status, Json(proposed)) = proposals::made(&desk, proposed).await?;
    Ok((status, Json(DrillStarted { document, before, proposed })))
}

pub(in crate::web) async fn undo(
    State(desk): State<Desk>,
    JsonBody(body): JsonBody<DrillUndo>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let new = NewUndo { undone: Undone::Write(body.write), reason: UNDO_REASON.to_owned(), request_key: None };
    let proposed = desk.gate().undo(&proposer(&desk), new, desk.now()).await?;
    proposals::made(&desk, proposed).await
}

pub(in crate::web) async fn begin(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<DrillBegin>,
) -> Result<StatusCode, Problem> {
    let event = Event::new(desk.now(), caller.person(), Action::DrillStarted, Target::Document(document()))
        .detail("drill", body.drill.word());
    record(&desk, event).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::web) async fn finish(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<DrillFinish>,
) -> Result<StatusCode, Problem> {
    let event = Event::new(desk.now(), caller.person(), Action::DrillFinished, Target::Document(document()))
        .output(body.evidence_hash)
        .detail("drill", body.drill.word())
        .detail("outcome", body.outcome.word());
    record(&desk, event).await?;
    tell(body.drill, body.outcome, body.evidence_hash);
    Ok(StatusCode::NO_CONTENT)
}

/// The one entry that tells the cloud's log how a drill ended.
pub fn tell(drill: DrillName, outcome: DrillOutcome, evidence: Hash) {
    let (drill, outcome) = (drill.word(), outcome.word());
    tracing::info!(
        severity = "NOTICE",
        event = "drill.finished",
        drill.name = drill,
        drill.outcome = outcome,
        evidence.sha256 = %evidence,
        "Drill {drill}: {outcome}"
    );
}

async fn record(desk: &Desk, event: Event) -> Result<(), Problem> {
    let mut tx = desk.store().begin().await?;
    tx.audit(desk.store().studio(), event).await?;
    Ok(tx.commit().await?)
}

fn proposer(desk: &Desk) -> Actor {
    Actor::system(desk.store().studio(), JOB)
}

fn document() -> DocPath {
    DocPath::parse(format!("{DRILLS}/{DOCUMENT}")).expect("BUG: the drill's document has a legal path")
}
