//! Proposals: make, read, decide, withdraw.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use std::collections::BTreeMap;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::capability::{BadInput, Inputs, Requests};
use crate::domain::change::Change;
use crate::domain::ids::{DocPath, Hash, ProposalId, WriteId};
use crate::domain::proposal;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::gate::{self, NewProposal};
use crate::web::api::{Person, claim};
use crate::web::body::JsonBody;
use crate::web::caller::{Agent, Caller};
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Moment, Sha256};
use crate::web::problem::Problem;

/// Asks for a change: the body of `POST /api/v1/proposals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "capability": "reservation.status.set",
    "document": "r-canceled-one-l",
    "status": "CANCELLED",
    "reason": "The word is spelled with two letters l.",
}))]
pub struct ProposalRequest {
    /// Such as `reservation.status.set`.
    pub capability: String,
    /// A path, or an id in the capability's own collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Several of them, up to 100, to be changed in the same way in one commit; instead of `document`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    /// For `reservation.status.set`: what it becomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// For `ops_note.append`: 5 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For `document.restore`: the version that stood at this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// For any capability that sets fields: the values by the fields' names; text, whole numbers, true or false.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Why: 10 to 1,000 characters.
    pub reason: String,
    /// The finding that it is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The request's own key: the same key from the same caller is the same proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
    /// Only for agents: in whose name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only for agents: by which delegation, by its document's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<String>,
}

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

pub(in crate::web) async fn propose(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    Agent(agent): Agent,
    JsonBody(body): JsonBody<ProposalRequest>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let capability = desk.gate().registry().find(&body.capability).ok_or(Reason::CapabilityUnknown)?;
    let mut inputs = inputs(&body.fields)?;
    for (name, text) in [("status", body.status), ("note", body.note), ("at", body.at)] {
        inputs.extend(text.map(|text| (name.to_owned(), Value::text(text))));
    }
    let requests = match (body.document, body.documents) {
        (Some(document), several) if several.is_empty() => Requests::parse(capability, &[document], &inputs)?,
        (None, several) => Requests::parse(capability, &several, &inputs)?,
        (Some(_), _) => {
            let rule = "name either one document or several".to_owned();
            return Err(BadInput { field: "documents".to_owned(), rule }.into());
        }
    };
    let agent = claim::of(agent, body.owner, body.delegation)?;
    let new =
        NewProposal { requests, reason: body.reason, finding: body.finding, request_key: body.request_key, agent };
    let proposed = desk.gate().propose(&caller, new, desk.now()).await?;
    made(&desk, proposed).await
}

/// The inputs that a program sent, as values of a document.
fn inputs(fields: &BTreeMap<String, serde_json::Value>) -> Result<Inputs, BadInput> {
    let read = |(name, json): (&String, &serde_json::Value)| {
        let value = match json {
            serde_json::Value::String(text) => Value::text(text),
            serde_json::Value::Bool(boolean) => Value::Boolean(*boolean),
            serde_json::Value::Number(number) if number.is_i64() => Value::Integer(number.as_i64().unwrap_or_default()),
            serde_json::Value::Null
            | serde_json::Value::Number(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => {
                let rule = "give a text, a whole number, true or false".to_owned();
                return Err(BadInput { field: name.clone(), rule });
            }
        };
        Ok((name.clone(), value))
    };
    fields.iter().map(read).collect()
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
