use std::time::Duration;

use super::*;
use crate::domain::actor::Issuer;
use crate::domain::exemption::{Exemptible, LONGEST};
use crate::store::audit::AuditQuery;

const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

async fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().expect("a directory");
    let studio = StudioId::parse("west").expect("a studio");
    let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
    (directory, store)
}

fn uid(text: &str) -> Uid {
    Uid::parse(text).expect("a uid")
}

fn path(text: &str) -> DocPath {
    DocPath::parse(text).expect("a path")
}

fn actor(text: &str) -> Actor {
    let studio = StudioId::parse("west").expect("a studio");
    Actor::verified(uid(text), ActorKind::Staff, text.to_owned(), studio, Issuer::Real)
}

fn wanted(lasts: Duration) -> Wanted {
    Wanted {
        capability: "ops_note.append".to_owned(),
        exemptible: Exemptible::Yes,
        owner: uid("mara"),
        resource: Some(path("batches/b-1")),
        beneficiary: uid("theo"),
        justification: GivenReason::parse("The spring fair needs notes by the hour.").expect("a reason"),
        lasts,
    }
}

async fn grant(store: &Store, wanted: Wanted, by: &str) -> Decided<Exemption> {
    let mut tx = store.begin().await.expect("begins");
    let granted = tx.exemption_grant(store.studio(), wanted, &actor(by), NOW).await.expect("answers");
    tx.commit().await.expect("commits");
    granted
}

async fn use_it(store: &Store, resource: &str, effect: &str, now: Timestamp) -> Decided<Exemption> {
    let (owner, resource) = (uid("mara"), path(resource));
    let wanted = ExemptionUse { capability: "ops_note.append", owner: &owner, resource: &resource, effect };
    let mut tx = store.begin().await.expect("begins");
    let used = tx.exemption_use(store.studio(), &wanted, &actor("theo").person(), now).await.expect("answers");
    tx.commit().await.expect("commits");
    used
}

async fn revoke(store: &Store, id: ExemptionId) -> Decided<()> {
    let reason = GivenReason::parse("The fair is over.").expect("a reason");
    let mut tx = store.begin().await.expect("begins");
    let done = tx.exemption_revoke(store.studio(), id, &actor("ines"), &reason, NOW).await.expect("answers");
    tx.commit().await.expect("commits");
    done
}

async fn actions(store: &Store, allowed: bool) -> Vec<&'static str> {
    let query = AuditQuery { allowed: Some(allowed), ..AuditQuery::default() };
    let mut entries = store.audit_entries(&query, 100).await.expect("reads");
    entries.reverse();
    entries.iter().map(|entry| entry.event.action.word()).collect()
}

#[tokio::test]
async fn an_exemption_lets_each_effect_through_once_and_is_in_the_log() {
    let (_directory, store) = store().await;
    assert_eq!(use_it(&store, "batches/b-1", "p-1", NOW).await, Err(Reason::ExemptionMissing));
    let exemption = grant(&store, wanted(LONGEST), "ines").await.expect("granted");
    assert_eq!(use_it(&store, "batches/b-1", "p-1", NOW).await, Ok(exemption.clone()));
    assert_eq!(use_it(&store, "batches/b-1", "p-1", NOW).await, Err(Reason::ExemptionSpent));
    assert_eq!(use_it(&store, "batches/b-2", "p-2", NOW).await, Err(Reason::ExemptionMissing));
    assert_eq!(use_it(&store, "batches/b-1", "p-3", NOW.plus(LONGEST)).await, Err(Reason::ExemptionMissing));
    assert_eq!(revoke(&store, exemption.id).await, Ok(()));
    assert_eq!(revoke(&store, exemption.id).await, Err(Reason::ExemptionMissing));
    assert_eq!(use_it(&store, "batches/b-1", "p-4", NOW).await, Err(Reason::ExemptionMissing));
    assert_eq!(actions(&store, true).await, ["exemption.created", "exemption.used", "exemption.revoked"]);
    assert_eq!(actions(&store, false).await.len(), 6, "denials are recorded too");
    assert_eq!(store.exemptions(10).await.expect("reads")[0].ended, Some(Ended::Revoked));
}

#[tokio::test]
async fn a_denied_grant_grants_nothing_and_is_in_the_log() {
    let (_directory, store) = store().await;
    assert_eq!(grant(&store, wanted(LONGEST), "theo").await, Err(Reason::ExemptionSelfGranted));
    let critical = Wanted { exemptible: Exemptible::Critical, ..wanted(LONGEST) };
    assert_eq!(grant(&store, critical, "ines").await, Err(Reason::ExemptionForCritical));
    assert_eq!(store.exemptions(10).await.expect("reads"), []);
    assert_eq!(actions(&store, false).await, ["exemption.created", "exemption.created"]);
}

#[tokio::test]
async fn the_end_is_recorded_once_and_nothing_brings_it_back() {
    let (_directory, store) = store().await;
    let hour = Duration::from_secs(3_600);
    let exemption = grant(&store, wanted(hour), "ines").await.expect("granted");
    for (now, expect) in [(NOW, 0), (exemption.expires, 1), (exemption.expires, 0)] {
        let mut tx = store.begin().await.expect("begins");
        let ended = tx.exemptions_expire(store.studio(), &Actor::system(store.studio(), "prune").person(), now).await;
        assert_eq!(ended.expect("passes"), expect);
        tx.commit().await.expect("commits");
    }
    assert_eq!(use_it(&store, "batches/b-1", "p-1", NOW).await, Err(Reason::ExemptionMissing), "the clock went back");
    assert_eq!(revoke(&store, exemption.id).await, Err(Reason::ExemptionMissing));
    assert_eq!(actions(&store, true).await, ["exemption.created", "exemption.expired"]);
}

#[tokio::test]
async fn the_tables_refuse_update_delete_and_long_exemptions() {
    let (_directory, store) = store().await;
    let exemption = grant(&store, wanted(LONGEST), "ines").await.expect("granted");
    assert_eq!(revoke(&store, exemption.id).await, Ok(()));
    let mut tx = store.begin().await.expect("begins");
    for sql in [
        "update exemptions set expires_us = expires_us + 1",
        "delete from exemptions",
        "update exemption_events set what = 'used'",
        "delete from exemption_events",
    ] {
        let error = sqlx::query(sql).execute(&mut *tx.inner).await.expect_err("is refused");
        assert!(error.to_string().contains("refuse"), "{error}");
    }
    let forever =
        "insert into exemptions values ('x', 'c', 'o', null, 'b', 'staff:x', 'x', 'because it is', 0, 259200000001)";
    let error = sqlx::query(forever).execute(&mut *tx.inner).await.expect_err("is refused");
    assert!(error.to_string().contains("exemptions_are_short"), "{error}");
}
