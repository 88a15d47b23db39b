//! A log with keys and checkpoints, and whoever comes to change it.

use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::checkpoint::{Checkpoint, PublicKey, SealKey};
use studio_brain::domain::audit::walk::KEY;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::ids::{DocPath, Hash, StudioId};
use studio_brain::domain::time::Timestamp;
use studio_brain::store::Store;

pub(super) const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

pub(super) fn studio() -> StudioId {
    StudioId::parse("monsoon-west").expect("legal")
}

/// Numbers that are the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to one less than `sides`.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }
}

/// A studio's log.
pub(super) struct Log {
    pub(super) store: Store,
    pub(super) key: SealKey,
    pub(super) directory: tempfile::TempDir,
}

impl Log {
    /// A log of so many entries, with a checkpoint after every so many; the last covers all of them.
    pub(super) async fn of(entries: u64, every: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path(), &studio(), NOW).await.expect("opens");
        let log = Self { store, key: SealKey::from_seed(&studio(), [1; 32]), directory };
        log.append(vec![event(Action::AuditKeyCreated, 0).detail(KEY, log.key.public().as_str())]).await;
        let mut size = 1;
        while size < entries {
            let more = every.min(entries - size);
            log.append((size..size + more).map(|number| event(Action::WriteLanded, number)).collect()).await;
            log.seal(&log.key).await;
            size += more;
        }
        log
    }

    pub(super) async fn append(&self, events: Vec<Event>) {
        let mut tx = self.store.begin().await.expect("begins");
        for event in events {
            tx.audit(&studio(), event).await.expect("appends");
        }
        tx.commit().await.expect("commits");
    }

    /// Signs the log as it is.
    pub(super) async fn seal(&self, key: &SealKey) {
        let size = self.store.audit_size().await.expect("reads");
        let root = self.store.audit_root(size).await.expect("reads").expect("has one");
        let mut tx = self.store.begin().await.expect("begins");
        tx.audit_seal(&Checkpoint::sign(&studio(), size, root, key), NOW).await.expect("seals");
        tx.commit().await.expect("commits");
    }

    pub(super) async fn bundle(&self) -> Vec<u8> {
        let mut bundle = Vec::new();
        self.store
            .audit_export(|bytes| {
                bundle.extend(bytes);
                Ok(())
            })
            .await
            .expect("exports");
        bundle
    }

    pub(super) fn public(&self) -> PublicKey {
        self.key.public().clone()
    }

    /// Whoever has the file, and none of our scruples.
    pub(super) async fn intruder(&self) -> sqlx::SqlitePool {
        let url = format!("sqlite://{}", Store::file_in(self.directory.path()).display());
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect(&url).await.expect("comes in");
        let triggers: Vec<String> =
            sqlx::query_scalar("select name from sqlite_master where type = 'trigger' and name like 'audit%'")
                .fetch_all(&pool)
                .await
                .expect("looks around");
        for trigger in triggers {
            run(&pool, &format!("drop trigger {trigger}")).await;
        }
        for index in ["audit_by_target", "audit_by_action", "audit_by_actor", "audit_denied"] {
            run(&pool, &format!("drop index {index}")).await;
        }
        for sql in ["pragma synchronous = off", "pragma ignore_check_constraints = on"] {
            run(&pool, sql).await;
        }
        pool
    }
}

pub(super) async fn run(pool: &sqlx::SqlitePool, sql: &str) {
    let done = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(pool).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What happened; it differs from entry to entry.
pub(super) fn event(action: Action, number: u64) -> Event {
    let path = DocPath::parse(format!("reservations/r-{number}")).expect("a legal path");
    Event::new(NOW, Actor::system(&studio(), "push").person(), action, Target::Document(path))
        .input(Hash::of(number.to_string()))
        .detail("n", number.to_string())
        .detail("document", format!("reservations/r-{number}"))
}
