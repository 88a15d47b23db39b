//! The registry as pages show it.

use axum::extract::{Path, State};
use axum::response::Response;
use rust_embed::RustEmbed;
use studio_cockpit::model::capabilities::{Capabilities, CapabilityDetail, CapabilityFilter, CapabilityRow, FieldLine};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::actor::ActorKind;
use crate::domain::capability::{
    Access, Capability, Choice, Executor, FieldRule, Quota, Requirement, Roles, Source, Transition,
};
use crate::domain::decision::Act;
use crate::domain::quota::Scope;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show};
use crate::web::desk::DeskState;

/// The specifications, as they were when this was built.
#[derive(RustEmbed)]
#[folder = "docs/specs/"]
struct Specs;

/// Where the registry says that specifications are.
const SPECS: &str = "docs/specs/";

impl Cockpit {
    pub(super) fn capability_rows(&self) -> Vec<CapabilityRow> {
        self.gate().registry().iter().map(|capability| self.capability_row(capability)).collect()
    }

    fn capability_row(&self, capability: &Capability) -> CapabilityRow {
        let (propose, approve, approvals) = match &capability.access {
            Access::Read { readers } => (words(readers), Vec::new(), (0, 0)),
            Access::Write(rules) => {
                let approvals = (rules.approvals.count, rules.approvals.admins);
                (words(&rules.proposers), words(&rules.approvers), approvals)
            }
        };
        CapabilityRow {
            capability: facts::capability(&capability.id, self.gate().registry()),
            writes: capability.write().is_some(),
            risk: facts::risk(capability.risk),
            targets: capability.targets.iter().map(ToString::to_string).collect(),
            approvals,
            propose,
            approve,
            quotas: capability.quotas.iter().map(quota_words).collect(),
        }
    }

    pub(in crate::web::cockpit) fn capabilities_page(&self, filter: &CapabilityFilter) -> Capabilities {
        let all = self.capability_rows();
        let unfiltered = all.len() as u64;
        let part = filter.about.as_ref().map(|part| part.to_lowercase());
        let mentions = |row: &CapabilityRow| {
            let Some(part) = &part else { return true };
            let own = [&row.capability.id, &row.capability.title];
            own.into_iter().chain(&row.targets).any(|text| text.to_lowercase().contains(part.as_str()))
        };
        let rows = all.into_iter().filter(|row| filter.risk.is_none_or(|risk| risk == row.risk) && mentions(row));
        let shared = self.gate().registry().shared_quotas().iter().map(quota_words).collect();
        Capabilities { rows: rows.collect(), unfiltered, shared }
    }

    pub(in crate::web::cockpit) async fn capability_page(&self, id: &str) -> Result<CapabilityDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Capability {id}") };
        let capability = self.gate().registry().find(id).ok_or_else(missing)?;
        let viewer = self.viewer()?;
        let around = self.panel("The rules", self.gate().around(self.now()).await)?;
        let rules = capability.write();
        let act = if rules.is_some() { Act::Propose } else { Act::Read };
        let decision = self.gate().may_begin(viewer, (act, capability), None, &around).await;
        let decision = decision.map_err(|cause| Unanswered::Trouble(self.trouble("The rules", cause)))?;
        let update = capability.field_update();
        Ok(CapabilityDetail {
            row: self.capability_row(capability),
            may_use: facts::may(decision.asked()),
            apply: rules.map_or_else(Vec::new, |rules| words(&rules.appliers)),
            fields: rules.map_or_else(Vec::new, |rules| fields(&rules.executor)),
            requires: update.map_or_else(Vec::new, |update| update.requires.iter().map(requirement).collect()),
            freshness: capability.freshness.as_secs(),
            lifetime: rules.map(|rules| rules.lifetime.as_secs()),
            delay: rules.map_or(0, |rules| rules.delay.as_secs()),
            rollback: rules.map(|rules| rules.rollback.clone()),
            owner: capability.owner.clone(),
            escalation: capability.escalation.clone(),
            spec: (capability.spec.clone(), spec(&capability.spec)),
            fingerprint: capability.fingerprint.to_string()[..16].to_owned(),
        })
    }
}

fn words(roles: &Roles) -> Vec<String> {
    let word = |kind: &ActorKind| match kind {
        ActorKind::System => "the push job".to_owned(),
        ActorKind::Human | ActorKind::Staff | ActorKind::Admin | ActorKind::Operator | ActorKind::Agent => {
            kind.as_str().to_owned()
        }
    };
    roles.iter().map(word).collect()
}

/// A limit in words.
pub(super) fn quota_words(quota: &Quota) -> String {
    let window = match quota.window.as_secs() {
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let whose = match quota.per {
        Scope::Actor => "for each actor",
        Scope::Owner => "for each owner",
        Scope::Capability => "for everybody together",
        Scope::Studio => "for the whole studio",
        Scope::Global => "for the whole box",
    };
    format!("{} in each {window} {whose}", quota.limit)
}

fn spec(path: &str) -> Option<String> {
    let file = Specs::get(path.strip_prefix(SPECS)?)?;
    String::from_utf8(file.data.into_owned()).ok()
}

fn fields(executor: &Executor) -> Vec<FieldLine> {
    let one = |field: &str, source: String| {
        vec![FieldLine { field: field.to_owned(), source, values: Vec::new(), transitions: Vec::new() }]
    };
    match executor {
        Executor::Note { creates } => {
            one("note", format!("What the proposer writes, as a document of its own in {creates}"))
        }
        Executor::Mark => one("note", "What the proposer writes".to_owned()),
        Executor::Restore => one("(all)", "As the document stood at the moment that the proposer names".to_owned()),
        Executor::FieldUpdate(update) => update.fields.iter().map(field).collect(),
    }
}

fn field(rule: &FieldRule) -> FieldLine {
    let (source, values, transitions) = match &rule.source {
        Source::Chosen(choice) => {
            let may = if choice.optional { ", may be left out" } else { "" };
            let source = format!("The proposer chooses it ({}{may})", choice.kind.word());
            (source, choice.words(), steps(choice))
        }
        Source::Fixed(value) => (format!("Always {}", facts::words(value)), Vec::new(), Vec::new()),
        Source::Now => ("The moment of the proposal".to_owned(), Vec::new(), Vec::new()),
        Source::Proposer => ("The proposer’s id".to_owned(), Vec::new(), Vec::new()),
        Source::Follows { field, pairs } => {
            let pairs = pairs.iter().map(|(one, other)| format!("{} → {}", facts::words(one), facts::words(other)));
            (format!("Follows {field}"), Vec::new(), pairs.collect())
        }
    };
    FieldLine { field: rule.path.to_string(), source, values, transitions }
}

fn steps(choice: &Choice) -> Vec<String> {
    let step = |step: &Transition| {
        let from = step.from.as_ref().map_or_else(|| "missing".to_owned(), facts::words);
        let to: Vec<String> = step.to.iter().map(facts::words).collect();
        format!("{from} → {}", to.join(", "))
    };
    choice.transitions.iter().map(step).collect()
}

fn requirement(rule: &Requirement) -> (String, String) {
    let values: Vec<String> = rule.values.iter().map(facts::words).collect();
    let said = match (values.is_empty(), rule.absent) {
        (true, _) => "is missing or empty".to_owned(),
        (false, false) => format!("is {}", values.join(" or ")),
        (false, true) => format!("is {}, or missing", values.join(" or ")),
    };
    (rule.path.to_string(), said)
}

/// `GET /policy/capabilities`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = CapabilityFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Capabilities(filter))).await
}

/// `GET /policy/capabilities/{id}`
pub(in crate::web) async fn one(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Capability { id })).await
}
