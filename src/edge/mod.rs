//! One Edge per studio: the one place of wiring.
//!
//! `build` opens the database, the cockpit's port and the operators' socket: whatever can fail at the start fails there.
//! `run_until` runs every job and both doors until it is told to stop, and returns once all of them are at rest.

/// What the configuration says, in each room's own words.
mod translate;

/// Proofs of the mirror while the service does not run.
mod proof;

/// Sealing the audit log while the service does not run.
mod sealing;

pub use proof::verify_alone;
pub use sealing::seal_alone;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::domain::reads::Cause;
use crate::domain::time::Timestamp;
use crate::gate::Gate;
use crate::identity::personas::Personas;
use crate::identity::session_audit::AuditedSessions;
use crate::identity::sessions::Sessions;
use crate::identity::verifier::TrustedIssuer;
use crate::jobs::drift::Drift;
use crate::jobs::drive::drive;
use crate::jobs::intake::Intake;
use crate::jobs::mirror::Mirror;
use crate::jobs::prune::Prune;
use crate::jobs::push::Push;
use crate::jobs::reads::ReadLedger;
use crate::jobs::rebuild::Rebuilder;
use crate::jobs::seal::{KeyFiles, Seal};
use crate::jobs::snapshot::Snapshots;
use crate::jobs::verify::Verify;
use crate::store::{DirectoryLock, Store};
use crate::telemetry::{JobBoard, Metrics};
use crate::web::cockpit;
use crate::web::desk::Desk;
use crate::web::socket::OperatorSocket;
use crate::web::state::{WebParts, WebSettings, WebState};
use crate::web::{self, Door};

use translate::World;

/// One studio's service, built and not yet running.
#[derive(Debug)]
pub struct Edge {
    store: Store,
    authority: Authority,
    gate: Gate,
    clock: Clock,
    config: Config,
    listener: TcpListener,
    address: SocketAddr,
    socket: OperatorSocket,
    browser: axum::Router,
    operator: axum::Router,
    lock: DirectoryLock,
    board: JobBoard,
}

/// Whose word about people counts.
#[derive(Default)]
pub struct People {
    issuers: Vec<TrustedIssuer>,
    personas: Option<Personas>,
}

impl People {
    /// Only Firebase Authentication of the configured project.
    pub fn real() -> Self {
        Self::default()
    }

    /// The sandbox's identity provider, and its made-up people, too.
    #[cfg(feature = "sandbox")]
    pub fn sandbox(provider: &crate::sandbox::identity::SandboxIdentity) -> Self {
        Self { issuers: vec![provider.trusted()], personas: Some(provider.personas()) }
    }
}

impl People {
    /// Which world these people belong to.
    const fn world(&self) -> World {
        if self.personas.is_some() { World::Sandbox } else { World::Real }
    }
}

/// How long the jobs may take to come to rest.
const REST: Duration = Duration::from_secs(20);

impl Edge {
    /// Opens everything that the service needs. Nothing is read from Firestore yet.
    ///
    /// # Errors
    /// What could not be opened, and what to do about it.
    pub async fn build(config: Config, people: People, clock: Clock) -> anyhow::Result<Self> {
        let studio = StudioId::parse(config.studio.id.clone())?;
        let lock = DirectoryLock::take(&config.data.directory)?;
        let store = Store::open(&config.data.directory, &studio, clock.now().into()).await?;
        let socket = OperatorSocket::open(&OperatorSocket::file_in(&config.data.directory)).await?;
        let listener = TcpListener::bind(config.web.listen).await.with_context(|| {
            format!("could not listen on {}: choose another address in `web.listen`", config.web.listen)
        })?;
        let address = listener.local_addr()?;
        let authority = Authority::new(translate::authority(&config)?);
        let gate = translate::gate(&config, &store)?;
        let metrics = Metrics::install()?;
        let board = JobBoard::default();
        let settings = translate::desk(&config, people.world());
        let desk = Desk::new(store.clone(), gate.clone(), translate::now(&clock), settings)
            .installed(translate::installation(&config, clock.now().into(), board.clone()));
        let state = web_state(&config, people, &clock, &desk, address)?;
        let shared = |door| web::at_door(door, &state, &desk, metrics.clone());
        let (browser, operator) = (shared(Door::Browser), shared(Door::Socket));
        Ok(Self { store, authority, gate, clock, config, listener, address, socket, browser, operator, lock, board })
    }

    /// Where the cockpit listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The studio's database.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Runs every job and both doors until `stop`, then waits until all of them are at rest.
    ///
    /// # Errors
    /// If the database can't be written at the start or the end, or a job ended before its time.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self {
            store,
            authority,
            gate,
            clock,
            config,
            listener,
            address: _,
            socket,
            browser,
            operator,
            lock: _lock,
            board,
        } = self;
        let fingerprint = config.fingerprint();
        record(&store, &clock, Action::ServiceStarted, Some(&fingerprint)).await?;
        tracing::info!(
            event = "service.started",
            studio.id = config.studio.id,
            config.fingerprint = fingerprint,
            writes = config.push.enabled,
            version = env!("CARGO_PKG_VERSION"),
            data = translate::describe_directory(&config.data.directory),
            "Service started for studio {}",
            config.studio.id
        );
        tell_restoration(&store, &clock).await?;
        let (token, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mirror = Mirror::new(store.clone(), authority.clone(), translate::mirror(&config)?, translate::now(&clock))
            .telling(&board);
        let intake = Intake::new(store.clone(), clock.clone(), gate.clone());
        let keys = KeyFiles::in_directory(&config.data.directory);
        let sealing = || Seal::new(store.clone(), authority.clone(), clock.clone(), gate.clone(), keys.clone());
        let (seal, mut last_seal) = (sealing(), sealing());
        let push = Push::new(store.clone(), authority.clone(), clock.clone(), gate, translate::push(&config));
        let rebuild = Rebuilder::new(store.clone(), authority.clone(), clock.clone());
        let drift = Drift::new(store.clone(), authority.clone(), clock.clone(), translate::drift(&config))
            .within(config.mirror.read_budget)
            .bounded(translate::drift_bounds(&config))
            .rereading(translate::reread(&config));
        let reads = ReadLedger::new(store.clone(), authority.clone(), clock.clone(), config.mirror.read_budget);
        let proving = authority.clone();
        let mut last_reads = ReadLedger::new(store.clone(), authority, clock.clone(), config.mirror.read_budget);
        let settings = translate::verify(&config);
        let verify = Verify::new(store.clone(), proving, clock.clone(), settings, token.clone());
        let snapshots = Snapshots::new(store.clone(), clock.clone(), translate::snapshot(&config));
        let prune = Prune::new(store.clone(), clock.clone(), config.mirror.history());
        let ended = Arc::new(tokio::sync::Notify::new());
        let watched = |name: &'static str| Ended { name, ended: Arc::clone(&ended), stop: token.clone() };
        let reins = || (token.clone(), store.changed(), clock.clone(), board.clone());
        let (guard, stopped) = (watched("mirror"), token.clone());
        tasks.spawn(async move { (mirror.run(stopped).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("push"), reins());
        tasks.spawn(async move { (drive(push, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("rebuild"), reins());
        tasks.spawn(async move { (drive(rebuild, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("seal"), reins());
        tasks.spawn(async move { (drive(seal, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("intake"), reins());
        tasks.spawn(async move { (drive(intake, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("drift"), reins());
        tasks.spawn(async move { (drive(drift, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("snapshot"), reins());
        tasks.spawn(async move { (drive(snapshots, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("reads"), reins());
        tasks.spawn(async move { (drive(reads, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("verify"), reins());
        tasks.spawn(async move { (drive(verify, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, (stopped, changed, hands, jobs)) = (watched("prune"), reins());
        tasks.spawn(async move { (drive(prune, changed, stopped, hands, jobs).await, drop(guard)) });
        let (guard, stopped) = (watched("cockpit"), token.clone());
        tasks.spawn(async move {
            (web::serve::serve(listener, browser, |_, address: &SocketAddr| *address, stopped).await, drop(guard))
        });
        let (guard, stopped) = (watched("socket"), token.clone());
        tasks.spawn(async move { (socket.serve(operator, stopped).await, drop(guard)) });
        tasks.close();
        let early = tokio::select! {
            () = stop => false,
            () = ended.notified() => true,
        };
        token.cancel();
        let at_rest = tokio::time::timeout(REST, tasks.wait()).await.is_ok();
        last_reads.write_down().await?;
        record(&store, &clock, Action::ServiceStopped, None).await?;
        if let Err(error) = last_seal.close().await {
            tracing::error!(event = "audit.unsealed", "The end of the audit log could not be sealed: {error:#}");
        }
        store.close().await;
        tracing::info!(event = "service.stopped", at_rest, "Service stopped");
        anyhow::ensure!(!early, "a job ended before its time: the log says which");
        Ok(())
    }
}

/// What time Firestore has: proves that it can be reached with this configuration. Costs one read.
///
/// # Errors
/// Why it can't be reached.
pub async fn server_time(config: &Config) -> anyhow::Result<Timestamp> {
    Ok(Authority::new(translate::authority(config)?).because_of(Cause::Doctor).server_time().await?)
}

/// Tells when a task ends that should not have: by a panic, or for no reason.
struct Ended {
    name: &'static str,
    ended: Arc<tokio::sync::Notify>,
    stop: CancellationToken,
}

impl Drop for Ended {
    fn drop(&mut self) {
        if !self.stop.is_cancelled() {
            tracing::error!(event = "service.task_ended", task = self.name, "`{}` ended before its time", self.name);
            self.ended.notify_one();
        }
    }
}

async fn record(store: &Store, clock: &Clock, action: Action, fingerprint: Option<&str>) -> anyhow::Result<()> {
    let actor = Actor::system(store.studio(), "edge").person();
    let mut event =
        Event::new(clock.now().into(), actor, action, Target::Service).detail("version", env!("CARGO_PKG_VERSION"));
    if let Some(fingerprint) = fingerprint {
        event = event.detail("config", fingerprint);
    }
    let mut tx = store.begin().await?;
    tx.audit(store.studio(), event).await?;
    tx.commit().await?;
    Ok(())
}

/// Says at the first start that the database came back from a copy: the cloud may have gone on without it.
async fn tell_restoration(store: &Store, clock: &Clock) -> anyhow::Result<()> {
    let Some(restored) = store.restoration().await?.filter(|restored| restored.started.is_none()) else {
        return Ok(());
    };
    tracing::warn!(
        event = "service.restored",
        restored.at = %restored.at,
        copy.sha256 = %restored.copy_hash,
        copy.audit_entries = restored.copy_entries,
        "The database came back from a copy: what was decided and stopped since is not in it"
    );
    let mut tx = store.begin().await?;
    tx.restoration_started(clock.now().into()).await?;
    tx.commit().await?;
    Ok(())
}

fn web_state(
    config: &Config,
    people: People,
    clock: &Clock,
    desk: &Desk,
    address: SocketAddr,
) -> anyhow::Result<WebState> {
    let store = desk.store();
    let origin = match &config.web.public_origin {
        Some(origin) => origin.as_str().to_owned(),
        None => format!("http://{address}"),
    };
    let audit = Arc::new(AuditedSessions);
    let settings = WebSettings {
        max_body: usize::try_from(config.web.max_body)?,
        limits: translate::http_limits(config)?,
        ..WebSettings::new(web::origin::PublicOrigin::parse(&origin)?)
    };
    Ok(WebState::new(WebParts {
        store: store.clone(),
        now: translate::now(clock),
        sources: translate::sources(config, people)?,
        sessions: Sessions::new(store.studio().clone(), translate::sessions(config), translate::staff(config)?, audit),
        operators: translate::operators(config),
        pages: Arc::new(cockpit::CockpitPages::new(desk.clone())),
        telemetry: translate::telemetry(),
        settings,
    }))
}
