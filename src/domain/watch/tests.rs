//! The rules of the protocol, one by one.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use proptest::prelude::*;

use super::*;
use crate::domain::value::{Fields, Value};

pub(super) const ROOT: &str = "projects/p/databases/(default)/documents";

pub(super) fn id(number: i64) -> TargetId {
    TargetId::new(number).expect("a target id")
}

pub(super) fn path(text: &str) -> DocPath {
    DocPath::parse(text).expect("a legal path")
}

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn known(paths: &[&str]) -> BTreeMap<DocPath, Timestamp> {
    paths.iter().map(|text| (path(text), at(1))).collect()
}

fn watch(targets: &[(i64, &[&str])]) -> Watch {
    Watch::new(ROOT, targets.iter().map(|(target, paths)| (id(*target), known(paths))))
}

fn document(text: &str, revision: i64) -> Document {
    let fields = Fields::from([("n".to_owned(), Value::Integer(revision))]);
    Document { path: path(text), fields, create_time: at(1), update_time: at(revision) }
}

pub(super) fn here(text: &str, revision: i64, target: i64) -> Message {
    let document = Sighting::Readable(document(text, revision));
    Message::DocumentChange { document, targets: vec![id(target)], removed: Vec::new() }
}

pub(super) fn change(kind: TargetChangeKind, targets: &[i64]) -> Message {
    let targets = targets.iter().map(|target| id(*target)).collect();
    Message::TargetChange { kind, targets, cause: None, resume_token: None, read_time: None }
}

pub(super) fn current(targets: &[i64]) -> Message {
    change(TargetChangeKind::Current, targets)
}

pub(super) fn boundary(read: i64) -> Message {
    Message::TargetChange {
        kind: TargetChangeKind::NoChange,
        targets: Vec::new(),
        cause: None,
        resume_token: ResumeToken::from_bytes(read.to_be_bytes().to_vec()),
        read_time: Some(at(read)),
    }
}

pub(super) fn filter(target: i64, count: u64, names: Option<BloomFilter>) -> Message {
    Message::Filter { target: Some(id(target)), count, names }
}

/// What comes out of the messages, in short.
fn run(watch: &mut Watch, messages: impl IntoIterator<Item = Message>) -> Vec<String> {
    let mut seen = Vec::new();
    for message in messages {
        for order in watch.step(message).expect("a legal message") {
            seen.push(match order {
                Order::Snapshot(snapshot) => words(&snapshot),
                Order::Relist { target, .. } => format!("relist {target}"),
                Order::Search { target, among, count, .. } => {
                    let among: Vec<String> = among.iter().map(ToString::to_string).collect();
                    format!("search {target}: {count} of {}", among.join(" "))
                }
                Order::Restart { target, .. } => format!("restart {target}"),
                Order::Fail { target, .. } => format!("fail {target}"),
            });
        }
    }
    seen
}

fn words(snapshot: &Snapshot) -> String {
    let mut words = vec![format!("at {}", snapshot.read_time.micros())];
    words.extend(snapshot.upserts.iter().map(|document| format!("+{}", document.path)));
    words.extend(snapshot.unreadable.iter().map(|document| format!("!{}", document.path)));
    words.extend(snapshot.deletes.iter().map(|path| format!("-{path}")));
    words.extend(snapshot.lookups.keys().map(|path| format!("?{path}")));
    words.join(" ")
}

#[track_caller]
fn check(targets: &[(i64, &[&str])], messages: Vec<Message>, expect: &[&str]) {
    assert_eq!(run(&mut watch(targets), messages), expect);
}

/// The filter that the server would make of these paths.
pub(super) fn names(paths: &[&str]) -> BloomFilter {
    let (bits, hashes) = (1_024_u64, 7);
    let mut bitmap = vec![0_u8; 128];
    for text in paths {
        let digest: [u8; 16] = Md5::digest(format!("{ROOT}/{text}").as_bytes()).into();
        let whole = u128::from_le_bytes(digest);
        let (first, step) = (whole as u64, (whole >> 64) as u64);
        for turn in 0..hashes {
            let bit = first.wrapping_add(step.wrapping_mul(turn)) % bits;
            bitmap[(bit / 8) as usize] |= 1 << (bit % 8);
        }
    }
    BloomFilter::new(bitmap, 0, hashes as i32).expect("a legal filter")
}

#[test]
fn nothing_is_shown_before_every_target_is_current() {
    let messages = vec![here("a/1", 5, 1), current(&[1]), boundary(6), here("b/1", 5, 2), current(&[2]), boundary(7)];
    check(&[(1, &[]), (2, &[])], messages, &["at 7 +a/1 +b/1"]);
}

#[test]
fn a_read_time_for_some_targets_only_is_no_snapshot() {
    let named = Message::TargetChange {
        kind: TargetChangeKind::NoChange,
        targets: vec![id(1)],
        cause: None,
        resume_token: None,
        read_time: Some(at(6)),
    };
    check(&[(1, &[])], vec![here("a/1", 5, 1), current(&[]), named, boundary(7)], &["at 7 +a/1"]);
}

#[test]
fn a_revision_that_is_known_already_is_no_change() {
    check(&[(1, &["a/1"])], vec![here("a/1", 1, 1), current(&[]), boundary(7)], &["at 7"]);
}

#[test]
fn a_document_that_came_and_went_between_two_snapshots_was_never_there() {
    let gone = Message::DocumentDelete { path: path("a/1") };
    check(&[(1, &[])], vec![here("a/1", 5, 1), gone, current(&[]), boundary(7)], &["at 7"]);
}

#[test]
fn after_a_reset_what_is_not_sent_again_is_gone() {
    let messages = vec![
        current(&[]),
        here("a/9", 4, 1),
        change(TargetChangeKind::Reset, &[1]),
        here("a/1", 1, 1),
        here("a/3", 6, 1),
        boundary(6),
        current(&[1]),
        boundary(7),
    ];
    check(&[(1, &["a/1", "a/2"])], messages, &["at 7 +a/3 -a/2"]);
}

#[test]
fn a_document_that_left_without_a_word_is_looked_up_unless_another_target_has_it() {
    let left = |text: &str| Message::DocumentRemove { path: path(text), removed: vec![id(1)] };
    let messages = vec![current(&[]), left("a/1"), left("a/2"), boundary(7)];
    check(&[(1, &["a/1", "a/2"]), (2, &["a/2"])], messages, &["at 7 ?a/1"]);
}

#[test]
fn a_document_that_no_longer_matches_is_looked_up() {
    let document = Sighting::Readable(document("a/1", 5));
    let left = Message::DocumentChange { document, targets: Vec::new(), removed: vec![id(1)] };
    check(&[(1, &["a/1"])], vec![current(&[]), left, boundary(7)], &["at 7 ?a/1"]);
}

#[test]
fn a_document_that_was_found_again_counts() {
    let mut watch = watch(&[(1, &["a/1"])]);
    let left = Message::DocumentRemove { path: path("a/1"), removed: Vec::new() };
    assert_eq!(run(&mut watch, [current(&[]), left, boundary(7)]), ["at 7 ?a/1"]);
    assert_eq!(watch.known(id(1)), 0);
    watch.found(id(1), &path("a/1"), at(6));
    assert_eq!(run(&mut watch, [filter(1, 1, None), boundary(8)]), ["at 8"]);
}

#[test]
fn a_document_that_can_not_be_kept_is_reported_and_counted() {
    let unreadable = Unreadable { path: path("a/1"), update_time: at(5), why: "odd".to_owned() };
    let document = Sighting::Unreadable(unreadable);
    let odd = Message::DocumentChange { document, targets: vec![id(1)], removed: Vec::new() };
    check(&[(1, &[])], vec![odd, current(&[]), filter(1, 1, None), boundary(7)], &["at 7 !a/1"]);
}

#[test]
fn a_count_is_compared_at_the_boundary_and_not_before() {
    let messages = vec![filter(1, 2, None), here("a/2", 5, 1), current(&[]), boundary(7)];
    check(&[(1, &["a/1"])], messages, &["at 7 +a/2"]);
}

#[test]
fn a_count_holds_for_its_own_boundary_even_if_another_target_is_not_current() {
    let messages = vec![filter(1, 1, None), current(&[1]), boundary(6), here("a/2", 6, 1), current(&[2]), boundary(7)];
    check(&[(1, &["a/1"]), (2, &[])], messages, &["at 7 +a/2"]);
}

#[test]
fn another_count_without_names_means_reading_again() {
    let messages = vec![here("b/1", 5, 2), filter(1, 1, None), current(&[]), boundary(7)];
    check(&[(1, &["a/1", "a/2"]), (2, &[])], messages, &["relist 1"]);
}

#[test]
fn another_count_with_names_says_which_are_gone() {
    let messages = vec![current(&[]), filter(1, 2, Some(names(&["a/2", "a/3"]))), here("a/3", 5, 1), boundary(7)];
    check(&[(1, &["a/1", "a/2"])], messages, &["at 7 +a/3 -a/1"]);
}

#[test]
fn more_documents_than_we_can_name_mean_reading_again() {
    let messages = vec![current(&[]), filter(1, 3, Some(names(&["a/1", "a/2", "a/9"]))), boundary(7)];
    check(&[(1, &["a/1", "a/2"])], messages, &["relist 1"]);
}

#[test]
fn names_that_are_in_the_filter_by_chance_are_searched_for_and_everything_else_waits() {
    let mut watch = watch(&[(1, &["a/1", "a/2", "a/3"]), (2, &["b/1", "b/2"])]);
    let odd = names(&["a/1", "a/2", "b/1", "b/2"]);
    let messages = [current(&[]), filter(1, 1, Some(odd.clone())), filter(2, 1, Some(odd)), boundary(7)];
    assert_eq!(run(&mut watch, messages), ["search 1: 1 of a/1 a/2", "search 2: 1 of b/1 b/2"]);
    assert_eq!(watch.searched(id(1), vec![path("a/2")], at(7)), []);
    let orders = watch.searched(id(2), vec![path("b/1")], at(7));
    let [Order::Snapshot(snapshot)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(words(snapshot), "at 7 -a/2 -a/3 -b/1");
}

#[test]
fn a_nameless_count_is_for_the_only_target() {
    let nameless = || Message::Filter { target: None, count: 1, names: None };
    check(&[(1, &["a/1"])], vec![current(&[]), nameless(), boundary(7)], &["at 7"]);
    let mut two = watch(&[(1, &[]), (2, &[])]);
    assert_eq!(two.step(nameless()), Err(ProtocolError::NamelessFilter));
}

#[test]
fn what_to_do_about_a_dropped_target_depends_on_why() {
    for (code, expect) in [(7, "fail 1"), (5, "fail 1"), (3, "relist 1"), (9, "relist 1"), (8, "restart 1")] {
        let cause = Some(Cause { code, message: "no".to_owned() });
        let (kind, targets) = (TargetChangeKind::Remove, vec![id(1)]);
        let dropped = Message::TargetChange { kind, targets, cause, resume_token: None, read_time: None };
        check(&[(1, &[]), (2, &["b/1"])], vec![dropped, current(&[]), boundary(7)], &[expect, "at 7"]);
    }
    check(&[(1, &[])], vec![change(TargetChangeKind::Remove, &[])], &["restart 1"]);
}

#[test]
fn a_target_that_nobody_asked_for_breaks_the_protocol() {
    let added = change(TargetChangeKind::Add, &[3]);
    assert_eq!(watch(&[(1, &[])]).step(added), Err(ProtocolError::UnknownTarget(id(3))));
}

#[test]
fn a_token_belongs_to_targets_that_are_current_only() {
    let mut watch = watch(&[(1, &[]), (2, &[])]);
    let silent = Message::TargetChange {
        kind: TargetChangeKind::NoChange,
        targets: Vec::new(),
        cause: None,
        resume_token: None,
        read_time: Some(at(7)),
    };
    for message in [current(&[1]), boundary(6), current(&[2])] {
        assert_eq!(watch.step(message), Ok(Vec::new()));
    }
    let orders = watch.step(silent).expect("a legal message");
    let [Order::Snapshot(snapshot)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(snapshot.tokens.keys().collect::<Vec<_>>(), [&id(1)]);
}

/// Something that the server can say about one of five documents.
#[derive(Clone, Debug)]
enum Event {
    Put(u8),
    Delete(u8),
    Reset,
    Boundary,
}

proptest! {
    #[test]
    fn snapshots_applied_in_order_are_the_servers_documents(
        events in prop::collection::vec(
            prop_oneof![
                4 => (0..5_u8).prop_map(Event::Put),
                2 => (0..5_u8).prop_map(Event::Delete),
                1 => Just(Event::Reset),
                2 => Just(Event::Boundary),
            ],
            0..60,
        )
    ) {
        let name = |n: u8| format!("a/{n}");
        let mut watch = watch(&[(1, &[])]);
        let (mut truth, mut mirror) = (BTreeMap::new(), BTreeMap::new());
        watch.step(current(&[1])).expect("legal");
        for (clock, event) in (2_i64..).zip(events.into_iter().chain([Event::Boundary])) {
            let messages = match event {
                Event::Put(n) => {
                    truth.insert(path(&name(n)), clock);
                    vec![here(&name(n), clock, 1)]
                }
                Event::Delete(n) => {
                    truth.remove(&path(&name(n)));
                    vec![Message::DocumentDelete { path: path(&name(n)) }]
                }
                Event::Reset => {
                    let again = truth.iter().map(|(path, revision)| here(path.as_str(), *revision, 1));
                    let reset = change(TargetChangeKind::Reset, &[1]);
                    [reset].into_iter().chain(again).chain([current(&[1])]).collect()
                }
                Event::Boundary => vec![filter(1, truth.len() as u64, None), boundary(clock)],
            };
            for message in messages {
                for order in watch.step(message).expect("legal") {
                    let Order::Snapshot(snapshot) = order else { panic!("{order:?}") };
                    for document in snapshot.upserts {
                        mirror.insert(document.path, document.update_time.micros());
                    }
                    for gone in snapshot.deletes {
                        prop_assert!(mirror.remove(&gone).is_some(), "{} was deleted but never shown", gone);
                    }
                    prop_assert_eq!(&mirror, &truth);
                }
            }
        }
    }
}
