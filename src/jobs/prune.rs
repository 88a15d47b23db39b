//! What is old enough to be forgotten: versions of documents, what days have cost, and who was told to wait on them.
//! Exemptions whose time is over are recorded as expired.

use std::time::Duration;

use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::reads::Day;
use crate::domain::time::Timestamp;
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::telemetry::ReasonCode;

/// How often to look.
const EVERY: Duration = Duration::from_secs(3_600);

/// Most versions forgotten in one transaction: those who want to write wait for it.
const BATCH: u32 = 1_000;

/// Most transactions of one pass; the rest is for the next one.
const BATCHES: u32 = 100;

/// For how many days it is remembered what they have cost.
const READS_KEPT: u32 = 400;

/// For how many days it is remembered who was told to wait.
const DENIALS_KEPT: u32 = 90;

const PRUNED: ReasonCode = ReasonCode::new("pruned");

/// Forgets what is old.
#[derive(Debug)]
pub struct Prune {
    store: Store,
    clock: Clock,
    history: Duration,
    last: Option<Timestamp>,
}

impl Prune {
    /// Versions that stood no longer than until `history` ago are forgotten; the newest of a document never is.
    pub const fn new(store: Store, clock: Clock, history: Duration) -> Self {
        Self { store, clock, history, last: None }
    }

    /// Forgets what is old now; how much.
    async fn prune(&self, now: Timestamp) -> anyhow::Result<u64> {
        let mut forgotten = 0;
        for _ in 0..BATCHES {
            let mut tx = self.store.begin().await?;
            let some = tx.history_prune(now.minus(self.history), BATCH).await?;
            if some == 0 {
                tx.rollback().await?;
                break;
            }
            tx.commit().await?;
            forgotten += some;
        }
        let mut tx = self.store.begin().await?;
        match tx.reads_prune(Day::of(now).before(READS_KEPT)).await? {
            0 => tx.rollback().await?,
            some => {
                tx.commit().await?;
                forgotten += some;
            }
        }
        let mut tx = self.store.begin().await?;
        match tx.quota_denials_prune(Day::of(now).before(DENIALS_KEPT)).await? {
            0 => tx.rollback().await?,
            some => {
                tx.commit().await?;
                forgotten += some;
            }
        }
        Ok(forgotten)
    }

    /// Records the end of exemptions whose time is over; how many.
    async fn expire(&self, now: Timestamp) -> anyhow::Result<u64> {
        let by = Actor::system(self.store.studio(), Self::NAME).person();
        let mut expired = 0;
        for _ in 0..BATCHES {
            let mut tx = self.store.begin().await?;
            let some = tx.exemptions_expire(self.store.studio(), &by, now).await?;
            if some == 0 {
                tx.rollback().await?;
                break;
            }
            tx.commit().await?;
            expired += some;
        }
        Ok(expired)
    }
}

impl Job for Prune {
    const NAME: &'static str = "prune";
    const ABOUT: &'static str = "Forgets what is old enough, and ends exemptions whose time is over.";

    fn period(&self) -> Duration {
        EVERY
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let now: Timestamp = self.clock.now().into();
        if self.last.is_some_and(|last| now.since(last) < EVERY) {
            return Ok(Pass::Idle);
        }
        let done = self.prune(now).await? + self.expire(now).await?;
        self.last = Some(now);
        Ok(if done == 0 { Pass::Idle } else { Pass::Worked(PRUNED) })
    }
}
