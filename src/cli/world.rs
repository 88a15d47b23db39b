//! A private sandbox and Edge, which live as long as the command: every part is the real one, only the cloud is made up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::Config;
use crate::config::firestore::EmulatorAddress;
use crate::config::sandbox::{SANDBOX_PROJECT, SandboxWorld};
use crate::config::telemetry::{LogFormat, LogLevels, TelemetryConfig};
use crate::domain::time::Timestamp;
use crate::edge::{Edge, People};
use crate::sandbox::firestore::{Database, FirestoreServer, Options};
use crate::sandbox::identity::SandboxIdentity;
use crate::sandbox::identity::provider::{CLIENT, OpenIdProvider, ProviderClock};
use crate::sandbox::studio::{self, SampleDocument};
use crate::store::Store;
use crate::telemetry::{self, Output};

/// What the made-up studio holds.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sample {
    /// The sample, with every edge case in it
    #[default]
    Ordinary,
    /// Nothing yet
    Empty,
    /// The sample, with very long and unbroken names
    LongText,
}

impl Sample {
    fn documents(self, scale: u32) -> Vec<SampleDocument> {
        match self {
            Self::Ordinary => studio::monsoon_west(scale),
            Self::Empty => Vec::new(),
            Self::LongText => studio::long_winded(studio::monsoon_west(scale)),
        }
    }
}

/// What the world is to be like.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The cockpit's port; 0 for any free one.
    pub(super) port: u16,
    /// How many times the ordinary documents of the sample studio.
    pub(super) scale: u32,
    /// What the studio holds.
    pub(super) sample: Sample,
    /// Where local state lives; a directory of its own that is removed afterwards, if none is given.
    pub(super) data: Option<PathBuf>,
}

impl Plan {
    /// What a single command needs.
    pub(super) const fn private() -> Self {
        Self { port: 0, scale: 1, sample: Sample::Ordinary, data: None }
    }
}

/// A sandbox, and an Edge that runs against it.
pub(super) struct World {
    data: PathBuf,
    _private: Option<tempfile::TempDir>,
    firestore: FirestoreServer,
    provider: OpenIdProvider,
    store: Store,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    edge: JoinHandle<anyhow::Result<()>>,
}

/// How often the made-up cloud says that nothing changed: more often than Google's, so that nobody has to wait for it.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// How long the mirror may take to catch up, for each 1,000 documents.
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Starts all of it.
    pub(super) async fn start(plan: Plan) -> anyhow::Result<Self> {
        let private = match plan.data {
            Some(_) => None,
            None => Some(tempfile::tempdir().context("could not make a private data directory")?),
        };
        let data = plan.data.or_else(|| private.as_ref().map(|private| private.path().to_owned()));
        let data = data.context("BUG: there is a data directory")?;
        let options = Options { heartbeat: HEARTBEAT, ..Options::default() };
        let firestore = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await?;
        let database = database(&firestore);
        let sample = studio::seen_at(Clock::system().now(), plan.sample.documents(plan.scale));
        database.seed(sample.into_iter().map(|document| (document.path, document.fields)));
        let identity = SandboxIdentity::start(SANDBOX_PROJECT)?;
        let now: ProviderClock = Arc::new(|| Clock::system().now().into());
        let provider =
            OpenIdProvider::start(identity.clone(), now).await.context("could not start an identity provider")?;
        let mut config = Config::for_sandbox(SandboxWorld {
            data: data.clone(),
            firestore: EmulatorAddress::parse(&firestore.address().to_string()).map_err(anyhow::Error::msg)?,
            // Nobody asks there: the sandbox's provider hands its keys over in this process.
            jwks_url: "http://127.0.0.1:9/keys".to_owned(),
            provider: Some((provider.issuer().to_owned(), CLIENT.to_owned())),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, plan.port)),
            staff: Vec::new(),
        })?;
        if plan.sample == Sample::LongText {
            studio::LONG_NAME.clone_into(&mut config.studio.name);
        }
        let edge = Edge::build(config, People::sandbox(&identity), Clock::system()).await?;
        let (store, address) = (edge.store().clone(), edge.address());
        let (stop, stopped) = oneshot::channel();
        let edge = TaskTracker::new().spawn(edge.run_until(async {
            let _ = stopped.await;
        }));
        Ok(Self { data, _private: private, firestore, provider, store, address, stop, edge })
    }

    /// Where local state lives.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Where the cockpit listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The studio's database.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// The made-up studio in it.
    pub(super) fn database(&self) -> Database {
        database(&self.firestore)
    }

    /// Waits until the mirror shows everything that is in the cloud.
    pub(super) async fn is_caught_up(&self) -> anyhow::Result<()> {
        let documents = u32::try_from(self.database().document_count())?;
        let now: Timestamp = Clock::system().now().into();
        let reached = self.store.targets_reach(Timestamp::default().max(now.minus(Duration::from_secs(3_600))));
        tokio::time::timeout(PATIENCE * (documents / 1_000 + 1), reached)
            .await
            .context("the mirror did not catch up in time")??;
        Ok(())
    }

    /// The made-up cloud itself, to make things go wrong in it.
    pub(super) fn cloud(&self) -> crate::sandbox::firestore::World {
        self.firestore.world()
    }

    /// Stops everything, the Edge first, and waits until it is at rest.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(());
        let ended = self.edge.await.context("the service panicked")?;
        self.provider.stop().await;
        self.firestore.stop().await;
        ended
    }
}

/// Warnings and errors, and how a drill ended.
const QUIET: &str = "warn,studio_brain::web::api::drills=info";

/// The database that holds the made-up studio.
fn database(firestore: &FirestoreServer) -> Database {
    firestore.world().database(&format!("projects/{SANDBOX_PROJECT}/databases/(default)"))
}

/// Logs warnings and errors to standard error, beside what the command prints; more if the environment asks for it.
pub(super) fn log_quietly(clock: &Clock) -> anyhow::Result<()> {
    log_from(QUIET, clock)
}

/// The same for a directory that has mirrored another made-up cloud: that every collection is read anew is no news.
pub(super) fn log_beside_a_new_cloud(clock: &Clock) -> anyhow::Result<()> {
    log_from(&format!("{QUIET},studio_brain::jobs::mirror=error"), clock)
}

fn log_from(level: &str, clock: &Clock) -> anyhow::Result<()> {
    let level = std::env::var("STUDIO_BRAIN_TELEMETRY_LEVEL").unwrap_or_else(|_| level.to_owned());
    let level = LogLevels::parse(&level).map_err(anyhow::Error::msg)?;
    let config = TelemetryConfig { format: LogFormat::Auto, level, project: "studio-brain".to_owned() };
    telemetry::init(&config, Output::Stderr, clock)?;
    Ok(())
}
