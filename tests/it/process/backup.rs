//! Copies of the database: taken under writes, compared by content, brought back, and refused when damaged.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::digest::Tally;
use studio_brain::domain::ids::StudioId;
use studio_brain::domain::time::Timestamp;
use studio_brain::store::Store;
use studio_brain::store::backup::{Backup, Replace, Soundness, restore};

use super::service::{Stage, audit_holds};

type Contents = BTreeMap<String, Tally>;

/// One change of several tables, as everything that matters is.
async fn change(store: &Store, number: i64) {
    let now = Timestamp::from_micros(1_773_853_200_000_000 + number);
    let me = Actor::system(store.studio(), "push").person();
    let mut tx = store.begin().await.expect("begins");
    tx.check_request(Some(&me.to_string()), now).await.expect("asks");
    for what in ["one", "two"] {
        let event = Event::new(now, me.clone(), Action::DriftRequested, Target::Other(format!("{what} {number}")));
        tx.audit(store.studio(), event).await.expect("appends");
    }
    tx.commit().await.expect("commits");
}

/// Changes the database until told to stop; what it held after every change.
async fn keep_changing(store: Store, stop: CancellationToken) -> Vec<Contents> {
    let mut moments = vec![store.contents().await.expect("reads")];
    let mut number = 1_000;
    while !stop.is_cancelled() {
        number += 1;
        change(&store, number).await;
        moments.push(store.contents().await.expect("reads"));
    }
    moments
}

async fn contents_of(file: &Path) -> Contents {
    let store = Store::open_file(file).await.expect("opens");
    let contents = store.contents().await.expect("reads");
    store.close().await;
    contents
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_under_writes_is_one_moment_table_by_table_and_comes_back_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let studio = StudioId::parse("monsoon-west").expect("a studio");
    let now = Timestamp::from_micros(1);
    let store = Store::open(&directory.path().join("data"), &studio, now).await.expect("opens");
    for number in 0..300 {
        change(&store, number).await;
    }
    let stop = CancellationToken::new();
    let mut writer = tokio::task::JoinSet::new();
    writer.spawn(keep_changing(store.clone(), stop.clone()));
    let mut copies = Vec::new();
    for name in ["a", "b", "c", "d"] {
        // Each copy waits for a change, so that they are of different moments.
        store.changed().changed().await.expect("the writer writes");
        let file = directory.path().join(name);
        let backup = Backup::at(&file).expect("has room");
        backup.copy(&store).await.expect("copies");
        assert!(backup.check().await.expect("opens").iter().all(|one| one.soundness == Soundness::Sound));
        backup.keep().await.expect("keeps");
        copies.push(file);
    }
    stop.cancel();
    let moments = writer.join_next().await.expect("there is one").expect("it lives");
    store.close().await;
    let mut which = Vec::new();
    for file in &copies {
        let held = contents_of(file).await;
        let moment = moments.iter().position(|moment| *moment == held);
        which.push(moment.unwrap_or_else(|| panic!("{} is no moment that ever was", file.display())));
    }
    assert!(which.is_sorted() && which.first() < which.last(), "of different moments: {which:?}");

    let back = directory.path().join("back");
    let (restoration, _) = restore(&copies[1], &back, Some(&studio), Replace::Never, now).await.expect("comes back");
    let (held, mut found) = (&moments[which[1]], contents_of(&Store::file_in(&back)).await);
    assert_eq!(found["audit"].documents, held["audit"].documents + 1, "that it came back is in the log");
    assert_eq!(found["restorations"].documents, 1);
    assert_eq!(restoration.copy_entries, held["audit"].documents.unsigned_abs());
    for marked in ["audit", "audit_tree", "restorations"] {
        found.insert(marked.to_owned(), held[marked]);
    }
    assert_eq!(&found, held, "everything else is as it was, table by table");
    assert!(audit_holds(&back).await, "the log goes on from where it was");
}

/// Runs a command; its exit code, and what it said.
async fn run(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String) {
    let done = stage.command(arguments).output().await.expect("runs");
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).expect("is text"));
    (done.status.code(), said.concat())
}

#[tokio::test]
async fn the_command_line_copies_checks_and_brings_back_and_a_damaged_file_is_refused() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let copy = stage.directory.path().join("copy.db");
    let file = copy.to_str().expect("is text");
    let (code, said) = run(&stage, &["db", "backup", file, "--json"]).await;
    let taken: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!((code, &taken["studio"]), (Some(0), &"monsoon-west".into()));
    assert_eq!(
        taken["sha256"],
        studio_brain::domain::ids::Hash::of(std::fs::read(&copy).expect("is there")).to_string()
    );
    let (code, said) = run(&stage, &["db", "backup", file]).await;
    assert!(code == Some(1) && said.contains("nothing is ever overwritten"), "{said}");
    let (code, said) = run(&stage, &["db", "restore", file, "--replace"]).await;
    assert!(code == Some(1) && said.contains("stop it first"), "{said}");
    assert_eq!(run(&stage, &["db", "check"]).await.0, Some(0), "also while the service runs");
    assert!(service.stop().await.success());

    let (code, said) = run(&stage, &["db", "restore", file]).await;
    assert!(code == Some(1) && said.contains("--replace"), "{said}");
    let mut bytes = std::fs::read(&copy).expect("is there");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4_096].fill(0x5a);
    let damaged = stage.directory.path().join("damaged.db");
    std::fs::write(&damaged, bytes).expect("writes");
    let damaged = damaged.to_str().expect("is text");
    let before = contents_of(&Store::file_in(&stage.data())).await;
    for (arguments, says) in [
        (&["db", "check", damaged][..], "wrong"),
        (&["db", "restore", damaged, "--replace"], "is not sound"),
        (&["db", "check", "/etc/passwd"], "is not sound"),
    ] {
        let (code, said) = run(&stage, arguments).await;
        assert!(code == Some(1) && said.contains(says), "{arguments:?}: {code:?} {said}");
    }
    assert_eq!(contents_of(&Store::file_in(&stage.data())).await, before, "what is refused changes nothing");

    let (code, said) = run(&stage, &["db", "restore", file, "--replace"]).await;
    assert!(code == Some(0) && said.contains("moved aside") && said.contains("kill switch"), "{said}");
    let (_, said) = run(&stage, &["doctor"]).await;
    assert!(said.contains("came back"), "{said}");
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let log = service.stopped_with_log().await;
    assert!(log.contains("service.restored"), "the start says so: {log}");
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    assert!(!service.stopped_with_log().await.contains("service.restored"), "once");
    assert_eq!(run(&stage, &["db", "check"]).await.0, Some(0));
}

#[tokio::test]
async fn what_a_service_keeps_is_nobodys_but_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::open().await;
    let mode = |name: &str| std::fs::metadata(stage.data().join(name)).expect("is there").permissions().mode() & 0o777;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    assert_eq!(["studio.db", "studio.db-wal", "studio.db-shm"].map(mode), [0o600; 3]);
    assert!(service.stop().await.success());
    let file = Store::file_in(&stage.data());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("an older version left it so");
    let service = stage.serve("").await;
    assert_eq!(mode("studio.db"), 0o600);
    assert!(service.stop().await.success());
}

#[tokio::test]
async fn nothing_is_brought_back_beside_a_service_that_is_about_to_open_its_database() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let copy = stage.directory.path().join("copy.db");
    let copy = copy.to_str().expect("a path");
    assert!(stage.command(&["db", "backup", copy]).output().await.expect("runs").status.success());
    assert!(service.stop().await.success());
    let lock = studio_brain::store::DirectoryLock::take(&stage.data()).expect("is free");
    let refused = stage.command(&["db", "restore", copy, "--replace"]).output().await.expect("runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), said.contains("stop it first")), (Some(1), true), "{said}");
    drop(lock);
    assert!(stage.command(&["db", "restore", copy, "--replace"]).output().await.expect("runs").status.success());
}

#[tokio::test]
async fn a_command_ends_quietly_when_nobody_reads_on() {
    use std::os::unix::process::ExitStatusExt as _;

    let stage = Stage::open().await;
    let mut command = stage.command(&["doctor"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = command.stdout(writer).stderr(std::process::Stdio::piped()).spawn().expect("starts");
    let output = child.wait_with_output().await.expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.signal(), said.as_str()), (Some(13), ""), "it ends as `cat` does");
}
