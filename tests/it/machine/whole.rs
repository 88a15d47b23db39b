//! No snapshot is ever visible half, however large.

use std::time::{Duration, Instant};

use gcloud_sdk::google::firestore::v1::Value;
use studio_brain::domain::value::Value as Kept;
use studio_brain::store::{Mirrored, Store};
use tokio_util::sync::CancellationToken;

use super::stage::{PATIENCE, Stage, collection, options};
use super::values::{Fields, integer};

/// How many documents a snapshot has: `STUDIO_DOCUMENTS`.
const DOCUMENTS: usize = 3_000;

/// How often all of them are written.
const ROUNDS: i64 = 4;

/// What the left and the right one always add up to.
const SUM: i64 = 1_000;

/// Every so many looks at the pair, all documents are looked at.
const WHOLE_EVERY: u64 = 20;

fn n(of: i64) -> Fields {
    Fields::from([("n".to_owned(), integer(of)), ("text".to_owned(), filler())])
}

fn filler() -> Value {
    super::values::text("some words, so that a document is not all too small")
}

fn number(of: &Mirrored) -> i64 {
    match of.document.fields.get("n") {
        Some(Kept::Integer(number)) => *number,
        other => panic!("`{}` holds {other:?}", of.document.path),
    }
}

/// What one look at the database saw.
#[derive(Debug)]
struct Look {
    /// The one number that all documents carry.
    round: Option<i64>,
    documents: usize,
}

/// Looks at the pair, or at everything. Panics on a broken promise.
async fn look(store: &Store, everything: bool) -> Look {
    let mut names = vec![collection("left"), collection("right")];
    if everything {
        names.extend([collection("batches"), collection("members")]);
    }
    let all = store.documents_all(&names).await.expect("readable");
    let of = |name: &str| all.get(&collection(name)).map_or(&[][..], Vec::as_slice);
    let round = match (of("left"), of("right")) {
        ([], []) => None,
        ([left], [right]) => {
            assert_eq!(number(left) + number(right), SUM, "half of a commit is visible");
            Some(number(left))
        }
        (left, right) => panic!("{} on the left and {} on the right", left.len(), right.len()),
    };
    let bulk = of("batches").iter().chain(of("members"));
    let mut documents = 0;
    for document in bulk {
        assert_eq!(Some(number(document)), round, "`{}` is of another commit", document.document.path);
        documents += 1;
    }
    Look { round, documents }
}

#[tokio::test]
async fn a_reader_never_sees_half_a_snapshot() {
    let count = std::env::var("STUDIO_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(DOCUMENTS);
    let mut stage = Stage::of(&["left", "right", "batches", "members"], options()).await;
    stage.settings.page_size = 1_000;
    let commit = |round: i64| {
        let pair = [("left/one".to_owned(), n(round)), ("right/one".to_owned(), n(SUM - round))];
        let home = |number: usize| if number.is_multiple_of(2) { "batches" } else { "members" };
        let bulk = (0..count).map(move |number| (format!("{}/d-{number:06}", home(number)), n(round)));
        pair.into_iter().chain(bulk)
    };
    stage.truth.seed(commit(0));
    stage.run();
    let patience = PATIENCE + Duration::from_millis(count as u64 * 5);
    let (stop, directory) = (CancellationToken::new(), stage.directory().to_owned());
    let reader = std::thread::spawn({
        let stop = stop.clone();
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let store = Store::open_read_only(&directory).await.expect("opens for reading");
                looks(&store, &stop, count).await
            })
        }
    });
    let mut slowest = Duration::ZERO;
    stage.caught_up_within(patience).await;
    for round in 1..=ROUNDS {
        let written = Instant::now();
        stage.truth.seed(commit(round));
        stage.caught_up_within(patience).await;
        slowest = slowest.max(written.elapsed());
    }
    stop.cancel();
    let (looks, whole, seen) = reader.join().expect("never half visible");
    println!("{count} documents a snapshot: {looks} looks ({whole} at all), {seen} rounds seen, {slowest:?} at most");
    assert!(looks > 0 && whole > 0, "nobody looked");
    let last = look(&stage.store, true).await;
    assert_eq!((last.round, last.documents), (Some(ROUNDS), count));
    stage.stop().await;
}

/// Looks without pause until told to stop; answers how often, how often at everything, and how many rounds it saw.
async fn looks(store: &Store, stop: &CancellationToken, count: usize) -> (u64, u64, usize) {
    let (mut looks, mut whole, mut rounds) = (0_u64, 0_u64, std::collections::BTreeSet::new());
    let mut last = None;
    while !stop.is_cancelled() {
        let everything = looks.is_multiple_of(WHOLE_EVERY);
        let seen = look(store, everything).await;
        assert!(seen.round >= last, "it went back from {last:?} to {seen:?}");
        if everything && seen.round.is_some() {
            assert_eq!(seen.documents, count, "a part of the documents is visible");
            whole += 1;
        }
        (looks, last) = (looks + 1, seen.round);
        rounds.extend(seen.round);
    }
    (looks, whole, rounds.len())
}
