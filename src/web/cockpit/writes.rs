//! The ledger of writes.

use std::collections::BTreeMap;

use studio_cockpit::model::facts::{self as cockpit, May};
use studio_cockpit::model::queue::Turn;
use studio_cockpit::model::trouble::{Trouble, Unanswered};
use studio_cockpit::model::writes::{
    LastRehearsal, Ledger, LedgerPart, Origin, Step, StepKind, StepState, Undo, Undoing as Undone, WriteDetail,
    WriteFilter, WriteRow, WriteState,
};

use crate::domain::actor::Actor;
use crate::domain::audit::Target;
use crate::domain::capability::Registry;
use crate::domain::ids::{ProposalId, WriteId};
use crate::domain::ledger::{self, WriteRecord};
use crate::domain::proposal::{Choice, Proposal, Verdict};
use crate::domain::reason::Reason;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::undoing::{Undoing, undoing};
use crate::store;
use crate::store::rehearsals::RehearsalRecord;
use crate::store::writes::{self as ledger_pages, UndoStanding};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::proposals::effect_on;

impl Cockpit {
    pub(super) async fn ledger_page(&self, filter: &WriteFilter) -> Ledger {
        let rows = self.ledger_part(filter).await;
        let counts = self.panel("The number of writes", self.store().write_counts().await);
        let rehearsed = self.panel("The last rehearsal", self.store().rehearsal_last().await);
        Ledger {
            rows: self.panel("The writes", rows),
            unfiltered: counts.ok().map(|(all, _)| all),
            rehearsed: rehearsed.map(|last| last.map(last_rehearsal)),
        }
    }

    async fn ledger_part(&self, filter: &WriteFilter) -> store::Result<LedgerPart> {
        let turn = filter.turn.as_ref().and_then(turn);
        let page = self.store().ledger_page(filter.state.map(WriteState::word), turn, WriteFilter::PAGE).await?;
        let first = page.records.first().filter(|_| page.has_before).map(|record| Turn::Before(record.id.to_string()));
        let last = page.records.last().filter(|_| page.has_after).map(|record| Turn::After(record.id.to_string()));
        Ok(LedgerPart { rows: self.write_rows(page.records).await?, previous: first, next: last })
    }

    /// Rows for a table, in the order given: what they rest on is read once for all of them.
    pub(super) async fn write_rows(&self, records: Vec<WriteRecord>) -> store::Result<Vec<WriteRow>> {
        let ids: Vec<ProposalId> = records.iter().map(|record| record.proposal).collect();
        let proposals = self.store().proposals_of(&ids).await?;
        let proposals: BTreeMap<ProposalId, &Proposal> = proposals.iter().map(|each| (each.id, each)).collect();
        let verdicts = self.store().verdicts_of(&ids).await?;
        let writes: Vec<WriteId> = records.iter().map(|record| record.id).collect();
        let undos = self.store().undos_of(&writes).await?;
        let rows = records.iter().map(|record| {
            let proposal = proposals.get(&record.proposal).ok_or_else(|| orphaned(record))?;
            let verdicts = verdicts.get(&record.proposal).map_or(&[][..], Vec::as_slice);
            Ok(row(record, proposal, verdicts, undo(undos.get(&record.id)), self.gate().registry()))
        });
        rows.collect()
    }

    async fn origin(&self, record: &WriteRecord) -> store::Result<Proposal> {
        self.store().proposal(record.proposal).await?.ok_or_else(|| orphaned(record))
    }

    async fn undone(&self, record: &WriteRecord) -> store::Result<Undo> {
        Ok(undo(self.store().undos_of(&[record.id]).await?.get(&record.id)))
    }

    pub(super) async fn write_page(&self, id: &str) -> Result<WriteDetail, Unanswered> {
        let viewer = self.viewer()?;
        let missing = || Unanswered::Missing { what: format!("Write {id}") };
        let id: WriteId = id.parse().map_err(|_| missing())?;
        let record = self.panel("The write", self.store().write(id).await)?.ok_or_else(missing)?;
        let proposal = self.panel("The proposal it carries out", self.origin(&record).await);
        let verdicts = self.panel("Who approved it", self.store().verdicts(record.proposal).await);
        let timeline = self.history(&[Target::Proposal(record.proposal), Target::Write(id)]).await;
        let landing = record.state.landing();
        let approved_by = verdicts.as_deref().map(approved_by).map_err(Trouble::clone);
        Ok(WriteDetail {
            id: id.to_string(),
            proposal_id: record.proposal.to_string(),
            document: record.write.path().to_string(),
            state: state(&record.state),
            undoing: match &proposal {
                Ok(proposal) => self.panel("Whether it was undone", self.undoing(viewer, &record, proposal).await),
                Err(trouble) => Err(trouble.clone()),
            },
            steps: match (&proposal, &verdicts) {
                (Ok(proposal), Ok(verdicts)) => Ok(steps(&record, proposal, verdicts)),
                (Err(trouble), _) | (_, Err(trouble)) => Err(trouble.clone()),
            },
            origin: proposal.map(|proposal| Origin {
                summary: proposal.summary,
                approved_by,
                together: proposal.changes.len(),
            }),
            effect: facts::effect(&record.write),
            undo_of: record.undoes.map(|id| id.to_string()),
            changes: facts::changes(&effect_on(&record.write, record.before.as_ref()), facts::Extent::Whole),
            receipt: receipt::path(id).to_string(),
            base: record.write.base().map(Timestamp::to_jiff),
            landed_as: landing.map(|landing| landing.update_time.to_jiff()),
            content_hash: record.content_hash.to_string(),
            rebuilt: record.rebuilt,
            before_hash: record.before_hash().map(|hash| hash.to_string()),
            after_hash: landing.and_then(|_| record.after_hash()).map(|hash| hash.to_string()),
            answer: answer(&record.state),
            timeline,
        })
    }

    /// Whether it was undone, and whether the viewer may propose that.
    async fn undoing(&self, viewer: &Actor, record: &WriteRecord, proposal: &Proposal) -> store::Result<Undone> {
        let undo = self.undone(record).await?;
        let may = self.may_undo(viewer, record, proposal, &undo).await?;
        Ok(Undone { undo, may })
    }

    /// Whether the viewer may propose the undo; `None` when there is nothing to undo.
    async fn may_undo(
        &self,
        viewer: &Actor,
        record: &WriteRecord,
        proposal: &Proposal,
        undone: &Undo,
    ) -> store::Result<Option<May>> {
        let current = self.store().document(record.write.path()).await?.map(|held| held.document);
        let Ok(undoing) = undoing(record, current.as_ref()) else { return Ok(None) };
        let asked = match undone {
            Undo::Proposed { .. } | Undo::Undone { .. } => Err(Reason::UndoExists),
            Undo::None => match self.gate().capability(&proposal.capability) {
                Ok(capability) => {
                    let around = self.gate().around(self.now()).await?;
                    self.gate().may_propose(viewer, capability, &around).asked()
                }
                Err(reason) => Err(reason),
            },
        };
        let asked = asked.and(match undoing {
            Undoing::Clean(_) | Undoing::Merged(_) => Ok(()),
            Undoing::AlreadyBack => Err(Reason::AlreadyBack),
            Undoing::Conflict(_) => Err(Reason::OverwrittenSince),
        });
        Ok(Some(facts::may(asked)))
    }
}

fn last_rehearsal(held: RehearsalRecord) -> LastRehearsal {
    let (clean, all, unknown) = (held.counts.clean, held.counts.all(), held.counts.unknown);
    LastRehearsal { at: held.at.to_jiff(), clean, all, unknown }
}

fn orphaned(record: &WriteRecord) -> store::Error {
    store::Error::Damaged { table: "writes", what: format!("{} has no proposal", record.id) }
}

fn undo(standing: Option<&UndoStanding>) -> Undo {
    match standing {
        None => Undo::None,
        Some(UndoStanding { landed: Some(write), .. }) => Undo::Undone { write_id: write.to_string() },
        Some(UndoStanding { proposal, landed: None }) => Undo::Proposed { proposal_id: proposal.to_string() },
    }
}

/// Where a page begins; what is no write's id begins nowhere.
fn turn(turn: &Turn) -> Option<ledger_pages::Turn> {
    match turn {
        Turn::After(id) => id.parse().ok().map(ledger_pages::Turn::After),
        Turn::Before(id) => id.parse().ok().map(ledger_pages::Turn::Before),
    }
}

fn approved_by(verdicts: &[Verdict]) -> Vec<cockpit::Actor> {
    let approvals = verdicts.iter().filter(|verdict| verdict.choice == Choice::Approve);
    approvals.map(|verdict| facts::actor(&verdict.by)).collect()
}

fn row(record: &WriteRecord, proposal: &Proposal, verdicts: &[Verdict], undo: Undo, registry: &Registry) -> WriteRow {
    WriteRow {
        id: record.id.to_string(),
        proposal_id: record.proposal.to_string(),
        summary: proposal.summary.clone(),
        capability: facts::capability(&proposal.capability, registry),
        document: record.write.path().to_string(),
        state: state(&record.state),
        approved_by: approved_by(verdicts),
        at: since(record).to_jiff(),
        undo,
    }
}

pub(super) const fn state(state: &ledger::WriteState) -> WriteState {
    match state {
        ledger::WriteState::Intended => WriteState::Intended,
        ledger::WriteState::Unknown { .. } => WriteState::Unknown,
        ledger::WriteState::Landed(_) => WriteState::Landed,
        ledger::WriteState::Observed { .. } => WriteState::Observed,
        ledger::WriteState::Stale { .. } => WriteState::Stale,
        ledger::WriteState::Refused { .. } => WriteState::Refused,
        ledger::WriteState::Conflicted { .. } => WriteState::Conflicted,
        ledger::WriteState::Abandoned { .. } => WriteState::Abandoned,
    }
}

/// When it reached its state.
const fn since(record: &WriteRecord) -> Timestamp {
    match &record.state {
        ledger::WriteState::Intended => record.intended,
        ledger::WriteState::Landed(landing) => landing.at,
        ledger::WriteState::Unknown { at }
        | ledger::WriteState::Observed { at, .. }
        | ledger::WriteState::Stale { at }
        | ledger::WriteState::Refused { at, .. }
        | ledger::WriteState::Conflicted { at }
        | ledger::WriteState::Abandoned { at, .. } => *at,
    }
}

/// What was said when it did not land.
fn answer(state: &ledger::WriteState) -> Option<String> {
    match state {
        ledger::WriteState::Intended | ledger::WriteState::Landed(_) | ledger::WriteState::Observed { .. } => None,
        ledger::WriteState::Unknown { .. } => Some(Reason::AnswerLost.sentence().to_owned()),
        ledger::WriteState::Stale { .. } => Some(Reason::StaleBase.sentence().to_owned()),
        ledger::WriteState::Refused { reason, answer, .. } => Some(format!("{} {answer}", reason.sentence())),
        ledger::WriteState::Conflicted { .. } => Some(Reason::KeyReused.sentence().to_owned()),
        ledger::WriteState::Abandoned { reason, .. } => Some(reason.sentence().to_owned()),
    }
}

fn steps(record: &WriteRecord, proposal: &Proposal, verdicts: &[Verdict]) -> Vec<Step> {
    let done = |at: Timestamp, by| StepState::Done { at: at.to_jiff(), by };
    let approval = verdicts.iter().rfind(|verdict| verdict.choice == Choice::Approve);
    let failed = |at: Timestamp| StepState::Failed { at: at.to_jiff(), why: answer(&record.state).unwrap_or_default() };
    let (landed, observed) = match &record.state {
        ledger::WriteState::Intended => (StepState::Waiting, StepState::Waiting),
        ledger::WriteState::Unknown { at } => (failed(*at), StepState::Waiting),
        ledger::WriteState::Landed(landing) => (done(landing.at, None), StepState::Waiting),
        ledger::WriteState::Observed { landing, at } => (done(landing.at, None), done(*at, None)),
        ledger::WriteState::Stale { at }
        | ledger::WriteState::Refused { at, .. }
        | ledger::WriteState::Conflicted { at }
        | ledger::WriteState::Abandoned { at, .. } => (failed(*at), StepState::Skipped),
    };
    let sent = match record.sent {
        Some(at) => done(at, None),
        None if record.state.is_open() => StepState::Waiting,
        None => StepState::Skipped,
    };
    let approved = match approval {
        Some(verdict) => done(verdict.at, Some(facts::actor(&verdict.by))),
        None => StepState::Waiting,
    };
    [
        (StepKind::Proposed, done(proposal.created, Some(facts::actor(&proposal.proposer)))),
        (StepKind::Approved, approved),
        // Claim, intent and before-image are one transaction.
        (StepKind::Claimed, done(record.intended, None)),
        (StepKind::Intended, done(record.intended, None)),
        (StepKind::Sent, sent),
        (StepKind::Landed, landed),
        (StepKind::Observed, observed),
    ]
    .into_iter()
    .map(|(kind, state)| Step { kind, state })
    .collect()
}
