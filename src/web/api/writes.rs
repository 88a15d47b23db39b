//! Writes: read, undo.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{DocPath, Hash, ProposalId, WriteId};
use crate::domain::ledger::{self, WriteRecord};
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::gate::{NewUndo, Undone};
use crate::web::api::proposals::{self, Proposed};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Moment, Sha256};
use crate::web::problem::Problem;

/// A write of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Write {
    /// Its id: the idempotency key and the receipt's id.
    #[schema(value_type = Id)]
    pub id: WriteId,
    /// The proposal that it carries out.
    #[schema(value_type = Id)]
    pub proposal: ProposalId,
    /// The document.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// The exact write, as canonical text.
    pub write: String,
    /// What the approval covered.
    #[schema(value_type = Sha256)]
    pub content_hash: Hash,
    /// Its place among the writes of its commit, from 1.
    pub place: usize,
    /// Where it stands.
    pub state: WriteState,
    /// The steps that are behind it, in their order.
    pub steps: Vec<WriteStep>,
    /// When intent and before-image were stored.
    #[schema(value_type = Moment)]
    pub intended: Timestamp,
    /// When it was learned what became of it, or that the answer was lost.
    #[schema(value_type = Option<Moment>)]
    pub settled: Option<Timestamp>,
    /// The document's update time since (for a delete: the commit time), once it landed.
    #[schema(value_type = Option<Moment>)]
    pub update_time: Option<Timestamp>,
    /// When the mirror saw it.
    #[schema(value_type = Option<Moment>)]
    pub observed: Option<Timestamp>,
    /// The hash of the before-image; null when the document did not exist.
    #[schema(value_type = Option<Sha256>)]
    pub before_hash: Option<Hash>,
    /// The hash of the document as written; null when it is gone, or did not land.
    #[schema(value_type = Option<Sha256>)]
    pub after_hash: Option<Hash>,
    /// The receipt's path in Firestore.
    #[schema(value_type = DocumentPath)]
    pub receipt: DocPath,
    /// The write that it takes back, if it is an undo.
    #[schema(value_type = Option<Id>)]
    pub undoes: Option<WriteId>,
    /// The proposal to take this one back, if there is one.
    #[schema(value_type = Option<Id>)]
    pub undo: Option<ProposalId>,
    /// Is it known from its receipt only, because the ledger was lost?
    pub rebuilt: bool,
    /// The code of a refusal, or why it was abandoned.
    pub refused: Option<String>,
    /// What Firestore said when it refused.
    pub answer: Option<String>,
}

/// Where a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteState {
    /// Stored; perhaps sent.
    Intended,
    /// The answer was lost; the receipt will tell.
    Unknown,
    /// Firestore carried it out.
    Landed,
    /// The mirror has seen it.
    Observed,
    /// The document had moved; nothing was written.
    Stale,
    /// Firestore refused it; nothing was written.
    Refused,
    /// Its key was used for another content; nothing was written by us.
    Conflicted,
    /// The gate said no before it was sent; nothing was written.
    Abandoned,
}

/// A step of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WriteStep {
    /// Which: `claimed`, `intended`, `sent`, `unknown`, `landed`, `observed`, `stale`, `refused`, `conflicted` or `abandoned`.
    pub step: String,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
}

/// Asks to take a write back: the body of `POST /api/v1/writes/{id}/undo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoRequest {
    /// Why: 10 to 1,000 characters.
    pub reason: String,
    /// The request's own key: the same key from the same caller is the same proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Write>, Problem> {
    let id = id.parse().map_err(|_| missing())?;
    let record = desk.store().write(id).await?.ok_or_else(missing)?;
    let undo = desk.store().undo_of(id).await?;
    Ok(Json(shown(&record, undo)))
}

fn shown(record: &WriteRecord, undo: Option<ProposalId>) -> Write {
    let landing = record.state.landing();
    let mut shown = Write {
        id: record.id,
        proposal: record.proposal,
        document: record.write.path().clone(),
        write: record.write.canonical(),
        content_hash: record.content_hash,
        place: record.place,
        state: WriteState::Intended,
        steps: record.steps().into_iter().map(|(step, at)| WriteStep { step: step.word().to_owned(), at }).collect(),
        intended: record.intended,
        settled: record.state.settled(),
        update_time: landing.map(|landing| landing.update_time),
        observed: None,
        before_hash: record.before_hash(),
        after_hash: landing.and_then(|_| record.after_hash()),
        receipt: receipt::path(record.id),
        undoes: record.undoes,
        undo,
        rebuilt: record.rebuilt,
        refused: None,
        answer: None,
    };
    shown.state = match &record.state {
        ledger::WriteState::Intended => WriteState::Intended,
        ledger::WriteState::Unknown { .. } => WriteState::Unknown,
        ledger::WriteState::Landed(_) => WriteState::Landed,
        ledger::WriteState::Observed { at, .. } => {
            shown.observed = Some(*at);
            WriteState::Observed
        }
        ledger::WriteState::Stale { .. } => WriteState::Stale,
        ledger::WriteState::Refused { reason, answer, .. } => {
            (shown.refused, shown.answer) = (Some(reason.code().to_owned()), Some(answer.clone()));
            WriteState::Refused
        }
        ledger::WriteState::Conflicted { .. } => WriteState::Conflicted,
        ledger::WriteState::Abandoned { reason, .. } => {
            shown.refused = Some(reason.code().to_owned());
            WriteState::Abandoned
        }
    };
    shown
}

pub(in crate::web) async fn undo(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<UndoRequest>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let undone = Undone::Write(id.parse().map_err(|_| missing())?);
    let new = NewUndo { undone, reason: body.reason, request_key: body.request_key };
    let proposed = desk.gate().undo(&caller, new, desk.now()).await?;
    proposals::made(&desk, proposed).await
}

pub(in crate::web) async fn undo_proposal(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<UndoRequest>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let undone = Undone::Proposal(id.parse().map_err(|_| missing())?);
    let new = NewUndo { undone, reason: body.reason, request_key: body.request_key };
    let proposed = desk.gate().undo(&caller, new, desk.now()).await?;
    proposals::made(&desk, proposed).await
}

fn missing() -> Problem {
    Problem::not_found("There is no such write.")
}
