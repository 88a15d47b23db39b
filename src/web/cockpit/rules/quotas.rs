//! Counters: how much of each limit is left, who was told to wait, and filling one up.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::quotas::{Counter, CounterDetail, Limited, QuotaFilter, QuotaShow, Quotas};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::audit::Target;
use crate::domain::quota::{Bucket, Level};
use crate::domain::reason::Reason;
use crate::gate::GateError;
use crate::store::QuotaFault;
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::cockpit::rules::capabilities::quota_words;
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many counters are looked at, those first that take longest to be full again.
const LOOKED_AT: u16 = 500;

/// How many counters one page shows.
const PAGE: usize = 100;

/// How many that were told to wait are shown.
const LIMITED: u16 = 20;

impl Cockpit {
    pub(in crate::web::cockpit) async fn quotas_page(&self, filter: &QuotaFilter) -> Quotas {
        let (store, gate, now) = (self.store(), self.gate(), self.now());
        let counters = self.panel("The counters", store.quota_counters(LOOKED_AT).await);
        let unfiltered = counters.as_ref().ok().map(|all| all.len() as u64);
        let is_wanted = |counter: &Counter, is_used: bool| {
            let shown = match filter.show {
                QuotaShow::Used => is_used,
                QuotaShow::Near => counter.is_near(),
                QuotaShow::All => true,
            };
            shown && filter.subject.as_ref().is_none_or(|part| counter.bucket.contains(part.as_str()))
        };
        let counters = counters.map(|all| {
            let rows = all.into_iter().map(|(bucket, level)| (level.full > now, self.counter_row((bucket, level))));
            rows.filter(|(is_used, row)| is_wanted(row, *is_used)).map(|(_, row)| row).take(PAGE).collect()
        });
        let limited = self.panel("Who was told to wait", store.quota_top_limited(now, LIMITED).await);
        let faults = self.panel("Whether counters fit the log", store.quota_faults(now, gate.longest_window()).await);
        Quotas {
            counters,
            unfiltered,
            limited: limited.map(|all| {
                let one = |top: crate::store::TopLimited| Limited {
                    actor: facts::actor(&top.actor),
                    capability: top.capability,
                    denied: top.denied,
                };
                all.into_iter().map(one).collect()
            }),
            faults: faults.map(|faults| faults.into_iter().map(fault).collect()),
            shared: gate.registry().shared_quotas().iter().map(quota_words).collect(),
        }
    }

    pub(super) fn counter_row(&self, (bucket, level): (Bucket, Level)) -> Counter {
        let limit = self.gate().limit_of(&bucket);
        let title = |id: &str| self.gate().registry().find(id).map_or_else(|| id.to_owned(), |one| one.title.clone());
        let counts = match bucket.capability.as_deref() {
            None => "Everything".to_owned(),
            Some("*:propose") => "Every proposal".to_owned(),
            Some(counted) => match counted.strip_suffix(":propose") {
                Some(id) => format!("Proposing: {}", title(id)),
                None => title(counted),
            },
        };
        Counter {
            bucket: bucket.to_string(),
            scope: bucket.scope.word().to_owned(),
            window: bucket.window_us.unsigned_abs() / 1_000_000,
            subject: bucket.subject,
            counts,
            limit: limit.map(|limit| limit.count()),
            remaining: limit.map(|limit| limit.remaining(Some(level), self.now())),
            full: level.full.to_jiff(),
        }
    }

    pub(in crate::web::cockpit) async fn counter_page(&self, name: &str) -> Result<CounterDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: "This counter".to_owned() };
        let found = self.panel("The counter", self.store().quota_counter(name).await)?.ok_or_else(missing)?;
        let may = match self.viewer().map(Actor::kind) {
            Ok(ActorKind::Staff | ActorKind::Admin | ActorKind::Operator) => Ok(()),
            Ok(ActorKind::Human | ActorKind::Agent | ActorKind::System) | Err(_) => Err(Reason::RoleMissing),
        };
        let timeline = self.history(&[Target::Other(format!("quota:{name}"))]).await;
        Ok(CounterDetail { counter: self.counter_row(found), may_reset: facts::may(may), timeline })
    }
}

fn fault(fault: QuotaFault) -> (String, &'static str) {
    match fault {
        QuotaFault::Changed { bucket } => (bucket, "was changed"),
        QuotaFault::Missing { bucket } => (bucket, "is gone, and would count as full"),
        QuotaFault::Unrecorded { bucket } => (bucket, "is used, and nothing says by what"),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct ResetFields {
    bucket: String,
    reason: String,
    idempotency_key: String,
}

/// `GET /policy/quotas`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = QuotaFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Quotas(filter))).await
}

/// `GET /policy/quotas/counter`
pub(in crate::web) async fn one(State(state): State<DeskState>, asked: Asked) -> Response {
    let named = asked.pairs().find(|(name, _)| *name == "bucket");
    let bucket = named.map_or_else(String::new, |(_, bucket)| bucket.to_owned());
    show(&state, &asked, Page::Rules(RulesPage::Counter { bucket, form: fresh() })).await
}

/// `POST /policy/quotas/counter`
pub(in crate::web) async fn reset(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<ResetFields>,
) -> Result<Response, Problem> {
    let ResetFields { bucket, reason, idempotency_key } = fields;
    let typed = ActFields { confirm: String::new(), reason, idempotency_key };
    asked.here = paths::counter(&bucket);
    let now = state.desk.now();
    let act = async {
        state.desk.gate().reset_quota(&asked.actor, &bucket, &typed.reason, now).await?;
        Ok::<_, GateError>(Outcome { told: Ruled::CounterFilled, to: paths::counter(&bucket) })
    };
    match state.desk.once().run((&asked.session.key, &typed.idempotency_key), now, act).await {
        Ok(outcome) => lead(&state, &asked, outcome).await,
        Err(error) => {
            let (problem, status) = refused(error)?;
            let page = Page::Rules(RulesPage::Counter { bucket, form: typed.back(problem) });
            Ok(show_as(&state, &asked, page, status).await)
        }
    }
}
