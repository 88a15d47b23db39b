//! The queue of proposals: which, in which order, and what each of its rows says.

use studio_cockpit::model::facts::May;
use studio_cockpit::model::proposals::{PolicyResult, ProposalRow};
use studio_cockpit::model::queue::{
    Neighbours, ProposalFilter, ProposalQueue, Proposers, QueueCounts, QueuePart, QueueSort, Show, Turn,
};
use studio_cockpit::model::trouble::{Panel, Unanswered};

use crate::domain::actor::Actor;
use crate::domain::capability::{CapabilityId, Risk};
use crate::domain::decision::{Act, Base, Decision};
use crate::domain::ids::ProposalId;
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{Proposal, Verdict};
use crate::domain::reason::Reason;
use crate::gate::circumstances::Circumstances;
use crate::gate::facts::Surroundings;
use crate::store;
use crate::store::queue::{self, Age, Lane, Whose};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::drafting::FORMS;
use crate::web::cockpit::{facts, proposals};

/// How many proposals a page of the queue shows.
const PAGE: usize = 30;

/// The words of states in which a proposal may still lead to a write.
const OPEN: &[&str] = &["waiting", "approved"];

/// The words of states in which it is over.
const OVER: &[&str] = &["sent", "rejected", "withdrawn", "expired", "stale", "denied"];

/// All of them.
const ANY: &[&str] = &["waiting", "approved", "sent", "rejected", "withdrawn", "expired", "stale", "denied"];

/// What is looked at for one row beside the proposal itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside<'a> {
    pub(super) viewer: &'a Actor,
    pub(super) around: &'a Surroundings,
    pub(super) circumstances: Circumstances,
    pub(super) verdicts: &'a [Verdict],
    pub(super) record: Option<&'a WriteRecord>,
}

type Counted = std::collections::BTreeMap<(String, CapabilityId), u64>;

impl Cockpit {
    pub(super) async fn queue_page(&self, filter: &ProposalFilter) -> Result<ProposalQueue, Unanswered> {
        let viewer = self.viewer()?;
        let counted = self.panel("The number of proposals", self.store().proposals_counted().await);
        let rows = match &counted {
            Ok(counted) => {
                let part = self.queue_part(viewer, filter, counted).await;
                self.panel("The proposals", part)
            }
            Err(trouble) => Err(trouble.clone()),
        };
        let around = self.panel("The rules", self.gate().around(self.now()).await);
        let counted = counted.ok();
        Ok(ProposalQueue {
            rows,
            counts: counted.as_ref().map(tabs),
            matching: counted.as_ref().and_then(|counted| self.matching(filter, counted)),
            capabilities: counted.as_ref().map(|counted| self.kinds(counted)).unwrap_or_default(),
            may_propose: match around {
                Ok(around) => self.may_propose_anything(viewer, &around),
                Err(trouble) => May::No { why: trouble.what },
            },
        })
    }

    async fn queue_part(&self, viewer: &Actor, filter: &ProposalFilter, counted: &Counted) -> store::Result<QueuePart> {
        let turn = filter.turn.as_ref().and_then(turn);
        let (lanes, age) = self.lanes(viewer, filter, counted);
        let page = self.store().queue_page(&lanes, age, turn, PAGE).await?;
        let proposals = self.store().proposals_of(&page.ids).await?;
        let previous = page.ids.first().filter(|_| page.has_before).map(|id| Turn::Before(id.to_string()));
        let next = page.ids.last().filter(|_| page.has_after).map(|id| Turn::After(id.to_string()));
        Ok(QueuePart { rows: self.proposal_rows(viewer, &proposals).await?, previous, next })
    }

    /// The beginning of a queue.
    pub(super) async fn queue_start(&self, viewer: &Actor, filter: &ProposalFilter) -> store::Result<QueuePart> {
        let counted = self.store().proposals_counted().await?;
        self.queue_part(viewer, filter, &counted).await
    }

    /// The proposals beside one in the queue that the reader comes from.
    pub(super) async fn neighbours(
        &self,
        viewer: &Actor,
        id: ProposalId,
        filter: &ProposalFilter,
    ) -> Panel<Neighbours> {
        let beside = async || {
            let counted = self.store().proposals_counted().await?;
            let (lanes, age) = self.lanes(viewer, filter, &counted);
            let before = self.store().queue_page(&lanes, age, Some(queue::Turn::Before(id)), 1).await?;
            let after = self.store().queue_page(&lanes, age, Some(queue::Turn::After(id)), 1).await?;
            let first = |page: &queue::QueuePage| page.ids.first().map(ToString::to_string);
            Ok::<_, store::Error>(Neighbours { previous: first(&before), next: first(&after) })
        };
        self.panel("The proposals beside this one", beside().await)
    }

    /// The lanes of the queue: by what the viewer can decide, then by risk; or one, by age alone.
    fn lanes(&self, viewer: &Actor, filter: &ProposalFilter, counted: &Counted) -> (Vec<Lane>, Age) {
        let states = match filter.show {
            Show::Waiting => OPEN,
            Show::Decided => OVER,
            Show::All => ANY,
        };
        let of_programs = filter.by.map(|by| by == Proposers::Agents);
        let mut wanted: Vec<(Risk, CapabilityId)> = Vec::new();
        for (state, capability) in counted.keys() {
            let risk = self.risk_of(capability);
            let is_chosen = states.contains(&state.as_str())
                && filter.risk.is_none_or(|chosen| facts::risk(risk) == chosen)
                && filter.capability.as_deref().is_none_or(|chosen| capability.as_str() == chosen);
            if is_chosen && !wanted.iter().any(|(_, known)| known == capability) {
                wanted.push((risk, capability.clone()));
            }
        }
        let all = |wanted: &[(Risk, CapabilityId)]| -> Vec<CapabilityId> {
            wanted.iter().map(|(_, capability)| capability.clone()).collect()
        };
        let age = match filter.order() {
            QueueSort::Risk | QueueSort::Oldest => Age::Oldest,
            QueueSort::Newest => Age::Newest,
        };
        if filter.order() != QueueSort::Risk {
            let capabilities = (filter.risk.is_some() || filter.capability.is_some()).then(|| all(&wanted));
            return (vec![Lane { states, capabilities, whose: Whose { of_programs, for_person: None } }], age);
        }
        let mut lanes = Vec::new();
        let shares: &[Option<bool>] = if filter.show == Show::Decided { &[None] } else { &[Some(true), Some(false)] };
        for is_for_viewer in shares {
            for risk in Risk::ALL.into_iter().rev() {
                let of_risk: Vec<_> = wanted.iter().filter(|(each, _)| *each == risk).cloned().collect();
                if !of_risk.is_empty() {
                    let for_person = is_for_viewer.map(|wanted| (viewer.uid().clone(), wanted));
                    let whose = Whose { of_programs, for_person };
                    let states = if *is_for_viewer == Some(true) { &OPEN[..1] } else { states };
                    lanes.push(Lane { states, capabilities: Some(all(&of_risk)), whose });
                }
            }
        }
        (lanes, age)
    }

    /// How much harm a change could do; one that the registry no longer knows could do any.
    pub(super) fn risk_of(&self, capability: &CapabilityId) -> Risk {
        self.gate().capability(capability).map_or(Risk::Critical, |capability| capability.risk)
    }

    /// How many proposals match; `None` where only reading them would tell.
    fn matching(&self, filter: &ProposalFilter, counted: &Counted) -> Option<u64> {
        if filter.by.is_some() {
            return None;
        }
        let of = |state: &str| match filter.show {
            Show::Waiting => OPEN.contains(&state),
            Show::Decided => OVER.contains(&state),
            Show::All => true,
        };
        let matches = |capability: &CapabilityId| {
            filter.capability.as_deref().is_none_or(|chosen| capability.as_str() == chosen)
                && filter.risk.is_none_or(|chosen| facts::risk(self.risk_of(capability)) == chosen)
        };
        let counts = counted.iter().filter(|((state, capability), _)| of(state) && matches(capability));
        Some(counts.map(|(_, count)| count).sum())
    }

    fn kinds(&self, counted: &Counted) -> Vec<(String, String)> {
        let mut kinds: Vec<(String, String)> = Vec::new();
        for (_, capability) in counted.keys() {
            if !kinds.iter().any(|(id, _)| id == capability.as_str()) {
                kinds.push((capability.to_string(), facts::capability(capability, self.gate().registry()).title));
            }
        }
        kinds.sort_by(|left, right| left.1.cmp(&right.1));
        kinds
    }

    fn may_propose_anything(&self, viewer: &Actor, around: &Surroundings) -> May {
        let asked = FORMS.map(|id| match self.gate().registry().find(id) {
            Some(capability) => self.gate().may_propose(viewer, capability, around).asked(),
            None => Err(Reason::CapabilityUnknown),
        });
        facts::may(asked.iter().find(|asked| asked.is_ok()).copied().unwrap_or(asked[0]))
    }

    /// Rows for a table, in the order given: what they rest on is read once for all of them.
    pub(super) async fn proposal_rows(
        &self,
        viewer: &Actor,
        proposals: &[Proposal],
    ) -> store::Result<Vec<ProposalRow>> {
        let ids: Vec<ProposalId> = proposals.iter().map(|proposal| proposal.id).collect();
        let around = self.gate().around(self.now()).await?;
        let verdicts = self.store().verdicts_of(&ids).await?;
        let records = self.store().writes_first_of(&ids).await?;
        let all: Vec<&Proposal> = proposals.iter().collect();
        let circumstances = self.gate().circumstances_now(&all, self.now()).await?;
        let rows = proposals.iter().zip(circumstances).map(|(proposal, circumstances)| {
            let verdicts = verdicts.get(&proposal.id).map_or(&[][..], Vec::as_slice);
            let record = records.get(&proposal.id);
            self.row(proposal, Beside { viewer, around: &around, circumstances, verdicts, record })
        });
        Ok(rows.collect())
    }

    pub(super) fn row(&self, proposal: &Proposal, beside: Beside<'_>) -> ProposalRow {
        let about = (proposal, beside.verdicts);
        let with = (beside.around, beside.circumstances);
        let (given, needed) = self.gate().approvals(proposal, beside.verdicts);
        let asked = self.gate().judge(beside.viewer, Act::Approve, about, (Base::Unknown, None), with).asked();
        let policy = proposal.state.is_open().then(|| {
            let push = Actor::system(self.store().studio(), "push");
            result(&self.gate().judge(&push, Act::Apply, about, (Base::Current, None), with))
        });
        ProposalRow {
            id: proposal.id.to_string(),
            summary: proposal.summary.clone(),
            capability: facts::capability(&proposal.capability, self.gate().registry()),
            document: proposal.changes.first().write.path().to_string(),
            more: proposal.changes.len() - 1,
            proposer: facts::actor(&proposal.proposer),
            proposed_at: proposal.created.to_jiff(),
            risk: facts::risk(self.risk_of(&proposal.capability)),
            approvals_given: u32::try_from(given.people).unwrap_or(u32::MAX),
            approvals_needed: u32::try_from(needed.people).unwrap_or(u32::MAX),
            state: proposals::state(proposal, beside.record),
            may_decide: facts::may(asked),
            policy,
        }
    }
}

/// What the policy says of sending it, in a word.
fn result(decision: &Decision) -> PolicyResult {
    let is_approval = |reason: Reason| matches!(reason, Reason::ApprovalRequired | Reason::AdminApprovalRequired);
    let reasons = || decision.missing.iter().map(|missing| missing.reason);
    match reasons().find(|reason| !is_approval(*reason)) {
        Some(other) => PolicyResult::Held { why: other.sentence().to_owned() },
        None if reasons().next().is_some() => PolicyResult::NeedsApprovals,
        None if decision.asked().is_ok() => PolicyResult::Passes,
        None => PolicyResult::Held { why: decision.reason.sentence().to_owned() },
    }
}

fn tabs(counted: &Counted) -> QueueCounts {
    let mut counts = QueueCounts::default();
    for ((state, _), count) in counted {
        if OPEN.contains(&state.as_str()) {
            counts.waiting += count;
        } else {
            counts.decided += count;
        }
    }
    counts
}

/// Where a page begins; what is no proposal's id begins nowhere.
fn turn(turn: &Turn) -> Option<queue::Turn> {
    match turn {
        Turn::After(id) => id.parse().ok().map(queue::Turn::After),
        Turn::Before(id) => id.parse().ok().map(queue::Turn::Before),
    }
}
