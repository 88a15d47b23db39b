//! Asking the gate for the last time, and storing the intent with the before-images: one transaction for all of them.

use std::collections::BTreeMap;

use anyhow::Context as _;

use crate::domain::audit::{Action, Event, Target};
use crate::domain::decision::{Act, Base, Decision};
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, ProposalId};
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{Proposal, ProposalState, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::Standing;
use crate::gate::circumstances::Circumstances;
use crate::gate::facts::Surroundings;
use crate::jobs::push::{Claimed, Push, cause_of};
use crate::store::Tx;

/// The documents as Firestore has them, just before the intent.
pub(super) type Before = BTreeMap<DocPath, Document>;

impl Push {
    /// Asks the gate, takes the before-images, and stores both with the intents; what is to be sent.
    pub(super) async fn claim(&mut self, picked: &[Proposal]) -> anyhow::Result<Vec<Claimed>> {
        let before = self.before(picked).await.context("could not read the documents before writing them")?;
        fail::fail_point!("push::before-intent", |_| std::process::abort());
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let around = self.gate.around_in(&mut tx, now).await?;
        let ids: Vec<ProposalId> = picked.iter().map(|proposal| proposal.id).collect();
        let mut verdicts = tx.verdicts_of(&ids).await?;
        let proposals = tx.proposals_of(&ids).await?;
        let beside = self.gate.circumstances_of(&mut tx, &proposals.iter().collect::<Vec<_>>(), now).await?;
        let mut claimed = Vec::new();
        for (proposal, beside) in proposals.into_iter().zip(beside) {
            let verdicts = verdicts.remove(&proposal.id).unwrap_or_default();
            let records = self.claim_one(&mut tx, (&proposal, &verdicts), &before, (&around, beside)).await?;
            if !records.is_empty() {
                let proposal = Proposal { state: ProposalState::Sent, state_since: now, ..proposal };
                claimed.push(Claimed { proposal, verdicts, records, known_by: Reason::Ok });
            }
        }
        let sent: Vec<ProposalId> = claimed.iter().map(|claimed| claimed.proposal.id).collect();
        tx.proposals_move(&sent, ProposalState::Sent, now).await?;
        let records: Vec<&WriteRecord> = claimed.iter().flat_map(|claimed| &claimed.records).collect();
        tx.writes_intend(&records).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Claims one proposal; nothing when it may not be carried out, or not yet.
    async fn claim_one(
        &self,
        tx: &mut Tx,
        (proposal, verdicts): (&Proposal, &[Verdict]),
        before: &Before,
        (around, beside): (&Surroundings, Circumstances),
    ) -> anyhow::Result<Vec<WriteRecord>> {
        let (id, now) = (proposal.id, around.now);
        let current = |path: &DocPath| before.get(path);
        let moved = proposal.changes.writes().any(|write| match write.standing(current(write.path())) {
            Standing::Current => false,
            Standing::Moved { .. } | Standing::Gone | Standing::Appeared => true,
        });
        let base = if moved { Base::Moved } else { Base::Current };
        let decision = self.gate.judge(&self.me, Act::Apply, (proposal, verdicts), (base, None), (around, beside));
        if let Err(reason) = decision.asked() {
            // Decided or expired since it was listed: its own transition tells of it.
            if [Reason::NotWaiting, Reason::Expired].contains(&reason) {
                return Ok(Vec::new());
            }
            if decision.passes() {
                self.hold(tx, proposal, reason).await?;
                return Ok(Vec::new());
            }
            let stale = reason == Reason::StaleBase;
            let state = if stale { ProposalState::Stale } else { ProposalState::Denied(reason) };
            let event = Event::new(now, self.me.person(), Action::PushDenied, Target::Proposal(id))
                .input(proposal.content_hash())
                .because(reason)
                .detail("policies", decision.policies.join(" "));
            tx.proposal_move(id, state, now).await?;
            tx.audit(&self.studio, event).await?;
            return Ok(Vec::new());
        }
        if let Err(reason) = self.gate.spend(tx, proposal, beside, now).await? {
            self.hold(tx, proposal, reason).await?;
            return Ok(Vec::new());
        }
        let mut records = Vec::with_capacity(proposal.changes.len());
        for (place, change) in (1..).zip(&proposal.changes) {
            let before = current(change.write.path()).map(|document| document.fields.clone());
            let record = WriteRecord::intended(id, (place, change.write.clone()), proposal.content_hash(), before, now)
                .undoing(change.undoes);
            let mut event = Event::new(now, self.me.person(), Action::WriteIntended, Target::Write(record.id))
                .input(record.content_hash)
                .detail("proposal", id.to_string())
                .detail("document", record.write.path().as_str())
                .detail("policies", decision.policies.join(" "));
            if let Some(hash) = record.before_hash() {
                event = event.detail("before", hash.to_string());
            }
            tx.audit(&self.studio, event).await?;
            records.push(record);
        }
        Ok(records)
    }

    /// The documents of these proposals as Firestore has them now.
    async fn before(&self, picked: &[Proposal]) -> anyhow::Result<Before> {
        let (drills, others): (Vec<&Proposal>, Vec<&Proposal>) = picked
            .iter()
            .partition(|proposal| cause_of(proposal.changes.paths()) == crate::domain::reads::Cause::Drill);
        let mut before = Before::new();
        for some in [drills, others] {
            let paths: Vec<DocPath> = some.iter().flat_map(|proposal| proposal.changes.paths()).cloned().collect();
            if !paths.is_empty() {
                before.extend(self.look_up_beside_lease(&paths).await?);
            }
        }
        Ok(before)
    }

    /// These documents as Firestore has them now.
    pub(super) async fn look_up(&self, paths: &[DocPath]) -> anyhow::Result<Before> {
        if paths.is_empty() {
            return Ok(Before::new());
        }
        let authority = self.authority.because_of(cause_of(paths.iter()));
        let lookup = authority.get(paths, None).await?;
        if let Some(unreadable) = lookup.unreadable.first() {
            anyhow::bail!("`{}` holds what can't be kept as a before-image: {}", unreadable.path, unreadable.why);
        }
        Ok(lookup.found.into_iter().map(|document| (document.path.clone(), document)).collect())
    }

    /// Those of the proposals that nothing holds back which passes by itself. Nothing is read from Firestore for the others.
    pub(super) async fn not_held(
        &self,
        proposals: Vec<Proposal>,
        around: &Surroundings,
    ) -> anyhow::Result<Vec<Proposal>> {
        let ids: Vec<ProposalId> = proposals.iter().map(|proposal| proposal.id).collect();
        let verdicts = self.store.verdicts_of(&ids).await?;
        let beside = self.gate.circumstances_now(&proposals.iter().collect::<Vec<_>>(), around.now).await?;
        let mut free = Vec::with_capacity(proposals.len());
        for (proposal, beside) in proposals.into_iter().zip(beside) {
            let verdicts = verdicts.get(&proposal.id).map_or(&[][..], Vec::as_slice);
            let about = (&proposal, verdicts);
            let decision = self.gate.judge(&self.me, Act::Apply, about, (Base::Current, None), (around, beside));
            if !self.is_held(&proposal, &decision).await? {
                free.push(proposal);
            }
        }
        Ok(free)
    }

    async fn is_held(&self, proposal: &Proposal, decision: &Decision) -> anyhow::Result<bool> {
        match decision.asked() {
            Err(Reason::RateLimited) => {
                let mut tx = self.store.begin().await?;
                // Counted where a share would be taken, so that nothing is read from Firestore in vain.
                match self.gate.take_share(&mut tx, proposal, self.now()).await? {
                    Err(reason) => {
                        self.hold(&mut tx, proposal, reason).await?;
                        tx.commit().await?;
                        Ok(true)
                    }
                    Ok(()) => tx.rollback().await.map(|()| false).map_err(Into::into),
                }
            }
            Err(reason) if decision.passes() => {
                if proposal.held != Some(reason) {
                    let mut tx = self.store.begin().await?;
                    self.hold(&mut tx, proposal, reason).await?;
                    tx.commit().await?;
                }
                Ok(true)
            }
            Ok(()) | Err(_) => Ok(false),
        }
    }

    /// Says once why an approved proposal is held back. It stays approved until it expires.
    async fn hold(&self, tx: &mut Tx, proposal: &Proposal, reason: Reason) -> anyhow::Result<()> {
        if tx.proposal_hold(proposal.id, reason).await? {
            let event = Event::new(self.now(), self.me.person(), Action::PushDenied, Target::Proposal(proposal.id))
                .input(proposal.content_hash())
                .because(reason);
            tx.audit(&self.studio, event).await?;
        }
        Ok(())
    }

    /// Ends an open proposal whose time is over.
    pub(super) async fn expire(&mut self, id: ProposalId, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        let Some(proposal) = tx.proposal(id).await?.filter(|proposal| proposal.state.is_open()) else { return Ok(()) };
        let event = Event::new(now, self.me.person(), Action::ProposalExpired, Target::Proposal(id))
            .because(Reason::Expired)
            .input(proposal.content_hash());
        tx.proposal_move(id, ProposalState::Expired, now).await?;
        tx.audit(&self.studio, event).await?;
        tx.commit().await?;
        Ok(())
    }
}
