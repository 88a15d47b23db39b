//! Questions that change nothing: what a button, a program or the push job may do, and what stands in the way.

use crate::domain::actor::Actor;
use crate::domain::audit::Event;
use crate::domain::capability::{BadInput, Capability};
use crate::domain::decision::{Act, Base, Decision};
use crate::domain::ids::{DocPath, Hash};
use crate::domain::proposal::{Proposal, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::Standing;
use crate::gate::circumstances::{Circumstances, Use, weight_of};
use crate::gate::facts::{Counted, Facts, Surroundings, counted};
use crate::gate::{Gate, GateError};
use crate::store::{self, QuotaAsk};

impl Gate {
    /// May `actor` propose with `capability`?
    pub fn may_propose(&self, actor: &Actor, capability: &Capability, around: &Surroundings) -> Decision {
        self.policy.judge(&Facts::asking(actor, Act::Propose, capability, around))
    }

    /// May `actor` propose with `capability`, or read with it, and with this document? Nothing is counted by asking.
    ///
    /// An agent is answered as one without a delegation: which owner it would name is not asked.
    ///
    /// # Errors
    /// [`GateError::Input`] for a document that the capability is not about; the database could not be read.
    pub async fn may_begin(
        &self,
        actor: &Actor,
        (act, capability): (Act, &Capability),
        document: Option<&DocPath>,
        around: &Surroundings,
    ) -> Result<Decision, GateError> {
        if document.is_some_and(|path| !capability.is_about(path)) {
            let targets: Vec<String> = capability.targets.iter().map(ToString::to_string).collect();
            let rule = format!("choose one that the capability is about: {}", targets.join(", "));
            return Err(BadInput { field: "document".to_owned(), rule }.into());
        }
        let person = actor.person();
        let facts = Facts::asking(actor, act, capability, around);
        let facts = match document {
            Some(path) => facts.on(path),
            None => facts,
        };
        let facts = match act {
            Act::Propose => {
                let claims = self.claims(capability, (&person, &person.uid), Use::Propose);
                let ask = QuotaAsk {
                    actor: &person,
                    capability: capability.id.as_str(),
                    effect: "may-i",
                    claims: &claims,
                    weight: weight_of(1),
                };
                let mut tx = self.store.begin_reading().await?;
                let quota_left = tx.quota_peek(&ask, around.now).await?.is_ok();
                facts.beside(Circumstances { quota_left, ..Circumstances::CALM })
            }
            Act::Read
            | Act::Approve
            | Act::Reject
            | Act::Withdraw
            | Act::Reopen
            | Act::Stop
            | Act::Apply
            | Act::Send => facts,
        };
        let decision = self.policy.judge(&facts);
        let is_missing = match document {
            None => false,
            Some(path) => self.store.document(path).await?.is_none(),
        };
        Ok(if is_missing { decision.also(Reason::DocumentMissing) } else { decision })
    }

    /// May `actor` do this with `proposal`, given the decisions so far and how its document stands?
    ///
    /// `seen` is the content that the actor looked at; `None` when that is not the question.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn may(
        &self,
        actor: &Actor,
        act: Act,
        about: (&Proposal, &[Verdict]),
        (base, seen): (Base, Option<Hash>),
        around: &Surroundings,
    ) -> store::Result<Decision> {
        let mut tx = self.store.begin_reading().await?;
        let beside = self.circumstances(&mut tx, about.0, around.now).await?;
        // Nobody has to wait for the end of a look.
        drop(tx);
        Ok(self.judge(actor, act, about, (base, seen), (around, beside)))
    }

    /// What is known beside each of these proposals now, in their order.
    ///
    /// # Errors
    /// The database could not be read.
    pub(crate) async fn circumstances_now(
        &self,
        proposals: &[&Proposal],
        now: Timestamp,
    ) -> store::Result<Vec<Circumstances>> {
        let mut tx = self.store.begin_reading().await?;
        self.circumstances_of(&mut tx, proposals, now).await
    }

    /// The same, with what is known beside the proposal.
    pub fn judge(
        &self,
        actor: &Actor,
        act: Act,
        (proposal, verdicts): (&Proposal, &[Verdict]),
        (base, seen): (Base, Option<Hash>),
        (around, beside): (&Surroundings, Circumstances),
    ) -> Decision {
        match self.capability(&proposal.capability) {
            Ok(capability) => {
                let facts = Facts::asking(actor, act, capability, around);
                self.policy.judge(&facts.about(proposal, verdicts, base, seen).beside(beside))
            }
            Err(reason) => Decision::denied(vec![(reason, None)]),
        }
    }

    /// May `actor` decide about `proposal`? What the mirror says about its document is not asked.
    ///
    /// # Errors
    /// The database could not be read; within, the first reason against it.
    pub async fn may_decide(
        &self,
        actor: &Actor,
        proposal: &Proposal,
        verdicts: &[Verdict],
        around: &Surroundings,
    ) -> store::Result<Result<(), Reason>> {
        Ok(self.may(actor, Act::Approve, (proposal, verdicts), (Base::Unknown, None), around).await?.asked())
    }

    /// The approvals that count so far, and those that are needed.
    pub fn approvals(&self, proposal: &Proposal, verdicts: &[Verdict]) -> (Counted, Counted) {
        let Ok(capability) = self.capability(&proposal.capability) else { return Default::default() };
        let needed = capability.write().map_or_else(Counted::default, |rules| Counted {
            people: rules.approvals.count as usize,
            admins: rules.approvals.admins as usize,
        });
        (counted(capability, proposal, verdicts), needed)
    }

    /// How the documents of a proposal stand, as far as the mirror can tell: one that moved is enough.
    pub(super) async fn base(&self, proposal: &Proposal, around: &Surroundings) -> store::Result<Base> {
        let Ok(capability) = self.capability(&proposal.capability) else { return Ok(Base::Unknown) };
        let too_old = |path| around.mirror_age(capability, Some(path)).is_none_or(|age| age > capability.freshness);
        if proposal.changes.paths().any(too_old) {
            return Ok(Base::Unknown);
        }
        for write in proposal.changes.writes() {
            let current = self.store.document(write.path()).await?.map(|mirrored| mirrored.document);
            match write.standing(current.as_ref()) {
                Standing::Current => {}
                Standing::Moved { .. } | Standing::Gone | Standing::Appeared => return Ok(Base::Moved),
            }
        }
        Ok(Base::Current)
    }
}

/// The event with the policies that decided, and everything that stood in the way.
pub(super) fn explained(event: Event, decision: &Decision) -> Event {
    let event = match decision.policies.as_slice() {
        [] => event,
        policies => event.detail("policies", policies.join(" ")),
    };
    match decision.missing.as_slice() {
        [] | [_] => event,
        missing => {
            let codes: Vec<&str> = missing.iter().map(|missing| missing.reason.code()).collect();
            event.detail("missing", codes.join(" "))
        }
    }
}
