//! Deciding about proposals, taking them back, stopping and reopening them.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::change::Changes;
use crate::domain::decision::{self, Act, Base};
use crate::domain::ids::{Hash, ProposalId};
use crate::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, RejectionCode, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::questions::explained;
use crate::gate::{Gate, GateError};
use crate::store::Tx;

/// What a person decided, and about which content.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The proposal.
    pub proposal: ProposalId,
    /// Approve or reject.
    pub choice: Choice,
    /// Why it is rejected; without one it is [`RejectionCode::Other`]. An approval has none.
    pub code: Option<RejectionCode>,
    /// Why.
    pub reason: String,
    /// The content that the person looked at.
    pub content_hash: Hash,
}

impl Gate {
    /// Takes a person's decision; the proposal's state after it. The newest decision of each person counts.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn decide(&self, actor: &Actor, decision: Decision, now: Timestamp) -> Result<ProposalState, GateError> {
        let mut tx = self.store.begin().await?;
        let around = self.around_in(&mut tx, now).await?;
        let proposal = proposal(&mut tx, decision.proposal).await?;
        let verdicts = tx.verdicts(proposal.id).await?;
        let (act, action) = match decision.choice {
            Choice::Approve => (Act::Approve, Action::ProposalApproved),
            Choice::Reject => (Act::Reject, Action::ProposalRejected),
        };
        let base = self.base(&proposal, &around).await?;
        let seen = Some(decision.content_hash);
        let beside = self.circumstances(&mut tx, &proposal, now).await?;
        let judged = self.judge(actor, act, (&proposal, &verdicts), (base, seen), (&around, beside));
        let event = Event::new(now, actor.person(), action, Target::Proposal(proposal.id)).input(decision.content_hash);
        let event = explained(event, &judged);
        let reason = judged.asked().and_then(|()| GivenReason::parse(&decision.reason)).and_then(|reason| {
            self.step_up_to_decide(actor, decision.choice, (&proposal, &verdicts), now).map(|()| reason)
        });
        match reason {
            Ok(reason) => {
                let mut event =
                    event.detail("reason", reason.as_str()).detail("document", documents(&proposal.changes));
                let code = match decision.choice {
                    Choice::Approve => None,
                    Choice::Reject => Some(decision.code.unwrap_or(RejectionCode::Other)),
                };
                if let Some(code) = code {
                    event = event.detail("code", code.word());
                }
                let verdict = Verdict {
                    by: actor.person(),
                    choice: decision.choice,
                    code,
                    reason,
                    content_hash: decision.content_hash,
                    at: now,
                    round: proposal.round,
                };
                tx.verdict_insert(proposal.id, &verdict).await?;
                let state = self.state_after(&proposal, verdicts, verdict);
                if state != proposal.state {
                    tx.proposal_move(proposal.id, state, now).await?;
                }
                if state == ProposalState::Approved {
                    tx.proposal_expires(proposal.id, self.approved_until(&proposal, now)).await?;
                }
                tx.audit(self.store.studio(), event).await?;
                tx.commit().await?;
                Ok(state)
            }
            Err(reason) => self.deny(tx, event, reason).await,
        }
    }

    /// Takes a proposal back.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn withdraw(&self, actor: &Actor, id: ProposalId, now: Timestamp) -> Result<(), GateError> {
        let (mut tx, _, judged) = self.ask(actor, Act::Withdraw, id, now).await?;
        let event = Event::new(now, actor.person(), Action::ProposalWithdrawn, Target::Proposal(id));
        let event = explained(event, &judged);
        match judged.asked() {
            Ok(()) => {
                tx.proposal_move(id, ProposalState::Withdrawn, now).await?;
                tx.audit(self.store.studio(), event).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(reason) => self.deny(tx, event, reason).await,
        }
    }

    /// Stops an approved proposal before it is sent: it counts as rejected. Anyone who is let in may.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn stop(&self, actor: &Actor, id: ProposalId, reason: &str, now: Timestamp) -> Result<(), GateError> {
        let (mut tx, _, judged) = self.ask(actor, Act::Stop, id, now).await?;
        let event = Event::new(now, actor.person(), Action::ProposalStopped, Target::Proposal(id));
        let event = explained(event, &judged);
        match judged.asked().and_then(|()| GivenReason::parse(reason)) {
            Ok(reason) => {
                tx.proposal_move(id, ProposalState::Rejected, now).await?;
                tx.audit(self.store.studio(), event.detail("reason", reason.as_str())).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(reason) => self.deny(tx, event, reason).await,
        }
    }

    /// Opens a rejected proposal again: earlier decisions count no more, and its time starts anew.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn reopen(&self, actor: &Actor, id: ProposalId, reason: &str, now: Timestamp) -> Result<(), GateError> {
        let (mut tx, proposal, judged) = self.ask(actor, Act::Reopen, id, now).await?;
        let event = Event::new(now, actor.person(), Action::ProposalReopened, Target::Proposal(id));
        let event = explained(event, &judged);
        match judged.asked().and_then(|()| GivenReason::parse(reason)) {
            Ok(reason) => {
                tx.proposal_reopen(id, self.expiry(now), now).await?;
                let event = event.detail("reason", reason.as_str()).detail("round", (proposal.round + 1).to_string());
                tx.audit(self.store.studio(), event).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(reason) => self.deny(tx, event, reason).await,
        }
    }

    /// Opens a transaction, reads the proposal in it, and asks.
    async fn ask(
        &self,
        actor: &Actor,
        act: Act,
        id: ProposalId,
        now: Timestamp,
    ) -> Result<(Tx, Proposal, decision::Decision), GateError> {
        let mut tx = self.store.begin().await?;
        let around = self.around_in(&mut tx, now).await?;
        let proposal = proposal(&mut tx, id).await?;
        let verdicts = tx.verdicts(id).await?;
        let base = match act {
            Act::Reopen => self.base(&proposal, &around).await?,
            Act::Read
            | Act::Propose
            | Act::Approve
            | Act::Reject
            | Act::Withdraw
            | Act::Stop
            | Act::Apply
            | Act::Send => Base::Unknown,
        };
        let beside = self.circumstances(&mut tx, &proposal, now).await?;
        let judged = self.judge(actor, act, (&proposal, &verdicts), (base, None), (&around, beside));
        Ok((tx, proposal, judged))
    }

    async fn deny<T>(&self, mut tx: Tx, event: Event, reason: Reason) -> Result<T, GateError> {
        tx.audit(self.store.studio(), event.because(reason)).await?;
        tx.commit().await?;
        Err(GateError::Denied(reason))
    }

    fn state_after(&self, proposal: &Proposal, mut verdicts: Vec<Verdict>, newest: Verdict) -> ProposalState {
        match newest.choice {
            Choice::Reject => ProposalState::Rejected,
            Choice::Approve => {
                verdicts.push(newest);
                let (counted, needed) = self.approvals(proposal, &verdicts);
                if counted.people < needed.people || counted.admins < needed.admins {
                    ProposalState::Waiting
                } else {
                    ProposalState::Approved
                }
            }
        }
    }

    /// Until when an approval given now may be used: the capability's time and the configured one, the shorter of both.
    fn approved_until(&self, proposal: &Proposal, now: Timestamp) -> Timestamp {
        let rules = self.capability(&proposal.capability).ok().and_then(|capability| capability.write());
        match rules {
            Some(rules) => now.plus(rules.delay).plus(rules.lifetime.min(self.settings.lifetime)),
            None => now,
        }
    }
}

/// The documents that are written, as the audit log names them.
pub(super) fn documents(changes: &Changes) -> String {
    match changes.only() {
        Some(change) => change.write.path().to_string(),
        None => format!("{} and {} more", changes.first().write.path(), changes.len() - 1),
    }
}

async fn proposal(tx: &mut Tx, id: ProposalId) -> Result<Proposal, GateError> {
    tx.proposal(id).await?.ok_or(GateError::Missing { what: "proposal" })
}
