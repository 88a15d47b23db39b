//! Exemptions: the list, granting one, taking one back.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::acts::{ActForm, ActProblem};
use studio_cockpit::model::exemptions::{
    Exempting, ExemptionDetail, ExemptionField, ExemptionFilter, ExemptionForm, ExemptionRow, ExemptionShow,
    ExemptionStanding, Exemptions,
};
use studio_cockpit::model::facts::{Capability, May};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::actor::ActorKind;
use crate::domain::audit::Target;
use crate::domain::capability::{BadInput, CapabilityId, Risk};
use crate::domain::exemption::{Ended, Exemption, ExemptionId};
use crate::domain::ids::{DocPath, Uid};
use crate::domain::reason::Reason;
use crate::gate::{GateError, NewExemption};
use crate::store::{self, ExemptionQuery};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, fresh_key, show, show_as};
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused, sentence};
use crate::web::denial::{is_about_reason, kind_of};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many exemptions one page shows.
const PAGE: u16 = 50;

impl Cockpit {
    pub(in crate::web::cockpit) async fn exemptions_page(&self, filter: &ExemptionFilter) -> Exemptions {
        let query = ExemptionQuery {
            live: match filter.show {
                ExemptionShow::Live => Some(true),
                ExemptionShow::Ended => Some(false),
                ExemptionShow::All => None,
            },
            capability: filter.capability.clone(),
            before: filter.before.as_deref().and_then(|id| id.parse().ok()),
        };
        let found = self.store().exemptions_matching(&query, self.now(), PAGE + 1).await;
        let (rows, older) = match self.panel("The exemptions", found) {
            Err(trouble) => (Err(trouble), None),
            Ok(mut found) => {
                let more = found.len() > usize::from(PAGE);
                found.truncate(usize::from(PAGE));
                let older = found.last().filter(|_| more).map(|last| last.id.to_string());
                (self.panel("How often exemptions were used", self.exemption_rows(found).await), older)
            }
        };
        let counts = self.panel("How many exemptions there are", self.store().exemption_counts(self.now()).await);
        let offered = self.exempting_page();
        Exemptions { rows, older, counts: counts.ok(), capabilities: offered.capabilities }
    }

    pub(super) async fn exemption_rows(&self, found: Vec<Exemption>) -> store::Result<Vec<ExemptionRow>> {
        let ids: Vec<ExemptionId> = found.iter().map(|exemption| exemption.id).collect();
        let uses = self.store().exemption_uses_of(&ids).await?;
        let row = |exemption: Exemption| {
            let uses = uses.get(&exemption.id).copied().unwrap_or_default();
            self.exemption_row(exemption, uses)
        };
        Ok(found.into_iter().map(row).collect())
    }

    fn exemption_row(&self, exemption: Exemption, uses: u64) -> ExemptionRow {
        let standing = match exemption.ended {
            Some(Ended::Revoked) => ExemptionStanding::Revoked,
            Some(Ended::Expired) => ExemptionStanding::Expired,
            None if exemption.holds_at(self.now()) => ExemptionStanding::Live,
            None => ExemptionStanding::Expired,
        };
        ExemptionRow {
            id: exemption.id.to_string(),
            capability: self.capability_named(&exemption.capability),
            owner: exemption.owner.to_string(),
            document: exemption.resource.map(|path| path.to_string()),
            beneficiary: exemption.beneficiary.to_string(),
            granted_by: facts::actor(&exemption.granted_by),
            reason: exemption.justification.as_str().to_owned(),
            granted: exemption.granted.to_jiff(),
            expires: exemption.expires.to_jiff(),
            standing,
            uses,
        }
    }

    fn capability_named(&self, id: &str) -> Capability {
        match CapabilityId::parse(id) {
            Ok(id) => facts::capability(&id, self.gate().registry()),
            Err(_) => Capability { id: id.to_owned(), title: id.to_owned() },
        }
    }

    pub(in crate::web::cockpit) fn exempting_page(&self) -> Exempting {
        let registry = self.gate().registry();
        let writing = registry.iter().filter(|capability| capability.write().is_some());
        let (critical, capabilities): (Vec<_>, Vec<_>) =
            writing.partition(|capability| capability.risk == Risk::Critical);
        let named = |all: Vec<&std::sync::Arc<crate::domain::capability::Capability>>| {
            all.into_iter().map(|one| facts::capability(&one.id, registry)).collect()
        };
        Exempting { capabilities: named(capabilities), critical: named(critical) }
    }

    pub(in crate::web::cockpit) async fn exemption_page(&self, id: &str) -> Result<ExemptionDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Exemption {id}") };
        let id: ExemptionId = id.parse().map_err(|_| missing())?;
        let found = self.panel("The exemption", self.store().exemption(id).await)?.ok_or_else(missing)?;
        let ended = found.ended.is_some();
        let rows = self.panel("How often the exemption was used", self.exemption_rows(vec![found]).await)?;
        let row = rows.into_iter().next().ok_or_else(missing)?;
        let may_revoke = (!ended).then(|| match self.viewer().map(crate::domain::actor::Actor::kind) {
            Ok(ActorKind::Staff | ActorKind::Admin | ActorKind::Operator) => May::Yes,
            Ok(ActorKind::Human | ActorKind::Agent | ActorKind::System) | Err(_) => {
                facts::may(Err(Reason::RoleMissing))
            }
        });
        let timeline = self.history(&[Target::Other(format!("exemption:{id}"))]).await;
        Ok(ExemptionDetail { row, may_revoke, timeline })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct GrantFields {
    capability: String,
    owner: String,
    document: String,
    beneficiary: String,
    hours: String,
    reason: String,
    idempotency_key: String,
}

impl GrantFields {
    fn parse(&self) -> Result<NewExemption, (ExemptionField, String)> {
        let uid = |field, text: &str, what: &str| {
            Uid::parse(text.trim()).map_err(|_| (field, format!("Give the id of {what}, such as uid_mara_quill.")))
        };
        if self.capability.is_empty() {
            return Err((ExemptionField::Capability, "Choose what is let through.".to_owned()));
        }
        let document = Some(self.document.trim()).filter(|text| !text.is_empty()).map(DocPath::parse).transpose();
        let hours: u64 = self.hours.parse().unwrap_or_default();
        Ok(NewExemption {
            capability: self.capability.clone(),
            owner: uid(ExemptionField::Owner, &self.owner, "one owner")?,
            document: document.map_err(|error| (ExemptionField::Document, format!("{error}.")))?,
            beneficiary: uid(ExemptionField::Beneficiary, &self.beneficiary, "whoever asked for it")?,
            justification: self.reason.clone(),
            lasts: Duration::from_secs(hours.saturating_mul(3_600)),
        })
    }

    fn back(self, problem: (ExemptionField, String)) -> Page {
        let Self { capability, owner, document, beneficiary, hours, reason, idempotency_key } = self;
        let problem = Some(problem);
        let form = ExemptionForm { capability, owner, document, beneficiary, hours, reason, idempotency_key, problem };
        Page::Rules(RulesPage::NewExemption(form))
    }
}

/// `GET /policy/exemptions`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = ExemptionFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Exemptions(filter))).await
}

/// `GET /policy/exemptions/new`
pub(in crate::web) async fn new(State(state): State<DeskState>, asked: Asked) -> Response {
    let form = ExemptionForm { idempotency_key: fresh_key(), ..ExemptionForm::default() };
    show(&state, &asked, Page::Rules(RulesPage::NewExemption(form))).await
}

/// `GET /policy/exemptions/{id}`
pub(in crate::web) async fn one(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Exemption { id, form: fresh() })).await
}

/// `POST /policy/exemptions`
pub(in crate::web) async fn grant(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<GrantFields>,
) -> Result<Response, Problem> {
    paths::NEW_EXEMPTION.clone_into(&mut asked.here);
    let new = match fields.parse() {
        Ok(new) => new,
        Err(problem) => {
            let status = kind_of(Reason::InputInvalid).status();
            return Ok(show_as(&state, &asked, fields.back(problem), status).await);
        }
    };
    let now = state.desk.now();
    let act = async {
        let granted = state.desk.gate().grant_exemption(&asked.actor, new, now).await?;
        Ok(Outcome { told: Ruled::ExemptionGranted, to: paths::exemption(&granted.id.to_string()) })
    };
    let (problem, status) = match state.desk.once().run((&asked.session.key, &fields.idempotency_key), now, act).await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(GateError::Input(input)) => {
            let status = kind_of(Reason::InputInvalid).status();
            ((field_of(&input), sentence(&input)), status)
        }
        Err(GateError::Denied(reason)) => ((about(reason), reason.sentence().to_owned()), kind_of(reason).status()),
        Err(
            error @ (GateError::Overwritten(_)
            | GateError::Limited(_)
            | GateError::Missing { .. }
            | GateError::Store(_)),
        ) => {
            return Err(error.into());
        }
    };
    Ok(show_as(&state, &asked, fields.back(problem), status).await)
}

fn field_of(input: &BadInput) -> ExemptionField {
    match input.field.as_str() {
        "capability" => ExemptionField::Capability,
        "owner" => ExemptionField::Owner,
        "document" => ExemptionField::Document,
        _ => ExemptionField::Whole,
    }
}

fn about(reason: Reason) -> ExemptionField {
    if is_about_reason(reason) {
        ExemptionField::Reason
    } else if [Reason::CapabilityUnknown, Reason::ExemptionForCritical].contains(&reason) {
        ExemptionField::Capability
    } else if reason == Reason::ExemptionTooLong {
        ExemptionField::Hours
    } else if reason == Reason::ExemptionSelfGranted {
        ExemptionField::Beneficiary
    } else {
        ExemptionField::Whole
    }
}

/// `POST /policy/exemptions/{id}/revoke`
pub(in crate::web) async fn revoke(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    mut asked: Asked,
    FormBody(typed): FormBody<ActFields>,
) -> Result<Response, Problem> {
    let exemption: ExemptionId = id.parse().map_err(|_| Problem::not_found("There is no such exemption."))?;
    asked.here = paths::exemption(&id);
    let now = state.desk.now();
    let act = async {
        state.desk.gate().revoke_exemption(&asked.actor, exemption, &typed.reason, now).await?;
        Ok::<_, GateError>(Outcome { told: Ruled::ExemptionEnded, to: paths::exemption(&id) })
    };
    match state.desk.once().run((&asked.session.key, &typed.idempotency_key), now, act).await {
        Ok(outcome) => lead(&state, &asked, outcome).await,
        Err(error) => {
            let (problem, status) = refused(error)?;
            let form: ActForm = typed.back(ended(problem));
            let page = Page::Rules(RulesPage::Exemption { id: exemption.to_string(), form });
            Ok(show_as(&state, &asked, page, status).await)
        }
    }
}

/// One that has ended already is told apart from one that never was.
fn ended(problem: ActProblem) -> ActProblem {
    match problem {
        ActProblem::Whole(said) if said == Reason::ExemptionMissing.sentence() => {
            ActProblem::Whole("It has ended already, so there is nothing to take back.".to_owned())
        }
        other @ (ActProblem::Whole(_) | ActProblem::Reason(_) | ActProblem::Word(_)) => other,
    }
}
