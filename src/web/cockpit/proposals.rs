//! One proposal in full.

use serde_json::json;
use studio_cockpit::model::facts::TimelineEvent;
use studio_cockpit::model::proposals::{
    Choice, Decision, DocumentChange, DryRun, DryRunVerdict, ProposalDetail, ProposalRow, ProposalStanding,
    ProposalState,
};
use studio_cockpit::model::queue::ProposalFilter;
use studio_cockpit::model::trouble::{Panel, Trouble, Unanswered};
use studio_cockpit::model::writes::WriteState;

use crate::domain::actor::Actor;
use crate::domain::audit::Target;
use crate::domain::canonical;
use crate::domain::change::Change;
use crate::domain::decision::{Act, Base};
use crate::domain::diff::{FieldChange, diff};
use crate::domain::document::Document;
use crate::domain::ids::ProposalId;
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{self, Proposal, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};
use crate::domain::write::{Standing, Write};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::queue::Beside;
use crate::web::cockpit::{facts, writes};
use crate::web::desk::{Freshness, judge};

/// The most proposals or writes that one page shows.
pub(super) const MOST: u16 = 200;

impl Cockpit {
    pub(super) async fn proposal_page(
        &self,
        id: &str,
        queue: Option<&ProposalFilter>,
    ) -> Result<ProposalDetail, Unanswered> {
        let viewer = self.viewer()?;
        let missing = || Unanswered::Missing { what: format!("Proposal {id}") };
        let id: ProposalId = id.parse().map_err(|_| missing())?;
        let proposal = self.panel("The proposal", self.store().proposal(id).await)?.ok_or_else(missing)?;
        let records = self.panel("What became of it", self.store().writes_of(id).await);
        let timeline = self.history(&[Target::Proposal(id)]).await;
        let mut documents = Vec::with_capacity(proposal.changes.len());
        for change in &proposal.changes {
            documents.push(self.document_change(change, records.as_deref()).await);
        }
        let neighbours = match queue {
            Some(filter) => Some(self.neighbours(viewer, id, filter).await),
            None => None,
        };
        Ok(ProposalDetail {
            id: id.to_string(),
            summary: proposal.summary.clone(),
            capability: facts::capability(&proposal.capability, self.gate().registry()),
            proposer: facts::actor(&proposal.proposer),
            proposed_at: proposal.created.to_jiff(),
            risk: facts::risk(self.risk_of(&proposal.capability)),
            standing: match records {
                Ok(records) => self.standing(viewer, &proposal, records.first()).await,
                Err(trouble) => Err(trouble),
            },
            reason: proposal.reason.as_str().to_owned(),
            blast: self.blast(&proposal, &documents).await,
            documents,
            content_hash: proposal.content_hash().to_string(),
            rollback: self.rollback(&proposal),
            neighbours,
            expires_at: proposal.state.is_open().then(|| proposal.expires.to_jiff()),
            finding_id: proposal.finding,
            timeline,
        })
    }

    /// How it stands, and what the viewer may do about it: all of that, or nothing.
    async fn standing(
        &self,
        viewer: &Actor,
        proposal: &Proposal,
        record: Option<&WriteRecord>,
    ) -> Panel<ProposalStanding> {
        let known = async {
            let verdicts = self.store().verdicts(proposal.id).await?;
            let around = self.gate().around(self.now()).await?;
            let known = self.gate().circumstances_now(&[proposal], self.now()).await?;
            Ok((verdicts, around, known.first().copied().expect("BUG: there is an answer for each")))
        };
        let (verdicts, around, circumstances) = self.panel("How the proposal stands", known.await)?;
        let beside = Beside { viewer, around: &around, circumstances, verdicts: &verdicts, record };
        let may_withdraw = (viewer.is_same_person(&proposal.proposer) && proposal.state.is_open()).then(|| {
            let about = (proposal, verdicts.as_slice());
            let with = (&around, circumstances);
            facts::may(self.gate().judge(viewer, Act::Withdraw, about, (Base::Unknown, None), with).asked())
        });
        let (checks, policies) = self.checks(proposal, beside);
        let ProposalRow { state, approvals_given, approvals_needed, may_decide, .. } = self.row(proposal, beside);
        Ok(ProposalStanding {
            state,
            approvals_given,
            approvals_needed,
            decisions: verdicts.iter().map(decision).collect(),
            may_decide,
            may_withdraw,
            checks,
            policies,
        })
    }

    /// What the proposal does to one document, and what would happen now.
    async fn document_change(&self, change: &Change, records: Result<&[WriteRecord], &Trouble>) -> DocumentChange {
        let path = change.write.path();
        let record = records.map(|records| records.iter().find(|record| record.write.path() == path));
        let current = self.panel("The document", self.store().document(path).await);
        let current = current.map(|held| held.map(|held| held.document));
        let before = match record {
            Ok(Some(record)) => Ok(record.before.as_ref()),
            Ok(None) => current.as_ref().map(|document| document.as_ref().map(|document| &document.fields)),
            Err(trouble) => Err(trouble),
        };
        let changes = before.map(|before| facts::changes(&effect_on(&change.write, before), facts::Extent::Whole));
        DocumentChange {
            document: path.to_string(),
            effect: facts::effect(&change.write),
            changes: changes.map_err(Trouble::clone),
            base: change.write.base().map(Timestamp::to_jiff),
            raw: exactly(&change.write),
            dry_run: self.dry_run(&change.write, current.as_ref()).await,
            write_id: record.ok().flatten().map(|record| record.id.to_string()),
            undo_of: change.undoes.map(|id| id.to_string()),
        }
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

/// The exact write, in Firestore's JSON form, with line breaks for people.
fn exactly(write: &Write) -> String {
    let value = |value: &Value| -> serde_json::Value {
        serde_json::from_str(&canonical::encode_value(value)).expect("BUG: canonical text is JSON")
    };
    let path = write.path().as_str();
    let base = write.base().map(|base| base.to_string());
    let json = match write {
        Write::Create { fields, .. } => json!({ "create": path, "fields": canonical::to_json(fields) }),
        Write::Update { changes, .. } => {
            let fields: serde_json::Map<String, serde_json::Value> = changes
                .iter()
                .map(|(field, set)| (field.to_string(), set.as_ref().map_or(json!("removed"), value)))
                .collect();
            json!({ "update": path, "updateTime": base, "fields": fields })
        }
        Write::Delete { .. } => json!({ "delete": path, "updateTime": base }),
    };
    serde_json::to_string_pretty(&json).expect("BUG: a JSON value is JSON")
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

/// Where a proposal stands.
pub(super) fn state(proposal: &Proposal, record: Option<&WriteRecord>) -> ProposalState {
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
