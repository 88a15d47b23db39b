//! Counting what changed against counting everything.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::DocPath;
use studio_brain::domain::sighting::Unreadable;
use studio_brain::domain::snapshot::Snapshot;
use studio_brain::domain::value::Value;

use super::stage::{Stage, at, collection, document};
use crate::dice::Dice;

const COLLECTIONS: [&str; 4] = ["batches", "reservations", "materialsOrders", "communityReports"];

/// A document of any of the collections, in any state, open for any time, due at any time.
fn some_document(dice: &mut Dice, revision: i64) -> Document {
    let name = *dice.one_of(&COLLECTIONS);
    let id = dice.below(300);
    let moment = |dice: &mut Dice| Value::Timestamp(at(dice.below(4_000_000) as i64 - 3_900_000));
    let word = |dice: &mut Dice, words: &[&str]| match dice.below(20) {
        0 => Value::Null,
        1 => Value::text("SOMETHING_ELSE"),
        _ => Value::text(*dice.one_of(words)),
    };
    let mut fields = vec![("createdAt", moment(dice)), ("updatedAt", moment(dice))];
    match name {
        "batches" => {
            fields.push(("state", word(dice, &["SHELVED", "LOADED", "READY_FOR_PICKUP", "CLOSED_OTHER"])));
        }
        "reservations" => {
            fields.push(("status", word(dice, &["REQUESTED", "CONFIRMED", "CANCELED", "CANCELLED"])));
            fields.push(("isArchived", Value::Boolean(dice.below(9) == 0)));
            fields.push(("loadStatus", word(dice, &["queued", "loaded"])));
        }
        "materialsOrders" => {
            fields.push(("status", word(dice, &["checkout_pending", "paid", "picked_up", "disputed"])));
            fields.push(("totalCents", Value::Integer(dice.below(90_000) as i64)));
            fields.push(("currency", Value::text(*dice.one_of(&["USD", "CAD"]))));
        }
        _ => {
            fields.push(("status", word(dice, &["open", "triaged", "resolved"])));
            fields.push(("severity", word(dice, &["low", "high"])));
        }
    }
    document(&format!("{name}/d-{id:03}"), &fields, at(revision))
}

/// The same numbers and hashes, whenever and however they were counted.
fn check_same(one: &Snapshot, other: &Snapshot) {
    assert_eq!(one.collections, other.collections);
    assert_eq!(one.blocks(), other.blocks());
    assert_eq!(one.amounts_cents, other.amounts_cents);
    assert_eq!((one.source_hashes, one.content_hash), (other.source_hashes, other.content_hash));
    assert!(one.says_the_same(other));
}

/// What the mirror holds, counted by going through it.
async fn check_plain(stage: &Stage, snapshot: &Snapshot) {
    let names: Vec<_> = COLLECTIONS.iter().map(|name| collection(name)).collect();
    for (name, held) in stage.store.documents_all(&names).await.expect("readable") {
        let state = &snapshot.collections[&name];
        assert_eq!(state.documents, Some(held.len() as i64), "{name}");
        let field = if name.as_str() == "batches" { "state" } else { "status" };
        let mut words: BTreeMap<String, i64> = BTreeMap::new();
        for one in &held {
            if let Some(word) = one.document.fields.get(field).and_then(Value::as_text) {
                *words.entry(word.replace("CANCELED", "CANCELLED")).or_default() += 1;
            }
        }
        let counted: BTreeMap<String, i64> = state.states[field]
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(word, count)| (word.clone(), *count))
            .collect();
        assert_eq!(counted, words, "{name}");
    }
}

async fn run(seed: u64) {
    let mut dice = Dice::of(seed);
    let mut stage = Stage::of(&COLLECTIONS).await;
    for name in COLLECTIONS {
        stage.read(name, []).await;
    }
    let mut done = 0;
    while done < 10_000 {
        let part = 1 + dice.below(200);
        let mut tx = stage.store.begin_rebuildable().await.expect("begins");
        for _ in 0..part {
            done += 1;
            let document = some_document(&mut dice, done);
            match dice.below(10) {
                0 | 1 => tx.document_delete(&document.path, stage.now()).await.expect("deletes"),
                2 => {
                    let (path, why) = (document.path.clone(), "odd".to_owned());
                    let odd = Unreadable { path, update_time: document.update_time, why };
                    tx.document_unreadable(&odd, stage.now()).await.expect("records");
                }
                _ => tx.document_put(&document, stage.now()).await.expect("puts"),
            }
        }
        if dice.below(20) == 0 {
            tx.rollback().await.expect("rolls back");
        } else {
            tx.commit().await.expect("commits");
        }
        stage.clock.advance(Duration::from_secs(dice.below(5_000) as u64));
        if dice.below(4) == 0 {
            stage.count().await;
        }
        if dice.below(30) == 0 {
            let mut some: BTreeMap<DocPath, Document> = BTreeMap::new();
            while some.len() < 50 {
                let one = some_document(&mut dice, done);
                if one.path.collection().as_str() == "batches" {
                    some.insert(one.path.clone(), one);
                }
            }
            stage.read("batches", some.into_values()).await;
        }
    }
    let from_changes = stage.count().await;
    check_plain(&stage, &from_changes).await;
    check_same(&from_changes, &stage.count_again().await);
}

#[tokio::test]
async fn what_changes_while_everything_is_counted_from_nothing_is_counted_once() {
    let mut stage = Stage::of(&COLLECTIONS).await;
    let mut dice = Dice::of(7);
    for name in COLLECTIONS {
        let many = (0..5_000).map(|number| {
            let fields = [("createdAt", Value::Timestamp(at(-900))), ("status", Value::text("open"))];
            document(&format!("{name}/e-{number:05}"), &fields, at(1))
        });
        stage.read(name, many).await;
    }
    stage.count().await;
    let store = stage.store.clone();
    let changes = async {
        for revision in 2..120 {
            let mut tx = store.begin_rebuildable().await.expect("begins");
            for _ in 0..10 {
                let name = *dice.one_of(&COLLECTIONS);
                let path = format!("{name}/e-{:05}", dice.below(5_100));
                let one = document(&path, &[("status", Value::text("triaged"))], at(revision));
                match dice.below(3) {
                    0 => tx.document_delete(&one.path, at(revision)).await.expect("deletes"),
                    _ => tx.document_put(&one, at(revision)).await.expect("puts"),
                }
            }
            tx.commit().await.expect("commits");
        }
    };
    tokio::join!(stage.count_again(), changes);
    let after = stage.count().await;
    check_same(&after, &stage.count_again().await);
    let held = stage.store.documents_all(&COLLECTIONS.map(collection)).await.expect("readable");
    for (name, held) in held {
        assert_eq!(after.collections[&name].documents, Some(held.len() as i64), "{name}");
    }
}

#[tokio::test]
async fn large_documents_are_counted_a_few_at_a_time_and_all_of_them() {
    let mut stage = Stage::of(&["batches"]).await;
    let remark = "A very long remark. ".repeat(45_000);
    let large = (0..24).map(|number| {
        let size = if number == 5 { &remark[..900_000] } else { &remark[..(number * 35_000)] };
        let fields = [("state", Value::text("SHELVED")), ("remark", Value::text(size))];
        document(&format!("batches/l-{number:02}"), &fields, at(1))
    });
    stage.read("batches", large).await;
    assert_eq!(stage.count().await.counts["batchesActive"], Some(24));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn after_ten_thousand_random_changes_counting_them_is_counting_everything(seed in any::<u64>()) {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(run(seed));
    }
}
