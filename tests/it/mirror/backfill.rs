//! Reading whole collections.

use std::collections::BTreeSet;
use std::time::Duration;

use studio_brain::domain::value::Value as Kept;
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use studio_brain::store::TargetState;

use super::bench::{Bench, collection, fields, path};

#[tokio::test]
async fn a_backfill_shows_exactly_what_the_server_holds() {
    let mut bench = Bench::start().await;
    bench.seed(50);
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    let targets = bench.store.targets().await.expect("readable");
    let seen: Vec<_> = targets.iter().map(|target| (target.state, target.generation, target.error.clone())).collect();
    assert_eq!(seen, vec![(TargetState::Current, 1, None); 3]);
    let held = bench.store.documents_held().await.expect("readable");
    assert_eq!(held.values().map(|held| held.documents).sum::<u64>(), 50);
    bench.stop().await;
}

#[tokio::test]
async fn a_change_made_between_the_backfill_and_the_stream_is_not_lost() {
    let mut bench = Bench::start().await;
    bench.seed(30);
    let refused = tonic::Status::unavailable("not yet");
    bench.world.fail_next("Listen", refused);
    bench.run();
    bench
        .until("the backfill is shown, the stream failed", async |store| {
            let targets = store.targets().await.expect("readable");
            !targets.is_empty() && targets.iter().all(|target| target.generation == 1 && target.error.is_some())
        })
        .await;
    bench.truth.put("batches/d-000", fields(1_000));
    bench.truth.delete("members/d-002");
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn a_backfill_that_is_interrupted_goes_on_where_it_was() {
    let mut bench = Bench::start().await;
    bench.settings.page_size = 1;
    bench.seed(3_000);
    bench.world.fail_next("RunAggregationQuery", tonic::Status::unavailable("not yet"));
    bench.run();
    bench
        .until("some documents are staged", async |store| {
            let targets = store.targets().await.expect("readable");
            targets.iter().map(|target| target.backfill.documents).sum::<u64>() >= 15
        })
        .await;
    bench.stop().await;
    let targets = bench.store.targets().await.expect("readable");
    let staged: u64 = targets.iter().map(|target| target.backfill.documents).sum();
    assert!((15..3_000).contains(&staged), "{staged} documents were staged: the test stopped too late");
    assert!(bench.store.documents_held().await.expect("readable").is_empty(), "a part of a generation is visible");
    let shown = bench.store.documents_page(&collection("batches"), None, 10).await.expect("readable");
    assert!(shown.is_empty(), "a part of a generation is visible");
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    // A count per collection, an empty end of one, and the test's own probe.
    assert!(bench.truth.reads() <= 3_000 - staged + 7, "{} reads with {staged} staged", bench.truth.reads());
    assert!(bench.store.targets().await.expect("readable").iter().all(|target| target.generation == 1));
    bench.stop().await;
}

#[tokio::test]
async fn a_backfill_that_takes_longer_than_the_server_looks_back_goes_on_as_of_a_later_moment() {
    let mut bench = Bench::start().await;
    bench.settings.move_on_after = Duration::ZERO;
    bench.settings.checkpoint = 100;
    bench.settings.range_size = 100;
    bench.seed(900);
    bench.run();
    let (mut moments, mut changed) = (BTreeSet::new(), bench.store.changed());
    for n in 0.. {
        let targets = bench.store.targets().await.expect("readable");
        if !targets.is_empty() && targets.iter().all(|target| target.read_time.is_some()) {
            break;
        }
        moments.extend(targets.iter().filter_map(|target| target.backfill.read_time));
        bench.truth.put(&format!("batches/d-{:03}", n * 3), fields(10_000 + n));
        bench.truth.put(&format!("members/n-{n:03}"), fields(n));
        bench.truth.delete(&format!("reservations/d-{:03}", n * 3 + 1));
        changed.changed().await.expect("the store is open");
    }
    assert!(moments.len() > 2, "it moved on {} times only", moments.len());
    bench.caught_up().await;
    bench.check_equal().await;
    let targets = bench.store.targets().await.expect("readable");
    assert!(targets.iter().all(|target| target.generation == 1), "it started over: {targets:#?}");
    bench.stop().await;
}

#[tokio::test]
async fn a_big_collection_is_read_in_ranges_and_nothing_is_missing_or_read_twice() {
    let mut bench = Bench::start().await;
    bench.settings.range_size = 20;
    bench.seed(600);
    bench.truth.put("batches/__id7__", fields(7));
    bench.truth.put("elsewhere/x/batches/below", fields(8)); // The server splits collection groups.
    bench.truth.delete("elsewhere/x/batches/below");
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    // Three counts, three splits, one look for collections, the test's own probe.
    assert!(bench.truth.reads() <= 601 + 8, "{} reads", bench.truth.reads());
    bench.stop().await;
}

#[tokio::test]
async fn a_collection_that_was_refused_is_read_once_the_server_allows_it() {
    let mut bench = Bench::start().await;
    bench.settings.relist_every = Duration::from_millis(20);
    bench.seed(30);
    bench.world.fail_next("RunAggregationQuery", tonic::Status::permission_denied("not you"));
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn a_collection_that_nobody_configured_is_reported_and_not_mirrored() {
    let mut bench = Bench::start().await;
    bench.seed(9);
    bench.truth.put("kilnLogs/k-1", fields(1));
    bench.run();
    bench.caught_up().await;
    bench
        .until("it is reported", async |store| {
            let found = store.collections_found().await.expect("readable");
            found.iter().map(|found| found.collection.as_str()).eq(["kilnLogs"])
        })
        .await;
    let held = bench.store.documents_held().await.expect("readable");
    assert!(!held.contains_key(&collection("kilnLogs")));
    bench.stop().await;
}

#[tokio::test]
async fn a_collection_that_is_read_again_does_not_keep_the_others_waiting() {
    let mut bench = Bench::start().await;
    bench.seed(30);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    let mut tx = bench.store.begin().await.expect("begins");
    tx.backfill_start(&collection("batches")).await.expect("starts");
    tx.commit().await.expect("commits");
    for _ in 0..20 {
        bench.world.fail_next("RunAggregationQuery", tonic::Status::unavailable("not yet"));
    }
    bench.truth.put("members/d-002", fields(1_000));
    bench.run();
    bench
        .until("the change arrives while the collection can't be read", async |store| {
            let seen = store.document(&path("members/d-002")).await.expect("readable").expect("mirrored");
            let targets = store.targets().await.expect("readable");
            let reading = targets.iter().any(|target| target.state == TargetState::Backfilling);
            assert_eq!(store.documents_held().await.expect("readable")[&collection("batches")].documents, 10);
            seen.document.fields.get("n") == Some(&Kept::Integer(1_000)) && reading
        })
        .await;
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn a_collection_that_is_no_longer_wanted_is_forgotten_and_a_new_one_is_read() {
    let mut bench = Bench::start().await;
    bench.seed(9);
    bench.settings.collections = vec![collection("batches"), collection("members")];
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.settings.collections = vec![collection("batches"), collection("reservations")];
    bench.run();
    bench
        .until("the new one is current", async |store| {
            let targets = store.targets().await.expect("readable");
            targets.iter().any(|target| target.collection.as_str() == "reservations")
                && targets.iter().all(|target| target.state == TargetState::Current)
        })
        .await;
    let held = bench.store.documents_held().await.expect("readable");
    let seen: Vec<_> = held.iter().map(|(name, held)| (name.as_str(), held.documents)).collect();
    assert_eq!(seen, [("batches", 3), ("reservations", 3)]);
    bench.stop().await;
}

#[tokio::test]
async fn a_mirror_without_a_server_starts_and_catches_up_once_there_is_one() {
    let mut bench = Bench::start().await;
    let address = bench.server.as_ref().expect("runs").address();
    bench.server.take().expect("runs").stop().await;
    bench.run();
    bench
        .until("the failure is recorded", async |store| {
            let targets = store.targets().await.expect("readable");
            !targets.is_empty() && targets.iter().all(|target| target.error.is_some())
        })
        .await;
    let options = Options { heartbeat: Duration::from_millis(50), ..Options::default() };
    let server = FirestoreServer::start(address, options).await.expect("the same port again");
    bench.truth = server.world().database("projects/glass/databases/(default)");
    bench.server = Some(server);
    bench.seed(10);
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}
