//! The studio's state: counted from what moved, kept every now and then.
//!
//! # Guarantees
//! * A snapshot is made in the transaction that took in the last of what moved: its numbers, hashes and read times are of
//!   one moment.
//! * What is kept is on disk before it can be seen.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::domain::snapshot::{Completeness, Parts, Snapshot};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::store::snapshots::{Kept, SnapshotRun};
use crate::telemetry::ReasonCode;

/// Changes within this time are counted together.
const SPACING: Duration = Duration::from_secs(1);

/// After this time the state is counted again though nothing moved: deadlines pass, and read times advance.
const REFRESH: Duration = Duration::from_secs(30);

/// How often to look for what is old enough to be forgotten.
const PRUNE: Duration = Duration::from_secs(3_600);

/// Most documents that moved long ago forgotten in one transaction: those who want to write wait for it.
const BATCH: u32 = 5_000;

const KEPT: ReasonCode = ReasonCode::new("kept");

/// Keeps the studio's state.
#[derive(Debug)]
pub struct Snapshots {
    store: Store,
    clock: Clock,
    settings: SnapshotSettings,
    vocabulary: &'static Vocabulary,
    /// When the state was counted last since this start.
    counted: Option<Timestamp>,
    pruned: Option<Timestamp>,
    /// Is there something that only waits for the spacing?
    is_behind: bool,
}

/// What the snapshot job has to be told.
#[derive(Clone, Debug)]
pub struct SnapshotSettings {
    /// How long after a kept snapshot the next one is kept, if anything changed.
    pub every: Duration,
    /// How long all of them are kept.
    pub keep: Duration,
    /// The zone in which the studio's days are.
    pub zone: TimeZone,
}

impl Snapshots {
    /// Keeps the state of the studio whose documents are in `store`.
    pub fn new(store: Store, clock: Clock, settings: SnapshotSettings) -> Self {
        let vocabulary = Vocabulary::shipped();
        Self { store, clock, settings, vocabulary, counted: None, pruned: None, is_behind: false }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Counts the state as it is now, whether it is due or not.
    ///
    /// # Errors
    /// If the database can't be read or written; what was taken in until then stays.
    pub async fn count(&mut self) -> anyhow::Result<Snapshot> {
        let (snapshot, _) = self.count_for(None, None).await?;
        Ok(snapshot)
    }

    /// Takes the snapshot that somebody asked for.
    async fn fulfil(&mut self, run: &SnapshotRun) -> anyhow::Result<()> {
        let mut before = None;
        if run.is_from_nothing {
            before = Some(self.count().await?);
            let mut tx = self.store.begin_rebuildable().await?;
            tx.facts_restart(self.vocabulary, self.now()).await?;
            tx.commit().await?;
        }
        self.count_for(Some(run), before.as_ref()).await?;
        Ok(())
    }

    /// Takes in everything that moved, makes the snapshot, and keeps it if that is due or was asked for.
    async fn count_for(
        &mut self,
        run: Option<&SnapshotRun>,
        before: Option<&Snapshot>,
    ) -> anyhow::Result<(Snapshot, Option<i64>)> {
        let watch = self.clock.stopwatch();
        let last = self.store.snapshot_at(self.now()).await?;
        let may_keep = run.is_some() || self.is_time_to_keep(last.as_ref());
        loop {
            self.store.facts_count(self.vocabulary).await?;
            let now = self.now();
            // Nobody can tell us again how the studio stood: what is kept waits for the disk.
            let mut tx = if may_keep { self.store.begin().await? } else { self.store.begin_rebuildable().await? };
            if tx.facts_advance(self.vocabulary, now).await? {
                tx.commit().await?;
                continue;
            }
            let (sources, sums) = tx.state_parts(now).await?;
            let (studio, zone) = (self.store.studio(), &self.settings.zone);
            let mut snapshot = Snapshot::compose(self.vocabulary, &Parts { studio, zone, now, sources, sums });
            let took = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
            snapshot.diagnostics.durations_ms.insert("count".to_owned(), took);
            tx.snapshot_renew(&snapshot).await?;
            let is_worth_it = may_keep && (run.is_some() || is_news(last.as_ref(), &snapshot));
            let kept = if is_worth_it { Some(tx.snapshot_keep(&snapshot).await?) } else { None };
            if let (Some(run), Some(kept)) = (run, kept) {
                let is_same = before.map(|before| before.says_the_same(&snapshot));
                tx.snapshot_run_finish(run.id, (kept, is_same), now).await?;
            }
            tx.commit().await?;
            (self.counted, self.is_behind) = (Some(now), false);
            return Ok((snapshot, kept));
        }
    }

    fn is_time_to_keep(&self, last: Option<&Kept>) -> bool {
        let Some(last) = last else { return true };
        let today = self.now().to_jiff().to_zoned(self.settings.zone.clone()).date();
        last.snapshot.snapshot_date != today || self.now().since(last.taken) >= self.settings.every
    }

    async fn prune(&mut self) -> anyhow::Result<()> {
        let before = self.now().minus(self.settings.keep);
        let mut tx = self.store.begin().await?;
        match tx.snapshots_prune(before).await? {
            0 => tx.rollback().await?,
            _ => tx.commit().await?,
        }
        loop {
            let mut tx = self.store.begin().await?;
            if tx.fact_changes_prune(before, BATCH).await? == 0 {
                tx.rollback().await?;
                break;
            }
            tx.commit().await?;
        }
        self.pruned = Some(self.now());
        Ok(())
    }
}

/// Does a snapshot say anything that the last kept one does not? Each day has one, whatever it says.
fn is_news(last: Option<&Kept>, snapshot: &Snapshot) -> bool {
    let is_known = match snapshot.diagnostics.completeness {
        Completeness::Full | Completeness::Partial => true,
        Completeness::Unknown => false,
    };
    let Some(last) = last else { return is_known };
    let is_new_day = last.snapshot.snapshot_date != snapshot.snapshot_date;
    (is_known && is_new_day) || !last.snapshot.says_the_same(snapshot)
}

impl Job for Snapshots {
    const NAME: &'static str = "snapshot";
    const ABOUT: &'static str = "Counts the studio's state after each change, and keeps it now and then.";

    fn period(&self) -> Duration {
        if self.is_behind { SPACING } else { REFRESH }
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let now = self.now();
        if self.pruned.is_none_or(|last| now.since(last) >= PRUNE) {
            self.prune().await?;
        }
        if let Some(run) = self.store.snapshot_run_pending().await? {
            self.fulfil(&run).await?;
            return Ok(Pass::Worked(KEPT));
        }
        let is_fresh = |within| self.counted.is_some_and(|last| now.since(last) < within);
        if is_fresh(REFRESH) && self.store.facts_are_current(self.vocabulary).await? {
            return Ok(Pass::Idle);
        }
        if is_fresh(SPACING) {
            self.is_behind = true;
            return Ok(Pass::Idle);
        }
        let (_, kept) = self.count_for(None, None).await?;
        Ok(kept.map_or(Pass::Idle, |_| Pass::Worked(KEPT)))
    }
}
