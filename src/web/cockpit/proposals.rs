//! Proposals: the queue and one proposal in full.

use studio_cockpit::model::facts::{May, TimelineEvent};
use studio_cockpit::model::proposals::{
    Choice, Decision, DocumentChange, DryRun, DryRunVerdict, ProposalDetail, ProposalFilter, ProposalQueue,
    ProposalRow, ProposalState, QueueCounts,
};
use studio_cockpit::model::trouble::{Panel, Trouble, Unanswered};
use studio_cockpit::model::writes::WriteState;

use crate::domain::actor::Actor;
use crate::domain::audit::Target;
use crate::domain::capability::Risk;
use crate::domain::change::Change;
use crate::domain::decision::{Act, Base};
use crate::domain::diff::{FieldChange, diff};
use crate::domain::document::Document;
use crate::domain::ids::ProposalId;
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{self, Proposal, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::domain::write::{Standing, Write};
use crate::gate::facts::Surroundings;
use crate::store;
use crate::store::proposals::ProposalQuery;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::drafting::FORMS;
use crate::web::cockpit::{facts, writes};
use crate::web::desk::{Freshness, judge};

/// The most proposals or writes that one page shows.
pub(super) const MOST: u16 = 200;

impl Cockpit {
    pub(super) async fn queue_page(&self, filter: ProposalFilter) -> Result<ProposalQueue, Unanswered> {
        let viewer = self.viewer()?;
        let query = match filter {
            ProposalFilter::Waiting => ProposalQuery::Open,
            ProposalFilter::Decided => ProposalQuery::Over,
            ProposalFilter::All => ProposalQuery::All,
        };
        let rows = match self.store().proposals(query, MOST).await {
            Ok(proposals) => self.proposal_rows(viewer, proposals).await,
            Err(error) => Err(error),
        };
        let around = self.panel("The rules", self.gate().around(self.now()).await);
        let counts = self.panel("The number of proposals", self.store().proposal_counts().await);
        Ok(ProposalQueue {
            rows: self.panel("The proposals", rows),
            counts: counts.ok().map(|(waiting, decided)| QueueCounts { waiting, decided }),
            may_propose: match around {
                Ok(around) => self.may_propose_anything(viewer, &around),
                Err(trouble) => May::No { why: trouble.what },
            },
        })
    }

    fn may_propose_anything(&self, viewer: &Actor, around: &Surroundings) -> May {
        let asked = FORMS.map(|id| match self.gate().registry().find(id) {
            Some(capability) => self.gate().may_propose(viewer, capability, around).asked(),
            None => Err(Reason::CapabilityUnknown),
        });
        facts::may(asked.iter().find(|asked| asked.is_ok()).copied().unwrap_or(asked[0]))
    }

    /// Rows for a table; those that the viewer can decide come first, and otherwise the order stays.
    pub(super) async fn proposal_rows(
        &self,
        viewer: &Actor,
        proposals: Vec<Proposal>,
    ) -> store::Result<Vec<ProposalRow>> {
        let around = self.gate().around(self.now()).await?;
        let mut rows = Vec::with_capacity(proposals.len());
        for proposal in &proposals {
            let verdicts = self.store().verdicts(proposal.id).await?;
            let records = self.store().writes_of(proposal.id).await?;
            rows.push(self.row((viewer, &around), proposal, &verdicts, records.first()).await?);
        }
        rows.sort_by_key(|row| row.may_decide != May::Yes);
        Ok(rows)
    }

    async fn row(
        &self,
        (viewer, around): (&Actor, &Surroundings),
        proposal: &Proposal,
        verdicts: &[Verdict],
        record: Option<&WriteRecord>,
    ) -> store::Result<ProposalRow> {
        let (given, needed) = self.gate().approvals(proposal, verdicts);
        let risk = self.gate().capability(&proposal.capability).map_or(Risk::Critical, |capability| capability.risk);
        Ok(ProposalRow {
            id: proposal.id.to_string(),
            summary: proposal.summary.clone(),
            capability: facts::capability(&proposal.capability, self.gate().registry()),
            document: proposal.changes.first().write.path().to_string(),
            more: proposal.changes.len() - 1,
            proposer: facts::actor(&proposal.proposer),
            proposed_at: proposal.created.to_jiff(),
            risk: facts::risk(risk),
            approvals_given: u32::try_from(given.people).unwrap_or(u32::MAX),
            approvals_needed: u32::try_from(needed.people).unwrap_or(u32::MAX),
            state: state(proposal, record),
            may_decide: facts::may(self.gate().may_decide(viewer, proposal, verdicts, around).await?),
        })
    }

    pub(super) async fn proposal_page(&self, id: &str) -> Result<ProposalDetail, Unanswered> {
        let viewer = self.viewer()?;
        let missing = || Unanswered::Missing { what: format!("Proposal {id}") };
        let id: ProposalId = id.parse().map_err(|_| missing())?;
        let proposal = self.panel("The proposal", self.store().proposal(id).await)?.ok_or_else(missing)?;
        let verdicts = self.panel("The decisions", self.store().verdicts(id).await)?;
        let records = self.panel("The writes", self.store().writes_of(id).await)?;
        let around = self.panel("The rules", self.gate().around(self.now()).await)?;
        let timeline = self.history(&[Target::Proposal(id)]).await;
        let mut documents = Vec::with_capacity(proposal.changes.len());
        for change in &proposal.changes {
            let record = records.iter().find(|record| record.write.path() == change.write.path());
            documents.push(self.document_change(change, record).await);
        }
        let is_own = viewer.is_same_person(&proposal.proposer) && proposal.state.is_open();
        let row = self.row((viewer, &around), &proposal, &verdicts, records.first()).await;
        let missing = self.still_missing(&proposal, &verdicts, &around).await;
        let may_withdraw = if is_own {
            let about = (&proposal, verdicts.as_slice());
            let asked = self.gate().may(viewer, Act::Withdraw, about, (Base::Unknown, None), &around).await;
            Some(facts::may(self.panel("The rules", asked)?.asked()))
        } else {
            None
        };
        Ok(ProposalDetail {
            row: self.panel("The proposal", row)?,
            reason: proposal.reason.as_str().to_owned(),
            documents,
            content_hash: proposal.content_hash().to_string(),
            rollback: rollback(&proposal.changes.first().write).to_owned(),
            missing: self.panel("The rules", missing)?,
            decisions: verdicts.iter().map(decision).collect(),
            expires_at: proposal.state.is_open().then(|| proposal.expires.to_jiff()),
            may_withdraw,
            finding_id: proposal.finding,
            timeline,
        })
    }

    /// What the proposal does to one document, and what would happen now.
    async fn document_change(&self, change: &Change, record: Option<&WriteRecord>) -> DocumentChange {
        let path = change.write.path();
        let current = self.panel("The document", self.store().document(path).await);
        let current = current.map(|held| held.map(|held| held.document));
        let before = match record {
            Some(record) => record.before.as_ref(),
            None => current.as_ref().ok().and_then(|document| document.as_ref()).map(|document| &document.fields),
        };
        DocumentChange {
            document: path.to_string(),
            effect: facts::effect(&change.write),
            changes: facts::changes(&effect_on(&change.write, before), facts::Extent::Whole),
            base: change.write.base().map(Timestamp::to_jiff),
            dry_run: self.dry_run(&change.write, current.as_ref()).await,
            write_id: record.map(|record| record.id.to_string()),
            undo_of: change.undoes.map(|id| id.to_string()),
        }
    }

    /// What is missing before it could be sent, one sentence each: the whole list, as the push job would get it.
    async fn still_missing(
        &self,
        proposal: &Proposal,
        verdicts: &[Verdict],
        around: &Surroundings,
    ) -> store::Result<Vec<String>> {
        if !proposal.state.is_open() {
            return Ok(Vec::new());
        }
        let push = Actor::system(self.store().studio(), "push");
        let decision = self.gate().may(&push, Act::Apply, (proposal, verdicts), (Base::Current, None), around).await?;
        Ok(decision.missing.iter().map(|missing| missing.reason.sentence().to_owned()).collect())
    }

    /// What would happen if it were sent now, judged against the mirror.
    async fn dry_run(&self, write: &Write, current: Result<&Option<Document>, &Trouble>) -> Panel<DryRun> {
        let current = current.map_err(Trouble::clone)?.as_ref();
        let path = write.path();
        let targets = self.panel("The mirror's state", self.store().targets().await)?;
        let target = targets.iter().find(|target| target.collection == path.collection());
        let Some((target, as_of)) = target.and_then(|target| Some((target, target.read_time?))) else {
            let what = format!("The collection `{}` was never read: the dry run", path.collection());
            return Err(self.trouble(&what, NeverRead));
        };
        let verdict = match judge(&self.settings().bounds, target, self.now()) {
            Freshness::Fresh | Freshness::Aging => judged(write, current),
            Freshness::Stale => DryRunVerdict::CouldNotTell { why: "The mirror is too old to tell.".to_owned() },
            Freshness::Unknown => {
                DryRunVerdict::CouldNotTell { why: "The cloud refuses this collection to the mirror.".to_owned() }
            }
        };
        Ok(DryRun { verdict, as_of: as_of.to_jiff() })
    }

    /// What the audit log knows about these, oldest first.
    pub(super) async fn history(&self, targets: &[Target]) -> Panel<Vec<TimelineEvent>> {
        let mut entries = Vec::new();
        for target in targets {
            entries.extend(self.panel("The history", self.store().audit_about(target).await)?);
        }
        entries.sort_by_key(|entry| entry.sequence);
        Ok(entries.iter().map(facts::event).collect())
    }
}

/// A dry run needs a mirror to look at.
#[derive(Debug, thiserror::Error)]
#[error("the mirror has not read the collection yet")]
struct NeverRead;

fn judged(write: &Write, current: Option<&Document>) -> DryRunVerdict {
    let fields = current.map(|document| &document.fields);
    if write.applied_to(fields).as_ref() == fields {
        return DryRunVerdict::AlreadySo;
    }
    match write.standing(current) {
        Standing::Current => DryRunVerdict::Current,
        Standing::Moved { update_time } => DryRunVerdict::Moved { updated_at: update_time.to_jiff() },
        Standing::Gone => DryRunVerdict::Gone,
        Standing::Appeared => DryRunVerdict::Appeared,
    }
}

/// The fields that a write changes, given what the document holds.
pub(super) fn effect_on(write: &Write, before: Option<&Fields>) -> Vec<FieldChange> {
    let after = write.applied_to(before).unwrap_or_default();
    diff(&before.cloned().unwrap_or_default(), &after)
}

const fn rollback(write: &Write) -> &'static str {
    match write {
        Write::Create { .. } => "An undo removes the document, if nobody has changed it since.",
        Write::Update { .. } => {
            "The fields before the write are stored first; an undo puts them back where nobody has changed them since."
        }
        Write::Delete { .. } => "The whole document is stored first; an undo makes it again, if nobody else has.",
    }
}

fn decision(verdict: &Verdict) -> Decision {
    Decision {
        by: facts::actor(&verdict.by),
        at: verdict.at.to_jiff(),
        choice: match verdict.choice {
            proposal::Choice::Approve => Choice::Approve,
            proposal::Choice::Reject => Choice::Reject,
        },
        reason: verdict.reason.as_str().to_owned(),
    }
}

fn state(proposal: &Proposal, record: Option<&WriteRecord>) -> ProposalState {
    match proposal.state {
        proposal::ProposalState::Waiting => ProposalState::Waiting,
        proposal::ProposalState::Approved => ProposalState::Approved,
        proposal::ProposalState::Sent => ProposalState::Sent {
            write_id: proposal.write_id(proposal.changes.first()).to_string(),
            write: record.map_or(WriteState::Intended, |record| writes::state(&record.state)),
        },
        proposal::ProposalState::Rejected => ProposalState::Rejected,
        proposal::ProposalState::Withdrawn => ProposalState::Withdrawn,
        proposal::ProposalState::Expired => ProposalState::Expired,
        proposal::ProposalState::Stale => ProposalState::Stale,
        proposal::ProposalState::Denied(reason) => ProposalState::Denied { why: reason.sentence().to_owned() },
    }
}
