//! What the circle costs: our ledger and the server's bill agree, and drift samples wait when a day's reads are spent.

use studio_brain::domain::reads::Cause;
use studio_brain::domain::value::Value;
use studio_brain::jobs::drive::Job as _;
use studio_brain::store::findings::CheckOutcome;

use super::stage::{Stage, text};

#[tokio::test]
async fn our_ledger_and_the_servers_bill_agree_after_a_whole_circle() {
    let mut stage = Stage::open().await;
    stage.cloud.merge("reservations/r-2", [("staffNotes".to_owned(), text("Called."))].into());
    stage.cloud.delete("batches/b-1");
    stage.mirror_shows_now().await;
    stage.approved("r-1", "CONFIRMED").await;
    stage.world.lose_next_commit_reply();
    stage.push_and_observe().await;
    assert_eq!(stage.look().await, CheckOutcome::Same, "a look that somebody asked for");
    stage.drift.pass().await.expect("passes");
    stage.mirror_shows_now().await;

    let reads = stage.authority.reads_take();
    let ours: u64 = reads.iter().map(|line| line.reads).sum();
    assert_eq!(ours, stage.cloud.reads(), "{reads:#?}");
    for cause in [Cause::Backfill, Cause::Tail, Cause::Push, Cause::Drift] {
        assert!(reads.iter().any(|line| line.cause == cause), "nothing was counted for {}: {reads:#?}", cause.word());
    }
    assert!(reads.iter().all(|line| line.cause != Cause::Other), "every job says why it reads: {reads:#?}");
    stage.close().await;
}

#[tokio::test]
async fn samples_wait_when_the_days_reads_are_spent_and_writes_and_people_do_not() {
    let mut stage = Stage::braked().await;
    let before = stage.authority.reads_waiting();
    stage.drift.pass().await.expect("passes");
    assert_eq!(stage.authority.reads_waiting(), before, "a look that is merely due waits");
    assert!(stage.store.check_last().await.expect("reads").is_none());

    stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    let written = stage.mirrored("reservations/r-1").await.expect("is mirrored");
    assert_eq!(written.fields.get("status"), Some(&Value::text("CONFIRMED")), "a write looks its document up");
    assert_eq!(stage.look().await, CheckOutcome::Same, "and who asks is answered");
    stage.close().await;
}
