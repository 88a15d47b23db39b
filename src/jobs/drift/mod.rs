//! The mirror, our writes and the vocabulary against the cloud: a second, independent look, which changes nothing there.
//!
//! A look that somebody asked for re-reads every mirrored document (within the budget). One that is merely due compares
//! the counts and re-reads a sample, which walks through the collections from look to look. Both read Firestore at the
//! very moment that the mirror shows, so that a change on its way is no difference.
//! Looks that are merely due pause when the day's reads are spent; people who ask have decided what it is worth.

/// The mirror against the cloud.
mod compare;

use std::time::Duration;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::actor::{Actor, Person};
use crate::domain::audit::{self, Action, Event};
use crate::domain::finding::{self, Finding, FindingKind, KnownFinding};
use crate::domain::ids::{CollectionId, StudioId};
use crate::domain::reads::Cause;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{BATCHES, RESERVATIONS};
use crate::jobs::drift::compare::{Extent, Look};
use crate::jobs::drive::{Job, Pass};
use crate::jobs::reads;
use crate::store::documents::Mirrored;
use crate::store::findings::{Check, CheckOutcome};
use crate::store::{self, Store, Target, TargetState};
use crate::telemetry::ReasonCode;

/// The drift job. It can't write to Firestore: it never asks for more than reads.
#[derive(Debug)]
pub struct Drift {
    store: Store,
    authority: Authority,
    clock: Clock,
    settings: DriftSettings,
    read_budget: Option<u64>,
    studio: StudioId,
    me: Person,
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

/// Most findings that are kept in view at once.
const FINDINGS: u16 = 5_000;

impl Drift {
    /// The drift job of a studio.
    pub fn new(store: Store, authority: Authority, clock: Clock, settings: DriftSettings) -> Self {
        let studio = store.studio().clone();
        let me = Actor::system(&studio, Self::NAME).person();
        let authority = authority.because_of(Cause::Drift);
        Self { store, authority, clock, settings, read_budget: None, studio, me }
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

    /// What our writes and the vocabulary say about the documents that the mirror has.
    async fn look_inside(&self, look: &mut Look) -> anyhow::Result<()> {
        for name in [RESERVATIONS, BATCHES] {
            let collection = CollectionId::parse(name)?;
            let mut after = None;
            loop {
                let page = self.store.documents_page(&collection, after.as_ref(), 500).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.document.path.clone());
                look.findings.extend(page.iter().flat_map(|mirrored| finding::in_document(&mirrored.document)));
            }
        }
        for record in self.store.writes_standing().await? {
            let current = self.store.document(record.write.path()).await?.map(|Mirrored { document, .. }| document);
            look.findings.extend(finding::overwritten(&record, current.as_ref()));
        }
        Ok(())
    }

    /// Stores what was seen and what is gone, and how the look ended.
    async fn settle(&self, check: &Check, look: Look) -> anyhow::Result<CheckOutcome> {
        let now = self.now();
        let known = self.store.findings(false, FINDINGS).await?;
        let mut tx = self.store.begin().await?;
        for finding in &look.findings {
            if tx.finding_seen(finding, now).await? {
                tx.audit(&self.studio, self.event(Action::DriftFound, finding, now)).await?;
            }
        }
        let seen: Vec<_> = look.findings.iter().map(Finding::id).collect();
        let mut open = seen.len();
        for KnownFinding { id, finding, .. } in known.iter().filter(|known| !seen.contains(&known.id)) {
            if look.has_covered(finding) {
                tx.finding_resolved(*id, now).await?;
                tx.audit(&self.studio, self.event(Action::DriftResolved, finding, now)).await?;
            } else {
                open += 1;
            }
        }
        let outcome = match (open, look.untold.is_empty()) {
            (0, true) => CheckOutcome::Same,
            (0, false) => CheckOutcome::Unknown { why: look.untold.join("; ") },
            _ => CheckOutcome::Drift,
        };
        tx.check_finish(check.id, &outcome, look.documents_read, now).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    fn event(&self, action: Action, finding: &Finding, now: Timestamp) -> Event {
        let target = match &finding.path {
            Some(path) => audit::Target::Document(path.clone()),
            None => audit::Target::Other(finding.collection.to_string()),
        };
        Event::new(now, self.me.clone(), action, target)
            .detail("kind", finding.kind.word())
            .detail("finding", finding.id().to_string())
    }
}

impl Job for Drift {
    const NAME: &'static str = "drift";

    fn period(&self) -> Duration {
        self.settings.period.min(Duration::from_secs(60))
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let Some(check) = self.next_check().await? else { return Ok(Pass::Idle) };
        let extent = match check.requested_by {
            Some(_) => Extent::Everything,
            None => Extent::Sample { turn: check.id },
        };
        let open = self.store.findings(false, FINDINGS).await?;
        let mut look = compare::look(&self.store, &self.authority, self.settings, extent, &open).await?;
        self.look_inside(&mut look).await?;
        Ok(Pass::Worked(match self.settle(&check, look).await? {
            CheckOutcome::Same => SAME,
            CheckOutcome::Drift => DRIFT,
            CheckOutcome::Unknown { .. } => UNKNOWN,
        }))
    }
}

/// Does the finding come from comparing the mirror with the cloud?
const fn is_about_the_mirror(kind: FindingKind) -> bool {
    match kind {
        FindingKind::MirrorDiffers
        | FindingKind::MissingInMirror
        | FindingKind::ExtraInMirror
        | FindingKind::CountDiffers => true,
        FindingKind::WriteOverwritten | FindingKind::UnknownWord | FindingKind::FlagsDisagree => false,
    }
}
