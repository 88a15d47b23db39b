//! The digests that are kept are those of the rows, whatever happened to documents.

use proptest::prelude::*;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::domain::sighting::{Sighting, Unreadable};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::store::repairs::Wrong;
use studio_brain::store::{Generation, Staged, Store};

use super::bench::{collection, path};

/// Something that happens to documents.
#[derive(Clone, Debug)]
enum Step {
    Put {
        id: u16,
        value: i64,
    },
    Delete {
        id: u16,
    },
    Unreadable {
        id: u16,
    },
    /// The whole collection is read again, with these documents.
    Relist {
        first: u16,
        count: u16,
    },
    /// As a proof would put it right.
    Repair {
        id: u16,
    },
    Prune,
    /// Given up: nothing of it counts.
    Rollback {
        id: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..700_u16;
    prop_oneof![
        8 => (id.clone(), any::<i64>()).prop_map(|(id, value)| Step::Put { id, value }),
        3 => id.clone().prop_map(|id| Step::Delete { id }),
        2 => id.clone().prop_map(|id| Step::Unreadable { id }),
        1 => (id.clone(), 0..600_u16).prop_map(|(first, count)| Step::Relist { first, count }),
        1 => id.clone().prop_map(|id| Step::Repair { id }),
        1 => Just(Step::Prune),
        1 => id.prop_map(|id| Step::Rollback { id }),
    ]
}

/// A third of the ids are numbers, which come first in the order of names and in the middle of SQLite's.
fn sighting(id: u16, value: i64, at: i64, is_readable: bool) -> Sighting {
    let path = match id % 3 {
        0 => path(&format!("batches/__id{}__", i64::from(id) - 300)),
        1 => path(&format!("batches/Z{id:03}")),
        _ => path(&format!("batches/é{id:03}")),
    };
    let update_time = Timestamp::from_micros(at);
    if !is_readable {
        return Sighting::Unreadable(Unreadable { path, update_time, why: "odd".to_owned() });
    }
    let fields = Fields::from([("n".to_owned(), Value::Integer(value))]);
    Sighting::Readable(Document { path, fields, create_time: Timestamp::from_micros(1), update_time })
}

async fn read(store: &Store, batches: &CollectionId, at: i64, mut sightings: Vec<Sighting>) {
    let read_time = Timestamp::from_micros(at);
    sightings.sort_by(|one, other| one.path().name_order(other.path()));
    let is_first = store.targets().await.expect("readable")[0].read_time.is_none();
    let generation = if is_first { Generation::First } else { Generation::Next };
    let mut tx = store.begin().await.expect("begins");
    tx.backfill_start(batches).await.expect("starts");
    tx.backfill_plan(batches, read_time, sightings.len() as u64, &[], read_time).await.expect("plans");
    tx.commit().await.expect("commits");
    for part in sightings.chunks(100) {
        let rows: Vec<Staged> = part.iter().cloned().map(Staged::of).collect();
        let mut tx = store.begin().await.expect("begins");
        tx.backfill_stage(batches, (generation, read_time), 0, &rows, false).await.expect("stages");
        tx.commit().await.expect("commits");
    }
    let mut tx = store.begin().await.expect("begins");
    tx.backfill_publish(batches, read_time).await.expect("publishes");
    tx.commit().await.expect("commits");
}

async fn check_kept(store: &Store, batches: &CollectionId, after: &str) {
    let look = store.look(batches).await.expect("readable").expect("it was read");
    assert!(!look.leaves.is_empty(), "digests are kept after {after}");
    for leaf in &look.leaves {
        assert_eq!(leaf.kept, leaf.found, "the leaf from {:?} after {after}", leaf.first);
        assert!((0..=192).contains(&leaf.kept.documents), "the leaf from {:?} after {after}", leaf.first);
    }
    assert_eq!(look.leaves.iter().map(|leaf| leaf.found).sum::<studio_brain::domain::digest::Tally>(), look.found);
}

async fn run(steps: Vec<Step>) {
    let directory = tempfile::tempdir().expect("a directory");
    let studio = StudioId::parse("west").expect("a studio");
    let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
    let batches = collection("batches");
    store.targets_declare(std::slice::from_ref(&batches)).await.expect("declares");
    let some = |first: u16, count: u16, at: i64| {
        (first..first + count).map(move |id| sighting(id, at, at, id % 11 != 0)).collect::<Vec<_>>()
    };
    read(&store, &batches, 10, some(0, 400, 5)).await;
    check_kept(&store, &batches, "the first reading").await;
    for (at, step) in (20..).step_by(10).zip(steps) {
        let is_given_up = matches!(step, Step::Rollback { .. });
        let (said, now) = (format!("{step:?}"), Timestamp::from_micros(at));
        match step {
            Step::Relist { first, count } => read(&store, &batches, at, some(first, count, at - 5)).await,
            Step::Put { .. }
            | Step::Delete { .. }
            | Step::Unreadable { .. }
            | Step::Repair { .. }
            | Step::Prune
            | Step::Rollback { .. } => {
                let watching = store.watch_deletions().await.expect("watches");
                let part = store.look_closely(&batches, None, None).await.expect("readable").expect("it was read");
                let mut tx = store.begin().await.expect("begins");
                match step {
                    Step::Put { id, value } => match sighting(id, value, at, true) {
                        Sighting::Readable(document) => tx.document_put(&document, now).await.expect("put"),
                        Sighting::Unreadable(_) => unreachable!("it is readable"),
                    },
                    Step::Unreadable { id } => match sighting(id, 0, at, false) {
                        Sighting::Unreadable(odd) => tx.document_unreadable(&odd, now).await.expect("recorded"),
                        Sighting::Readable(_) => unreachable!("it is not"),
                    },
                    Step::Delete { id } | Step::Rollback { id } => {
                        tx.document_delete(sighting(id, 0, at, true).path(), now).await.expect("deleted");
                    }
                    Step::Repair { id } => {
                        let theirs = (id % 4 != 0).then(|| sighting(id, i64::from(id), at - 1, id % 5 != 0));
                        let place = sighting(id, 0, at, true).path().clone();
                        let ours = part.rows.into_iter().find(|row| row.path == place);
                        let wrong = Wrong { ours, theirs };
                        tx.document_repair(&wrong, now, &watching).await.expect("repairs");
                        if id % 2 == 0 {
                            tx.leaves_replant(&batches, None, None).await.expect("plants again");
                        }
                    }
                    Step::Prune | Step::Relist { .. } => {
                        tx.history_prune(now, 100).await.expect("prunes");
                    }
                }
                match is_given_up {
                    true => tx.rollback().await.expect("gives up"),
                    false => tx.commit().await.expect("commits"),
                }
            }
        }
        check_kept(&store, &batches, &said).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_digests_that_are_kept_are_those_of_the_rows_whatever_happened(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(run(steps));
    }
}

#[tokio::test]
async fn a_collection_that_grows_from_nothing_is_cut_and_one_that_empties_has_one_leaf() {
    let directory = tempfile::tempdir().expect("a directory");
    let studio = StudioId::parse("west").expect("a studio");
    let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
    let batches = collection("batches");
    store.targets_declare(std::slice::from_ref(&batches)).await.expect("declares");
    read(&store, &batches, 10, Vec::new()).await;
    check_kept(&store, &batches, "an empty reading").await;
    let mut tx = store.begin().await.expect("begins");
    for id in 0..3_000 {
        if let Sighting::Readable(document) = sighting(id, 1, 15, true) {
            tx.document_put(&document, Timestamp::from_micros(20)).await.expect("put");
        }
    }
    tx.commit().await.expect("commits");
    check_kept(&store, &batches, "3,000 at once").await;
    let mut tx = store.begin().await.expect("begins");
    for id in 0..3_000 {
        tx.document_delete(sighting(id, 1, 15, true).path(), Timestamp::from_micros(30)).await.expect("deleted");
    }
    tx.commit().await.expect("commits");
    check_kept(&store, &batches, "all were deleted").await;
    assert_eq!(store.look(&batches).await.expect("readable").expect("it was read").leaves.len(), 1);
}

#[tokio::test]
async fn what_changed_since_it_was_compared_is_never_overwritten() {
    let directory = tempfile::tempdir().expect("a directory");
    let studio = StudioId::parse("west").expect("a studio");
    let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
    let batches = collection("batches");
    store.targets_declare(std::slice::from_ref(&batches)).await.expect("declares");
    read(&store, &batches, 10, [1, 2].map(|id| sighting(id, 1, 5, true)).to_vec()).await;
    let watching = store.watch_deletions().await.expect("watches");
    let part = store.look_closely(&batches, None, None).await.expect("readable").expect("it was read");
    let held = |id| part.rows.iter().find(|row| row.path == *sighting(id, 0, 0, true).path()).cloned();
    // The server had another 1, no 2, and a 4 and a 5 that we lacked; meanwhile news came of all of them.
    let wrongs = [
        Wrong { ours: held(1), theirs: Some(sighting(1, 7, 6, true)) },
        Wrong { ours: held(2), theirs: None },
        Wrong { ours: None, theirs: Some(sighting(4, 7, 6, true)) },
        Wrong { ours: None, theirs: Some(sighting(5, 7, 6, true)) },
    ];
    let mut tx = store.begin().await.expect("begins");
    for (id, value) in [(1, 100), (2, 200), (4, 400)] {
        if let Sighting::Readable(document) = sighting(id, value, 30, true) {
            tx.document_put(&document, Timestamp::from_micros(31)).await.expect("put");
        }
    }
    tx.document_delete(sighting(5, 0, 0, true).path(), Timestamp::from_micros(31)).await.expect("deleted");
    tx.commit().await.expect("commits");
    let mut tx = store.begin().await.expect("begins");
    for wrong in &wrongs {
        let done = tx.document_repair(wrong, part.read_time, &watching).await.expect("looks");
        assert!(!done, "{wrong:?}");
    }
    tx.commit().await.expect("commits");
    for (id, expect) in [(1, Some(100)), (2, Some(200)), (4, Some(400)), (5, None)] {
        let found = store.document(sighting(id, 0, 0, true).path()).await.expect("readable");
        let value = found.map(|found| found.document.fields["n"].clone());
        assert_eq!(value, expect.map(Value::Integer), "document {id}");
    }
    check_kept(&store, &batches, "repairs that came too late").await;
}
