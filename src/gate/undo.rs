//! Proposing to take writes back.

use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::audit::Target;
use crate::domain::change::{Change, Changes};
use crate::domain::decision::{Act, Decision};
use crate::domain::ids::{DocPath, ProposalId, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::domain::proposal::{GivenReason, Proposal, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::undoing::{Conflict, Undoing, last_changed_by, undoing};
use crate::gate::facts::Facts;
use crate::gate::{Gate, GateError, Proposed};
use crate::store::Tx;

/// A request to take writes back.
#[derive(Clone, Debug)]
pub struct NewUndo {
    /// What is to be taken back.
    pub undone: Undone,
    /// Why.
    pub reason: String,
    /// The request's own key.
    pub request_key: Option<String>,
}

/// What is to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// One write.
    Write(WriteId),
    /// Everything that a proposal wrote, the last first.
    Proposal(ProposalId),
}

/// What stands in the way of an undo: somebody changed what we wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwritten {
    /// The document.
    pub document: DocPath,
    /// What was changed.
    pub conflict: Conflict,
    /// By whom, as far as anybody knows.
    pub by: Author,
}

/// Who changed a document after our write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A later write of ours.
    Write(WriteId),
    /// Somebody whom the document names.
    Named(String),
    /// Somebody outside; the document does not say who.
    Unknown,
}

/// The undo of one document, or what stands in its way.
enum Planned {
    Change(Change),
    AlreadyBack,
    Overwritten(Vec<Overwritten>),
}

impl Gate {
    /// Makes a proposal that takes writes back, in one commit: as they were, or field by field where somebody has changed
    /// something else since.
    ///
    /// # Errors
    /// [`GateError::Overwritten`] with who changed what, or [`GateError::Denied`] with the reason; either is then in the
    /// audit log.
    pub async fn undo(&self, actor: &Actor, new: NewUndo, now: Timestamp) -> Result<Proposed, GateError> {
        let records = self.undone(new.undone).await?;
        let first = records.first().ok_or(GateError::Missing { what: "write" })?;
        let origin =
            self.store.proposal(first.proposal).await?.ok_or(GateError::Missing { what: "proposal of that write" })?;
        let mut tx = self.store.begin().await?;
        if let Some(replayed) = self.replayed(&mut tx, actor, new.request_key.as_deref()).await? {
            return Ok(replayed);
        }
        let around = self.around_in(&mut tx, now).await?;
        let decision = match self.capability(&origin.capability) {
            Ok(capability) => {
                self.policy.judge(&Facts::asking(actor, Act::Propose, capability, &around).on(first.write.path()))
            }
            Err(reason) => Decision::denied(vec![(reason, None)]),
        };
        let about = (actor, &origin.capability);
        let target = match new.undone {
            Undone::Write(id) => Target::Write(id),
            Undone::Proposal(id) => Target::Proposal(id),
        };
        let reason = match decision.asked().and_then(|()| GivenReason::parse(&new.reason)) {
            Ok(reason) => reason,
            Err(reason) => return self.deny_undo(tx, about, target, (reason, &decision), now).await,
        };
        let (mut changes, mut overwritten) = (Vec::new(), Vec::new());
        for record in &records {
            match self.plan(&mut tx, &origin, record).await? {
                Ok(Planned::Change(change)) => changes.push(change),
                Ok(Planned::AlreadyBack) => {}
                Ok(Planned::Overwritten(more)) => overwritten.extend(more),
                Err(reason) => return self.deny_undo(tx, about, target, (reason, &decision), now).await,
            }
        }
        if !overwritten.is_empty() {
            self.deny_proposal(&mut tx, about, target, (Reason::OverwrittenSince, &decision), now).await?;
            tx.commit().await?;
            return Err(GateError::Overwritten(overwritten));
        }
        let changes = match Changes::parse(changes) {
            Ok(changes) => changes,
            Err(Reason::NothingToChange) => {
                return self.deny_undo(tx, about, target, (Reason::AlreadyBack, &decision), now).await;
            }
            Err(reason) => return self.deny_undo(tx, about, target, (reason, &decision), now).await,
        };
        let proposal = Proposal {
            id: ProposalId::from_uuid(Uuid::now_v7()),
            capability: origin.capability.clone(),
            changes,
            summary: format!("Undo: {}", origin.summary),
            reason,
            behalf: None,
            proposer: actor.person(),
            created: now,
            expires: self.expiry(now),
            finding: None,
            state: ProposalState::Waiting,
            state_since: now,
            round: 1,
            held: None,
        };
        self.insert(tx, actor, &proposal, &decision, new.request_key).await
    }

    /// The writes that are to be taken back, the last of a commit first.
    async fn undone(&self, undone: Undone) -> Result<Vec<WriteRecord>, GateError> {
        Ok(match undone {
            Undone::Write(id) => self.store.write(id).await?.into_iter().collect(),
            Undone::Proposal(id) => {
                let mut records = self.store.writes_of(id).await?;
                records.reverse();
                records
            }
        })
    }

    /// How one write is taken back, as the mirror has its document now.
    async fn plan(
        &self,
        tx: &mut Tx,
        origin: &Proposal,
        record: &WriteRecord,
    ) -> Result<Result<Planned, Reason>, GateError> {
        if tx.undo_of(record.id).await?.is_some() {
            return Ok(Err(Reason::UndoExists));
        }
        let path = record.write.path();
        let current = tx.document(path).await?.map(|mirrored| mirrored.document);
        let subject = origin.changes.iter().find(|change| change.write.path() == path);
        let subject = subject.map_or_else(|| path.clone(), |change| change.subject.clone());
        let change = |write| Change { subject: subject.clone(), write, undoes: Some(record.id) };
        Ok(match undoing(record, current.as_ref()) {
            Err(reason) => Err(reason),
            Ok(Undoing::Clean(write) | Undoing::Merged(write)) => Ok(Planned::Change(change(write))),
            Ok(Undoing::AlreadyBack) => Ok(Planned::AlreadyBack),
            Ok(Undoing::Conflict(conflicts)) => {
                let by = match &current {
                    None => Author::Unknown,
                    Some(document) => match self.store.write_that_left(path, document.update_time).await? {
                        Some(ours) => Author::Write(ours.id),
                        None => last_changed_by(document).map_or(Author::Unknown, |by| Author::Named(by.to_owned())),
                    },
                };
                let each = |conflict| Overwritten { document: path.clone(), conflict, by: by.clone() };
                Ok(Planned::Overwritten(conflicts.into_iter().map(each).collect()))
            }
        })
    }

    async fn deny_undo(
        &self,
        mut tx: Tx,
        about: (&Actor, &crate::domain::capability::CapabilityId),
        target: Target,
        (reason, decision): (Reason, &Decision),
        now: Timestamp,
    ) -> Result<Proposed, GateError> {
        self.deny_proposal(&mut tx, about, target, (reason, decision), now).await?;
        tx.commit().await?;
        Err(GateError::Denied(reason))
    }
}
