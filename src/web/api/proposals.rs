//! Proposals: read, decide, withdraw.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::capability::BadInput;
use crate::domain::change::Change;
use crate::domain::ids::{DocPath, Hash, ProposalId, WriteId};
use crate::domain::proposal;
use crate::domain::time::Timestamp;
use crate::gate;
use crate::web::api::Person;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Moment, Sha256};
use crate::web::problem::Problem;

/// A proposal that was made, or found made by the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposed {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: ProposalId,
    /// Was it there before?
    pub replayed: bool,
    /// What an approval has to cover.
    #[schema(value_type = Sha256)]
    pub content_hash: Hash,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    /// Its id.
    #[schema(value_type = Id)]
    pub id: ProposalId,
    /// What it asks for, such as `reservation.status.set`.
    pub capability: String,
    /// One sentence about it.
    pub summary: String,
    /// Why the proposer wants it.
    pub reason: String,
    /// Who proposed it.
    pub proposer: Person,
    /// In whose name, if an agent did.
    pub owner: Option<String>,
    /// By which delegation, if an agent did.
    pub delegation: Option<String>,
    /// Why it is held back for now, as a code, if it is.
    pub held: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    pub created: Timestamp,
    /// After this moment it is neither decided nor sent.
    #[schema(value_type = Moment)]
    pub expires: Timestamp,
    /// Where it stands.
    pub state: ProposalState,
    /// Since when.
    #[schema(value_type = Moment)]
    pub state_since: Timestamp,
    /// The code of the reason, when it was denied.
    pub denied: Option<String>,
    /// What an approval has to cover.
    #[schema(value_type = Sha256)]
    pub content_hash: Hash,
    /// What it does to each document, in the order of its one commit.
    pub writes: Vec<ProposedWrite>,
    /// Are those writes in the ledger?
    pub sent: bool,
    /// The finding that it was made from.
    pub finding: Option<String>,
    /// Approvals that count.
    pub approvals_given: usize,
    /// Approvals needed.
    pub approvals_needed: usize,
    /// What people decided, oldest first.
    pub decisions: Vec<Decision>,
}

/// What a proposal does to one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedWrite {
    /// The id of the write that it leads to.
    #[schema(value_type = Id)]
    pub id: WriteId,
    /// The document it writes.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// The exact write, as canonical text.
    pub write: String,
    /// The write that it takes back, if it is an undo.
    #[schema(value_type = Option<Id>)]
    pub undoes: Option<WriteId>,
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits for a decision.
    Waiting,
    /// It waits to be sent.
    Approved,
    /// The write tells the rest.
    Sent,
    /// A person rejected it.
    Rejected,
    /// Its proposer withdrew it.
    Withdrawn,
    /// It was not used in time.
    Expired,
    /// The document moved before it could be sent.
    Stale,
    /// The gate said no at the last moment.
    Denied,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Who.
    pub by: Person,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// What.
    pub decision: Choice,
    /// Why.
    pub reason: String,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It may be sent.
    Approve,
    /// It may not.
    Reject,
}

/// Decides: the body of `POST /api/v1/proposals/{id}/decision`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// What.
    pub decision: Choice,
    /// Why: 10 to 1,000 characters.
    pub reason: String,
    /// The content that was looked at.
    #[schema(value_type = Sha256)]
    pub content_hash: Hash,
    /// Why it is rejected, such as `not_needed`; without one it is `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Where a proposal stands after what was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Moved {
    /// The proposal.
    #[schema(value_type = Id)]
    pub id: ProposalId,
    /// Where it stands.
    pub state: ProposalState,
}

impl From<proposal::ProposalState> for ProposalState {
    fn from(state: proposal::ProposalState) -> Self {
        match state {
            proposal::ProposalState::Waiting => Self::Waiting,
            proposal::ProposalState::Approved => Self::Approved,
            proposal::ProposalState::Sent => Self::Sent,
            proposal::ProposalState::Rejected => Self::Rejected,
            proposal::ProposalState::Withdrawn => Self::Withdrawn,
            proposal::ProposalState::Expired => Self::Expired,
            proposal::ProposalState::Stale => Self::Stale,
            proposal::ProposalState::Denied(_) => Self::Denied,
        }
    }
}

impl From<&proposal::Verdict> for Decision {
    fn from(verdict: &proposal::Verdict) -> Self {
        Self {
            by: Person::from(&verdict.by),
            at: verdict.at,
            decision: match verdict.choice {
                proposal::Choice::Approve => Choice::Approve,
                proposal::Choice::Reject => Choice::Reject,
            },
            reason: verdict.reason.as_str().to_owned(),
        }
    }
}

/// The answer to a request that made a proposal, or found it made.
pub(super) async fn made(desk: &Desk, proposed: gate::Proposed) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let content_hash = found(desk, proposed.id).await?.content_hash();
    let status = if proposed.replayed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Proposed { id: proposed.id, replayed: proposed.replayed, content_hash })))
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
) -> Result<Json<Proposal>, Problem> {
    let proposal = found(&desk, parse(&id)?).await?;
    if !may_see(&caller, &proposal) {
        return Err(missing());
    }
    let verdicts = desk.store().verdicts(proposal.id).await?;
    let content_hash = proposal.content_hash();
    let (given, needed) = desk.gate().approvals(&proposal, &verdicts);
    Ok(Json(Proposal {
        id: proposal.id,
        capability: proposal.capability.to_string(),
        summary: proposal.summary.clone(),
        reason: proposal.reason.as_str().to_owned(),
        proposer: Person::from(&proposal.proposer),
        owner: proposal.behalf.as_ref().map(|behalf| behalf.owner.to_string()),
        delegation: proposal.behalf.as_ref().map(|behalf| behalf.delegation.clone()),
        held: proposal.held.map(|reason| reason.code().to_owned()),
        created: proposal.created,
        expires: proposal.expires,
        state: proposal.state.into(),
        state_since: proposal.state_since,
        denied: denial(proposal.state),
        content_hash,
        writes: proposal.changes.iter().map(|change| proposed(&proposal, change)).collect(),
        sent: !desk.store().writes_of(proposal.id).await?.is_empty(),
        finding: proposal.finding.clone(),
        approvals_given: given.people,
        approvals_needed: needed.people,
        decisions: verdicts.iter().map(Decision::from).collect(),
    }))
}

fn proposed(proposal: &proposal::Proposal, change: &Change) -> ProposedWrite {
    ProposedWrite {
        id: proposal.write_id(change),
        document: change.write.path().clone(),
        write: change.write.canonical(),
        undoes: change.undoes,
    }
}

pub(in crate::web) async fn decide(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<DecisionRequest>,
) -> Result<Json<Moved>, Problem> {
    let id = parse(&id)?;
    let choice = match body.decision {
        Choice::Approve => proposal::Choice::Approve,
        Choice::Reject => proposal::Choice::Reject,
    };
    let code = match body.code.as_deref() {
        None => None,
        Some(word) => Some(proposal::RejectionCode::parse(word).ok_or_else(|| {
            let words = proposal::RejectionCode::ALL.map(proposal::RejectionCode::word).join(", ");
            BadInput { field: "code".to_owned(), rule: format!("choose one of: {words}") }
        })?),
    };
    let (reason, content_hash) = (body.reason, body.content_hash);
    let decision = gate::Decision { proposal: id, choice, code, reason, content_hash };
    let state = desk.gate().decide(&caller, decision, desk.now()).await?;
    Ok(Json(Moved { id, state: state.into() }))
}

pub(in crate::web) async fn withdraw(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
) -> Result<Json<Moved>, Problem> {
    let id = parse(&id)?;
    desk.gate().withdraw(&caller, id, desk.now()).await?;
    Ok(Json(Moved { id, state: ProposalState::Withdrawn }))
}

/// What others propose is not an agent's business, not even that it exists.
pub(super) fn may_see(caller: &Actor, proposal: &proposal::Proposal) -> bool {
    caller.kind() != ActorKind::Agent || caller.is_same_person(&proposal.proposer)
}

async fn found(desk: &Desk, id: ProposalId) -> Result<proposal::Proposal, Problem> {
    desk.store().proposal(id).await?.ok_or_else(missing)
}

fn parse(id: &str) -> Result<ProposalId, Problem> {
    id.parse().map_err(|_| missing())
}

fn missing() -> Problem {
    Problem::not_found("There is no such proposal.")
}

fn denial(state: proposal::ProposalState) -> Option<String> {
    match state {
        proposal::ProposalState::Denied(reason) => Some(reason.code().to_owned()),
        proposal::ProposalState::Waiting
        | proposal::ProposalState::Approved
        | proposal::ProposalState::Sent
        | proposal::ProposalState::Rejected
        | proposal::ProposalState::Withdrawn
        | proposal::ProposalState::Expired
        | proposal::ProposalState::Stale => None,
    }
}
