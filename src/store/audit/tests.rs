use super::*;
use crate::domain::actor::Actor;
use crate::domain::audit::checkpoint::{Checkpoint, SealKey};
use crate::domain::audit::walk::{Fault, KEY};
use crate::domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1);

fn studio() -> StudioId {
    StudioId::parse("west").expect("legal")
}

fn event(action: Action, number: u64) -> Event {
    Event::new(NOW, Actor::system(&studio(), "push").person(), action, Target::Service).detail("n", number.to_string())
}

async fn append(store: &Store, count: u64) {
    let mut tx = store.begin().await.expect("begins");
    for number in 0..count {
        tx.audit(&studio(), event(Action::ServiceStarted, number)).await.expect("appends");
    }
    tx.commit().await.expect("commits");
}

async fn store_with_entries(count: u64) -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), &studio(), NOW).await.expect("opens");
    append(&store, count).await;
    (directory, store)
}

async fn intrude(store: &Store, statements: &[&'static str]) {
    let mut tx = store.begin().await.expect("begins");
    for sql in statements {
        sqlx::query(*sql).execute(&mut *tx.inner).await.expect("works for an intruder");
    }
    tx.commit().await.expect("commits");
}

async fn seal(store: &Store, key: &SealKey) {
    let size = store.audit_size().await.expect("reads");
    let root = store.audit_root(size).await.expect("reads").expect("has one");
    let mut tx = store.begin().await.expect("begins");
    tx.audit_seal(&Checkpoint::sign(&studio(), size, root, key), NOW).await.expect("seals");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn the_log_refuses_update_and_delete() {
    let (_directory, store) = store_with_entries(2).await;
    seal(&store, &SealKey::from_seed(&studio(), [1; 32])).await;
    let mut tx = store.begin().await.expect("begins");
    for sql in [
        "update audit set entry = entry",
        "update audit set entry = null",
        "delete from audit",
        "update audit_tree set hashes = zeroblob(32)",
        "delete from audit_tree",
        "update audit_checkpoints set size = 1",
        "delete from audit_checkpoints",
    ] {
        let error = sqlx::query(sql).execute(&mut *tx.inner).await.expect_err("is refused");
        assert!(error.to_string().contains("refuse"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_change_behind_our_back_is_found_at_its_place() {
    let (_directory, store) = store_with_entries(5).await;
    assert!(matches!(store.audit_chain().await, Ok(ChainState::Holds { entries: 5, .. })));
    intrude(
        &store,
        &[
            "drop trigger audit_refuses_update",
            "update audit set entry = replace(entry, '\"name\":\"push\"', '\"name\":\"x\"') where sequence = 3",
        ],
    )
    .await;
    let broken = ChainState::Broken { sequence: 3, fault: Fault::Changed { sequence: 3 } };
    assert_eq!(store.audit_chain().await.expect("walks"), broken);
    let entry = store.audit_entry(3).await.expect("reads").expect("is there");
    assert!(entry.event.actor.name == "x" && !entry.is_intact);
}

#[tokio::test]
async fn a_walk_goes_on_where_the_last_one_ended_and_says_when_all_was_walked() {
    let (_directory, store) = store_with_entries(5).await;
    let walked = |state: ChainState| match state {
        ChainState::Holds { entries, walked, .. } => (entries, walked),
        ChainState::Broken { fault, .. } => panic!("{fault}"),
    };
    let later = Timestamp::from_micros(2);
    assert_eq!(walked(store.audit_chain_since(NOW).await.expect("walks")), (5, Some(NOW)));
    let key = SealKey::from_seed(&studio(), [1; 32]);
    let mut tx = store.begin().await.expect("begins");
    let named = event(Action::AuditKeyCreated, 0).detail(KEY, key.public().as_str());
    tx.audit(&studio(), named).await.expect("appends");
    tx.commit().await.expect("commits");
    let root = store.audit_root(6).await.expect("reads").expect("has one");
    append(&store, 10).await;
    assert_eq!(walked(store.audit_chain_since(later).await.expect("walks")), (16, Some(NOW)));
    let mut tx = store.begin().await.expect("begins");
    tx.audit_seal(&Checkpoint::sign(&studio(), 6, root, &key), NOW).await.expect("seals");
    tx.commit().await.expect("commits");
    assert_eq!(walked(store.audit_chain_since(later).await.expect("walks")), (16, Some(NOW)), "sealed behind the walk");
    append(&store, 2_989).await;
    assert_eq!(walked(store.audit_chain_since(later).await.expect("walks")), (3_005, Some(NOW)));
    assert_eq!(walked(store.audit_walk(later).await.expect("walks")), (3_005, Some(later)));
}

#[tokio::test]
async fn entries_come_newest_first_and_page_by_place() {
    let (_directory, store) = store_with_entries(5).await;
    let places = |entries: Vec<Entry>| entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>();
    let all = AuditQuery::default();
    assert_eq!(places(store.audit_entries(&all, 2).await.expect("reads")), [5, 4]);
    let older = AuditQuery { before: Some(4), allowed: Some(true), ..all.clone() };
    assert_eq!(places(store.audit_entries(&older, 10).await.expect("reads")), [3, 2, 1]);
    let strange = AuditQuery { actor: Some("staff:x".to_owned()), ..all.clone() };
    assert_eq!(places(store.audit_entries(&strange, 10).await.expect("reads")), Vec::<u64>::new());
    let ours = AuditQuery { actor: Some("system:push".to_owned()), target: Some("serv".to_owned()), ..all };
    assert_eq!(places(store.audit_entries(&ours, 2).await.expect("reads")), [5, 4]);
    assert_eq!(store.audit_entry(3).await.expect("reads").map(|entry| entry.sequence), Some(3));
    assert_eq!(store.audit_entry(9).await.expect("reads"), None);
    assert_eq!(places(store.audit_about(&Target::Service).await.expect("reads")), [1, 2, 3, 4, 5]);
    assert_eq!(store.audit_actors().await.expect("reads").len(), 1);
    assert_eq!(store.audit_newest_of([Action::ServiceStarted, Action::AuditExported]).await.expect("reads"), 5);
}

#[tokio::test]
async fn a_payload_goes_only_when_the_log_says_so_and_its_leaf_stays() {
    let (_directory, store) = store_with_entries(50).await;
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.audit_prune(&studio(), event(Action::AuditPruned, 0), 20).await.expect("prunes"), 20);
    tx.commit().await.expect("commits");
    let verified = store.audit_verify(None).await.expect("holds");
    assert_eq!((verified.entries, verified.dropped), (51, 20));
    assert_eq!(store.audit_entry(20).await.expect("reads"), None);
    intrude(&store, &["drop trigger audit_refuses_update", "update audit set entry = null where sequence = 21"]).await;
    let error = store.audit_verify(None).await.expect_err("nothing says so");
    assert!(matches!(error, VerifyError::Fault(Fault::Dropped { sequence: 21 })), "{error}");
}

#[tokio::test]
async fn the_rows_of_before_the_tree_become_its_first_leaves() {
    let (directory, store) = store_with_entries(0).await;
    let mut tx = store.begin().await.expect("begins");
    let mut head = crate::domain::audit::GENESIS;
    for sequence in 1..=2_500_u64 {
        let event = event(Action::ServiceStarted, sequence);
        let mut row = crate::domain::audit::Chained {
            sequence,
            at: event.at,
            studio: "west".to_owned(),
            actor: event.actor.to_string(),
            name: event.actor.name.clone(),
            action: event.action.word().to_owned(),
            target: "service".to_owned(),
            reason: "OK".to_owned(),
            input: None,
            output: None,
            details: serde_json::json!({ "n": sequence.to_string() }),
            previous: head,
            hash: head,
        };
        row.hash = Hash::of(row.canonical());
        sqlx::query(
            "insert into audit_chained (sequence, at_us, studio, actor, actor_name, action, target, reason, details,
                 previous, hash) values (?, 1, 'west', 'system:push', 'push', 'service.started', 'service', 'OK', ?, ?, ?)",
        )
        .bind(i64::try_from(sequence).expect("fits"))
        .bind(row.details.to_string())
        .bind(row.previous.bytes().as_slice())
        .bind(row.hash.bytes().as_slice())
        .execute(&mut *tx.inner)
        .await
        .expect("inserts");
        head = row.hash;
    }
    tx.commit().await.expect("commits");
    store.close().await;
    let store = Store::open(directory.path(), &studio(), NOW).await.expect("plants");
    let planted = store.audit_entry(2_501).await.expect("reads").expect("is there").event;
    assert_eq!(planted.details.get("chain").map(String::as_str), Some("holds"));
    assert_eq!(planted.details.get("head"), Some(&head.to_string()));
    assert_eq!(store.audit_verify(None).await.expect("holds").entries, 2_501);
    let kept = store.audit_entry(7).await.expect("reads").expect("is there");
    assert_eq!((kept.event.details["n"].as_str(), kept.is_intact), ("7", true));
    store.close().await;
    let store = Store::open(directory.path(), &studio(), NOW).await.expect("opens");
    assert_eq!(store.audit_size().await.expect("reads"), 2_501, "once");
}

#[tokio::test]
async fn a_key_comes_into_force_when_the_one_before_vouches_for_it() {
    let (first, second) = (SealKey::from_seed(&studio(), [1; 32]), SealKey::from_seed(&studio(), [2; 32]));
    let (_directory, store) = store_with_entries(3).await;
    let name = async |action, key: &SealKey| {
        let mut tx = store.begin().await.expect("begins");
        let event = event(action, 0).detail(KEY, key.public().as_str());
        tx.audit(&studio(), event).await.expect("appends");
        tx.commit().await.expect("commits");
    };
    name(Action::AuditKeyCreated, &first).await;
    seal(&store, &first).await;
    name(Action::AuditKeyRotated, &second).await;
    seal(&store, &first).await;
    let pin = |key: &SealKey| key.public().clone();
    let other_key = |error| matches!(error, VerifyError::Fault(Fault::OtherKey));
    assert!(other_key(store.audit_verify(Some(&pin(&second))).await.expect_err("has signed nothing yet")));
    seal(&store, &second).await;
    let verified = store.audit_verify(Some(&pin(&second))).await.expect("holds");
    assert_eq!((verified.keys, verified.unvouched), (vec![pin(&first), pin(&second)], vec![]));
    store.audit_verify(Some(&pin(&first))).await.expect("holds for who knew the first key");
    append(&store, 1).await;
    seal(&store, &first).await;
    let error = store.audit_verify(None).await.expect_err("the first key is not in force any more");
    assert!(matches!(error, VerifyError::Fault(Fault::Signature { size: 6 })), "{error}");
}
