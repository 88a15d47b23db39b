//! The mirror against the sandbox's Firestore.

/// What they stand on.
mod bench;

use std::collections::BTreeMap;
use std::time::Duration;

use studio_brain::authority::CommitError;
use studio_brain::domain::ids::DocPath;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Value as Kept};
use studio_brain::domain::write::Write;
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use studio_brain::store::TargetState;
use tokio::time::timeout;

use bench::{Bench, collection, fields, path};

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
    bench.seed(60);
    bench.world.fail_next("RunAggregationQuery", tonic::Status::unavailable("not yet"));
    bench.run();
    bench
        .until("some pages are staged", async |store| {
            let targets = store.targets().await.expect("readable");
            targets.iter().map(|target| target.backfill.documents).sum::<u64>() >= 15
        })
        .await;
    bench.stop().await;
    let targets = bench.store.targets().await.expect("readable");
    let staged: u64 = targets.iter().map(|target| target.backfill.documents).sum();
    assert!((15..60).contains(&staged), "{staged} documents were staged: the test stopped too late");
    assert!(bench.store.documents_held().await.expect("readable").is_empty(), "a part of a generation is visible");
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    // An empty last page and a count per collection, and the test's own probe.
    assert!(bench.truth.reads() <= 60 - staged + 7, "{} reads with {staged} staged", bench.truth.reads());
    assert!(bench.store.targets().await.expect("readable").iter().all(|target| target.generation == 1));
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

#[tokio::test]
async fn a_commit_writes_all_or_nothing_and_says_what_is_certain() {
    let bench = Bench::start().await;
    bench.seed(3);
    let target = path("batches/d-000");
    let read = bench.authority.get(std::slice::from_ref(&target), None).await.expect("readable");
    let base = read.found[0].update_time;
    let receipt =
        |id: &str| Write::Create { path: path(&format!("receipts/{id}")), fields: read.found[0].fields.clone() };
    let note = FieldPath::top("note");
    let change = |base| Write::Update {
        path: target.clone(),
        changes: BTreeMap::from([(note.clone(), Some(Kept::text("hi"))), (FieldPath::top("n"), None)]),
        base,
    };
    let answer = bench.authority.commit(&[change(base), receipt("1")]).await.expect("applied");
    let after = bench.authority.get(std::slice::from_ref(&target), None).await.expect("readable");
    assert_eq!(answer.update_times, [Some(after.found[0].update_time), Some(answer.commit_time)]);
    assert_eq!(after.found[0].fields, BTreeMap::from([("note".to_owned(), Kept::text("hi"))]));

    let stale = bench.authority.commit(&[change(base), receipt("2")]).await;
    assert!(matches!(stale, Err(CommitError::Precondition(_))), "{stale:?}");
    assert!(bench.truth.get("receipts/2").is_none(), "a refused commit wrote half of itself");
    let twice = bench.authority.commit(&[receipt("1")]).await;
    assert!(matches!(twice, Err(CommitError::Precondition(_))), "{twice:?}");

    bench.world.lose_next_commit_reply();
    let lost = bench.authority.commit(&[receipt("3")]).await;
    assert!(matches!(lost, Err(CommitError::Unknown(_))), "{lost:?}");
    assert!(bench.truth.get("receipts/3").is_some());
    let gone =
        bench.authority.commit(&[Write::Delete { path: target.clone(), base: after.found[0].update_time }]).await;
    assert_eq!(gone.expect("applied").update_times, [None]);

    let mut bench = bench;
    bench.server.take().expect("runs").stop().await;
    let unsent = bench.authority.commit(&[receipt("4")]).await;
    assert!(matches!(unsent, Err(CommitError::NotApplied(_) | CommitError::Unknown(_))), "{unsent:?}");
    let unsent = bench.authority.commit(&[receipt("4")]).await;
    assert!(matches!(unsent, Err(CommitError::NotApplied(_))), "nobody listens, so nothing was sent: {unsent:?}");
}
