//! What it costs to find out what was deleted while we were away.

use super::stage::{Stage, age, options};
use super::truth;
use super::values::{Fields, integer};

const DOCUMENTS: usize = 500;
const DELETED: usize = 100;

fn id(number: usize) -> String {
    format!("batches/d-{number:04}")
}

/// A mirror that has seen all documents, and was then stopped.
async fn stopped() -> Stage {
    let mut stage = Stage::of(&["batches"], options()).await;
    stage.settings.page_size = 300;
    let fields = |number: usize| Fields::from([("n".to_owned(), integer(i64::try_from(number).expect("few")))]);
    stage.truth.seed((0..DOCUMENTS).map(|number| (id(number), fields(number))));
    stage.run();
    stage.caught_up().await;
    stage
}

/// Starts the mirror again, waits until it is current, and answers what that cost.
async fn reads_of_resuming(stage: &mut Stage) -> u64 {
    stage.truth.reset_reads();
    stage.run();
    stage.caught_up().await;
    let reads = stage.truth.reads();
    let mirror = truth::of_mirror(&stage.store).await.expect("whole and current");
    truth::compare(&mirror, &truth::of_server(&stage.truth)).expect("equal");
    assert_eq!(mirror.len(), DOCUMENTS - DELETED);
    reads
}

#[tokio::test]
async fn deletions_that_the_stream_tells_of_cost_nothing() {
    let mut stage = stopped().await;
    stage.stop().await;
    for number in 0..DELETED {
        stage.truth.delete(&id(number * 5));
    }
    assert_eq!(reads_of_resuming(&mut stage).await, 0);
    stage.stop().await;
}

/// The server has forgotten the deletions and knows only how many documents there are, and a filter of their names.
///
/// A name in the filter by chance can't be told from one that is there: then the deleted ones must be found at the
/// price of one read each at most. `salt` makes the names, so it decides how many of those there are.
async fn reads_of_forgotten_deletions(first: usize) -> u64 {
    let mut stage = stopped().await;
    for number in 0..DELETED {
        stage.truth.delete_silently(&id(first + number));
    }
    // The token of this moment is past the deletions: no stream that continues from it will tell of them.
    stage.caught_up().await;
    stage.stop().await;
    age(std::time::Duration::from_secs(60));
    let reads = reads_of_resuming(&mut stage).await;
    stage.stop().await;
    reads
}

#[tokio::test]
async fn deletions_that_only_a_filter_tells_of_cost_at_most_one_read_each() {
    for first in [0, 100, 200, 300, 400] {
        let reads = reads_of_forgotten_deletions(first).await;
        println!("{DELETED} of {DOCUMENTS} deleted, from {first}: {reads} reads");
        assert!(reads <= DELETED as u64, "{reads} reads to find {DELETED} deletions");
    }
}
