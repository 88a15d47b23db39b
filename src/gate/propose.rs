//! Making proposals, undos among them.

use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::capability::{CapabilityId, Known, Request};
use crate::domain::decision::{Act, Decision};
use crate::domain::document::Document;
use crate::domain::history::Then;
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{GivenReason, Proposal, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::{Standing, Write};
use crate::gate::facts::Facts;
use crate::gate::questions::explained;
use crate::gate::{Gate, GateError, Proposed};
use crate::store::Tx;

/// A request for a change.
#[derive(Clone, Debug)]
pub struct NewProposal {
    /// What is asked for.
    pub request: Request,
    /// Why.
    pub reason: String,
    /// The finding that it is made from, if any.
    pub finding: Option<String>,
    /// The request's own key: the same key from the same actor is the same proposal.
    pub request_key: Option<String>,
}

/// A request to take a write back.
#[derive(Clone, Debug)]
pub struct NewUndo {
    /// The write.
    pub write: WriteId,
    /// Why.
    pub reason: String,
    /// The request's own key.
    pub request_key: Option<String>,
}

impl Gate {
    /// Makes a proposal from a request, bound to the subject as the mirror has it now.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn propose(&self, actor: &Actor, new: NewProposal, now: Timestamp) -> Result<Proposed, GateError> {
        let id = ProposalId::from_uuid(Uuid::now_v7());
        let subject = self.store.document(new.request.subject()).await?.map(|mirrored| mirrored.document);
        let version = self.version(&new.request).await?;
        let known = Known { subject: subject.as_ref(), version: version.as_ref() };
        let capability = new.request.capability();
        let around = self.around(now).await?;
        let facts = Facts::asking(actor, Act::Propose, capability, &around).on(new.request.subject());
        let decision = self.policy.judge(&facts);
        let asked = decision.asked().and_then(|()| GivenReason::parse(&new.reason)).and_then(|reason| {
            let (write, summary) = new.request.plan(known, id, actor.uid(), now)?;
            Ok((reason, write, summary))
        });
        let mut tx = self.store.begin().await?;
        match asked {
            Ok((reason, write, summary)) => {
                let proposal = Proposal {
                    id,
                    capability: capability.id.clone(),
                    write,
                    summary,
                    reason,
                    proposer: actor.person(),
                    created: now,
                    expires: self.expiry(now),
                    undoes: None,
                    finding: new.finding,
                    state: ProposalState::Waiting,
                    state_since: now,
                    round: 1,
                    held: None,
                };
                self.insert(tx, actor, &proposal, &decision, new.request_key).await
            }
            Err(reason) => {
                let target = Target::Document(new.request.subject().clone());
                self.deny_proposal(&mut tx, (actor, &capability.id), target, (reason, &decision), now).await?;
                tx.commit().await?;
                Err(GateError::Denied(reason))
            }
        }
    }

    /// Makes a proposal that takes a write back, conditional on the document being as the write left it.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn undo(&self, actor: &Actor, new: NewUndo, now: Timestamp) -> Result<Proposed, GateError> {
        let record = self.store.write(new.write).await?.ok_or(GateError::Missing { what: "write" })?;
        let origin =
            self.store.proposal(record.proposal).await?.ok_or(GateError::Missing { what: "proposal of that write" })?;
        let current = self.store.document(record.write.path()).await?.map(|mirrored| mirrored.document);
        let around = self.around(now).await?;
        let decision = match self.capability(&origin.capability) {
            Ok(capability) => {
                self.policy.judge(&Facts::asking(actor, Act::Propose, capability, &around).on(record.write.path()))
            }
            Err(reason) => Decision::denied(vec![(reason, None)]),
        };
        let mut tx = self.store.begin().await?;
        let asked = match tx.undo_of(record.id).await? {
            Some(existing) if self.is_replay(&mut tx, actor, existing, &new).await? => {
                return Ok(Proposed { id: existing, replayed: true });
            }
            Some(_) => Err(Reason::UndoExists),
            None => decision
                .asked()
                .and_then(|()| GivenReason::parse(&new.reason))
                .and_then(|reason| Ok((reason, undoing(&record, current.as_ref())?))),
        };
        match asked {
            Ok((reason, write)) => {
                let proposal = Proposal {
                    id: ProposalId::from_uuid(Uuid::now_v7()),
                    capability: origin.capability.clone(),
                    write,
                    summary: format!("Undo: {}", origin.summary),
                    reason,
                    proposer: actor.person(),
                    created: now,
                    expires: self.expiry(now),
                    undoes: Some(record.id),
                    finding: None,
                    state: ProposalState::Waiting,
                    state_since: now,
                    round: 1,
                    held: None,
                };
                self.insert(tx, actor, &proposal, &decision, new.request_key).await
            }
            Err(reason) => {
                let about = (actor, &origin.capability);
                self.deny_proposal(&mut tx, about, Target::Write(record.id), (reason, &decision), now).await?;
                tx.commit().await?;
                Err(GateError::Denied(reason))
            }
        }
    }

    /// The version that a request wants back, if it is known to have stood.
    async fn version(&self, request: &Request) -> Result<Option<Document>, GateError> {
        let Some(moment) = request.version() else { return Ok(None) };
        Ok(match self.store.version_at(request.subject(), moment).await? {
            Then::Known(version) => version.document().cloned(),
            Then::Between { .. } | Then::Ahead(_) | Then::Earlier(_) | Then::Nothing => None,
        })
    }

    async fn is_replay(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        existing: ProposalId,
        new: &NewUndo,
    ) -> Result<bool, GateError> {
        let Some(key) = new.request_key.as_deref() else { return Ok(false) };
        Ok(tx.proposal_by_request(&request_key(actor, key)).await? == Some(existing))
    }

    async fn insert(
        &self,
        mut tx: Tx,
        actor: &Actor,
        proposal: &Proposal,
        decision: &Decision,
        key: Option<String>,
    ) -> Result<Proposed, GateError> {
        let key = key.map(|key| request_key(actor, &key));
        if let Some(id) = tx.proposal_insert(proposal, key.as_deref()).await? {
            tx.rollback().await?;
            return Ok(Proposed { id, replayed: true });
        }
        let mut event =
            Event::new(proposal.created, actor.person(), Action::ProposalCreated, Target::Proposal(proposal.id))
                .input(proposal.content_hash())
                .detail("capability", proposal.capability.as_str())
                .detail("document", proposal.write.path().as_str())
                .detail("reason", proposal.reason.as_str());
        if let Some(undone) = proposal.undoes {
            event = event.detail("undoes", undone.to_string());
        }
        tx.audit(self.store.studio(), explained(event, decision)).await?;
        tx.commit().await?;
        Ok(Proposed { id: proposal.id, replayed: false })
    }

    async fn deny_proposal(
        &self,
        tx: &mut Tx,
        (actor, capability): (&Actor, &CapabilityId),
        target: Target,
        (reason, decision): (Reason, &Decision),
        now: Timestamp,
    ) -> Result<(), GateError> {
        let event = Event::new(now, actor.person(), Action::ProposalCreated, target)
            .because(reason)
            .detail("capability", capability.as_str());
        tx.audit(self.store.studio(), explained(event, decision)).await?;
        Ok(())
    }
}

/// The key is kept with the actor's, so that nobody can guess another's; hashed, so that it is short.
fn request_key(actor: &Actor, key: &str) -> String {
    Hash::of(format!("{}\n{key}", actor.person())).to_string()
}

fn undoing(record: &WriteRecord, current: Option<&Document>) -> Result<Write, Reason> {
    let write = record.undo()?;
    match write.standing(current) {
        Standing::Current => Ok(write),
        Standing::Moved { .. } | Standing::Gone | Standing::Appeared => Err(Reason::OverwrittenSince),
    }
}
