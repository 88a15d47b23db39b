//! Approved proposals out to Firestore: plan, record, write, settle.
//!
//! # Guarantees
//! * Intent and before-image are on disk before Firestore is asked (invariant 3).
//! * All writes of a proposal and their receipts are one commit, each with its condition (invariant 2): whatever is sent
//!   again, by whomever, lands at most once, and the receipt proves that it did.
//! * A lost answer is looked up through the receipt, never guessed.
//! * The gate is asked again in the transaction that claims the writes (invariant 7).
//! * No document is in two commits at a time.

/// Whether this box is the one that writes.
mod lease;

/// Asking the gate for the last time, and storing the intent.
mod claim;

/// Sending what was claimed, and what the answers mean.
mod send;

/// What is to be settled: answers, lost answers, overdue proposals and sightings in the mirror.
mod settle;

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::capability::DRILLS;
use crate::domain::ids::{DocPath, ProposalId, StudioId};
use crate::domain::lease::BOXES;
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{Proposal, Verdict};
use crate::domain::ramp::Ramp;
use crate::domain::reads::Cause;
use crate::domain::reason::Reason;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::gate::{Gate, Writes};
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::telemetry::ReasonCode;

/// The push job. There is one per studio, and nothing else writes to the studio's documents.
#[derive(Debug)]
pub struct Push {
    store: Store,
    authority: Authority,
    clock: Clock,
    gate: Gate,
    settings: PushSettings,
    studio: StudioId,
    me: Actor,
    ramp: Ramp,
    since: Instant,
    /// How long to wait when there is nothing more to do.
    pause: Duration,
}

/// What the push job has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushSettings {
    /// Most proposals taken in one pass.
    pub batch: u16,
    /// How long after a lost answer a write without a receipt is sent again.
    pub unknown_retry_after: Duration,
    /// Most writes sent in one second until use lets that grow.
    pub start_rate: NonZeroU32,
}

/// Everything that one commit carries out.
#[derive(Clone, Debug)]
struct Claimed {
    proposal: Proposal,
    verdicts: Vec<Verdict>,
    records: Vec<WriteRecord>,
    /// How we know that it landed, once it did: by the answer itself, or by the receipt.
    known_by: Reason,
}

const PUSHED: ReasonCode = ReasonCode::new("pushed");

/// How often to look, though nothing has changed.
const PERIOD: Duration = Duration::from_secs(5);

/// The most commits that are under way at a time.
const ABREAST: usize = 16;

impl Push {
    /// The push job of a studio.
    pub fn new(store: Store, authority: Authority, clock: Clock, gate: Gate, settings: PushSettings) -> Self {
        let studio = store.studio().clone();
        let me = Actor::system(&studio, Self::NAME);
        let ramp = Ramp::starting_at(settings.start_rate);
        Self { store, authority, clock, gate, settings, studio, me, ramp, since: Instant::now(), pause: PERIOD }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Everything that waits, oldest first; how much was done.
    async fn work(&mut self) -> anyhow::Result<u64> {
        let (mut done, now) = (0, self.now());
        for id in self.store.proposals_overdue(now, self.settings.batch).await? {
            self.expire(id, now).await?;
            done += 1;
        }
        self.look_at_lease().await?;
        let (recovered, mut busy) = self.recover().await?;
        done += recovered;
        match self.gate.settings().writes {
            Writes::Off => {}
            Writes::On => done += self.push(&mut busy).await?,
        }
        Ok(done + self.observe().await?)
    }

    /// Does the rate let this go now? Each document is two writes: its own, and its receipt.
    fn may_go(&mut self, proposal: &Proposal) -> bool {
        let (now, wanted) = (self.since.elapsed(), 2 * proposal.changes.len());
        let grant = self.ramp.take(now, wanted);
        self.pause = if grant.count < wanted { grant.next.saturating_sub(now).min(PERIOD) } else { PERIOD };
        grant.count == wanted
    }

    /// Carries out what is approved; how many proposals there was something to do about.
    ///
    /// A document that is `busy` waits for the next pass: what is written to it next rests on what became of this.
    async fn push(&mut self, busy: &mut BTreeSet<DocPath>) -> anyhow::Result<u64> {
        let now = self.now();
        let ids = self.store.proposals_ready(now, self.settings.batch).await?;
        let around = self.gate.around(now).await?;
        let mut waiting = self.store.proposals_of(&ids).await?;
        waiting.retain(|proposal| !proposal.changes.paths().any(|path| busy.contains(path)));
        let mut picked = Vec::new();
        for proposal in self.not_held(waiting, &around).await? {
            if proposal.changes.paths().any(|path| busy.contains(path)) {
                continue;
            }
            if !self.may_go(&proposal) {
                break;
            }
            busy.extend(proposal.changes.paths().cloned());
            picked.push(proposal);
        }
        if picked.is_empty() {
            return Ok(0);
        }
        let done = picked.len() as u64;
        let claimed = self.claim(&picked).await?;
        fail::fail_point!("push::after-intent", |_| std::process::abort());
        self.send(claimed).await?;
        Ok(done)
    }

    /// Finds out what became of the writes of which we don't know; how many proposals are settled now, and the documents
    /// of those that are not.
    ///
    /// A write without a receipt is sent again with the same key: at once if it was never sent or the process died, and
    /// after a bounded time if the answer was lost. Writes and receipts are conditional, so that they can't land twice.
    async fn recover(&mut self) -> anyhow::Result<(u64, BTreeSet<DocPath>)> {
        let open = self.store.writes_open(u16::MAX).await?;
        let mut busy: BTreeSet<DocPath> = open.iter().map(|record| record.write.path().clone()).collect();
        let mut ids: Vec<ProposalId> = open.iter().map(|record| record.proposal).collect();
        ids.dedup();
        ids.truncate(usize::from(self.settings.batch));
        if ids.is_empty() {
            return Ok((0, busy));
        }
        let mut found = self.open(&ids).await?;
        let receipts = self.look_up_beside_lease(&receipts_of(&found)).await.context("could not look receipts up")?;
        let landed = self.told(&mut found, &receipts);
        for claimed in &landed {
            for record in &claimed.records {
                busy.remove(record.write.path());
            }
        }
        let mut done = self.settle(landed).await?;
        let now = self.now();
        found.retain(|claimed| {
            let lost = claimed.records.iter().filter_map(|record| record.state.settled()).max();
            lost.is_none_or(|at| now.since(at) >= self.settings.unknown_retry_after)
        });
        let allowed = self.still_allowed(found).await?;
        let sent = self.send(allowed).await?;
        for path in &sent {
            busy.remove(path);
        }
        done += sent.len() as u64;
        Ok((done, busy))
    }

    /// The open commits of these proposals.
    async fn open(&self, ids: &[ProposalId]) -> anyhow::Result<Vec<Claimed>> {
        let mut verdicts = self.store.verdicts_of(ids).await?;
        let mut found = Vec::new();
        for proposal in self.store.proposals_of(ids).await? {
            let records = self.store.writes_of(proposal.id).await?;
            let verdicts = verdicts.remove(&proposal.id).unwrap_or_default();
            found.push(Claimed { proposal, verdicts, records, known_by: Reason::Ok });
        }
        if found.len() == ids.len() { Ok(found) } else { anyhow::bail!("a write has lost its proposal") }
    }
}

/// Where the receipts are that tell of these: one of each commit is enough.
fn receipts_of(claimed: &[Claimed]) -> Vec<DocPath> {
    claimed.iter().filter_map(|claimed| claimed.records.first()).map(|record| receipt::path(record.id)).collect()
}

/// Why the look-ups of writes to these documents cost reads.
fn cause_of<'a>(targets: impl Iterator<Item = &'a DocPath>) -> Cause {
    let mut studios = targets.filter(|target| target.collection().as_str() != BOXES).peekable();
    let drill = studios.peek().is_some() && studios.all(|target| target.collection().as_str() == DRILLS);
    if drill { Cause::Drill } else { Cause::Push }
}

impl Job for Push {
    const NAME: &'static str = "push";
    const ABOUT: &'static str = "Sends approved proposals to Firestore, and looks up what became of each.";

    fn period(&self) -> Duration {
        self.pause
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let done = self.work().await.context("could not push")?;
        Ok(if done == 0 { Pass::Idle } else { Pass::Worked(PUSHED) })
    }
}
