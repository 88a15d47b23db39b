//! Deciding about proposals, and taking them back.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{Hash, ProposalId};
use crate::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::{Gate, GateError, rules};
use crate::store::Tx;

/// What a person decided, and about which content.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The proposal.
    pub proposal: ProposalId,
    /// Approve or reject.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// The content that the person looked at.
    pub content_hash: Hash,
}

impl Gate {
    /// Takes a person's decision; the proposal's state after it.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn decide(&self, actor: &Actor, decision: Decision, now: Timestamp) -> Result<ProposalState, GateError> {
        let mut tx = self.store.begin().await?;
        let proposal = proposal(&mut tx, decision.proposal).await?;
        let verdicts = tx.verdicts(proposal.id).await?;
        let asked = rules::may_decide(actor, &proposal, &verdicts, self.store.studio(), now)
            .and_then(|()| GivenReason::parse(&decision.reason))
            .and_then(|reason| {
                let same = decision.content_hash == proposal.content_hash();
                if same { Ok(reason) } else { Err(Reason::ContentChanged) }
            });
        let action = match decision.choice {
            Choice::Approve => Action::ProposalApproved,
            Choice::Reject => Action::ProposalRejected,
        };
        let event = Event::new(now, actor.person(), action, Target::Proposal(proposal.id)).input(decision.content_hash);
        match asked {
            Ok(reason) => {
                let event = event.detail("reason", reason.as_str()).detail("document", proposal.write.path().as_str());
                let verdict = Verdict {
                    by: actor.person(),
                    choice: decision.choice,
                    reason,
                    content_hash: decision.content_hash,
                    at: now,
                };
                tx.verdict_insert(proposal.id, &verdict).await?;
                let state = state_after(&proposal, verdicts, verdict);
                tx.proposal_move(proposal.id, state, now).await?;
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
        let mut tx = self.store.begin().await?;
        let proposal = proposal(&mut tx, id).await?;
        let event = Event::new(now, actor.person(), Action::ProposalWithdrawn, Target::Proposal(id));
        match rules::may_withdraw(actor, &proposal, self.store.studio()) {
            Ok(()) => {
                tx.proposal_move(id, ProposalState::Withdrawn, now).await?;
                tx.audit(self.store.studio(), event).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(reason) => self.deny(tx, event, reason).await,
        }
    }

    async fn deny<T>(&self, mut tx: Tx, event: Event, reason: Reason) -> Result<T, GateError> {
        tx.audit(self.store.studio(), event.because(reason)).await?;
        tx.commit().await?;
        Err(GateError::Denied(reason))
    }
}

async fn proposal(tx: &mut Tx, id: ProposalId) -> Result<Proposal, GateError> {
    tx.proposal(id).await?.ok_or(GateError::Missing { what: "proposal" })
}

fn state_after(proposal: &Proposal, mut verdicts: Vec<Verdict>, newest: Verdict) -> ProposalState {
    match newest.choice {
        Choice::Reject => ProposalState::Rejected,
        Choice::Approve => {
            verdicts.push(newest);
            let counted = rules::counted_approvals(proposal, &verdicts, proposal.content_hash());
            if counted < proposal.capability.approvals_needed() {
                ProposalState::Waiting
            } else {
                ProposalState::Approved
            }
        }
    }
}
