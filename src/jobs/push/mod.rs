//! Approved proposals out to Firestore: plan, record, write, settle.
//!
//! # Guarantees
//! * Intent and before-image are on disk before Firestore is asked (invariant 3).
//! * Target and receipt are one commit, each with its condition (invariant 2): whatever is sent again, by whomever, lands
//!   at most once, and the receipt proves that it did.
//! * A lost answer is looked up through the receipt, never guessed.
//! * The gate is asked again in the transaction that claims the write (invariant 7).

/// Whether this box is the one that writes.
mod lease;

/// What is to be settled: claims, answers, lost answers and sightings.
mod settle;

use std::time::Duration;

use anyhow::Context as _;

use crate::authority::{Authority, CommitError};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::capability::DRILLS;
use crate::domain::decision::{Act, Base};
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, ProposalId, StudioId};
use crate::domain::ledger::{Landing, WriteRecord, WriteState};
use crate::domain::proposal::{Proposal, ProposalState};
use crate::domain::reads::Cause;
use crate::domain::reason::Reason;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::write::Standing;
use crate::gate::{Gate, Writes};
use crate::jobs::drive::{Job, Pass};
use crate::store::{Store, Tx};
use crate::telemetry::ReasonCode;

/// The push job. There is one per studio, and nothing else writes to Firestore.
#[derive(Debug)]
pub struct Push {
    store: Store,
    authority: Authority,
    clock: Clock,
    gate: Gate,
    settings: PushSettings,
    studio: StudioId,
    me: Actor,
}

/// What the push job has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushSettings {
    /// Most writes sent in one pass.
    pub batch: u16,
    /// How long after a lost answer a write without a receipt is sent again.
    pub unknown_retry_after: Duration,
}

const PUSHED: ReasonCode = ReasonCode::new("pushed");

impl Push {
    /// The push job of a studio.
    pub fn new(store: Store, authority: Authority, clock: Clock, gate: Gate, settings: PushSettings) -> Self {
        let studio = store.studio().clone();
        let me = Actor::system(&studio, Self::NAME);
        Self { store, authority, clock, gate, settings, studio, me }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// One document as Firestore has it now.
    async fn look_up(&self, path: &DocPath, cause: Cause) -> anyhow::Result<Option<Document>> {
        let mut lookup = self.authority.because_of(cause).get(std::slice::from_ref(path), None).await?;
        if let Some(unreadable) = lookup.unreadable.first() {
            anyhow::bail!("`{path}` holds what can't be kept as a before-image: {}", unreadable.why);
        }
        Ok(lookup.found.pop())
    }

    /// Everything that waits, oldest first; how much was done.
    async fn work(&mut self) -> anyhow::Result<u64> {
        let (mut done, now) = (0, self.now());
        for id in self.store.proposals_overdue(now, self.settings.batch).await? {
            self.expire(id, now).await?;
            done += 1;
        }
        self.look_at_lease().await?;
        for record in self.store.writes_open(self.settings.batch).await? {
            done += u64::from(self.recover(record).await?);
        }
        match self.gate.settings().writes {
            Writes::Off => {}
            Writes::On => {
                for id in self.store.proposals_ready(now, self.settings.batch).await? {
                    done += u64::from(self.push(id).await?);
                }
            }
        }
        Ok(done + self.observe().await?)
    }

    /// Carries one approved proposal out; says whether there was anything to do about it.
    async fn push(&mut self, id: ProposalId) -> anyhow::Result<bool> {
        if self.is_held(id).await? {
            return Ok(false);
        }
        if let Some(record) = self.claim(id).await? {
            fail::fail_point!("push::after-intent", |_| std::process::abort());
            self.send(record).await?;
        }
        Ok(true)
    }

    /// Asks the gate, takes the before-image, and stores both with the intent; `None` when there is nothing to send.
    async fn claim(&mut self, id: ProposalId) -> anyhow::Result<Option<WriteRecord>> {
        let Some(planned) = self.store.proposal(id).await? else { return Ok(None) };
        let before = self
            .look_up_beside_lease(planned.write.path(), cause_of(planned.write.path()))
            .await
            .context("could not read the document before writing it")?;
        fail::fail_point!("push::before-intent", |_| std::process::abort());
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let around = self.gate.around_in(&mut tx, now).await?;
        let Some(proposal) = tx.proposal(id).await? else { return Ok(None) };
        let verdicts = tx.verdicts(id).await?;
        let beside = self.gate.circumstances(&mut tx, &proposal, now).await?;
        let base = match proposal.write.standing(before.as_ref()) {
            Standing::Current => Base::Current,
            Standing::Moved { .. } | Standing::Gone | Standing::Appeared => Base::Moved,
        };
        let about = (&proposal, verdicts.as_slice());
        let decision = self.gate.judge(&self.me, Act::Apply, about, (base, None), (&around, beside));
        if let Err(reason) = decision.asked() {
            // Decided or expired since it was listed: its own transition tells of it.
            if [Reason::NotWaiting, Reason::Expired].contains(&reason) {
                return Ok(None);
            }
            if decision.passes() {
                return self.hold(tx, &proposal, reason).await.map(|()| None);
            }
            let stale = reason == Reason::StaleBase;
            let state = if stale { ProposalState::Stale } else { ProposalState::Denied(reason) };
            let event = Event::new(now, self.me.person(), Action::PushDenied, Target::Proposal(id))
                .input(proposal.content_hash())
                .because(reason)
                .detail("policies", decision.policies.join(" "));
            tx.proposal_move(id, state, now).await?;
            tx.audit(&self.studio, event).await?;
            tx.commit().await?;
            return Ok(None);
        }
        let record = WriteRecord {
            id: proposal.write_id(),
            proposal: id,
            content_hash: proposal.content_hash(),
            before: before.map(|document| document.fields),
            intended: now,
            state: WriteState::Intended,
            undoes: proposal.undoes,
            write: proposal.write.clone(),
        };
        let mut event = Event::new(now, self.me.person(), Action::WriteIntended, Target::Write(record.id))
            .input(record.content_hash)
            .detail("proposal", id.to_string())
            .detail("document", record.write.path().as_str())
            .detail("policies", decision.policies.join(" "));
        if let Some(before) = &record.before {
            event = event.detail("before", crate::domain::document::hash_of(before).to_string());
        }
        if let Err(reason) = self.gate.spend(&mut tx, &proposal, beside, now).await? {
            return self.hold(tx, &proposal, reason).await.map(|()| None);
        }
        tx.proposal_move(id, ProposalState::Sent, now).await?;
        tx.write_intend(&record).await?;
        tx.audit(&self.studio, event).await?;
        tx.commit().await?;
        Ok(Some(record))
    }

    /// Does anything that passes by itself hold the proposal back? Then nothing is read from Firestore for it.
    async fn is_held(&self, id: ProposalId) -> anyhow::Result<bool> {
        let Some(proposal) = self.store.proposal(id).await? else { return Ok(true) };
        let verdicts = self.store.verdicts(id).await?;
        let around = self.gate.around(self.now()).await?;
        let about = (&proposal, verdicts.as_slice());
        let decision = self.gate.may(&self.me, Act::Apply, about, (Base::Current, None), &around).await?;
        match decision.asked() {
            Err(Reason::RateLimited) => {
                let mut tx = self.store.begin().await?;
                // Counted where a share would be taken, so that nothing is read from Firestore in vain.
                match self.gate.take_share(&mut tx, &proposal, self.now()).await? {
                    Err(reason) => self.hold(tx, &proposal, reason).await.map(|()| true),
                    Ok(()) => tx.rollback().await.map(|()| false).map_err(Into::into),
                }
            }
            Err(reason) if decision.passes() => {
                if proposal.held != Some(reason) {
                    self.hold(self.store.begin().await?, &proposal, reason).await?;
                }
                Ok(true)
            }
            Ok(()) | Err(_) => Ok(false),
        }
    }

    /// Says once why an approved proposal is held back. It stays approved until it expires.
    async fn hold(&self, mut tx: Tx, proposal: &Proposal, reason: Reason) -> anyhow::Result<()> {
        if tx.proposal_hold(proposal.id, reason).await? {
            let event = Event::new(self.now(), self.me.person(), Action::PushDenied, Target::Proposal(proposal.id))
                .input(proposal.content_hash())
                .because(reason);
            tx.audit(&self.studio, event).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sends one commit of target and receipt, and settles on the answer; says whether it was sent.
    ///
    /// The gate is asked once more: what was claimed before a stop is not sent after it.
    async fn send(&mut self, record: WriteRecord) -> anyhow::Result<bool> {
        let proposal = self.store.proposal(record.proposal).await?.context("a write has lost its proposal")?;
        let verdicts = self.store.verdicts(record.proposal).await?;
        let around = self.gate.around(self.now()).await?;
        let about = (&proposal, verdicts.as_slice());
        let decision = self.gate.may(&self.me, Act::Send, about, (Base::Current, None), &around).await?;
        if let Err(reason) = decision.asked() {
            tracing::warn!(write.id = %record.id, reason_code = reason.code(), "Write {} is not sent", record.id);
            if decision.passes() {
                return Ok(false);
            }
            let refused = WriteState::Refused { at: around.now, reason, answer: "the gate said no".to_owned() };
            return self.settle(&record, refused, reason).await.map(|()| true);
        }
        let departure = match self.gate.depart().await? {
            Ok(departure) => departure,
            Err(reason) => {
                tracing::warn!(write.id = %record.id, reason_code = reason.code(), "Write {} is not sent", record.id);
                return Ok(false);
            }
        };
        let commit = vec![record.write.clone(), receipt::creation(&record, &proposal, &verdicts)];
        let answer = self.authority.commit(&commit).await;
        drop(departure);
        fail::fail_point!("push::after-send", |_| std::process::abort());
        let now = self.now();
        match answer {
            Ok(answer) => {
                let update_time = answer.update_times.first().copied().flatten().unwrap_or(answer.commit_time);
                self.settle(&record, WriteState::Landed(Landing { at: now, update_time }), Reason::Ok).await
            }
            Err(CommitError::Precondition(_)) => match self.receipt_of(&record).await? {
                Some(landing) => self.settle(&record, WriteState::Landed(landing), Reason::ReceiptFound).await,
                None => self.settle(&record, WriteState::Stale { at: now }, Reason::StaleBase).await,
            },
            Err(CommitError::Refused(error)) => {
                let answer = error.chain();
                let reason = Reason::RefusedByServer;
                self.settle(&record, WriteState::Refused { at: now, reason, answer }, reason).await
            }
            Err(error @ CommitError::NotApplied(_)) => Err(error).context("could not send an approved write"),
            Err(CommitError::Unknown(_)) => {
                self.settle(&record, WriteState::Unknown { at: now }, Reason::AnswerLost).await?;
                if let Some(landing) = self.receipt_of(&record).await? {
                    self.settle(&record, WriteState::Landed(landing), Reason::ReceiptFound).await?;
                }
                Ok(())
            }
        }
        .map(|()| true)
    }
}

/// Why the look-ups of a write to this document cost reads.
fn cause_of(target: &DocPath) -> Cause {
    if target.collection().as_str() == DRILLS { Cause::Drill } else { Cause::Push }
}

impl Job for Push {
    const NAME: &'static str = "push";

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        Ok(if self.work().await? == 0 { Pass::Idle } else { Pass::Worked(PUSHED) })
    }
}
