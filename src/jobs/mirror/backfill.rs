//! Reading whole collections, several ranges of names at once, all at one server read time.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::authority;
use crate::domain::time::Timestamp;
use crate::jobs::mirror::brake::cause_of;
use crate::jobs::mirror::patience::{self, Patience};
use crate::jobs::mirror::reading::{Batch, Reading};
use crate::jobs::mirror::{Means, MirrorError};
use crate::store::{Generation, Staged, Target, TargetState};

/// Firestore answers at a read time for one hour; a backfill that was interrupted goes on only well within it.
const READ_TIME_LIVES: Duration = Duration::from_secs(50 * 60);

/// How many batches may wait for the writer.
const WAITING: usize = 8;

/// A transaction takes in this many bytes, however few documents they are.
const CHECKPOINT_BYTES: usize = 4 << 20;

/// The most ranges that a collection is split into.
const MOST_RANGES: u64 = 64;

impl Means {
    /// Reads these collections until they are whole, however often that takes, while others are listened to.
    pub(super) async fn refill(&self, mut due: Vec<Target>) {
        let mut patience = Patience::new(self.settings.retry_first, self.settings.retry_most);
        loop {
            let failed = match self.backfill(due.clone()).await {
                Ok(()) => return,
                Err(error) => error,
            };
            let wait = patience.next(failed.is_exhausted());
            warn!(
                mirror.retry_ms = wait.as_millis() as u64,
                "Mirror could not read on, next try in {wait:?}: {}",
                failed.chain()
            );
            patience::pause(wait).await;
            if let Ok(targets) = self.store.targets().await {
                due = targets.into_iter().filter(|target| due.iter().any(|before| before.id == target.id)).collect();
            }
        }
    }

    /// Reads these collections at one server read time and shows them all at once.
    ///
    /// # Guarantees
    /// Documents are stored with where their range goes on: an interrupted backfill goes on there.
    /// Nothing is shown unless as many documents came as the server counts at the same read time.
    /// Memory does not grow with the collections: a stream waits for the writer.
    pub(super) async fn backfill(&self, due: Vec<Target>) -> Result<(), MirrorError> {
        let due = self.pick_up(due).await?;
        let ended = self.read_all(&due).await;
        if let Err(MirrorError::Authority(error)) = &ended
            && error.is_position_refused()
        {
            self.start_over(&due).await?;
        }
        ended
    }

    async fn read_all(&self, due: &[Target]) -> Result<(), MirrorError> {
        let (read_time, mut planned) = self.plan(due).await?;
        let Some(mut read_time) = read_time else { return Ok(()) };
        loop {
            let jobs = self.jobs(&planned, read_time).await?;
            let reached = self.read_ranges(&planned, jobs, read_time).await?;
            for (place, error) in reached.refused {
                self.refused(&planned[place], &error).await?;
                planned[place].state = TargetState::Refused;
            }
            planned.retain(|target| target.state != TargetState::Refused);
            if reached.whole || planned.is_empty() {
                break;
            }
            read_time = self.move_on(&planned, read_time).await?;
        }
        let found = self.store.targets().await?;
        for target in &mut planned {
            let Some(found) = found.iter().find(|found| found.id == target.id) else { continue };
            target.backfill = found.backfill.clone();
            let (found, expected) = (target.backfill.documents, target.backfill.expected.unwrap_or_default());
            if found != expected {
                self.start_over(std::slice::from_ref(target)).await?;
                return Err(MirrorError::Incomplete { collection: target.collection.clone(), expected, found });
            }
        }
        let mut tx = self.store.begin().await?;
        for target in &planned {
            tx.backfill_publish(&target.collection, read_time).await?;
        }
        tx.commit().await?;
        let documents: u64 = planned.iter().map(|target| target.backfill.documents).sum();
        info!(mirror.documents = documents, "Mirror read {} collections as of {read_time}", planned.len());
        Ok(())
    }

    /// Goes on with what an interrupted backfill has put aside, or starts over.
    async fn pick_up(&self, due: Vec<Target>) -> Result<Vec<Target>, MirrorError> {
        let oldest = (self.now)().minus(READ_TIME_LIVES);
        let mut times: Vec<Timestamp> = due.iter().filter_map(|target| target.backfill.read_time).collect();
        times.dedup();
        match times[..] {
            [] => Ok(due),
            [one] if one > oldest => Ok(due),
            _ => {
                self.start_over(&due).await?;
                let fresh = self.store.targets().await?;
                let wanted = |target: &Target| due.iter().any(|before| before.id == target.id);
                Ok(fresh.into_iter().filter(wanted).collect())
            }
        }
    }

    async fn start_over(&self, targets: &[Target]) -> Result<(), MirrorError> {
        let mut tx = self.store.begin().await?;
        for target in targets {
            tx.backfill_start(&target.collection).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn refused(&self, target: &Target, error: &authority::Error) -> Result<(), MirrorError> {
        warn!(mirror.collection = %target.collection, "Firestore refuses `{}`: {}", target.collection, error.chain());
        let mut tx = self.store.begin().await?;
        tx.target_failed(target.id, TargetState::Refused, &error.chain(), (self.now)()).await?;
        Ok(tx.commit().await?)
    }

    /// Counts each collection, and splits the big ones. The first answer of all sets the one read time.
    async fn plan(&self, due: &[Target]) -> Result<(Option<Timestamp>, Vec<Target>), MirrorError> {
        let mut read_time = due.iter().find_map(|target| target.backfill.read_time);
        let mut planned = Vec::new();
        for target in due {
            if target.backfill.expected.is_none() {
                match self.plan_one(target, read_time).await {
                    Ok(at) => read_time = Some(at),
                    Err(MirrorError::Authority(error)) if error.is_refused() => {
                        self.refused(target, &error).await?;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            // It may have been refused before: that is over, unless it is refused again.
            planned.push(Target { state: TargetState::Backfilling, ..target.clone() });
        }
        Ok((read_time, planned))
    }

    async fn plan_one(&self, target: &Target, read_time: Option<Timestamp>) -> Result<Timestamp, MirrorError> {
        let collection = &target.collection;
        let authority = self.authority.because_of(cause_of(target));
        let counted = authority.count(collection, read_time).await?;
        let at = read_time.unwrap_or(counted.read_time);
        let parts = (counted.count / self.settings.range_size.max(1)).min(MOST_RANGES);
        let cuts = match u32::try_from(parts) {
            Ok(parts) if parts > 1 => authority.cuts(collection, parts, at).await?,
            Ok(_) | Err(_) => Vec::new(),
        };
        let mut tx = self.store.begin().await?;
        tx.backfill_plan(collection, at, counted.count, &cuts, (self.now)()).await?;
        tx.commit().await?;
        Ok(at)
    }

    /// Every range that is not read to its end.
    async fn jobs(&self, planned: &[Target], read_time: Timestamp) -> Result<VecDeque<Reading>, MirrorError> {
        let batch = self.settings.page_size.max(1) as usize;
        let mut jobs = VecDeque::new();
        for (place, target) in planned.iter().enumerate() {
            let collection = &target.collection;
            let ranges = self.store.backfill_ranges(collection).await?;
            jobs.extend(ranges.into_iter().map(|range| Reading {
                target: place,
                collection: collection.clone(),
                range,
                read_time,
                batch,
            }));
        }
        Ok(jobs)
    }

    /// Reads the ranges, several at once, and writes what comes, to their ends or until the read time is too old.
    async fn read_ranges(
        &self,
        planned: &[Target],
        mut jobs: VecDeque<Reading>,
        read_time: Timestamp,
    ) -> Result<Reached, MirrorError> {
        let (out, mut batches) = mpsc::channel(WAITING);
        let mut running = JoinSet::new(); // Dropping it ends every stream.
        let mut refused: Vec<(usize, authority::Error)> = Vec::new();
        let (mut gathered, mut written) = (Gathered::default(), false);
        loop {
            while running.len() < self.settings.streams.max(1)
                && let Some(job) = jobs.pop_front()
            {
                let authority = self.authority.because_of(cause_of(&planned[job.target]));
                running.spawn(job.run(authority, out.clone()));
            }
            let over = running.is_empty() && batches.is_empty();
            if gathered.is_enough(self.settings.checkpoint) || over {
                self.write(planned, std::mem::take(&mut gathered), read_time).await?;
                written = true;
            }
            // Something is read every time, however fast a read time grows old.
            let too_old = written && (self.now)().since(read_time) >= self.settings.move_on_after;
            if over || too_old {
                return Ok(Reached { refused, whole: over });
            }
            tokio::select! {
                biased;
                Some(batch) = batches.recv() => gathered.take(batch),
                Some(ended) = running.join_next() => match ended.expect("BUG: a range is read without panics") {
                    Ok(()) => {}
                    Err((place, error)) if error.is_refused() => {
                        jobs.retain(|job| job.target != place);
                        refused.push((place, error));
                    }
                    Err((_, error)) => {
                        self.write(planned, gathered, read_time).await?;
                        return Err(error.into());
                    }
                },
            }
        }
    }

    /// Writes what was gathered in one transaction.
    async fn write(&self, planned: &[Target], gathered: Gathered, read_time: Timestamp) -> Result<(), MirrorError> {
        if gathered.batches.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin_rebuildable().await?;
        for batch in &gathered.batches {
            let target = &planned[batch.target];
            let under_way = (generation_of(target), read_time);
            tx.backfill_stage(&target.collection, under_way, batch.range, &batch.rows, batch.complete).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Which generation of the target a backfill reads.
pub(super) const fn generation_of(target: &Target) -> Generation {
    match target.read_time {
        None => Generation::First,
        Some(_) => Generation::Next,
    }
}

/// How far the ranges were read.
struct Reached {
    /// The collections that the server refuses, and why.
    refused: Vec<(usize, authority::Error)>,
    /// Are all others read to their ends?
    whole: bool,
}

/// Batches that will be written in one transaction.
#[derive(Default)]
struct Gathered {
    batches: Vec<Batch>,
    documents: usize,
    bytes: usize,
}

impl Gathered {
    fn take(&mut self, batch: Batch) {
        self.documents += batch.rows.len();
        self.bytes += batch.rows.iter().map(Staged::size).sum::<usize>();
        self.batches.push(batch);
    }

    const fn is_enough(&self, documents: usize) -> bool {
        self.documents >= documents || self.bytes >= CHECKPOINT_BYTES
    }
}
