//! Six questions to the cloud and to ourselves: a second, independent look, which changes nothing there.
//!
//! a: is the mirror what the cloud has? b: are the key numbers what the cloud counts? c: does what we wrote still stand?
//! d: is what documents are made of what we know? e: do they agree with each other? f: do our clock and configuration hold?
//!
//! A look that somebody asked for re-reads every mirrored document (within the budget). One that is merely due compares
//! the counts and re-reads a sample, which walks through the collections from look to look. Both read Firestore at the
//! very moment that the mirror shows, so that a change on its way is no difference.
//! Looks that are merely due pause when the day's reads are spent; people who ask have decided what it is worth.
//!
//! # Guarantees
//! * What can't be read is unknown, and so is all that depends on it: what was found there stays open, and nothing is zero.
//! * What differs is read again and put right in the mirror only, and only if it is still as it was compared.
//! * The log names no document and nothing that one holds.

/// What a look saw, and how far it went.
mod look;

/// a: the mirror against the cloud.
mod mirror;

/// b: the key numbers against the cloud's.
mod numbers;

/// d and e: what documents are made of, and whether they agree.
mod inside;

/// f: clock and configuration.
mod settings;

/// What was seen, stored.
mod settle;

use std::sync::Arc;
use std::time::Duration;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::actor::{Actor, Person};
use crate::domain::consistency::Rules;
use crate::domain::finding::{self, Family, KnownFinding, Threshold};
use crate::domain::freshness::FreshnessBounds;
use crate::domain::ids::StudioId;
use crate::domain::ledger::WriteRecord;
use crate::domain::reads::Cause;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::jobs::drift::look::{Extent, Look};
use crate::jobs::drive::{Job, Pass};
use crate::jobs::reads;
use crate::store::findings::{Check, CheckOutcome};
use crate::store::{self, Store, Target, TargetState, Tx};
use crate::telemetry::ReasonCode;

pub use settings::{Configured, Reread};

/// The drift job. It can't write to Firestore: it never asks for more than reads.
#[derive(Debug)]
pub struct Drift {
    store: Store,
    authority: Authority,
    clock: Clock,
    settings: DriftSettings,
    read_budget: Option<u64>,
    bounds: DriftBounds,
    rules: Arc<Rules>,
    vocabulary: &'static Vocabulary,
    reread: Option<Reread>,
    studio: StudioId,
    me: Person,
}

/// From when on something differs, and how sure one can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftBounds {
    /// How old a mirror may be.
    pub freshness: FreshnessBounds,
    /// From when on two numbers differ.
    pub threshold: Threshold,
    /// How far our clock may be from the server's.
    pub clock: Duration,
}

impl Default for DriftBounds {
    fn default() -> Self {
        let clock = Duration::from_secs(5);
        Self { freshness: FreshnessBounds::default(), threshold: Threshold::EXACT, clock }
    }
}

/// What the drift job has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftSettings {
    /// How long after a look the next one is due.
    pub period: Duration,
    /// Documents that a look re-reads when nobody asked for it.
    pub sample: u32,
    /// Most documents that one look re-reads.
    pub budget: u32,
}

const SAME: ReasonCode = ReasonCode::new("same");
const DRIFT: ReasonCode = ReasonCode::new("drift");
const UNKNOWN: ReasonCode = ReasonCode::new("unknown");

/// How long a look that somebody asked for waits until the mirror shows the moment of asking.
const PATIENCE: Duration = Duration::from_secs(90);

impl Drift {
    /// The drift job of a studio.
    pub fn new(store: Store, authority: Authority, clock: Clock, settings: DriftSettings) -> Self {
        let studio = store.studio().clone();
        let me = Actor::system(&studio, Self::NAME).person();
        let authority = authority.because_of(Cause::Drift);
        let (rules, vocabulary) = inside::shipped();
        let bounds = DriftBounds::default();
        Self {
            store,
            authority,
            clock,
            settings,
            read_budget: None,
            bounds,
            rules,
            vocabulary,
            reread: None,
            studio,
            me,
        }
    }

    /// The same, with other bounds.
    #[must_use]
    pub fn bounded(self, bounds: DriftBounds) -> Self {
        Self { bounds, ..self }
    }

    /// The same, which holds the configuration that runs against what is configured now.
    #[must_use]
    pub fn rereading(self, reread: Reread) -> Self {
        Self { reread: Some(reread), ..self }
    }

    /// Pauses the looks that nobody asked for on days that have cost this many reads.
    #[must_use]
    pub fn within(self, read_budget: u64) -> Self {
        Self { read_budget: Some(read_budget), ..self }
    }

    async fn is_braked(&self, now: Timestamp) -> store::Result<bool> {
        match self.read_budget {
            Some(budget) => reads::is_spent(&self.store, &self.authority, budget, now).await,
            None => Ok(false),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// The look that is to be taken now, if any.
    async fn next_check(&self) -> anyhow::Result<Option<Check>> {
        let now = self.now();
        if let Some(check) = self.store.check_pending().await? {
            // Somebody wants to know about now: wait, for a while, until the mirror shows it.
            let patient = now.since(check.requested) < PATIENCE && !self.does_mirror_show(check.requested).await?;
            return Ok(Some(check).filter(|_| !patient));
        }
        let last = self.store.check_last().await?.and_then(|check| check.finished).map(|(at, _)| at);
        if last.is_some_and(|last| now.since(last) < self.settings.period) || !self.is_mirror_there().await? {
            return Ok(None);
        }
        if self.is_braked(now).await? {
            return Ok(None);
        }
        let mut tx = self.store.begin().await?;
        tx.check_request(None, now).await?;
        tx.commit().await?;
        Ok(self.store.check_pending().await?)
    }

    async fn does_mirror_show(&self, moment: Timestamp) -> anyhow::Result<bool> {
        let targets = self.store.targets().await?;
        let shows = |target: &Target| target.read_time.is_some_and(|read_time| read_time >= moment);
        Ok(!targets.is_empty() && targets.iter().filter(|target| target.state != TargetState::Refused).all(shows))
    }

    async fn is_mirror_there(&self) -> anyhow::Result<bool> {
        let targets = self.store.targets().await?;
        let there = |target: &Target| matches!(target.state, TargetState::Current | TargetState::Refused);
        Ok(!targets.is_empty() && targets.iter().all(there))
    }

    /// What has become of what we wrote.
    async fn look_at_writes(&self, reading: &mut Tx, look: &mut Look) -> anyhow::Result<()> {
        let records = self.store.writes_standing().await?;
        let held = reading.documents_at(&records.iter().map(|record| record.write.path()).collect()).await?;
        let current = |record: &WriteRecord| held.get(record.write.path());
        look.findings.extend(records.iter().filter_map(|record| finding::overwritten(record, current(record))));
        Ok(())
    }

    /// Everything, at one moment of the mirror.
    async fn look(&self, extent: Extent, open: &[KnownFinding]) -> anyhow::Result<Look> {
        let now = self.now();
        // Before our documents are looked at: what is deleted from now on is not brought back.
        let watching = self.store.watch_deletions().await?;
        let mut reading = self.store.begin_reading().await?;
        let mut look = Look::default();
        let shown = reading.collections_shown().await?;
        let targets = self.store.targets().await?;
        look.mirrored = targets.iter().map(|target| target.collection.clone()).collect();
        for target in &targets {
            match (target.state, shown.get(&target.collection)) {
                (TargetState::Refused, _) | (_, None) => {
                    for family in [Family::Numbers, Family::Schema, Family::Rules] {
                        look.complain(family, format!("`{}` is not known", target.collection));
                    }
                }
                (TargetState::Current | TargetState::CatchingUp | TargetState::Backfilling, Some((as_of, _))) => {
                    look.shown.insert(target.collection.clone(), *as_of);
                }
            }
        }
        let wrongs = self.compare(&mut reading, &targets, extent, open, &mut look).await?;
        let tally = self.look_inside(&mut reading, now, &mut look).await?;
        self.recount(&tally, now, &mut look).await;
        self.look_at_writes(&mut reading, &mut look).await?;
        reading.rollback().await?;
        self.look_at_settings(&mut look).await;
        self.repair(&wrongs, &watching, &mut look).await?;
        Ok(look)
    }
}

impl Job for Drift {
    const NAME: &'static str = "drift";
    const ABOUT: &'static str = "Compares the mirror, our writes and the key numbers with the cloud.";

    fn period(&self) -> Duration {
        self.settings.period.min(Duration::from_secs(60))
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let Some(check) = self.next_check().await? else { return Ok(Pass::Idle) };
        let extent = match check.requested_by {
            Some(_) => Extent::Everything,
            None => Extent::Sample { turn: check.id },
        };
        let open = self.store.findings_open().await?;
        let look = self.look(extent, &open).await?;
        Ok(Pass::Worked(match self.settle(&check, &look, &open).await? {
            CheckOutcome::Same => SAME,
            CheckOutcome::Drift => DRIFT,
            CheckOutcome::Unknown { .. } => UNKNOWN,
        }))
    }
}
