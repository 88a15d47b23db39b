//! Every billed read is counted with its cause, and what can wait does when a day's reads are spent.

use std::time::Duration;

use studio_brain::clock::Clock;
use studio_brain::domain::reads::{Cause, Day, Reads};
use studio_brain::domain::value::Value as Kept;
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::reads::ReadLedger;
use studio_brain::store::TargetState;

use super::bench::{Bench, collection, fields};

fn spent(reads: &[Reads], cause: Cause) -> u64 {
    reads.iter().filter(|line| line.cause == cause).map(|line| line.reads).sum()
}

#[tokio::test]
async fn a_backfill_costs_its_pages_and_counts_and_a_change_costs_one_read() {
    let mut bench = Bench::start().await;
    bench.seed(30);
    bench.run();
    bench.caught_up().await;
    let reads = bench.authority.reads_take();
    assert_eq!(spent(&reads, Cause::Backfill), 30 + 3, "ten documents and one count for each of three collections");
    bench.truth.put("batches/d-000", fields(1_000));
    bench.truth.delete("batches/d-003");
    bench.caught_up().await;
    let more = bench.authority.reads_take();
    assert_eq!(spent(&more, Cause::Tail), 1, "a change costs one read, a deletion none");
    let billed: u64 = reads.iter().chain(&more).map(|line| line.reads).sum();
    assert_eq!(billed, bench.truth.reads());
    bench.stop().await;
}

#[tokio::test]
async fn a_state_that_is_sent_again_costs_what_the_server_bills() {
    let options = studio_brain::sandbox::firestore::Options {
        heartbeat: Duration::from_millis(50),
        resume_window: Duration::ZERO,
        ..Default::default()
    };
    let mut bench = Bench::with(options).await;
    bench.seed(20);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.authority.reads_take();
    bench.truth.reset_reads();
    bench.run();
    bench.caught_up().await;
    let reads = bench.authority.reads_take();
    assert_eq!(spent(&reads, Cause::Tail), 20);
    assert_eq!(reads.iter().map(|line| line.reads).sum::<u64>(), bench.truth.reads());
    bench.stop().await;
}

#[tokio::test]
async fn reads_are_written_down_in_batches_by_day_and_none_is_lost() {
    let bench = Bench::start().await;
    let clock = Clock::manual("2026-03-18T23:59:50Z".parse().expect("a moment"));
    let today = Day::of(clock.now().into());
    let mut ledger = ReadLedger::new(bench.store.clone(), bench.authority.clone(), clock.clone(), 50);
    let doctor = bench.authority.because_of(Cause::Doctor);
    let written = async |day| bench.store.reads_of(day).await.expect("readable");

    doctor.server_time().await.expect("answers");
    ledger.pass().await.expect("passes");
    assert_eq!((written(today).await.spent(), written(today).await.budget), (1, Some(50)));
    doctor.server_time().await.expect("answers");
    ledger.pass().await.expect("passes");
    assert_eq!(written(today).await.spent(), 1, "it waits for more");
    clock.advance(Duration::from_secs(5));
    ledger.pass().await.expect("passes");
    let probes = Reads { collection: collection("studioBrainProbes"), cause: Cause::Doctor, reads: 2 };
    assert_eq!(written(today).await.reads, [probes]);
    clock.advance(Duration::from_secs(10));
    doctor.server_time().await.expect("answers");
    ledger.pass().await.expect("passes");
    let tomorrow = Day::of(clock.now().into());
    assert_eq!((written(today).await.spent(), written(tomorrow).await.spent()), (2, 1));
}

#[tokio::test]
async fn a_collection_waits_to_be_read_again_while_the_others_are_followed() {
    let mut bench = Bench::start().await;
    bench.settings.read_budget = 1;
    bench.seed(9);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    assert!(bench.authority.reads_waiting() > 1, "the first reading does not wait");

    let batches = collection("batches");
    let mut tx = bench.store.begin().await.expect("begins");
    tx.backfill_start(&batches).await.expect("starts");
    tx.commit().await.expect("commits");
    bench.truth.put("members/d-002", fields(1_000));
    bench.run();
    bench
        .until("members are followed and batches wait", async |store| {
            let targets = store.targets().await.expect("readable");
            let waits = targets.iter().any(|target| {
                let why = target.error.as_ref().map_or("", |(_, why)| why);
                target.collection == batches && target.state == TargetState::Backfilling && why.contains("read_budget")
            });
            let held = store.document(&super::bench::path("members/d-002")).await.expect("readable");
            let followed =
                held.is_some_and(|held| held.document.fields.values().any(|value| *value == Kept::Integer(1_000)));
            waits && followed
        })
        .await;
    bench.stop().await;

    bench.settings.read_budget = 1_000_000;
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}
