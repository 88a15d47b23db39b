//! What is to be settled: answers, lost answers, overdue proposals and sightings in the mirror.

use anyhow::Context as _;

use crate::domain::audit::{Action, Event, Target};
use crate::domain::document;
use crate::domain::ids::ProposalId;
use crate::domain::ledger::{Landing, WriteRecord, WriteState};
use crate::domain::proposal::ProposalState;
use crate::domain::reason::Reason;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::jobs::push::{Push, cause_of};
use crate::store::targets::TargetState;

impl Push {
    /// Finds out what became of a write of which we don't know; says whether that is known now.
    ///
    /// A write without a receipt is sent again with the same key: at once if it was never sent or the process died, and
    /// after a bounded time if the answer was lost. Target and receipt are conditional, so that it can't land twice.
    pub(super) async fn recover(&mut self, record: WriteRecord) -> anyhow::Result<bool> {
        let (path, cause) = (receipt::path(record.id), cause_of(record.write.path()));
        let receipt = self.look_up_beside_lease(&path, cause).await.context("could not look a receipt up")?;
        if let Some(receipt) = receipt {
            let landing = Landing { at: self.now(), update_time: receipt.create_time };
            self.settle(&record, WriteState::Landed(landing), Reason::ReceiptFound).await?;
            return Ok(true);
        }
        let now = self.now();
        let patient = match record.state {
            WriteState::Unknown { at } => now.since(at) < self.settings.unknown_retry_after,
            WriteState::Intended
            | WriteState::Landed(_)
            | WriteState::Observed { .. }
            | WriteState::Stale { .. }
            | WriteState::Refused { .. } => false,
        };
        if patient { Ok(false) } else { self.send(record).await }
    }

    /// What the receipt says: the landing, if the write landed.
    pub(super) async fn receipt_of(&self, record: &WriteRecord) -> anyhow::Result<Option<Landing>> {
        let (path, cause) = (receipt::path(record.id), cause_of(record.write.path()));
        let receipt = self.look_up(&path, cause).await.context("could not look a receipt up")?;
        Ok(receipt.map(|receipt| Landing { at: self.now(), update_time: receipt.create_time }))
    }

    /// Stores what became of a write, with its audit entry.
    pub(super) async fn settle(
        &mut self,
        record: &WriteRecord,
        state: WriteState,
        reason: Reason,
    ) -> anyhow::Result<()> {
        let action = match &state {
            WriteState::Intended => return Ok(()),
            WriteState::Unknown { .. } => Action::WriteUnknown,
            WriteState::Landed(_) => Action::WriteLanded,
            WriteState::Observed { .. } => Action::WriteObserved,
            WriteState::Stale { .. } => Action::WriteStale,
            WriteState::Refused { .. } => Action::WriteRefused,
        };
        let now = self.now();
        let mut event = Event::new(now, self.me.person(), action, Target::Write(record.id))
            .because(reason)
            .input(record.content_hash)
            .detail("document", record.write.path().as_str());
        if let Some(landing) = state.landing() {
            event = event.detail("update_time", landing.update_time.to_string());
            if let Some(after) = record.after() {
                event = event.output(document::hash_of(&after));
            }
        }
        let mut tx = self.store.begin().await?;
        tx.write_settle(record.id, &state).await?;
        let effect = record.id.to_string();
        match &state {
            WriteState::Intended | WriteState::Unknown { .. } => {}
            WriteState::Landed(_) | WriteState::Observed { .. } => tx.quota_keep(&effect).await?,
            WriteState::Stale { .. } | WriteState::Refused { .. } => {
                tx.quota_give_back(&self.studio, &self.me.person(), &effect, now).await?;
            }
        }
        tx.audit(&self.studio, event).await?;
        fail::fail_point!("push::before-settle", |_| std::process::abort());
        tx.commit().await?;
        metrics::counter!(crate::telemetry::names::PUSH_OUTCOMES, "outcome" => state.word()).increment(1);
        tracing::info!(
            write.id = %record.id,
            doc.path = %record.write.path(),
            outcome = state.word(),
            reason_code = reason.code(),
            "Write {} is {}",
            record.id,
            state.word()
        );
        Ok(())
    }

    /// Ends an open proposal whose time is over.
    pub(super) async fn expire(&mut self, id: ProposalId, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        let Some(proposal) = tx.proposal(id).await?.filter(|proposal| proposal.state.is_open()) else { return Ok(()) };
        let event = Event::new(now, self.me.person(), Action::ProposalExpired, Target::Proposal(id))
            .because(Reason::Expired)
            .input(proposal.content_hash());
        tx.proposal_move(id, ProposalState::Expired, now).await?;
        tx.audit(&self.studio, event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Marks the landed writes that the mirror has seen; how many.
    pub(super) async fn observe(&mut self) -> anyhow::Result<u64> {
        let landed = self.store.writes_unobserved(self.settings.batch).await?;
        if landed.is_empty() {
            return Ok(0);
        }
        let targets = self.store.targets().await?;
        let mut seen = 0;
        for record in landed {
            let Some(landing) = record.state.landing() else { continue };
            let collection = record.write.path().collection();
            let target = targets.iter().find(|target| target.collection == collection);
            let Some(read_time) =
                target.filter(|target| target.state == TargetState::Current).and_then(|target| target.read_time)
            else {
                continue;
            };
            let mirrored = self.store.document(record.write.path()).await?.map(|mirrored| mirrored.document);
            if record.is_seen(landing, mirrored.as_ref(), read_time) {
                let state = WriteState::Observed { landing, at: self.now() };
                self.settle(&record, state, Reason::Ok).await?;
                seen += 1;
            }
        }
        Ok(seen)
    }
}
