//! The rules, as pure questions: the same answers for a button, a form, a program and the push job.

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::capability::Capability;
use crate::domain::ids::{Hash, StudioId};
use crate::domain::proposal::{Choice, Proposal, ProposalState, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::Writes;

/// May `actor` propose with `capability` in `studio`?
pub fn may_propose(actor: &Actor, capability: Capability, studio: &StudioId) -> Result<(), Reason> {
    if actor.studio() != studio {
        return Err(Reason::TenantMismatch);
    }
    if !capability.may_be_proposed_by(actor.kind()) {
        return Err(Reason::RoleMissing);
    }
    Ok(())
}

/// May `actor` decide about `proposal`, given the decisions so far?
pub fn may_decide(
    actor: &Actor,
    proposal: &Proposal,
    verdicts: &[Verdict],
    studio: &StudioId,
    now: Timestamp,
) -> Result<(), Reason> {
    if actor.studio() != studio {
        return Err(Reason::TenantMismatch);
    }
    match actor.kind() {
        ActorKind::Agent | ActorKind::System => return Err(Reason::AgentCannotDecide),
        ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
    }
    if !proposal.capability.may_be_decided_by(actor.kind()) {
        return Err(Reason::RoleMissing);
    }
    if actor.is_same_person(&proposal.proposer) {
        return Err(Reason::SelfApproval);
    }
    if verdicts.iter().any(|verdict| actor.is_same_person(&verdict.by)) {
        return Err(Reason::AlreadyDecided);
    }
    match proposal.state {
        ProposalState::Waiting => {}
        ProposalState::Approved
        | ProposalState::Sent
        | ProposalState::Rejected
        | ProposalState::Withdrawn
        | ProposalState::Expired
        | ProposalState::Stale
        | ProposalState::Denied(_) => return Err(Reason::NotWaiting),
    }
    if proposal.expires <= now {
        return Err(Reason::Expired);
    }
    Ok(())
}

/// May `actor` take `proposal` back?
pub fn may_withdraw(actor: &Actor, proposal: &Proposal, studio: &StudioId) -> Result<(), Reason> {
    if actor.studio() != studio {
        return Err(Reason::TenantMismatch);
    }
    if !actor.is_same_person(&proposal.proposer) {
        return Err(Reason::NotProposer);
    }
    if !proposal.state.is_open() {
        return Err(Reason::NotWaiting);
    }
    Ok(())
}

/// May `proposal` become a write now? Asked by the push job in the transaction that claims it.
pub fn may_push(proposal: &Proposal, verdicts: &[Verdict], writes: Writes, now: Timestamp) -> Result<(), Reason> {
    match writes {
        Writes::On => {}
        Writes::Off => return Err(Reason::WritesOff),
    }
    match proposal.state {
        ProposalState::Approved => {}
        ProposalState::Waiting => return Err(Reason::ApprovalRequired),
        ProposalState::Sent
        | ProposalState::Rejected
        | ProposalState::Withdrawn
        | ProposalState::Expired
        | ProposalState::Stale
        | ProposalState::Denied(_) => return Err(Reason::NotWaiting),
    }
    if proposal.expires <= now {
        return Err(Reason::Expired);
    }
    if verdicts.iter().any(|verdict| verdict.choice == Choice::Reject) {
        return Err(Reason::ApprovalRequired);
    }
    if counted_approvals(proposal, verdicts, proposal.content_hash()) < proposal.capability.approvals_needed() {
        return Err(Reason::ApprovalRequired);
    }
    Ok(())
}

/// How many approvals count: of exactly this content, by people who may decide and did not propose.
pub fn counted_approvals(proposal: &Proposal, verdicts: &[Verdict], content: Hash) -> usize {
    verdicts
        .iter()
        .filter(|verdict| verdict.choice == Choice::Approve && verdict.content_hash == content)
        .filter(|verdict| verdict.by.uid != proposal.proposer.uid)
        .filter(|verdict| proposal.capability.may_be_decided_by(verdict.by.kind))
        .count()
}
