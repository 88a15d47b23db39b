//! Keeps the mirror true: reads each collection once at one server read time, then applies every change as it happens.
//!
//! # Expected flow
//! declare the collections → `backfill` those that were never read → `tail` from the read time or token →
//! on any failure wait, and start over from what the database says. While one collection is read again, or rests
//! because it was read only recently, the others go on.
//!
//! # Guarantees
//! * What the server calls one consistent snapshot is one SQLite transaction, with the token that continues after it.
//! * A collection that is read again replaces the visible one at once, when every page is there; nothing is emptied first.
//! * A restart on unchanged data reads no document.
//! * A document that can't be kept is recorded and skipped; it never stops the others.
//!
//! # Assumptions
//! One mirror runs per database file: the store's one writer makes two safe, but both would read everything.

/// Reading whole collections, several streams at once.
mod backfill;

/// Moving a backfill on to a later read time.
mod advance;

/// One range of a collection, from the stream to rows that only need to be written.
mod reading;

/// Looking for collections that nobody configured.
mod discovery;

/// What a stream that only counts must learn from the store.
mod memory;

/// Applying changes as they happen.
mod tail;

/// Finding the documents that are gone, by counting.
mod search;

/// How long to wait before the next try.
mod patience;

/// What waits when the day's reads are spent.
mod brake;

/// How the mirror tells people how its stream does.
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::authority::{self, Authority};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::domain::watch::ProtocolError;
use crate::store::{self, Store, Target, TargetState};
use crate::telemetry::JobBoard;

use patience::Patience;
use telling::Teller;

/// The wall clock, passed in.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the mirror works.
#[derive(Clone, Debug)]
pub struct MirrorSettings {
    /// The root collections to mirror.
    pub collections: Vec<CollectionId>,
    /// How many documents of a backfill are encoded at a time, and stored with where their range goes on.
    pub page_size: u32,
    /// How many documents of a backfill are stored in one transaction, unless they are large.
    pub checkpoint: usize,
    /// How many ranges of names are read at the same time.
    pub streams: usize,
    /// A collection with more documents than this is split into ranges of about this many.
    pub range_size: u64,
    /// A backfill goes on as of a later moment when its read time is this old: Firestore answers for one hour, and bills
    /// the changes since as a new query after 30 minutes.
    pub move_on_after: Duration,
    /// The stream is opened again when the server says nothing for this long.
    pub watchdog: Duration,
    /// The stream is opened again after this long in any case: the server ends it at about one hour.
    pub reconnect_after: Duration,
    /// How often the read time is stored when nothing changes.
    pub heartbeat_every: Duration,
    /// The wait after a first failure; each further one is half as long again, up to `retry_most`.
    pub retry_first: Duration,
    /// The longest wait between two tries.
    pub retry_most: Duration,
    /// A collection is not read as a whole again before this long has passed: reads cost money.
    pub relist_every: Duration,
    /// Reads that a day may cost before collections wait to be read again. The first reading never waits.
    pub read_budget: u64,
}

impl MirrorSettings {
    /// What suits Firestore in production, for these collections.
    pub const fn for_collections(collections: Vec<CollectionId>) -> Self {
        Self {
            collections,
            page_size: 300,
            checkpoint: 2_000,
            streams: 4,
            range_size: 25_000,
            move_on_after: Duration::from_secs(25 * 60),
            watchdog: Duration::from_secs(120),
            reconnect_after: Duration::from_secs(55 * 60),
            heartbeat_every: Duration::from_secs(10),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(60),
            relist_every: Duration::from_secs(15 * 60),
            read_budget: 50_000,
        }
    }
}

/// Why a session of the mirror ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// Firestore did not answer, or not as asked.
    #[error("the mirror lost Firestore")]
    Authority(#[from] authority::Error),
    /// The database did not answer.
    #[error("the mirror could not be stored")]
    Store(#[from] store::Error),
    /// The server broke the protocol.
    #[error("the server broke the Listen protocol")]
    Protocol(#[from] ProtocolError),
    /// The server ended the stream.
    #[error("the server ended the stream")]
    Ended,
    /// The server dropped a target.
    #[error("the server dropped `{collection}` from the stream: {why}")]
    Dropped {
        /// Which collection.
        collection: CollectionId,
        /// What it said, with the code if there was one.
        why: String,
        /// We ask for more than we may.
        exhausted: bool,
    },
    /// The server refuses every collection.
    #[error("the server refuses every collection")]
    AllRefused,
    /// Every collection waits to be read again.
    #[error("every collection waits to be read again until the day's reads are no longer spent")]
    Braked,
    /// A backfill did not find what the server counted at the same moment.
    #[error("`{collection}` has {expected} documents, but {found} were read: it is read again")]
    Incomplete {
        /// Which collection.
        collection: CollectionId,
        /// What the server counted.
        expected: u64,
        /// What came.
        found: u64,
    },
}

impl MirrorError {
    /// Wait as long as we ever wait?
    fn is_exhausted(&self) -> bool {
        match self {
            Self::Authority(error) => error.is_exhausted(),
            Self::Dropped { exhausted, .. } => *exhausted,
            Self::AllRefused | Self::Braked => true,
            Self::Store(_) | Self::Protocol(_) | Self::Ended | Self::Incomplete { .. } => false,
        }
    }

    /// The whole chain of causes.
    fn chain(&self) -> String {
        match self {
            Self::Authority(error) => format!("{self}: {}", error.chain()),
            Self::Store(error) => format!("{self}: {error}"),
            Self::Protocol(error) => format!("{self}: {error}"),
            Self::Ended | Self::Dropped { .. } | Self::AllRefused | Self::Braked | Self::Incomplete { .. } => {
                self.to_string()
            }
        }
    }
}

/// How a session of the mirror ended well.
enum End {
    /// The stream is due to be opened again.
    Due,
    /// A collection must be read again.
    Relist,
}

/// What the mirror works with.
#[derive(Clone)]
struct Means {
    store: Store,
    authority: Authority,
    settings: MirrorSettings,
    now: Now,
}

/// Keeps the mirror true.
pub struct Mirror {
    means: Means,
    patience: Patience,
    /// When each collection was last read again because it could not be trusted.
    relisted: BTreeMap<CollectionId, Instant>,
    /// Collections that are left alone until then, so that the others go on.
    resting: BTreeMap<CollectionId, Instant>,
    teller: Teller,
}

impl Mirror {
    /// A mirror of `authority` in `store`. Nothing happens before [`Mirror::run`].
    pub fn new(store: Store, authority: Authority, settings: MirrorSettings, now: Now) -> Self {
        let patience = Patience::new(settings.retry_first, settings.retry_most);
        let means = Means { store, authority, settings, now };
        Self { means, patience, relisted: BTreeMap::new(), resting: BTreeMap::new(), teller: Teller::default() }
    }

    /// The same mirror, which tells on this board how its stream does.
    pub fn telling(self, board: &JobBoard) -> Self {
        Self { teller: Teller::on(board), ..self }
    }

    /// Keeps the mirror true until told to stop. Stopping loses nothing: an open transaction was never there.
    pub async fn run(mut self, stop: CancellationToken) {
        let collections = self.means.settings.collections.len();
        info!(mirror.collections = collections, "Mirror started: {:?}", self.means.authority);
        let mut relists = 0_u32;
        while !stop.is_cancelled() {
            self.teller.opens((self.means.now)());
            let ended = tokio::select! {
                () = stop.cancelled() => break,
                ended = self.session() => ended,
            };
            let (wait, failure) = match ended {
                Ok(End::Due) => (None, None),
                Ok(End::Relist) => {
                    relists += 1;
                    ((relists > 1).then(|| self.patience.next(false)), None)
                }
                Err(error) => {
                    relists = 0;
                    let wait = self.patience.next(error.is_exhausted());
                    self.means.report(&error, wait).await;
                    (Some(wait), Some(error))
                }
            };
            self.teller.closed(failure.as_ref(), (self.means.now)(), wait.unwrap_or_default());
            if let Some(wait) = wait {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = patience::pause(wait) => {}
                }
            }
        }
        info!("Mirror stopped");
    }

    /// One session: from what the database says to the end of one stream.
    async fn session(&mut self) -> Result<End, MirrorError> {
        let means = self.means.clone();
        means.store.targets_declare(&means.settings.collections).await?;
        let (ended, ()) = tokio::join!(self.follow(), means.discover());
        ended
    }

    /// Reads what must be read, and listens to the rest.
    async fn follow(&mut self) -> Result<End, MirrorError> {
        let means = self.means.clone();
        self.wake().await?;
        let (due, ready) = self.sort(means.store.targets().await?);
        // A collection that is refused, or too dear, is not tried again with every session.
        let until = Instant::now() + means.settings.relist_every;
        let (due, braked) = means.affordable(due).await?;
        let refused = due.iter().filter(|target| target.state == TargetState::Refused);
        self.resting.extend(refused.chain(&braked).map(|target| (target.collection.clone(), until)));
        if due.is_empty() && ready.is_empty() && !braked.is_empty() {
            return Err(MirrorError::Braked);
        }
        if due.is_empty() {
            return self.tail(ready, &[]).await;
        }
        if ready.is_empty() {
            means.backfill(due).await?;
            return Ok(End::Due);
        }
        let reading: Vec<CollectionId> = due.iter().map(|target| target.collection.clone()).collect();
        tokio::select! {
            ended = self.tail(ready, &reading) => ended,
            () = means.refill(due) => Ok(End::Due),
        }
    }

    /// The targets that must be read as a whole, and those whose streams go on. Resting ones are neither.
    fn sort(&self, targets: Vec<Target>) -> (Vec<Target>, Vec<Target>) {
        let awake = targets.into_iter().filter(|target| !self.resting.contains_key(&target.collection));
        let (due, ready): (Vec<_>, Vec<_>) = awake.partition(needs_backfill);
        (due, ready.into_iter().filter(|target| target.read_time.is_some()).collect())
    }

    /// Lets collections go on that have rested long enough.
    async fn wake(&mut self) -> Result<(), MirrorError> {
        let now = Instant::now();
        let rested: Vec<CollectionId> =
            self.resting.extract_if(.., |_, until| *until <= now).map(|(collection, _)| collection).collect();
        for target in self.means.store.targets().await? {
            // What rests but was read before rests because it can't be trusted.
            if rested.contains(&target.collection) && target.state == TargetState::CatchingUp {
                self.relist(&target, "its rest is over".to_owned()).await?;
            }
        }
        Ok(())
    }

    /// Has a collection read again; one that was read again only recently rests first, and the others go on.
    async fn relist(&mut self, target: &Target, why: String) -> Result<End, MirrorError> {
        let (means, collection) = (&self.means, target.collection.clone());
        let due = self.relisted.get(&collection).map(|at| *at + means.settings.relist_every);
        if let Some(due) = due.filter(|due| *due > Instant::now()) {
            let text = format!("it needs to be read again, but was only recently: {why}");
            warn!(mirror.collection = %collection, "Mirror lets `{collection}` rest: {text}");
            let mut tx = means.store.begin().await?;
            tx.target_failed(target.id, TargetState::CatchingUp, &text, (means.now)()).await?;
            tx.commit().await?;
            self.resting.insert(collection, due);
            return Ok(End::Relist);
        }
        warn!(mirror.collection = %collection, "Mirror reads `{collection}` again: {why}");
        let mut tx = means.store.begin().await?;
        tx.backfill_start(&collection).await?;
        tx.target_failed(target.id, TargetState::Backfilling, &why, (means.now)()).await?;
        tx.commit().await?;
        self.relisted.insert(collection, Instant::now());
        Ok(End::Relist)
    }
}

impl Means {
    /// Tells people and the database that a session failed.
    async fn report(&self, failure: &MirrorError, wait: Duration) {
        let text = failure.chain();
        warn!(mirror.retry_ms = wait.as_millis() as u64, "Mirror lost its stream, next try in {wait:?}: {text}");
        if let Err(broken) = self.note(failure, &text).await {
            error!("The mirror could not record its failure: {broken}");
        }
    }

    async fn note(&self, failure: &MirrorError, text: &str) -> Result<(), store::Error> {
        let targets = self.store.targets().await?;
        let mut tx = self.store.begin().await?;
        for target in targets {
            let concerned = match failure {
                MirrorError::Dropped { collection, .. } | MirrorError::Incomplete { collection, .. } => {
                    *collection == target.collection
                }
                MirrorError::Authority(_)
                | MirrorError::Store(_)
                | MirrorError::Protocol(_)
                | MirrorError::Ended
                | MirrorError::AllRefused => true,
                // Each of them says so already.
                MirrorError::Braked => false,
            };
            let state = match target.state {
                TargetState::Current => TargetState::CatchingUp,
                same @ (TargetState::Backfilling | TargetState::CatchingUp | TargetState::Refused) => same,
            };
            if concerned && state != TargetState::Refused {
                tx.target_failed(target.id, state, text, (self.now)()).await?;
            }
        }
        tx.commit().await
    }
}

/// Must the whole collection be read before its changes make sense?
fn needs_backfill(target: &Target) -> bool {
    match target.state {
        TargetState::Backfilling => true,
        TargetState::Refused => target.read_time.is_none(),
        TargetState::CatchingUp | TargetState::Current => false,
    }
}
