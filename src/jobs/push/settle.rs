//! What is to be settled: answers, lost answers and sightings in the mirror.

use crate::domain::audit::{Action, Event, Target};
use crate::domain::ledger::{WriteRecord, WriteState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::jobs::push::{Claimed, Push};
use crate::store::Tx;
use crate::store::targets::TargetState;

impl Push {
    /// Stores what became of these, each with its audit entry, all in one transaction; how many proposals they are.
    pub(super) async fn settle(&self, settled: Vec<Claimed>) -> anyhow::Result<u64> {
        if settled.is_empty() {
            return Ok(0);
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        for claimed in &settled {
            for record in &claimed.records {
                self.settle_one(&mut tx, (record, claimed.known_by), now).await?;
            }
        }
        fail::fail_point!("push::before-settle", |_| std::process::abort());
        tx.commit().await?;
        for record in settled.iter().flat_map(|claimed| &claimed.records) {
            tell(record);
        }
        Ok(settled.len() as u64)
    }

    async fn settle_one(
        &self,
        tx: &mut Tx,
        (record, known_by): (&WriteRecord, Reason),
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let (action, reason) = match &record.state {
            WriteState::Intended => return Ok(()),
            WriteState::Unknown { .. } => (Action::WriteUnknown, Reason::AnswerLost),
            WriteState::Landed(_) => (Action::WriteLanded, known_by),
            WriteState::Observed { .. } => (Action::WriteObserved, Reason::Ok),
            WriteState::Stale { .. } => (Action::WriteStale, Reason::StaleBase),
            WriteState::Refused { reason, .. } => (Action::WriteRefused, *reason),
            WriteState::Conflicted { .. } => (Action::WriteConflicted, Reason::KeyReused),
            WriteState::Abandoned { reason, .. } => (Action::WriteAbandoned, *reason),
        };
        let mut event = Event::new(now, self.me.person(), action, Target::Write(record.id))
            .because(reason)
            .input(record.content_hash)
            .detail("document", record.write.path().as_str());
        if let Some(landing) = record.state.landing() {
            event = event.detail("update_time", landing.update_time.to_string());
            if let Some(after) = record.after_hash() {
                event = event.output(after);
            }
        }
        tx.write_settle(record).await?;
        let effect = record.id.to_string();
        match &record.state {
            WriteState::Intended | WriteState::Unknown { .. } | WriteState::Observed { .. } => {}
            WriteState::Landed(_) => tx.quota_keep(&effect).await?,
            WriteState::Stale { .. }
            | WriteState::Refused { .. }
            | WriteState::Conflicted { .. }
            | WriteState::Abandoned { .. } => {
                tx.quota_give_back(&self.studio, &self.me.person(), &effect, now).await?;
            }
        }
        tx.audit(&self.studio, event).await?;
        Ok(())
    }

    /// Marks the landed writes that the mirror has seen; how many.
    pub(super) async fn observe(&mut self) -> anyhow::Result<u64> {
        let landed = self.store.writes_unobserved(self.settings.batch).await?;
        if landed.is_empty() {
            return Ok(0);
        }
        let targets = self.store.targets().await?;
        let (mut seen, now) = (Vec::new(), self.now());
        for mut record in landed {
            let Some(landing) = record.state.landing() else { continue };
            let collection = record.write.path().collection();
            let target = targets.iter().find(|target| target.collection == collection);
            let Some(read_time) =
                target.filter(|target| target.state == TargetState::Current).and_then(|target| target.read_time)
            else {
                continue;
            };
            if record.is_seen(landing, None, read_time) || self.shows(&record).await? {
                record.state = WriteState::Observed { landing, at: now };
                seen.push(record);
            }
        }
        if seen.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        for record in &seen {
            self.settle_one(&mut tx, (record, Reason::Ok), now).await?;
        }
        fail::fail_point!("push::before-observe", |_| std::process::abort());
        tx.commit().await?;
        seen.iter().for_each(tell);
        Ok(seen.len() as u64)
    }

    /// Does the mirror hold the document as the write left it, or newer?
    async fn shows(&self, record: &WriteRecord) -> anyhow::Result<bool> {
        let Some(landing) = record.state.landing() else { return Ok(false) };
        let mirrored = self.store.document(record.write.path()).await?;
        Ok(mirrored.is_some_and(|mirrored| mirrored.document.update_time >= landing.update_time))
    }
}

fn tell(record: &WriteRecord) {
    let outcome = record.state.word();
    metrics::counter!(crate::telemetry::names::PUSH_OUTCOMES, "outcome" => outcome).increment(1);
    tracing::info!(
        write.id = %record.id,
        doc.path = %record.write.path(),
        outcome,
        "Write {} is {outcome}",
        record.id
    );
}
