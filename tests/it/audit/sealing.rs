//! The job that seals, with a cloud of its own: keys, checkpoints, anchors, and databases that are older than theirs.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::Action;
use studio_brain::domain::audit::checkpoint::PublicKey;
use studio_brain::domain::kill_switch::SwitchScope;
use studio_brain::domain::proposal::GivenReason;
use studio_brain::gate::{Gate, GateSettings, Writes};
use studio_brain::jobs::drive::{Job as _, Pass};
use studio_brain::jobs::seal::{KeyFiles, Seal};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::store::audit::{AnchorStanding, AuditQuery};
use studio_brain::store::{Store, SwitchAct};

use super::stage::{NOW, event, studio};

/// A cloud that boxes share.
struct Cloud {
    server: FirestoreServer,
    database: Database,
    clock: Clock,
}

/// A box: a database, its key, and the job.
struct Edge {
    store: Store,
    seal: Seal,
    clock: Clock,
}

impl Cloud {
    async fn open() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = FirestoreServer::start(address, Options::default()).await.expect("starts");
        let database = server.world().database("projects/demo-studio/databases/(default)");
        Self { server, database, clock: Clock::manual(NOW.to_jiff()) }
    }

    fn world(&self) -> World {
        self.server.world()
    }

    async fn start(&self, data: &Path, writes: Writes) -> Edge {
        let store = Store::open(data, &studio(), NOW).await.expect("opens");
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&self.server.address().to_string()).expect("an endpoint")),
            project: "demo-studio".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(5),
        });
        let gate = Gate::new(store.clone(), GateSettings { writes, lifetime: Duration::from_secs(3_600) });
        let clock = self.clock.clone();
        let seal = Seal::new(store.clone(), authority, clock.clone(), gate, KeyFiles::in_directory(data));
        Edge { store, seal, clock }
    }

    fn anchors(&self) -> Vec<String> {
        let mut paths = self.database.paths();
        paths.retain(|path| path.starts_with("studioBrainCheckpoints/"));
        paths.sort();
        paths
    }
}

impl Edge {
    async fn append(&self, action: Action, count: u64) {
        let mut tx = self.store.begin().await.expect("begins");
        for number in 0..count {
            tx.audit(&studio(), event(action, number)).await.expect("appends");
        }
        tx.commit().await.expect("commits");
    }

    /// A minute passes, and the job makes its pass.
    async fn minute(&mut self) -> Pass {
        self.clock.advance(Duration::from_secs(61));
        self.seal.pass().await.expect("passes")
    }

    async fn sealed(&self) -> u64 {
        self.store.audit_sealed().await.expect("reads").map_or(0, |sealed| sealed.checkpoint.size())
    }

    async fn anchored(&self) -> u64 {
        self.store.audit_newest_anchor().await.expect("reads").map_or(0, |sealed| sealed.checkpoint.size())
    }

    async fn standing(&self) -> AnchorStanding {
        self.store.audit_standing().await.expect("reads").expect("has looked").anchors
    }
}

fn key(data: &Path) -> PublicKey {
    PublicKey::parse(&std::fs::read_to_string(data.join("audit.pub")).expect("is there")).expect("is a key")
}

fn copy(from: &Path, to: &Path) {
    for name in ["studio.db", "audit.key", "audit.pub"] {
        std::fs::copy(from.join(name), to.join(name)).expect("copies");
    }
}

#[tokio::test]
async fn the_first_pass_makes_a_key_and_news_is_sealed_and_anchored_every_minute() {
    let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let mut edge = cloud.start(directory.path(), Writes::On).await;
    edge.append(Action::ServiceStarted, 4).await;
    edge.seal.pass().await.expect("passes");
    let mode = std::fs::metadata(directory.path().join("audit.key")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!((edge.sealed().await, edge.anchored().await), (5, 5), "four, and the entry that names the key");
    assert_eq!(cloud.anchors(), ["studioBrainCheckpoints/monsoon-west.00000000000000000005"]);
    let anchor = cloud.database.get(&cloud.anchors()[0]).expect("is there");
    for field in ["root", "checkpoint", "box", "sealedAt"] {
        assert!(anchor.fields.contains_key(field), "{field}");
    }
    edge.append(Action::WriteLanded, 3).await;
    assert_eq!(edge.seal.pass().await.expect("passes"), Pass::Idle, "not before a minute has passed");
    assert!(edge.seal.period() <= Duration::from_secs(60));
    edge.minute().await;
    assert_eq!((edge.sealed().await, edge.anchored().await), (8, 8));
    assert_eq!(edge.minute().await, Pass::Idle, "no news");
    let sealed = edge.store.audit_sealed().await.expect("reads").expect("is there");
    assert!(sealed.logged.is_some() && sealed.checkpoint.is_signed_by(&key(directory.path())));
    edge.append(Action::AuditExported, 1).await;
    assert!(matches!(edge.seal.pass().await.expect("passes"), Pass::Worked(_)), "an export waits for it");
    edge.append(Action::ServiceStopped, 1).await;
    edge.seal.close().await.expect("closes");
    assert_eq!((edge.sealed().await, edge.anchored().await), (10, 9), "it was tried less than a minute ago");
    let verified = edge.store.audit_verify(Some(&key(directory.path()))).await.expect("holds");
    assert_eq!((verified.entries, verified.sealed, verified.unvouched), (10, 10, vec![]));
    let secret = std::fs::read_to_string(directory.path().join("audit.key")).expect("is there");
    edge.store.close().await;
    let database = std::fs::read(Store::file_in(directory.path())).expect("is there");
    let secret = secret.trim().rsplit('+').next().expect("a secret").as_bytes();
    assert!(!database.windows(secret.len()).any(|some| some == secret), "the key is not in the database");
}

#[tokio::test]
async fn nothing_is_anchored_while_writes_are_off_or_stopped() {
    let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let mut edge = cloud.start(directory.path(), Writes::Off).await;
    edge.append(Action::ServiceStarted, 4).await;
    edge.seal.pass().await.expect("passes");
    assert_eq!((edge.sealed().await, edge.anchored().await), (5, 0));
    edge.store.close().await;
    let mut edge = cloud.start(directory.path(), Writes::On).await;
    let mut tx = edge.store.begin().await.expect("begins");
    let reason = GivenReason::parse("The kiln room smells of smoke.").expect("a reason");
    let act = SwitchAct { scope: SwitchScope::Studio, by: &Actor::system(&studio(), "drill"), reason: &reason };
    tx.kill_switch_stop(&studio(), &act, NOW).await.expect("stops").expect("may be stopped");
    tx.commit().await.expect("commits");
    edge.minute().await;
    assert_eq!((edge.sealed().await, edge.anchored().await), (6, 0), "sealed, and nothing leaves");
    let standing = edge.store.audit_standing().await.expect("reads").expect("has looked");
    assert!(standing.trouble.is_some() && standing.anchors == AnchorStanding::Consistent, "{standing:?}");
    assert_eq!(cloud.anchors(), Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_reply_is_tried_again_and_found_done() {
    let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let mut edge = cloud.start(directory.path(), Writes::On).await;
    edge.append(Action::ServiceStarted, 4).await;
    cloud.world().lose_next_commit_reply();
    edge.seal.pass().await.expect("passes: trouble with an anchor is no error");
    assert_eq!((edge.sealed().await, edge.anchored().await, cloud.anchors().len()), (5, 0, 1));
    edge.minute().await;
    assert_eq!((edge.anchored().await, cloud.anchors().len()), (5, 1));
    assert_eq!(edge.standing().await, AnchorStanding::Consistent);
}

#[tokio::test]
async fn a_database_that_is_older_than_its_anchor_says_so_and_goes_on() {
    let (cloud, original) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let copied = tempfile::tempdir().expect("a directory");
    let mut edge = cloud.start(original.path(), Writes::On).await;
    edge.append(Action::ServiceStarted, 4).await;
    edge.seal.pass().await.expect("passes");
    edge.store.close().await;
    copy(original.path(), copied.path());
    let mut edge = cloud.start(original.path(), Writes::On).await;
    edge.append(Action::WriteLanded, 10).await;
    edge.minute().await;
    assert_eq!((edge.anchored().await, edge.standing().await), (15, AnchorStanding::Consistent));

    let mut older = cloud.start(copied.path(), Writes::On).await;
    older.seal.pass().await.expect("passes");
    assert_eq!(older.standing().await, AnchorStanding::Behind);
    let query = AuditQuery { action: Some("audit.anchor_mismatch".to_owned()), ..AuditQuery::default() };
    assert_eq!(older.store.audit_entries(&query, 10).await.expect("reads").len(), 1);
    older.append(Action::WriteRefused, 20).await;
    older.minute().await;
    assert_eq!(older.standing().await, AnchorStanding::Forked);
    assert!(older.store.audit_verify(None).await.is_ok(), "the copy is sound in itself");
    older.append(Action::WriteRefused, 1).await;
    older.minute().await;
    assert!(older.anchored().await > 15, "it is never kept from anchoring what it has");

    edge.append(Action::WriteLanded, 1).await;
    edge.minute().await;
    assert_eq!(edge.standing().await, AnchorStanding::Behind, "the original hears of the copy, too");
}

#[tokio::test]
async fn a_key_is_replaced_on_order_and_the_one_before_vouches_for_it() {
    let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let mut edge = cloud.start(directory.path(), Writes::On).await;
    edge.append(Action::ServiceStarted, 4).await;
    edge.seal.pass().await.expect("passes");
    let first = key(directory.path());
    edge.append(Action::AuditKeyRotationRequested, 1).await;
    edge.seal.pass().await.expect("passes");
    let second = key(directory.path());
    assert_ne!(first, second);
    edge.append(Action::WriteLanded, 5).await;
    edge.minute().await;
    for key in [&first, &second] {
        let verified = edge.store.audit_verify(Some(key)).await.expect("holds");
        assert_eq!((verified.keys, verified.unvouched), (vec![first.clone(), second.clone()], vec![]));
    }
    assert!(!directory.path().join("audit.key.next").exists());
    edge.minute().await;
    assert_eq!(key(directory.path()), second, "once");

    // Who loses the key goes on with another one, and says that nobody vouched for it.
    edge.store.close().await;
    std::fs::remove_file(directory.path().join("audit.key")).expect("removes");
    let mut edge = cloud.start(directory.path(), Writes::On).await;
    edge.seal.pass().await.expect("passes");
    let verified = edge.store.audit_verify(Some(&key(directory.path()))).await.expect("holds");
    assert_eq!((verified.keys.len(), verified.unvouched.len()), (3, 1));
    assert!(edge.store.audit_verify(Some(&second)).await.is_err());
}

#[tokio::test]
async fn a_log_that_was_changed_since_is_not_signed_again() {
    let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
    let mut edge = cloud.start(directory.path(), Writes::Off).await;
    edge.append(Action::ServiceStarted, 4).await;
    edge.seal.pass().await.expect("passes");
    let url = format!("sqlite://{}", Store::file_in(directory.path()).display());
    let intruder = sqlx::SqlitePool::connect(&url).await.expect("comes in");
    for sql in ["drop trigger audit_tree_refuses_update", "update audit_tree set hashes = zeroblob(length(hashes))"] {
        sqlx::query(sql).execute(&intruder).await.expect("changes");
    }
    intruder.close().await;
    edge.append(Action::WriteLanded, 3).await;
    edge.clock.advance(Duration::from_secs(61));
    let error = edge.seal.pass().await.expect_err("is refused");
    assert!(format!("{error:#}").contains("continuation"), "{error:#}");
    assert_eq!(edge.sealed().await, 5);
}

#[tokio::test]
async fn the_key_that_is_told_to_everyone_has_signed_all_there_is_wherever_a_rotation_is_cut_off() {
    for polls in 1..60 {
        let (cloud, directory) = (Cloud::open().await, tempfile::tempdir().expect("a directory"));
        let mut edge = cloud.start(directory.path(), Writes::Off).await;
        edge.append(Action::ServiceStarted, 4).await;
        edge.seal.pass().await.expect("passes");
        let before = key(directory.path());
        edge.append(Action::AuditKeyRotationRequested, 1).await;
        let ended = {
            let (mut left, mut pass) = (polls, std::pin::pin!(edge.seal.pass()));
            std::future::poll_fn(|context| {
                left -= 1;
                if left == 0 { std::task::Poll::Ready(None) } else { pass.as_mut().poll(context).map(Some) }
            })
            .await
        };
        let told = key(directory.path());
        edge.store.audit_verify(Some(&told)).await.expect("the log holds under the key that is told");
        edge.store.close().await;
        if ended.is_some() {
            assert_ne!(told, before, "it came to its end");
            return;
        }
    }
    panic!("a rotation never ends");
}
