//! The mirror: backfill and restart.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value as Json, json};
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::domain::time::Timestamp;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::store::{Store, TargetState};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::server::PROJECT;
use crate::{Arguments, peak_mb};

/// Longer than any part takes.
const PATIENCE: Duration = Duration::from_secs(900);

/// A store, and a mirror that runs until it is stopped.
pub(super) struct Running {
    pub(super) store: Store,
    pub(super) authority: Authority,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Opens the store in `directory` and starts the mirror, as the service does.
    pub(super) async fn start(arguments: &Arguments, directory: &Path) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let store = Store::open(directory, &StudioId::parse("west")?, clock.now().into()).await?;
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&arguments.server)?),
            project: PROJECT.to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(60),
        });
        let names = arguments.collection_names();
        let collections = names.into_iter().map(CollectionId::parse).collect::<Result<_, _>>()?;
        let settings = MirrorSettings::for_collections(collections);
        let now = Arc::new(move || clock.now().into());
        let mirror = Mirror::new(store.clone(), authority.clone(), settings, now);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(mirror.run(stop.clone()));
        Ok(Self { store, authority, stop, tasks })
    }

    /// Waits until every collection is current and shown as of `read_time` or later.
    pub(super) async fn reaches(&self, read_time: Timestamp) -> anyhow::Result<()> {
        tokio::time::timeout(PATIENCE, self.store.targets_reach(read_time))
            .await
            .context("the mirror never got there")??;
        Ok(())
    }

    /// Stops the mirror and closes the store.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await;
    }
}

/// From an empty directory to every collection current.
pub(super) async fn backfill(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let began = Instant::now();
    let running = Running::start(arguments, directory).await?;
    running.reaches(Timestamp::default()).await?;
    let seconds = began.elapsed().as_secs_f64();
    let held = running.store.documents_held().await?;
    let documents: u64 = held.values().map(|held| held.documents).sum();
    anyhow::ensure!(documents == arguments.docs, "{documents} documents are mirrored");
    running.stop().await;
    Ok(json!({ "seconds": seconds, "peak_mb": peak_mb() }))
}

/// From a directory that holds everything to every collection current again.
pub(super) async fn restart(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let shown = Store::open_read_only(directory).await?;
    let targets = shown.targets().await?;
    anyhow::ensure!(targets.iter().all(|target| target.state == TargetState::Current), "it was never current");
    let before = targets.iter().filter_map(|target| target.read_time).max().context("it was never read")?;
    shown.close().await;
    let began = Instant::now();
    let running = Running::start(arguments, directory).await?;
    running.reaches(before.plus(Duration::from_micros(1))).await?;
    let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
    running.stop().await;
    Ok(json!({ "milliseconds": milliseconds, "peak_mb": peak_mb() }))
}
