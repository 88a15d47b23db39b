//! Proposals: make.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::capability::{BadInput, Inputs, Requests};
use crate::domain::reason::Reason;
use crate::domain::value::Value;
use crate::gate::NewProposal;
use crate::web::api::claim;
use crate::web::api::proposals::{Proposed, made};
use crate::web::body::JsonBody;
use crate::web::caller::{Agent, Caller};
use crate::web::desk::Desk;
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
