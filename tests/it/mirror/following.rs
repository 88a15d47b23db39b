//! Applying changes as they happen, and finding those that happened while we were away.

use std::time::Duration;

use studio_brain::domain::ids::DocPath;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value as Kept;
use studio_brain::sandbox::firestore::Options;
use tokio::time::timeout;

use super::bench::{Bench, collection, fields, path};

#[tokio::test]
async fn a_change_a_new_document_and_a_deletion_arrive() {
    let mut bench = Bench::start().await;
    bench.seed(10);
    bench.run();
    bench.caught_up().await;
    bench.truth.put("batches/d-000", fields(1_000));
    bench.truth.put("batches/new", fields(7));
    bench.truth.delete("members/d-002");
    bench.caught_up().await;
    bench.check_equal().await;
    let changed = bench.store.document(&path("batches/d-000")).await.expect("readable").expect("mirrored");
    assert_eq!(changed.document.fields.get("n"), Some(&Kept::Integer(1_000)));
    assert!(bench.store.document(&path("members/d-002")).await.expect("readable").is_none());
    bench.stop().await;
}

#[tokio::test]
async fn a_restart_on_unchanged_data_reads_no_document() {
    let mut bench = Bench::start().await;
    bench.seed(50);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    let before = bench.store.targets().await.expect("readable");
    bench.truth.reset_reads();
    bench.run();
    let shown = before.iter().filter_map(|target| target.read_time).max().expect("was read");
    let later = Timestamp::from_micros(shown.micros() + 1);
    timeout(Duration::from_secs(20), bench.store.targets_reach(later)).await.expect("in time").expect("readable");
    assert_eq!(bench.truth.reads(), 0);
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn what_happened_while_we_were_away_is_found() {
    let mut bench = Bench::start().await;
    bench.seed(30);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.truth.delete("batches/d-003");
    bench.truth.put("reservations/d-001", fields(99));
    bench.truth.put("members/new", fields(5));
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    // Two changes, billed twice if the server had not yet noticed that the first stream was gone, and the test's probe.
    assert!(bench.truth.reads() <= 5, "{} reads", bench.truth.reads());
    bench.stop().await;
}

#[tokio::test]
async fn deletions_that_the_stream_kept_quiet_about_are_found_by_their_count() {
    let mut bench = Bench::start().await;
    bench.seed(30);
    bench.run();
    bench.caught_up().await;
    bench.truth.delete_silently("batches/d-003");
    bench.truth.delete_silently("batches/d-006");
    bench.caught_up().await;
    bench.world.break_streams();
    bench
        .until("the count shows the deletion", async |store| {
            store.document(&path("batches/d-003")).await.expect("readable").is_none()
        })
        .await;
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn a_broken_stream_is_opened_again_and_nothing_is_lost() {
    let mut bench = Bench::start().await;
    bench.seed(10);
    bench.run();
    bench.caught_up().await;
    for round in 0..3 {
        bench.world.break_streams();
        bench.truth.put("batches/d-000", fields(100 + round));
        bench.caught_up().await;
        bench.check_equal().await;
    }
    bench.stop().await;
}

#[tokio::test]
async fn a_silent_stream_is_noticed_and_opened_again() {
    let mut bench = Bench::start().await;
    bench.settings.watchdog = Duration::from_millis(300);
    bench.seed(10);
    bench.run();
    bench.caught_up().await;
    bench.world.hold_streams(true);
    bench.truth.put("batches/d-000", fields(100));
    bench
        .until("the silence is recorded", async |store| {
            let targets = store.targets().await.expect("readable");
            targets.iter().all(|target| target.error.as_ref().is_some_and(|(_, text)| text.contains("no answer")))
        })
        .await;
    bench.world.hold_streams(false);
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn documents_that_were_committed_together_are_seen_together() {
    let mut bench = Bench::start().await;
    bench.seed(6);
    bench.run();
    bench.caught_up().await;
    let pair = [path("batches/pair"), path("members/pair")];
    let names = [collection("batches"), collection("members")];
    let (store, watched) = (bench.store.clone(), pair.clone());
    let mut changed = store.changed();
    let rounds = 20;
    let watcher = bench.tasks.spawn(async move {
        loop {
            let all = store.documents_all(&names).await.expect("readable");
            let value = |path: &DocPath| {
                let document = all[&path.collection()].iter().find(|seen| seen.document.path == *path);
                document.and_then(|seen| seen.document.fields.get("n").cloned())
            };
            let (left, right) = (value(&watched[0]), value(&watched[1]));
            assert_eq!(left, right, "half of a commit is visible");
            if left == Some(Kept::Integer(rounds - 1)) {
                return;
            }
            changed.changed().await.expect("the store is open");
        }
    });
    for round in 0..rounds {
        bench.truth.seed(pair.iter().map(|path| (path.to_string(), fields(round))));
        bench.caught_up().await;
    }
    timeout(Duration::from_secs(20), watcher).await.expect("in time").expect("never half visible");
    bench.stop().await;
}

#[tokio::test]
async fn a_token_that_is_too_old_gives_the_whole_state_again() {
    let options = Options { heartbeat: Duration::from_millis(50), resume_window: Duration::ZERO, ..Options::default() };
    let mut bench = Bench::with(options).await;
    bench.seed(20);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.truth.delete("batches/d-003");
    bench.truth.put("members/new", fields(5));
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}

#[tokio::test]
async fn a_token_that_is_refused_costs_no_more_than_a_step_back() {
    let mut bench = Bench::start().await;
    bench.seed(20);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.truth.delete("batches/d-003");
    bench.world.fail_next("Listen", tonic::Status::invalid_argument("the token is from elsewhere"));
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    assert!(bench.truth.reads() <= 2, "{} reads", bench.truth.reads());
    bench.stop().await;
}

#[tokio::test]
async fn when_no_position_is_accepted_all_is_read_again_beside_what_is_shown() {
    let mut bench = Bench::start().await;
    bench.seed(20);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.truth.delete("batches/d-003");
    for _ in 0..2 {
        bench.world.fail_next("Listen", tonic::Status::invalid_argument("neither token nor read time"));
    }
    bench.run();
    bench
        .until("the second generation is there", async |store| {
            let held = store.documents_held().await.expect("readable");
            let shown: u64 = held.values().map(|held| held.documents).sum();
            assert!(shown >= 19, "only {shown} documents are shown while all are read again");
            store.targets().await.expect("readable").iter().all(|target| target.generation == 2)
        })
        .await;
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}
