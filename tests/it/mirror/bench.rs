//! A sandbox, a store and a mirror between them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::domain::ids::{CollectionId, DocPath, StudioId};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value as Kept;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::store::Store;
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) const COLLECTIONS: [&str; 3] = ["batches", "reservations", "members"];

/// A sandbox, a store and, while it runs, a mirror between them.
pub(super) struct Bench {
    pub(super) server: Option<FirestoreServer>,
    pub(super) world: World,
    pub(super) truth: Database,
    pub(super) authority: Authority,
    pub(super) store: Store,
    pub(super) settings: MirrorSettings,
    running: Option<CancellationToken>,
    pub(super) tasks: TaskTracker,
    pub(super) directory: TempDir,
}

impl Bench {
    pub(super) async fn start() -> Self {
        Self::with(Options { heartbeat: Duration::from_millis(50), ..Options::default() }).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port");
        let endpoint = PlainEndpoint::parse(&server.address().to_string()).expect("a loopback address");
        let authority = Authority::new(Settings {
            connect: Connect::Plain(endpoint),
            project: "glass".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(10),
        });
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, clock()).await.expect("opens");
        let collections = COLLECTIONS.iter().map(|name| collection(name)).collect();
        let settings = MirrorSettings {
            page_size: 7,
            heartbeat_every: Duration::ZERO,
            retry_first: Duration::from_millis(10),
            retry_most: Duration::from_millis(50),
            ..MirrorSettings::for_collections(collections)
        };
        let world = server.world();
        let truth = world.database("projects/glass/databases/(default)");
        Self {
            server: Some(server),
            world,
            truth,
            authority,
            store,
            settings,
            running: None,
            tasks: TaskTracker::new(),
            directory,
        }
    }

    pub(super) fn seed(&self, count: i64) {
        let document = |n: i64| (format!("{}/d-{n:03}", COLLECTIONS[(n % 3) as usize]), fields(n));
        self.truth.seed((0..count).map(document));
    }

    pub(super) fn run(&mut self) {
        let stop = CancellationToken::new();
        let mirror = Mirror::new(self.store.clone(), self.authority.clone(), self.settings.clone(), Arc::new(clock));
        self.tasks.spawn(mirror.run(stop.clone()));
        self.running = Some(stop);
    }

    pub(super) async fn stop(&mut self) {
        self.running.take().expect("it runs").cancel();
        self.tasks.close();
        timeout(Duration::from_secs(10), self.tasks.wait()).await.expect("the mirror stops when it is told to");
        self.tasks.reopen();
    }

    /// Waits until the mirror shows everything that the server holds now.
    pub(super) async fn caught_up(&self) {
        let now = self.authority.server_time().await.expect("the server answers");
        let reached = timeout(Duration::from_secs(20), self.store.targets_reach(now)).await;
        let targets = self.store.targets().await.expect("readable");
        reached.unwrap_or_else(|_| panic!("the mirror never caught up: {targets:#?}")).expect("readable");
    }

    /// Waits until the store satisfies a condition.
    pub(super) async fn until(&self, what: &str, holds: impl AsyncFn(&Store) -> bool) {
        let mut changed = self.store.changed();
        let wait = async {
            while !holds(&self.store).await {
                changed.changed().await.expect("the store is open");
            }
        };
        timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("never: {what}"));
    }

    /// The mirror's documents and the server's, by path: what each of them holds, and its revision.
    pub(super) async fn check_equal(&self) {
        let names: Vec<CollectionId> = COLLECTIONS.iter().map(|name| collection(name)).collect();
        let mirrored: BTreeMap<String, (Option<i64>, i64)> = self
            .store
            .documents_all(&names)
            .await
            .expect("readable")
            .into_values()
            .flatten()
            .map(|seen| {
                let n = match seen.document.fields.get("n") {
                    Some(Kept::Integer(n)) => Some(*n),
                    _ => None,
                };
                assert_eq!(seen.hash, seen.document.hash(), "{}", seen.document.path);
                (seen.document.path.to_string(), (n, seen.document.update_time.micros()))
            })
            .collect();
        let truth: BTreeMap<String, (Option<i64>, i64)> = self
            .truth
            .paths()
            .into_iter()
            .map(|path| {
                let document = self.truth.get(&path).expect("listed");
                let updated = document.update_time.expect("stored");
                let n = match document.fields.get("n").and_then(|value| value.value_type.clone()) {
                    Some(ValueType::IntegerValue(n)) => Some(n),
                    _ => None,
                };
                (path, (n, Timestamp::from_parts(updated.seconds, updated.nanos).micros()))
            })
            .collect();
        assert_eq!(mirrored, truth);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(stop) = self.running.take() {
            stop.cancel();
        }
    }
}

fn clock() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the sandbox lives by the wall clock, so its mirror does too")]
    jiff::Timestamp::now().into()
}

pub(super) fn collection(name: &str) -> CollectionId {
    CollectionId::parse(name).expect("a legal name")
}

pub(super) fn path(text: &str) -> DocPath {
    DocPath::parse(text).expect("a legal path")
}

pub(super) fn fields(n: i64) -> HashMap<String, Value> {
    HashMap::from([("n".to_owned(), Value { value_type: Some(ValueType::IntegerValue(n)) })])
}
