//! Hashes, sizes, and what could not be read.

use studio_brain::domain::snapshot::{Completeness, Number};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value;
use studio_brain::store::TargetState;

use super::stage::{Stage, at, collection, document};

fn batch(number: usize, update: Timestamp) -> studio_brain::domain::document::Document {
    let state = ["SHELVED", "LOADED", "CLOSED_PICKED_UP"][number % 3];
    let fields =
        [("state", Value::text(state)), ("createdAt", Value::Timestamp(at(-86_400))), ("n", Value::Integer(7))];
    document(&format!("batches/b-{number:06}"), &fields, update)
}

#[tokio::test]
async fn the_same_data_in_another_order_read_at_another_time_has_the_same_hashes() {
    let mut one = Stage::of(&["batches", "payments"]).await;
    one.read("batches", (0..500).map(|number| batch(number, at(1)))).await;
    one.read("payments", []).await;
    let first = one.count().await;

    let mut other = Stage::of(&["batches", "payments"]).await;
    other.advance(7_200);
    other.read("payments", []).await;
    other.read("batches", []).await;
    for part in (0..500).rev().collect::<Vec<usize>>().chunks(37) {
        other.put(&part.iter().map(|number| batch(*number, at(*number as i64))).collect::<Vec<_>>()).await;
        other.count().await;
    }
    let second = other.count().await;
    assert_eq!(first.source_hashes, second.source_hashes);
    assert_eq!(first.content_hash, second.content_hash);
    assert!(first.source_hashes.firestore.is_some() && first.source_hashes.stripe.is_some());
    assert_ne!(first.cloud_sync, second.cloud_sync, "they were read at different times");

    other.put(&[document("batches/b-000007", &[("state", Value::text("LOADED"))], at(900))]).await;
    assert_ne!(other.count().await.source_hashes.firestore, second.source_hashes.firestore);
}

#[tokio::test]
async fn nothing_is_cut_off_at_two_thousand_twenty_thousand_or_two_hundred_thousand() {
    for size in [2_000, 20_000, 200_000] {
        let mut stage = Stage::of(&["batches"]).await;
        stage.read("batches", (0..size).map(|number| batch(number, at(1)))).await;
        let snapshot = stage.count().await;
        let closed = size.div_ceil(3) as i64 - i64::from(size % 3 != 0);
        let size = size as i64;
        assert_eq!(snapshot.counts["batchesClosed"], Some(closed));
        assert_eq!(snapshot.counts["batchesActive"], Some(size - closed));
        assert_eq!(snapshot.diagnostics.source_sample[&collection("batches")], size);
        let number: Number = "words/batches/state/LOADED".parse().expect("a number");
        let (mut after, mut found) = (None, 0);
        loop {
            let page = stage.store.documents_behind(&number, stage.now(), after.as_ref(), 10_000).await.expect("reads");
            let Some(last) = page.last() else { break };
            (after, found) = (Some(last.path.clone()), found + page.len() as i64);
        }
        assert_eq!(Some(found), snapshot.number(&number), "every number leads to all its documents");
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_unknown_and_never_zero() {
    let mut stage = Stage::of(&["batches", "reservations"]).await;
    let before = stage.count().await;
    assert_eq!(before.diagnostics.completeness, Completeness::Unknown);
    assert_eq!(before.counts["batchesActive"], None);
    stage.read("batches", (0..9).map(|number| batch(number, at(1)))).await;
    let snapshot = stage.count().await;
    assert_eq!(snapshot.diagnostics.completeness, Completeness::Partial);
    assert_eq!(snapshot.counts["batchesActive"], Some(6));
    assert_eq!(snapshot.counts["reservationsOpen"], None);
    let reservations = &snapshot.collections[&collection("reservations")];
    assert_eq!((reservations.documents, &reservations.standing, reservations.over_deadline), (None, &None, None));
    assert!(reservations.why.is_some());
    assert_eq!(snapshot.source_hashes.firestore, None, "a hash of a part is no hash of the whole");
    assert!(snapshot.diagnostics.warnings.iter().any(|warning| warning.contains("reservations")));

    let targets = stage.store.targets().await.expect("readable");
    let batches = targets.iter().find(|target| target.collection.as_str() == "batches").expect("mirrored");
    let mut tx = stage.store.begin().await.expect("begins");
    tx.target_failed(batches.id, TargetState::Refused, "permission denied", stage.now()).await.expect("records");
    tx.commit().await.expect("commits");
    let refused = stage.count().await;
    assert_eq!(refused.counts["batchesActive"], None);
    assert_eq!(refused.number(&"documents/batches".parse().expect("a number")), None);
}

#[tokio::test]
async fn ages_and_deadlines_follow_the_clock_and_the_studios_own_day() {
    let mut stage = Stage::of(&["communityReports"]).await;
    let report = |id: &str, severity: &str, hours_ago: i64| {
        let created = Value::Timestamp(at(-3_600 * hours_ago));
        let fields = [("status", Value::text("open")), ("severity", Value::text(severity)), ("createdAt", created)];
        document(&format!("communityReports/{id}"), &fields, at(-9))
    };
    stage.read("communityReports", [report("high", "high", 23), report("low", "low", 23)]).await;
    let reports = collection("communityReports");
    let snapshot = stage.count().await;
    assert_eq!(snapshot.snapshot_date.to_string(), "2026-03-18");
    let state = &snapshot.collections[&reports];
    assert_eq!((state.oldest_open, state.over_deadline), (Some(at(-3_600 * 23)), Some(0)));
    stage.advance(3_600);
    let later = stage.count().await.collections[&reports].clone();
    assert_eq!((later.over_deadline, later.oldest_over_deadline), (Some(1), Some(at(3_600))));
    stage.advance(13 * 3_600 - 1);
    assert_eq!(stage.count().await.snapshot_date.to_string(), "2026-03-18", "it is one second to midnight");
    stage.advance(1);
    assert_eq!(stage.count().await.snapshot_date.to_string(), "2026-03-19");
}
