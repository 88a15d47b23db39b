//! A sandbox, a store and a mirror between them, each of which can be taken away and brought back.

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use prost_types::Timestamp as WireTimestamp;
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::domain::ids::{CollectionId, DocPath, StudioId};
use studio_brain::domain::time::Timestamp;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::store::Store;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::{Channel, Endpoint};

pub(super) const DATABASE: &str = "projects/glass/databases/(default)";

/// Longer than anything here takes, on the slowest machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    /// The clock of the server and of the mirror. Every test has its own thread, so it has its own clock.
    static MICROS: Cell<i64> = const { Cell::new(1_773_853_200_000_000) };
}

/// The time; it passes only by being looked at, or by [`age`].
pub(super) fn now() -> Timestamp {
    MICROS.set(MICROS.get() + 1);
    Timestamp::from_micros(MICROS.get())
}

/// Lets time pass.
pub(super) fn age(by: Duration) {
    MICROS.set(now().plus(by).micros());
}

fn wire_now() -> WireTimestamp {
    let (seconds, nanos) = now().parts();
    WireTimestamp { seconds, nanos }
}

/// A server on that clock, which says often that it is alive.
pub(super) fn options() -> Options {
    Options { clock: wire_now, heartbeat: Duration::from_millis(20), ..Options::default() }
}

/// A sandbox, a store and, while it runs, a mirror between them.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) truth: Database,
    pub(super) authority: Authority,
    pub(super) store: Store,
    pub(super) settings: MirrorSettings,
    pub(super) client: FirestoreClient<Channel>,
    address: SocketAddr,
    server: Option<FirestoreServer>,
    mirror: Option<(CancellationToken, JoinHandle<()>)>,
    pub(super) tasks: TaskTracker,
    directory: TempDir,
}

impl Stage {
    pub(super) async fn of(collections: &[&str], options: Options) -> Self {
        let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port");
        let (world, address) = (server.world(), server.address());
        let endpoint = PlainEndpoint::parse(&address.to_string()).expect("a loopback address");
        let authority = Authority::new(Settings {
            connect: Connect::Plain(endpoint),
            project: "glass".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(10),
        });
        let channel = Endpoint::from_shared(format!("http://{address}")).expect("a legal address").connect_lazy();
        let directory = directory();
        let settings = MirrorSettings {
            page_size: 7,
            heartbeat_every: Duration::ZERO,
            retry_first: Duration::from_millis(5),
            retry_most: Duration::from_millis(20),
            relist_every: Duration::ZERO,
            ..MirrorSettings::for_collections(collections.iter().map(|name| collection(name)).collect())
        };
        Self {
            truth: world.database(DATABASE),
            world,
            authority,
            store: open(directory.path()).await,
            settings,
            client: FirestoreClient::new(channel),
            address,
            server: Some(server),
            mirror: None,
            tasks: TaskTracker::new(),
            directory,
        }
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the mirror, unless it runs.
    pub(super) fn run(&mut self) {
        if self.mirror.is_none() {
            let stop = CancellationToken::new();
            let (store, settings) = (self.store.clone(), self.settings.clone());
            let mirror = Mirror::new(store, self.authority.clone(), settings, Arc::new(now));
            self.mirror = Some((stop.clone(), self.tasks.spawn(mirror.run(stop))));
        }
    }

    /// Tells the mirror to stop, and waits until it has.
    pub(super) async fn stop(&mut self) {
        if let Some((stop, task)) = self.mirror.take() {
            stop.cancel();
            timeout(PATIENCE, task).await.expect("it stops when it is told to").expect("the mirror never panics");
        }
    }

    /// Ends the mirror wherever it is, as a lost process would, and opens the database again.
    pub(super) async fn crash(&mut self) {
        if let Some((_, task)) = self.mirror.take() {
            task.abort();
            let ended = timeout(PATIENCE, task).await.expect("it ends");
            assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()), "the mirror panicked");
        }
        self.store = open(self.directory.path()).await;
    }

    /// Takes the server away. Its data stays.
    pub(super) async fn server_down(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// Brings the server back with its data, unless it is there.
    pub(super) async fn server_up(&mut self) {
        if self.server.is_none() {
            let served = FirestoreServer::serve(self.address, self.world.clone()).await;
            self.server = Some(served.expect("the same port again"));
        }
    }

    /// Waits until the mirror is current and shows `moment`.
    pub(super) async fn reached(&self, moment: &WireTimestamp, patience: Duration) -> Result<(), String> {
        let moment = Timestamp::from_parts(moment.seconds, moment.nanos);
        let reached = timeout(patience, self.store.targets_reach(moment)).await;
        let targets = self.store.targets().await.expect("readable");
        reached.map_err(|_| format!("the mirror never showed {moment}: {targets:#?}"))?.map_err(|e| format!("{e:?}"))
    }

    /// Waits until the mirror shows everything that the server holds now.
    pub(super) async fn caught_up(&self) {
        self.caught_up_within(PATIENCE).await;
    }

    /// As [`Self::caught_up`], for what takes longer.
    pub(super) async fn caught_up_within(&self, patience: Duration) {
        self.reached(&wire_now(), patience).await.expect("in time");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some((stop, _)) = self.mirror.take() {
            stop.cancel();
        }
    }
}

/// In memory where that is possible: what a disk would lose without power is not what is tested here.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a directory")
}

async fn open(directory: &Path) -> Store {
    let studio = StudioId::parse("west").expect("a studio");
    Store::open(directory, &studio, now()).await.expect("opens")
}

pub(super) fn collection(name: &str) -> CollectionId {
    CollectionId::parse(name).expect("a legal name")
}

pub(super) fn path(text: &str) -> DocPath {
    DocPath::parse(text).expect("a legal path")
}
