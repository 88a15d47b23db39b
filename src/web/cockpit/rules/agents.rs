//! Agents: how they stand, what owners let them do, what was denied to them, and letting one go on.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use studio_cockpit::model::agents::{
    AgentDetail, AgentFilter, AgentRow, AgentStanding, Agents, DelegationRow, DelegationStanding, DenialFilter,
    DenialRow, Denials,
};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::actor::{Actor, ActorKind, Issuer, Person};
use crate::domain::agent::may_manage_keys;
use crate::domain::audit::Target;
use crate::domain::delegation::{self, Delegation, Resource};
use crate::domain::document::Document;
use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::gate::GateError;
use crate::store::{DenialQuery, DenialTrace, Suspension};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::cockpit::rules::keys;
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many keys a page shows.
const KEYS: u16 = 50;

/// How many denials one page shows, and how many an agent's own page does.
const DENIALS: u16 = 50;
const OWN_DENIALS: u16 = 10;

/// For how long suspicious denials are counted.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

impl Cockpit {
    pub(in crate::web::cockpit) async fn agents_page(&self, filter: &AgentFilter) -> Agents {
        let (store, now) = (self.store(), self.now());
        let found = self.agent_rows().await;
        let unfiltered = found.as_ref().ok().map(|rows| rows.len() as u64);
        let part = filter.name.as_ref().map(|part| part.to_lowercase());
        let matches = |row: &AgentRow| {
            let Some(part) = &part else { return true };
            [&row.id, &row.name].into_iter().any(|text| text.to_lowercase().contains(part.as_str()))
        };
        let keys = if filter.all_keys { store.agent_keys(KEYS).await } else { store.agent_keys_good(now, KEYS).await };
        let may = self.viewer().map_err(|_| Reason::NotSignedIn).and_then(may_manage_keys);
        Agents {
            agents: found.map(|rows| rows.into_iter().filter(matches).collect()),
            unfiltered,
            keys: self.panel("The keys", keys).map(|all| all.into_iter().map(|key| keys::row(key, now)).collect()),
            suspicious: self.panel("The suspicious denials", store.denial_suspicions(now.minus(WEEK)).await),
            may_issue: facts::may(may),
        }
    }

    async fn agent_rows(&self) -> studio_cockpit::model::trouble::Panel<Vec<AgentRow>> {
        let documents = self.panel("The agents", self.gate().agents().await)?;
        let pauses = self.panel("The pauses", self.store().agent_suspensions(self.now()).await)?;
        let keys = self.panel("The keys", self.store().agent_keys_counted(self.now()).await)?;
        let named: Vec<&str> = documents.iter().map(|document| document.path.id()).collect();
        let unknown: Vec<&String> = keys.keys().filter(|agent| !named.contains(&agent.as_str())).collect();
        let known = documents.iter().map(|document| row(document.path.id(), Some(document), &pauses, &keys));
        Ok(known.chain(unknown.into_iter().map(|agent| row(agent, None, &pauses, &keys))).collect())
    }

    pub(in crate::web::cockpit) async fn agent_page(&self, id: &str) -> Result<AgentDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Agent {id}") };
        let uid = Uid::parse(id).map_err(|_| missing())?;
        let (store, now) = (self.store(), self.now());
        let documents = self.panel("The agent", self.gate().agents().await)?;
        let document = documents.iter().find(|document| document.path.id() == id);
        let keys = self.panel("Its keys", store.agent_keys_of(&uid, KEYS).await);
        if document.is_none() && keys.as_ref().is_ok_and(Vec::is_empty) {
            return Err(missing());
        }
        let pauses = self.panel("The pauses", store.agent_suspensions(now).await)?;
        let good = keys.iter().flatten().filter(|key| key.check(now).is_ok()).count() as u64;
        let mut row = row(id, document, &pauses, &BTreeMap::from([(id.to_owned(), good)]));
        if let (None, Some(newest)) = (document, keys.iter().flatten().next()) {
            row.name.clone_from(&newest.name);
        }
        let may_resume = pauses.iter().any(|pause| pause.agent == uid).then(|| facts::may(self.may_resume()));
        let agent = label(&uid);
        let own = DenialQuery { actor: Some(agent), ..DenialQuery::default() };
        let denials = self.panel("Its denials", store.denials_matching(&own, OWN_DENIALS).await);
        let delegations = self.panel("Its delegations", store.delegations_to(&uid).await);
        Ok(AgentDetail {
            row,
            keys: keys.map(|all| all.into_iter().map(|key| keys::row(key, now)).collect()),
            delegations: delegations.map(|all| all.iter().map(|document| delegated(document, now)).collect()),
            denials: denials.map(|all| all.into_iter().map(denial).collect()),
            may_resume,
            timeline: self.history(&[Target::Other(format!("agent:{uid}"))]).await,
        })
    }

    fn may_resume(&self) -> Result<(), Reason> {
        match self.viewer().map(Actor::kind) {
            Ok(ActorKind::Staff | ActorKind::Admin | ActorKind::Operator) => Ok(()),
            Ok(ActorKind::Human | ActorKind::Agent | ActorKind::System) | Err(_) => Err(Reason::RoleMissing),
        }
    }

    pub(in crate::web::cockpit) async fn denials_page(&self, filter: &DenialFilter) -> Denials {
        let query = DenialQuery {
            actor: filter.agent.as_ref().and_then(|agent| Uid::parse(agent).ok()).map(|uid| label(&uid)),
            reason: filter.reason.clone(),
            since: filter.within.seconds().map(|seconds| self.now().minus(Duration::from_secs(seconds))),
            before: filter.before.and_then(|before| i64::try_from(before).ok()),
        };
        let found = self.panel("The denials", self.store().denials_matching(&query, DENIALS + 1).await);
        let mut rows = found.map(|all| all.into_iter().map(denial).collect::<Vec<_>>());
        let older = rows.as_mut().ok().and_then(|rows| {
            let more = rows.len() > usize::from(DENIALS);
            rows.truncate(usize::from(DENIALS));
            rows.last().filter(|_| more).map(|last| last.id)
        });
        // Without them the filter offers fewer choices; the trouble is logged.
        let choices = self.panel("What denials can be filtered by", self.store().denial_choices().await);
        let (actors, reasons) = choices.unwrap_or_default();
        let agents = actors.iter().map(|actor| actor.rsplit(':').next().unwrap_or(actor).to_owned()).collect();
        Denials { rows, older, agents, reasons }
    }
}

/// What the audit log and the traces know an agent by.
fn label(uid: &Uid) -> String {
    Person { uid: uid.clone(), name: String::new(), kind: ActorKind::Agent, issuer: Issuer::Real }.to_string()
}

fn row(id: &str, document: Option<&Document>, pauses: &[Suspension], keys: &BTreeMap<String, u64>) -> AgentRow {
    let field = |name: &str| document.and_then(|document| document.fields.get(name));
    let text = |name: &str| field(name).and_then(Value::as_text);
    let standing = match (pauses.iter().find(|pause| pause.agent.as_str() == id), document, text("status")) {
        (Some(pause), _, _) => AgentStanding::Paused { since: pause.since.to_jiff(), until: pause.until.to_jiff() },
        (None, None, _) => AgentStanding::Unknown,
        (None, Some(_), Some("active")) => AgentStanding::Active,
        (None, Some(_), Some(word)) => AgentStanding::OutOfService(word.to_owned()),
        (None, Some(_), None) => AgentStanding::OutOfService("it has no status".to_owned()),
    };
    let last_used = match field("lastUsedAt") {
        Some(Value::Timestamp(at)) => Some(at.to_jiff()),
        Some(_) | None => None,
    };
    AgentRow {
        id: id.to_owned(),
        name: text("name").filter(|name| !name.is_empty()).unwrap_or(id).to_owned(),
        standing,
        good_keys: keys.get(id).copied().unwrap_or_default(),
        last_used,
    }
}

fn delegated(document: &Document, now: Timestamp) -> DelegationRow {
    let id = document.path.id().to_owned();
    match Delegation::parse(document) {
        Ok(read) => DelegationRow {
            id,
            owner: read.owner.to_string(),
            scopes: read.scopes.iter().map(ToString::to_string).collect(),
            resources: read.resources.iter().map(resource).collect(),
            standing: match read.status {
                delegation::Status::Revoked => DelegationStanding::Revoked,
                delegation::Status::Active if now >= read.expires => {
                    DelegationStanding::Expired { at: read.expires.to_jiff() }
                }
                delegation::Status::Active => DelegationStanding::Active { until: read.expires.to_jiff() },
            },
        },
        Err(bad) => DelegationRow {
            id,
            owner: delegation::owner_of(document).map_or_else(|| "unknown".to_owned(), |owner| owner.to_string()),
            scopes: Vec::new(),
            resources: Vec::new(),
            standing: DelegationStanding::Unclear { why: format!("`{}` {}", bad.field, bad.what) },
        },
    }
}

fn resource(resource: &Resource) -> String {
    match resource {
        Resource::Document(path) => path.to_string(),
        Resource::Collection(collection) => format!("{collection}/{{id}}"),
    }
}

fn denial(trace: DenialTrace) -> DenialRow {
    DenialRow {
        id: trace.id.unsigned_abs(),
        at: trace.at.to_jiff(),
        agent: trace.actor.uid.to_string(),
        actor: facts::actor(&trace.actor),
        owner: trace.owner.to_string(),
        scope: trace.scope,
        document: trace.resource.to_string(),
        reached: trace.scopes,
        delegation: trace.delegation,
        code: trace.reason.code().to_owned(),
        sentence: trace.reason.sentence().to_owned(),
        suspicion: trace.suspicion,
    }
}

/// `GET /agents`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = AgentFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Agents(filter))).await
}

/// `GET /agents/{id}`
pub(in crate::web) async fn one(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Agent { id, form: fresh() })).await
}

/// `GET /agents/denials`
pub(in crate::web) async fn denials(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = DenialFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Denials(filter))).await
}

/// `POST /agents/{id}/resume`
pub(in crate::web) async fn resume(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    mut asked: Asked,
    FormBody(typed): FormBody<ActFields>,
) -> Result<Response, Problem> {
    let uid = Uid::parse(id.clone()).map_err(|_| Problem::not_found("There is no such agent."))?;
    asked.here = paths::agent(&id);
    let now = state.desk.now();
    let act = async {
        state.desk.gate().resume_agent(&asked.actor, &uid, &typed.reason, now).await?;
        Ok(Outcome { told: Ruled::AgentResumed, to: paths::agent(&id) })
    };
    let (problem, status) = match state.desk.once().run((&asked.session.key, &typed.idempotency_key), now, act).await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(GateError::Missing { .. }) => keys::over("It does not pause any more: there is nothing to end."),
        Err(error) => refused(error)?,
    };
    let page = Page::Rules(RulesPage::Agent { id, form: typed.back(problem) });
    Ok(show_as(&state, &asked, page, status).await)
}
