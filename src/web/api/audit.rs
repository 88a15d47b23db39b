//! The audit log.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::audit;
use crate::domain::ids::{Hash, StudioId};
use crate::domain::time::Timestamp;
use crate::store::audit::AuditQuery;
use crate::web::api::{Person, Query};
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{Moment, Name, Sha256};
use crate::web::problem::Problem;

/// How many entries one answer has at most.
const PAGE: u16 = 100;

/// A page of the log: the answer to `GET /api/v1/audit`, with `?before=`, `action=`, `actor=` or `target=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// The `before` of the next older page; null at the end.
    pub older: Option<u64>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub sequence: u64,
    /// The studio.
    #[schema(value_type = Name)]
    pub studio: StudioId,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// Who.
    pub actor: Person,
    /// What, such as `proposal.approved`.
    pub action: String,
    /// About what, such as `proposal:…`.
    pub target: String,
    /// `OK`, or why it was denied.
    pub reason: String,
    /// The hash of what went in.
    #[schema(value_type = Option<Sha256>)]
    pub input: Option<Hash>,
    /// The hash of what came out.
    #[schema(value_type = Option<Sha256>)]
    pub output: Option<Hash>,
    /// Further facts by name.
    pub details: BTreeMap<String, String>,
    /// The hash of the entry before.
    #[schema(value_type = Sha256)]
    pub previous: Hash,
    /// The hash of this entry.
    #[schema(value_type = Sha256)]
    pub hash: Hash,
}

impl From<audit::Entry> for AuditEntry {
    fn from(entry: audit::Entry) -> Self {
        let event = entry.event;
        Self {
            sequence: entry.sequence,
            studio: entry.studio,
            at: event.at,
            actor: Person::from(&event.actor),
            action: event.action.word().to_owned(),
            target: event.target.to_string(),
            reason: event.reason.code().to_owned(),
            input: event.input,
            output: event.output,
            details: event.details,
            previous: entry.previous,
            hash: entry.hash,
        }
    }
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, Problem> {
    let query = Query::parse(query.as_deref(), &["before", "action", "actor", "target"])?;
    let text = |name| query.text(name).map(str::to_owned);
    let wanted = AuditQuery {
        actor: text("actor"),
        action: text("action"),
        target: text("target"),
        allowed: None,
        before: query.whole("before")?,
    };
    let mut entries = desk.store().audit_entries(&wanted, PAGE + 1).await?;
    let more = entries.len() > usize::from(PAGE);
    entries.truncate(usize::from(PAGE));
    let older = entries.last().map(|entry| entry.sequence).filter(|_| more);
    Ok(Json(AuditPage { entries: entries.into_iter().map(AuditEntry::from).collect(), older }))
}
