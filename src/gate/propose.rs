//! Making proposals.

use uuid::Uuid;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::agent::SuspensionRule;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::capability::{Capability, CapabilityId, DRILLS, Known, Request, Requests};
use crate::domain::change::{Change, Changes};
use crate::domain::decision::{Act, Decision, Delegated};
use crate::domain::document::Document;
use crate::domain::history::Then;
use crate::domain::ids::{DocPath, Hash, ProposalId};
use crate::domain::proposal::{Behalf, GivenReason, Proposal, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::circumstances::{AgentClaim, Circumstances, Reach, Use, standing_of, weight_of};
use crate::gate::facts::Facts;
use crate::gate::questions::explained;
use crate::gate::review::documents;
use crate::gate::{Gate, GateError, Proposed};
use crate::store::{Denial, QuotaAsk, Tx};

/// A request for a change.
#[derive(Clone, Debug)]
pub struct NewProposal {
    /// What is asked for, of one document or several.
    pub requests: Requests,
    /// Why.
    pub reason: String,
    /// The finding that it is made from, if any.
    pub finding: Option<String>,
    /// The request's own key: the same key from the same actor is the same proposal.
    pub request_key: Option<String>,
    /// What an agent brings along. Nobody else has anything of it.
    pub agent: Option<AgentClaim>,
}

impl Gate {
    /// Makes a proposal from a request, bound to the subject as the mirror has it now.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Limited`] when it was asked
    /// for too often.
    pub async fn propose(&self, actor: &Actor, new: NewProposal, now: Timestamp) -> Result<Proposed, GateError> {
        let id = ProposalId::from_uuid(Uuid::now_v7());
        let (capability, person) = (new.requests.capability(), actor.person());
        let mut versions = Vec::new();
        for request in new.requests.iter() {
            versions.push(self.version(request).await?);
        }
        let mut tx = self.store.begin().await?;
        if let Some(existing) = self.replayed(&mut tx, actor, new.request_key.as_deref()).await? {
            return Ok(existing);
        }
        let mut subjects = Vec::new();
        for request in new.requests.iter() {
            subjects.push(tx.document(request.subject()).await?.map(|mirrored| mirrored.document));
        }
        let around = self.around_in(&mut tx, now).await?;
        let about = (capability.as_ref(), &new.requests);
        let (mut beside, reach) = match actor.kind() {
            ActorKind::Agent => self.agent_beside(&mut tx, &person, new.agent.as_ref(), about, now).await?,
            ActorKind::Human | ActorKind::Staff | ActorKind::Admin | ActorKind::Operator | ActorKind::System => {
                (Circumstances::CALM, None)
            }
        };
        let owner = reach.as_ref().map_or(&person.uid, |reach| &reach.standing.owner_uid);
        let claims = self.claims(capability, (&person, owner), Use::Propose);
        let effect = format!("propose:{id}");
        let weight = weight_of(new.requests.iter().len());
        let ask =
            QuotaAsk { actor: &person, capability: capability.id.as_str(), effect: &effect, claims: &claims, weight };
        beside.quota_left = tx.quota_peek(&ask, now).await?.is_ok();
        let facts = Facts::asking(actor, Act::Propose, capability, &around).on(new.requests.subject());
        let decision = self.policy.judge(&facts.for_owner(owner).beside(beside));
        // More than may be taken at once never come, however long one waits.
        let too_many = claims.iter().any(|claim| claim.limit.burst() < weight);
        let decided = match decision.asked() {
            Err(Reason::RateLimited) if too_many => Err(Reason::TooManyDocuments),
            decided => decided,
        };
        let mut asked = decided.and_then(|()| GivenReason::parse(&new.reason)).and_then(|reason| {
            let known = subjects.iter().zip(&versions);
            let (changes, summary) = planned(&new.requests, known, (id, actor), now)?;
            Ok((reason, changes, summary))
        });
        if let Ok((_, changes, _)) = &asked
            && let Some(reason) = self.taken_back(&mut tx, actor, changes).await?
        {
            asked = Err(reason);
        }
        match asked {
            Ok((reason, changes, summary)) => {
                let proposal = Proposal {
                    id,
                    capability: capability.id.clone(),
                    changes,
                    summary,
                    reason,
                    behalf: behalf(new.agent.as_ref(), reach.as_ref()),
                    proposer: person.clone(),
                    created: now,
                    expires: self.expiry(now),
                    finding: new.finding,
                    state: ProposalState::Waiting,
                    state_since: now,
                    round: 1,
                    held: None,
                };
                let taken = tx.quota_take(self.store.studio(), &ask, now).await?;
                debug_assert!(taken.is_ok(), "it was looked at in this transaction");
                tx.quota_keep(&[&effect]).await?;
                self.insert(tx, actor, &proposal, &decision, new.request_key).await
            }
            Err(Reason::RateLimited) => {
                let limited = tx.quota_take(self.store.studio(), &ask, now).await?;
                tx.commit().await?;
                Err(limited.map_or_else(
                    |limited| GateError::Limited(limited.retry_after),
                    |()| GateError::Denied(Reason::RateLimited),
                ))
            }
            Err(reason) => {
                let target = Target::Document(new.requests.subject().clone());
                self.deny_proposal(&mut tx, (actor, &capability.id), target, (reason, &decision), now).await?;
                if let Some(reach) = &reach {
                    self.deny_agent(&mut tx, &person, reach, (new.requests.subject(), reason), now).await?;
                }
                tx.commit().await?;
                Err(GateError::Denied(reason))
            }
        }
    }

    /// What is known of an agent that asks, and how far it reaches.
    async fn agent_beside(
        &self,
        tx: &mut Tx,
        agent: &Person,
        claim: Option<&AgentClaim>,
        (capability, requests): (&Capability, &Requests),
        now: Timestamp,
    ) -> Result<(Circumstances, Option<Reach>), GateError> {
        let mut reach = self.reach(tx, agent, claim, (capability, requests.subject()), now).await?;
        for request in requests.iter().skip(1) {
            if reach.delegated != Delegated::Permitted {
                break;
            }
            reach = self.reach(tx, agent, claim, (capability, request.subject()), now).await?;
        }
        let agent = standing_of(tx, &agent.uid, now).await?;
        Ok((Circumstances { delegated: reach.delegated, agent, ..Circumstances::CALM }, Some(reach)))
    }

    /// Counts an agent's denial, and keeps what was known of its rights for people to look into.
    async fn deny_agent(
        &self,
        tx: &mut Tx,
        agent: &Person,
        reach: &Reach,
        (resource, reason): (&DocPath, Reason),
        now: Timestamp,
    ) -> Result<(), GateError> {
        let denial = Denial {
            actor: agent,
            standing: &reach.standing,
            scope: &reach.scope,
            resource,
            delegation: reach.delegation.as_deref(),
            reason,
            suspicion: reach.suspicion.as_ref(),
        };
        tx.trace_denial(self.store.studio(), &denial, now).await?;
        tx.agent_denied(self.store.studio(), agent, reason, &SuspensionRule::default(), now).await?;
        Ok(())
    }

    /// Why a program may not ask for this: people took the same change back. Drills repeat themselves on purpose.
    async fn taken_back(&self, tx: &mut Tx, actor: &Actor, changes: &Changes) -> Result<Option<Reason>, GateError> {
        match actor.kind() {
            ActorKind::Agent | ActorKind::System => {}
            ActorKind::Human | ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => return Ok(None),
        }
        for write in changes.writes().filter(|write| write.path().collection().as_str() != DRILLS) {
            if tx.was_rolled_back(write.effect()).await? {
                return Ok(Some(Reason::RolledBack));
            }
        }
        Ok(None)
    }

    /// The proposal that the same request made before.
    pub(super) async fn replayed(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        key: Option<&str>,
    ) -> Result<Option<Proposed>, GateError> {
        let Some(key) = key else { return Ok(None) };
        let existing = tx.proposal_by_request(&request_key(actor, key)).await?;
        Ok(existing.map(|id| Proposed { id, replayed: true }))
    }

    /// The version that a request wants back, if it is known to have stood.
    async fn version(&self, request: &Request) -> Result<Option<Document>, GateError> {
        let Some(moment) = request.version() else { return Ok(None) };
        Ok(match self.store.version_at(request.subject(), moment).await? {
            Then::Known(version) => version.document().cloned(),
            Then::Between { .. } | Then::Ahead(_) | Then::Earlier(_) | Then::Nothing => None,
        })
    }

    pub(super) async fn insert(
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
                .detail("document", documents(&proposal.changes))
                .detail("reason", proposal.reason.as_str());
        if proposal.changes.is_undo() {
            let undone: Vec<String> =
                proposal.changes.iter().filter_map(|change| change.undoes).map(|id| id.to_string()).collect();
            event = event.detail("undoes", undone.join(" "));
        }
        if let Some(behalf) = &proposal.behalf {
            event = event.detail("owner", behalf.owner.as_str()).detail("delegation", &behalf.delegation);
        }
        tx.audit(self.store.studio(), explained(event, decision)).await?;
        let (found, subject) = (self.classified(proposal), Target::Proposal(proposal.id));
        tx.intake_record(self.store.studio(), &subject, &proposal.proposer, &found, proposal.created).await?;
        tx.commit().await?;
        Ok(Proposed { id: proposal.id, replayed: false })
    }

    pub(super) async fn deny_proposal(
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

/// In whose name an agent's proposal is made, and by what right.
fn behalf(claim: Option<&AgentClaim>, reach: Option<&Reach>) -> Option<Behalf> {
    let (claim, reach) = (claim?, reach?);
    let delegation = reach.delegation.clone()?;
    Some(Behalf { owner: reach.standing.owner_uid.clone(), delegation, key: claim.key.clone() })
}

/// The key is kept with the actor's, so that nobody can guess another's; hashed, so that it is short.
pub(super) fn request_key(actor: &Actor, key: &str) -> String {
    Hash::of(format!("{}\n{key}", actor.person())).to_string()
}

/// What all the requests come to, and one sentence about it.
fn planned<'a>(
    requests: &Requests,
    known: impl Iterator<Item = (&'a Option<Document>, &'a Option<Document>)>,
    (id, proposer): (ProposalId, &Actor),
    now: Timestamp,
) -> Result<(Changes, String), Reason> {
    let (mut changes, mut summaries) = (Vec::new(), Vec::new());
    for (request, (subject, version)) in requests.iter().zip(known) {
        let known = Known { subject: subject.as_ref(), version: version.as_ref() };
        let (write, summary) = request.plan(known, id, proposer.uid(), now)?;
        changes.push(Change { subject: request.subject().clone(), write, undoes: None });
        summaries.push(summary);
    }
    let changes = Changes::parse(changes)?;
    let first = summaries.into_iter().next().unwrap_or_default();
    let summary = match changes.len() - 1 {
        0 => first,
        1 => format!("{first}, and 1 more document"),
        more => format!("{first}, and {more} more documents"),
    };
    Ok((changes, summary))
}
