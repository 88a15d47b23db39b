//! Who was told to wait is known, a counter is filled up with a reason only, and what something else changed shows.

use std::time::Duration;

use serde_json::json;

use studio_brain::domain::quota::{Claim, Limit, Scope};
use studio_brain::store::QuotaAsk;
use studio_brain::web::api::quotas::{FaultKind, Quotas};

use super::{agent, intruder, logged, read, refused};
use crate::cockpit_stage::{INES, Studio};

const PLACE: &str = "/api/v1/quotas";
const BUCKET: &str = "actor ops_note.append 3600s agent:agent-glaze-scout";

/// The agent appends a note; may it?
async fn take(studio: &Studio, effect: &str) -> bool {
    let hour = Duration::from_secs(3_600);
    let capability = "ops_note.append";
    let one = Limit::per(1, hour).expect("a limit");
    let claims = [Claim::new(Scope::Actor, "agent:agent-glaze-scout", Some(capability), one)];
    let actor = agent();
    let ask = QuotaAsk { actor: &actor, capability, effect, claims: &claims, weight: 1 };
    let mut tx = studio.stage.store.begin().await.expect("begins");
    let taken = tx.quota_take(studio.stage.store.studio(), &ask, studio.stage.now()).await.expect("answers");
    tx.commit().await.expect("commits");
    taken.is_ok()
}

async fn list(studio: &Studio) -> Quotas {
    read(&studio.operator("GET", PLACE, None).await)
}

#[tokio::test]
async fn a_counter_is_filled_up_with_a_reason_and_not_without() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    assert!(take(&studio, "write-1").await && !take(&studio, "write-2").await && !take(&studio, "write-2").await);
    let found = list(&studio).await;
    assert_eq!((found.counters.len(), found.counters[0].bucket.as_str()), (1, BUCKET));
    assert_eq!((found.counters[0].window_seconds, found.faults.len()), (3_600, 0));
    let limited = &found.most_limited[0];
    assert_eq!((limited.actor.label.as_str(), limited.denied), ("agent:agent-glaze-scout", 2));

    let reset = format!("{PLACE}/reset");
    let body = |reason: &str| json!({ "bucket": BUCKET, "reason": reason });
    refused(&ines.post_json(&reset, &json!({ "bucket": BUCKET })).await, 422, "WRONG_FIELD");
    refused(&ines.post_json(&reset, &body("x")).await, 422, "REASON_TOO_SHORT");
    refused(&ines.post_json(&reset, &body("               ")).await, 422, "REASON_TOO_SHORT");
    let other = json!({ "bucket": "actor * 1s nobody", "reason": "The import was agreed with Juno." });
    refused(&ines.post_json(&reset, &other).await, 404, "NOT_FOUND");
    assert!(!take(&studio, "write-2").await, "nothing was filled up");
    assert_eq!(ines.post_json(&reset, &body("The import was agreed with Juno.")).await.status, 204);
    assert!(take(&studio, "write-2").await);
    assert_eq!(logged(&studio, "quota.reset", "OK").await, 1);
    assert_eq!(logged(&studio, "quota.reset", "REASON_TOO_SHORT").await, 2);
    assert_eq!(list(&studio).await.faults, [], "a reset is no tampering");
}

#[tokio::test]
async fn a_counter_that_something_else_has_changed_is_shown() {
    let studio = Studio::open().await;
    assert!(take(&studio, "write-1").await);
    intruder(&studio, &["update quotas set full_us = 0"]).await;
    let faults = list(&studio).await.faults;
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].kind, faults[0].bucket.as_str()), (FaultKind::Changed, BUCKET));
    intruder(&studio, &["delete from quota_tickets", "delete from quotas"]).await;
    assert_eq!(list(&studio).await.faults[0].kind, FaultKind::Missing);
}
