//! The registry: what can be done, by whom, and how often.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::capability::{self as domain, Access, Executor, Quota, Roles, Source};
use crate::web::caller::Caller;
use crate::web::desk::Desk;

/// The registry: the answer to `GET /api/v1/capabilities`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// Every capability, by id.
    pub capabilities: Vec<Capability>,
    /// How often everything together may be used.
    pub quotas: Vec<String>,
}

/// A capability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capability {
    /// Its id, such as `reservation.status.set`.
    pub id: String,
    /// What it does, in a few words.
    pub title: String,
    /// `read` or `write`.
    pub access: String,
    /// What it is about, such as `reservations/{id}`.
    pub targets: Vec<String>,
    /// How much harm it could do: `low`, `medium`, `high` or `critical`.
    pub risk: String,
    /// How many people have to approve.
    pub approvals: u32,
    /// How many of them have to be admins.
    pub admins: u32,
    /// The kinds of actor that may propose.
    pub propose: Vec<String>,
    /// The kinds of actor that may approve and reject.
    pub approve: Vec<String>,
    /// The kinds of actor that may carry out what was approved.
    pub apply: Vec<String>,
    /// The kinds of actor that may read.
    pub read: Vec<String>,
    /// What the proposer has to give.
    pub inputs: Vec<Input>,
    /// How old the mirror may be.
    pub freshness_seconds: u64,
    /// How long an approval stays good.
    pub approval_lifetime_seconds: u64,
    /// How long what was approved waits, so that anyone may stop it.
    pub delay_seconds: u64,
    /// How often it may be used.
    pub quotas: Vec<String>,
    /// How it is taken back.
    pub rollback: String,
    /// Who answers for it.
    pub owner: String,
    /// Whom to call, first to last.
    pub escalation: Vec<String>,
    /// The document that describes it.
    pub spec: String,
    /// The start of the hash of its entry in the registry.
    pub fingerprint: String,
}

/// One thing that a proposer gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// `text`, `boolean`, `integer` or `time`.
    pub kind: String,
    /// The values that are allowed; empty: any of the kind.
    pub values: Vec<String>,
    /// May it be left out?
    pub optional: bool,
}

impl From<&domain::Capability> for Capability {
    fn from(capability: &domain::Capability) -> Self {
        let rules = capability.write();
        let (access, read) = match &capability.access {
            Access::Read { readers } => ("read", words(readers)),
            Access::Write(_) => ("write", Vec::new()),
        };
        Self {
            id: capability.id.to_string(),
            title: capability.title.clone(),
            access: access.to_owned(),
            targets: capability.targets.iter().map(ToString::to_string).collect(),
            risk: capability.risk.word().to_owned(),
            approvals: rules.map_or(0, |rules| rules.approvals.count),
            admins: rules.map_or(0, |rules| rules.approvals.admins),
            propose: rules.map_or_else(Vec::new, |rules| words(&rules.proposers)),
            approve: rules.map_or_else(Vec::new, |rules| words(&rules.approvers)),
            apply: rules.map_or_else(Vec::new, |rules| words(&rules.appliers)),
            read,
            inputs: rules.map_or_else(Vec::new, |rules| inputs(&rules.executor)),
            freshness_seconds: capability.freshness.as_secs(),
            approval_lifetime_seconds: rules.map_or(0, |rules| rules.lifetime.as_secs()),
            delay_seconds: rules.map_or(0, |rules| rules.delay.as_secs()),
            quotas: capability.quotas.iter().map(quota).collect(),
            rollback: rules.map_or_else(String::new, |rules| rules.rollback.clone()),
            owner: capability.owner.clone(),
            escalation: capability.escalation.clone(),
            spec: capability.spec.clone(),
            fingerprint: capability.fingerprint.to_string()[..16].to_owned(),
        }
    }
}

fn words(roles: &Roles) -> Vec<String> {
    roles.iter().map(|kind| kind.as_str().to_owned()).collect()
}

fn quota(quota: &Quota) -> String {
    format!("{} in {} s per {}", quota.limit, quota.window.as_secs(), quota.per.word())
}

fn inputs(executor: &Executor) -> Vec<Input> {
    let one = |name: &str, kind: &str| {
        vec![Input { name: name.to_owned(), kind: kind.to_owned(), values: Vec::new(), optional: false }]
    };
    match executor {
        Executor::Note { .. } | Executor::Mark => one("note", "text"),
        Executor::Restore => one("at", "time"),
        Executor::FieldUpdate(update) => {
            let chosen = update.fields.iter().filter_map(|field| match &field.source {
                Source::Chosen(choice) => Some(Input {
                    name: field.path.to_string(),
                    kind: choice.kind.word().to_owned(),
                    values: choice.words(),
                    optional: choice.optional,
                }),
                Source::Fixed(_) | Source::Now | Source::Proposer | Source::Follows { .. } => None,
            });
            chosen.collect()
        }
    }
}

pub(in crate::web) async fn list(State(desk): State<Desk>, Caller(_): Caller) -> Json<Capabilities> {
    let registry = desk.gate().registry();
    Json(Capabilities {
        capabilities: registry.iter().map(|capability| Capability::from(&**capability)).collect(),
        quotas: registry.shared_quotas().iter().map(quota).collect(),
    })
}
