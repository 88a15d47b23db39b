//! A stream that only counts, and looks up what it needs, says the same as one that knows every document.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{ROOT, at, boundary, change, current, filter, here, id, names, path};
use super::*;

/// Something that the server can say about one of six documents.
#[derive(Clone, Debug)]
enum Event {
    Put(u8),
    Delete(u8),
    /// Nobody hears of it but through the count.
    Vanish(u8),
    Reset,
    Boundary,
    /// Everything ordered so far is stored.
    Store,
}

type Documents = BTreeMap<DocPath, Timestamp>;

/// Answers what the stream asks, from what is stored.
fn recall(watch: &mut Watch, stored: &Documents, message: &Message) {
    loop {
        match watch.missing(message) {
            Missing::Nothing => return,
            Missing::Revisions(asked) => {
                for (target, path) in &asked {
                    watch.learn(*target, path, stored.get(path).copied());
                }
            }
            Missing::Everything(target) => watch.learn_all(target, stored.clone()),
        }
    }
}

fn apply(documents: &mut Documents, snapshot: &Snapshot) {
    documents.extend(snapshot.upserts.iter().map(|document| (document.path.clone(), document.update_time)));
    documents.retain(|path, _| !snapshot.deletes.contains(path));
}

proptest! {
    #[test]
    fn counting_and_knowing_come_to_the_same(
        first in prop::collection::btree_set(0..6_u8, 0..6),
        events in prop::collection::vec(
            prop_oneof![
                4 => (0..6_u8).prop_map(Event::Put),
                2 => (0..6_u8).prop_map(Event::Delete),
                1 => (0..6_u8).prop_map(Event::Vanish),
                1 => Just(Event::Reset),
                4 => Just(Event::Boundary),
                2 => Just(Event::Store),
            ],
            0..60,
        )
    ) {
        let name = |n: u8| format!("a/{n}");
        let mut truth: Documents = first.into_iter().map(|n| (path(&name(n)), at(1))).collect();
        let mut stored = truth.clone();
        let mut knowing = Watch::new(ROOT, [(id(1), truth.clone())]);
        let mut counting = Watch::counting(ROOT, [(id(1), truth.len() as u64)]);
        let mut ready: Vec<Snapshot> = Vec::new();
        let start = [current(&[1])];
        for (clock, event) in (2_i64..).zip([Event::Boundary].into_iter().chain(events).chain([Event::Boundary])) {
            let messages = match event {
                Event::Put(n) => {
                    truth.insert(path(&name(n)), at(clock));
                    vec![here(&name(n), clock, 1)]
                }
                Event::Delete(n) => {
                    truth.remove(&path(&name(n)));
                    vec![Message::DocumentDelete { path: path(&name(n)) }]
                }
                Event::Vanish(n) => {
                    truth.remove(&path(&name(n)));
                    Vec::new()
                }
                Event::Reset => {
                    let again = truth.iter().map(|(path, revision)| here(path.as_str(), revision.micros(), 1));
                    [change(TargetChangeKind::Reset, &[1])].into_iter().chain(again).chain([current(&[1])]).collect()
                }
                Event::Boundary => {
                    let left: Vec<&str> = truth.keys().map(DocPath::as_str).collect();
                    vec![filter(1, truth.len() as u64, Some(names(&left))), boundary(clock)]
                }
                Event::Store => {
                    ready.drain(..).for_each(|snapshot| apply(&mut stored, &snapshot));
                    counting.forget();
                    Vec::new()
                }
            };
            for message in start.iter().filter(|_| clock == 2).cloned().chain(messages) {
                recall(&mut counting, &stored, &message);
                let expect = knowing.step(message.clone()).expect("legal");
                let seen = counting.step(message).expect("legal");
                prop_assert_eq!(&seen, &expect);
                prop_assert_eq!(counting.known(id(1)), knowing.known(id(1)));
                for order in seen {
                    let Order::Snapshot(snapshot) = order else { return Ok(()) };
                    ready.push(snapshot);
                }
            }
        }
        ready.drain(..).for_each(|snapshot| apply(&mut stored, &snapshot));
        prop_assert_eq!(stored, truth);
    }
}

#[test]
fn nothing_is_asked_before_a_boundary_and_only_what_was_spoken_of_then() {
    let mut watch = Watch::counting(ROOT, [(id(1), 200_000)]);
    for message in [current(&[1]), here("a/1", 5, 1), filter(1, 200_000, None)] {
        assert_eq!(watch.missing(&message), Missing::Nothing);
        watch.step(message).expect("legal");
    }
    assert_eq!(watch.missing(&boundary(6)), Missing::Revisions(vec![(id(1), path("a/1"))]));
    watch.learn(id(1), &path("a/1"), Some(at(4)));
    assert_eq!(watch.missing(&boundary(6)), Missing::Nothing);
    let orders = watch.step(boundary(6)).expect("legal");
    assert!(matches!(&orders[..], [Order::Snapshot(snapshot)] if snapshot.upserts.len() == 1), "{orders:?}");
    assert_eq!(watch.known(id(1)), 200_000);
}
