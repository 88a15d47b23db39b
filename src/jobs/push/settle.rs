//! What is to be settled: answers, lost answers and sightings in the mirror.

use crate::domain::audit::{Action, Event, Target};
use crate::domain::document::Document;
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
        let known: Vec<(&WriteRecord, Reason)> = settled
            .iter()
            .flat_map(|claimed| claimed.records.iter().map(|record| (record, claimed.known_by)))
            .filter(|(record, _)| !matches!(record.state, WriteState::Intended))
            .collect();
        let mut tx = self.store.begin().await?;
        self.settle_in(&mut tx, &known, self.now()).await?;
        fail::fail_point!("push::before-settle", |_| std::process::abort());
        tx.commit().await?;
        known.iter().for_each(|(record, _)| tell(record));
        Ok(settled.len() as u64)
    }

    /// Stores what became of these, and how that is known, each with its audit entry.
    async fn settle_in(&self, tx: &mut Tx, known: &[(&WriteRecord, Reason)], now: Timestamp) -> anyhow::Result<()> {
        let records: Vec<&WriteRecord> = known.iter().map(|(record, _)| *record).collect();
        tx.writes_settle(&records).await?;
        let mut kept = Vec::new();
        for (record, known_by) in known {
            let (action, reason) = match &record.state {
                WriteState::Intended => continue,
                WriteState::Unknown { .. } => (Action::WriteUnknown, Reason::AnswerLost),
                WriteState::Landed(_) => (Action::WriteLanded, *known_by),
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
            let effect = record.id.to_string();
            match &record.state {
                WriteState::Intended | WriteState::Unknown { .. } | WriteState::Observed { .. } => {}
                WriteState::Landed(_) => kept.push(effect),
                WriteState::Stale { .. }
                | WriteState::Refused { .. }
                | WriteState::Conflicted { .. }
                | WriteState::Abandoned { .. } => {
                    tx.quota_give_back(&self.studio, &self.me.person(), &effect, now).await?;
                }
            }
            tx.audit(&self.studio, event).await?;
        }
        if !kept.is_empty() {
            tx.quota_keep(&kept.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    /// Marks the landed writes that the mirror has seen; how many.
    pub(super) async fn observe(&mut self) -> anyhow::Result<u64> {
        let landed = self.store.writes_unobserved(self.settings.batch).await?;
        if landed.is_empty() {
            return Ok(0);
        }
        let targets = self.store.targets().await?;
        let shown = self.store.documents_at(&landed.iter().map(|record| record.write.path()).collect()).await?;
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
            let shows = |document: &Document| document.update_time >= landing.update_time;
            if record.is_seen(landing, None, read_time) || shown.get(record.write.path()).is_some_and(shows) {
                record.state = WriteState::Observed { landing, at: now };
                seen.push(record);
            }
        }
        if seen.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let known: Vec<(&WriteRecord, Reason)> = seen.iter().map(|record| (record, Reason::Ok)).collect();
        self.settle_in(&mut tx, &known, now).await?;
        fail::fail_point!("push::before-observe", |_| std::process::abort());
        tx.commit().await?;
        seen.iter().for_each(tell);
        Ok(seen.len() as u64)
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
