//! The page of the rules, and which box sends.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use studio_cockpit::model::policy::{BoxName, Lease, LeaseStanding, Policy, Taking};
use studio_cockpit::model::quotas::Counter;
use studio_cockpit::model::trouble::Panel;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::lease::{self as domain, may_take};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::GateError;
use crate::store::{self, ExemptionQuery, Looked};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many exemptions in force, and counters, the page looks at.
const MOST: u16 = 100;

/// How many of either it shows.
const SHOWN: usize = 8;

/// The word that has to be typed to take the lease.
const WORD: &str = "TAKE";

impl Cockpit {
    pub(in crate::web::cockpit) async fn policy_page(&self) -> Policy {
        let live = ExemptionQuery { live: Some(true), ..ExemptionQuery::default() };
        let found = self.store().exemptions_matching(&live, self.now(), MOST).await;
        let exemptions = match self.panel("The exemptions in force", found) {
            Ok(mut found) => {
                found.sort_by_key(|exemption| exemption.expires);
                found.truncate(SHOWN);
                self.panel("How often exemptions were used", self.exemption_rows(found).await)
            }
            Err(trouble) => Err(trouble),
        };
        Policy {
            switches: self.switches_page().await,
            lease: self.lease_panel().await,
            exemptions,
            near: self.near().await,
            capabilities: self.capability_rows(),
        }
    }

    async fn near(&self) -> Panel<Vec<Counter>> {
        let counters = self.panel("The counters", self.store().quota_counters(MOST).await)?;
        let counters = counters.into_iter().map(|counter| self.counter_row(counter));
        Ok(counters.filter(Counter::is_near).take(SHOWN).collect())
    }

    pub(in crate::web::cockpit) async fn lease_panel(&self) -> Panel<Lease> {
        let known = async {
            let looked = self.store().lease().await?;
            Ok::<_, store::Error>((self.store().me()?.clone(), looked))
        };
        let (here, looked) = self.panel("The lease", known.await)?;
        let may = self.viewer().map_err(|_| Reason::NotSignedIn).and_then(may_take);
        Ok(lease(&here, looked, may))
    }
}

fn lease(here: &domain::Holder, looked: Looked, may: Result<(), Reason>) -> Lease {
    let (standing, claim) = match &looked.standing {
        domain::Standing::Unknown => (LeaseStanding::Unknown, None),
        domain::Standing::Free { .. } => (LeaseStanding::Free, None),
        domain::Standing::Ours(claim) => (LeaseStanding::Ours, Some(claim)),
        domain::Standing::Second(claim) => (LeaseStanding::Second, Some(claim)),
    };
    Lease {
        standing,
        here: named(here),
        holder: claim.map(|claim| named(&claim.holder)),
        claimed: claim.and_then(|claim| claim.claimed).map(Timestamp::to_jiff),
        taken: claim.and_then(|claim| claim.taken.clone()),
        looked: looked.at.map(Timestamp::to_jiff),
        taking: looked.taking.map(|taking| Taking {
            by: facts::actor(&taking.by),
            reason: taking.reason.as_str().to_owned(),
            at: taking.at.to_jiff(),
        }),
        may_take: facts::may(may),
    }
}

fn named(holder: &domain::Holder) -> BoxName {
    BoxName {
        directory: holder.directory.clone(),
        machine: holder.machine.clone(),
        version: holder.version.clone(),
        started: holder.started.map(Timestamp::to_jiff),
    }
}

/// `GET /policy`
pub(in crate::web) async fn page(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Policy)).await
}

/// `GET /policy/lease`
pub(in crate::web) async fn lease_page(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Lease(fresh()))).await
}

/// `POST /policy/lease`
pub(in crate::web) async fn take_lease(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(typed): FormBody<ActFields>,
) -> Result<Response, Problem> {
    paths::LEASE.clone_into(&mut asked.here);
    if let Some(problem) = typed.word_missing(WORD) {
        let page = Page::Rules(RulesPage::Lease(typed.back(problem)));
        return Ok(show_as(&state, &asked, page, StatusCode::UNPROCESSABLE_ENTITY).await);
    }
    let now = state.desk.now();
    let act = async {
        state.desk.gate().take_lease(&asked.actor, &typed.reason, now).await?;
        Ok::<_, GateError>(Outcome { told: Ruled::LeaseToTake, to: paths::LEASE.to_owned() })
    };
    match state.desk.once().run((&asked.session.key, &typed.idempotency_key), now, act).await {
        Ok(outcome) => lead(&state, &asked, outcome).await,
        Err(error) => {
            let (problem, status) = refused(error)?;
            Ok(show_as(&state, &asked, Page::Rules(RulesPage::Lease(typed.back(problem))), status).await)
        }
    }
}
