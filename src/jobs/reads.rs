//! The read-cost ledger: what Firestore bills because of us, written down in batches, and the brake when a day's budget
//! is spent.
//!
//! # Caveats
//! Reads are counted in memory where they happen, and written down every few seconds: a crash forgets those in between,
//! and reads around midnight may count for the next day.

use std::time::Duration;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::reads::Day;
use crate::domain::time::Timestamp;
use crate::jobs::drive::{Job, Pass};
use crate::store::{self, Store};
use crate::telemetry::names;

/// How often reads are written down at most: each time is a sync of the disk.
const EVERY: Duration = Duration::from_secs(5);

/// Is the day's budget spent, with what is not written down yet?
pub async fn is_spent(store: &Store, authority: &Authority, budget: u64, now: Timestamp) -> store::Result<bool> {
    Ok(left(store, authority, budget, now).await? == 0)
}

/// What is left of the day's budget.
pub async fn left(store: &Store, authority: &Authority, budget: u64, now: Timestamp) -> store::Result<u64> {
    let written = store.reads_of(Day::of(now)).await?.spent();
    Ok(budget.saturating_sub(written.saturating_add(authority.reads_waiting())))
}

/// Writes down what the authority counted.
#[derive(Debug)]
pub struct ReadLedger {
    store: Store,
    authority: Authority,
    clock: Clock,
    budget: u64,
    last: Option<Timestamp>,
}

impl ReadLedger {
    /// The ledger of what goes through `authority`, with what a day may cost.
    pub const fn new(store: Store, authority: Authority, clock: Clock, budget: u64) -> Self {
        Self { store, authority, clock, budget, last: None }
    }

    /// Writes down everything counted so far, and what may be spent today.
    ///
    /// # Errors
    /// If the database can't be written; nothing is forgotten then.
    pub async fn write_down(&mut self) -> store::Result<()> {
        let now = self.clock.now().into();
        let taken = self.authority.reads_take();
        if let Err(error) = self.store_reads(Day::of(now), &taken).await {
            self.authority.reads_return(&taken);
            return Err(error);
        }
        self.last = Some(now);
        let studio = self.store.studio().to_string();
        for line in &taken {
            metrics::counter!(names::FIRESTORE_READS, "studio" => studio.clone(), "cause" => line.cause.word())
                .increment(line.reads);
        }
        Ok(())
    }

    async fn store_reads(&self, day: Day, taken: &[crate::domain::reads::Reads]) -> store::Result<()> {
        let mut tx = self.store.begin().await?;
        tx.reads_budget(day, self.budget).await?;
        tx.reads_add(day, taken).await?;
        tx.commit().await
    }
}

impl Job for ReadLedger {
    const NAME: &'static str = "reads";
    const ABOUT: &'static str =
        "Writes down what Firestore bills for reads, and puts the brake on when the day's budget is spent.";

    fn period(&self) -> Duration {
        EVERY
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let now: Timestamp = self.clock.now().into();
        let is_new_day = self.last.is_none_or(|last| Day::of(last) != Day::of(now));
        let is_due = self.authority.reads_waiting() > 0 && self.last.is_none_or(|last| now.since(last) >= EVERY);
        if is_new_day || is_due {
            self.write_down().await?;
        }
        // Counting reads is not worth a line in the log.
        Ok(Pass::Idle)
    }
}
