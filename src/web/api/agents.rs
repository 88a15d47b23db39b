//! Agents: their keys, those that have to pause, and what was denied to them.

use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::agent::{self, AgentScope, KeyPrefix, WantedKey};
use crate::domain::capability::BadInput;
use crate::domain::ids::{DocPath, Uid};
use crate::domain::time::Timestamp;
use crate::identity::agents::new_secret;
use crate::store::{DenialTrace, Suspension};
use crate::web::api::Person;
use crate::web::api::review::Because;
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment, PersonId};
use crate::web::problem::Problem;

/// How many lines each list has at most.
const PAGE: u16 = 200;

/// For how long suspicious denials are counted.
const SUSPICIONS_OF: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Agents: the answer to `GET /api/v1/agents`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agents {
    /// The keys, newest first, without their secrets.
    pub keys: Vec<Key>,
    /// The agents that have to pause now.
    pub suspensions: Vec<Pause>,
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// The part of the key that names it.
    pub prefix: String,
    /// The agent, by its id in the collection `agentClients`.
    #[schema(value_type = PersonId)]
    pub agent: Uid,
    /// The agent's name to show.
    pub name: String,
    /// The most that the agent may do with it.
    pub scopes: Vec<String>,
    /// Who issued it.
    pub issued_by: Person,
    /// When.
    #[schema(value_type = Moment)]
    pub issued: Timestamp,
    /// From this moment it is no longer good.
    #[schema(value_type = Moment)]
    pub expires: Timestamp,
    /// When it was taken back; null: it was not.
    #[schema(value_type = Option<Moment>)]
    pub revoked: Option<Timestamp>,
    /// Is it good now?
    pub good: bool,
}

/// An agent that was denied too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    /// The agent.
    #[schema(value_type = PersonId)]
    pub agent: Uid,
    /// Since when.
    #[schema(value_type = Moment)]
    pub since: Timestamp,
    /// Until when.
    #[schema(value_type = Moment)]
    pub until: Timestamp,
}

/// What a key is to be good for: the body of `POST /api/v1/agents/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// The agent, by its id in the collection `agentClients`.
    #[schema(value_type = PersonId)]
    pub agent: Uid,
    /// The agent's name to show: 1 to 80 characters.
    pub name: String,
    /// The most that the agent may do with it, whatever owners delegate, such as `capability:ops_note.append:execute`.
    pub scopes: Vec<String>,
    /// How many days it is to be good: 1 to 366.
    pub days: u32,
}

/// A key with its secret, shown this once: the answer to `POST /api/v1/agents/keys`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedKey {
    /// The part of the key that names it.
    pub prefix: String,
    /// The whole key, for its agent. It is kept nowhere.
    pub key: String,
    /// From this moment it is no longer good.
    #[schema(value_type = Moment)]
    pub expires: Timestamp,
}

/// What was denied to agents: the answer to `GET /api/v1/agents/denials`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Denials {
    /// How often, in the last seven days, somebody tried to act with rights that were not meant for them.
    pub suspicious: u64,
    /// Newest first.
    pub denials: Vec<Denial>,
}

/// A denial, with what was known then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Denial {
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// Who was denied.
    pub actor: Person,
    /// In whose name.
    #[schema(value_type = PersonId)]
    pub owner: Uid,
    /// What was wanted.
    pub scope: String,
    /// With which document.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// How far the actor reached.
    pub effective_scopes: Vec<String>,
    /// The delegation that was named; null: none.
    pub delegation: Option<String>,
    /// Why it was denied.
    pub code: String,
    /// The sign of a confused deputy; null: there was none.
    pub suspicion: Option<String>,
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IssuedKey").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl KeyRequest {
    /// What it asks for, if it can be asked for.
    ///
    /// # Errors
    /// The field that breaks its rule.
    pub(in crate::web) fn wanted(self) -> Result<WantedKey, BadInput> {
        let bad = |field: &str, rule: String| BadInput { field: field.to_owned(), rule };
        if !(1..=80).contains(&self.name.trim().chars().count()) {
            return Err(bad("name", "use 1 to 80 characters".to_owned()));
        }
        if !(1..=366).contains(&self.days) {
            return Err(bad("days", "choose 1 to 366".to_owned()));
        }
        if !(1..=agent::MOST_SCOPES).contains(&self.scopes.len()) {
            return Err(bad("scopes", format!("name 1 to {}", agent::MOST_SCOPES)));
        }
        let scopes: Result<Vec<_>, _> = self.scopes.iter().map(|scope| AgentScope::parse(scope)).collect();
        Ok(WantedKey {
            agent: self.agent,
            name: self.name,
            scopes: scopes.map_err(|error| bad("scopes", error.to_string()))?,
            lasts: Duration::from_secs(u64::from(self.days) * 24 * 3_600),
        })
    }
}

impl Key {
    fn of(key: agent::AgentKey, now: Timestamp) -> Self {
        Self {
            good: key.check(now).is_ok(),
            prefix: key.prefix.to_string(),
            agent: key.agent,
            name: key.name,
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            issued_by: Person::from(&key.issued_by),
            issued: key.issued,
            expires: key.expires,
            revoked: key.revoked,
        }
    }
}

impl From<Suspension> for Pause {
    fn from(suspension: Suspension) -> Self {
        Self { agent: suspension.agent, since: suspension.since, until: suspension.until }
    }
}

impl From<DenialTrace> for Denial {
    fn from(trace: DenialTrace) -> Self {
        Self {
            at: trace.at,
            actor: Person::from(&trace.actor),
            owner: trace.owner,
            scope: trace.scope,
            document: trace.resource,
            effective_scopes: trace.scopes,
            delegation: trace.delegation,
            code: trace.reason.code().to_owned(),
            suspicion: trace.suspicion,
        }
    }
}

pub(in crate::web) async fn list(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Agents>, Problem> {
    let now = desk.now();
    let keys = desk.store().agent_keys(PAGE).await?;
    let suspensions = desk.store().agent_suspensions(now).await?;
    Ok(Json(Agents {
        keys: keys.into_iter().map(|key| Key::of(key, now)).collect(),
        suspensions: suspensions.into_iter().map(Pause::from).collect(),
    }))
}

pub(in crate::web) async fn issue(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<KeyRequest>,
) -> Result<(StatusCode, Json<IssuedKey>), Problem> {
    let wanted = body.wanted()?;
    let (secret, now) = (new_secret().map_err(Problem::internal)?, desk.now());
    desk.gate().issue_agent_key(&caller, &wanted, &secret, now).await?;
    let issued =
        IssuedKey { prefix: secret.prefix().to_string(), key: secret.reveal(), expires: now.plus(wanted.lasts) };
    Ok((StatusCode::CREATED, Json(issued)))
}

pub(in crate::web) async fn revoke(
    State(desk): State<Desk>,
    Path(prefix): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<StatusCode, Problem> {
    let prefix = KeyPrefix::parse(&prefix).ok_or_else(|| Problem::not_found("There is no such key."))?;
    desk.gate().revoke_agent_key(&caller, &prefix, &body.reason, desk.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::web) async fn resume(
    State(desk): State<Desk>,
    Path(uid): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<Because>,
) -> Result<StatusCode, Problem> {
    let uid = Uid::parse(uid).map_err(|_| Problem::not_found("There is no such agent."))?;
    desk.gate().resume_agent(&caller, &uid, &body.reason, desk.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::web) async fn denials(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Denials>, Problem> {
    let store = desk.store();
    Ok(Json(Denials {
        suspicious: store.denial_suspicions(desk.now().minus(SUSPICIONS_OF)).await?,
        denials: store.denial_traces(PAGE).await?.into_iter().map(Denial::from).collect(),
    }))
}
