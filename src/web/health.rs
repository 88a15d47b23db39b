//! Is it alive, is it ready, and its metrics.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::decision::Lease;
use crate::domain::finding::FindingKind;
use crate::domain::freshness::FreshnessBounds;
use crate::domain::lease::Standing;
use crate::domain::reads::Day;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, AnchorStanding};
use crate::store::{Store, TargetState};
use crate::telemetry::{Metrics, names};
use crate::web::state::WebState;

pub use crate::web::table::health as routes;

/// What the health routes need.
#[derive(Clone)]
pub(super) struct Health {
    pub(super) state: WebState,
    pub(super) metrics: Metrics,
    pub(super) bounds: FreshnessBounds,
}

/// Whether the service can do its work, and what stands in the way.
#[derive(Debug, Serialize)]
pub struct Readiness {
    /// Is every check well?
    pub ready: bool,
    /// Each check.
    pub checks: Vec<HealthCheck>,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct HealthCheck {
    /// Its name.
    pub name: &'static str,
    /// Is it well?
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

pub(super) async fn readyz(State(health): State<Health>) -> Response {
    let readiness = readiness(health.state.store(), &health.bounds, health.state.now()).await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

/// Can the database be written, and is the mirror fresh?
async fn readiness(store: &Store, bounds: &FreshnessBounds, now: Timestamp) -> Readiness {
    let database = match store.probe().await {
        Ok(()) => HealthCheck { name: "database", ok: true, detail: "can be written".to_owned() },
        Err(error) => HealthCheck { name: "database", ok: false, detail: error.to_string() },
    };
    let mirror = match store.targets().await {
        Ok(targets) if targets.is_empty() => (false, "has not started".to_owned()),
        Ok(targets) => {
            let behind: Vec<_> = targets
                .iter()
                .filter(|target| {
                    let heard = !bounds.is_stale(&target.collection, target.heard.map(|heard| now.since(heard)));
                    target.state != TargetState::Current || !heard
                })
                .map(|target| format!("`{}` is {}", target.collection, target.state.as_str()))
                .collect();
            match behind.as_slice() {
                [] => (true, format!("{} collections are current", targets.len())),
                [first, ..] => (false, format!("{} of {} are behind: {first}", behind.len(), targets.len())),
            }
        }
        Err(error) => (false, error.to_string()),
    };
    let mirror = HealthCheck { name: "mirror", ok: mirror.0, detail: mirror.1 };
    // It is told and does not keep the service from its work: an older copy may be all that there is.
    let audit = match store.audit_standing().await {
        Ok(Some(standing)) if standing.anchors != AnchorStanding::Consistent => {
            (false, format!("an anchor of {} entries is not of this log: {}", standing.size, standing.anchors.word()))
        }
        Ok(Some(audit::Standing { trouble: Some(trouble), .. })) => (true, format!("not anchored: {trouble}")),
        Ok(Some(_) | None) => (true, "no anchor is of another log".to_owned()),
        Err(error) => (false, error.to_string()),
    };
    let audit = HealthCheck { name: "audit", ok: audit.0, detail: audit.1 };
    let lease = lease(store).await;
    Readiness { ready: database.ok && mirror.ok && lease.ok, checks: vec![database, mirror, lease, audit] }
}

/// Only a second box is not well: one that has not looked yet, or may not write, claims nothing.
async fn lease(store: &Store) -> HealthCheck {
    let (ok, detail) = match store.lease().await.map(|looked| looked.standing) {
        Ok(Standing::Ours(_)) => (true, "this box writes".to_owned()),
        Ok(Standing::Free { .. }) => (true, "no box has it".to_owned()),
        Ok(Standing::Unknown) => (true, "nobody has looked yet".to_owned()),
        Ok(Standing::Second(_)) => (false, Reason::SecondBox.sentence().to_owned()),
        Err(error) => (false, error.to_string()),
    };
    HealthCheck { name: "lease", ok, detail }
}

pub(super) async fn metrics_text(State(health): State<Health>) -> Response {
    // What can't be read is left as it was: a scrape tells its own age.
    if let Err(error) = measure(health.state.store(), health.state.now()).await {
        tracing::warn!("Metrics could not be read: {error}");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], health.metrics.text()).into_response()
}

/// Sets the gauges that the database tells.
async fn measure(store: &Store, now: Timestamp) -> Result<(), crate::store::Error> {
    let studio = store.studio().to_string();
    let ours = f64::from(u8::from(store.lease_answer().await == Lease::Ours));
    metrics::gauge!(names::LEASE_OURS, "studio" => studio.clone()).set(ours);
    let held = store.documents_held().await?;
    let targets = store.targets().await?;
    for target in &targets {
        let documents = held.get(&target.collection).map_or(0, |held| held.documents);
        metrics::gauge!(names::MIRROR_DOCUMENTS, "studio" => studio.clone(), "collection" => target.collection.to_string())
            .set(documents as f64);
    }
    // The mirror is as old as its oldest collection; one that was never read has no age at all.
    let read_times: Option<Vec<Timestamp>> = targets.iter().map(|target| target.read_time).collect();
    if let Some(oldest) = read_times.and_then(|times| times.into_iter().min()) {
        metrics::gauge!(names::MIRROR_AGE, "studio" => studio.clone()).set(now.since(oldest).as_secs_f64());
    }
    // Proved is what every collection was proved to be; one that never was leaves the gauge as it is.
    let proved = store.proved_as_of().await?;
    let proved: Option<Vec<Timestamp>> = targets.iter().map(|target| proved.get(&target.collection).copied()).collect();
    if let Some(oldest) = proved.and_then(|times| times.into_iter().min()) {
        metrics::gauge!(names::MIRROR_VERIFIED_AGE, "studio" => studio.clone()).set(now.since(oldest).as_secs_f64());
    }
    let today = store.reads_of(Day::of(now)).await?;
    if let Some(budget) = today.budget {
        metrics::gauge!(names::READ_BUDGET_LEFT, "studio" => studio.clone()).set(budget as f64 - today.spent() as f64);
    }
    let mut open: BTreeMap<&str, f64> = FindingKind::ALL.into_iter().map(|kind| (kind.word(), 0.0)).collect();
    for known in store.findings(false, u16::MAX).await? {
        *open.entry(known.finding.kind.word()).or_default() += 1.0;
    }
    for (kind, count) in open {
        metrics::gauge!(names::DRIFT_OPEN, "studio" => studio.clone(), "kind" => kind).set(count);
    }
    Ok(())
}
