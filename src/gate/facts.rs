//! What a decision rests on: plain facts from verified credentials, the registry, the mirror and the ledger.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::capability::{Capability, Target};
use crate::domain::decision::{Act, Base, Lease, Stop};
use crate::domain::freshness::FreshnessBounds;
use crate::domain::ids::{DocPath, Hash, StudioId, Uid};
use crate::domain::proposal::{Choice, Proposal, ProposalState, Verdict, standing};
use crate::domain::time::Timestamp;
use crate::gate::Writes;
use crate::gate::circumstances::Circumstances;
use crate::store::{self, TargetState};

/// What is the same for every question asked at one moment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The studio whose database this is.
    pub studio: StudioId,
    /// The time now.
    pub now: Timestamp,
    /// May approved writes leave at all?
    pub writes: Writes,
    /// Are all writes stopped?
    pub stop: Stop,
    /// Is this box the one that may write?
    pub lease: Lease,
    /// The mirrored collections.
    pub targets: Vec<store::Target>,
    /// How old the mirror of each of them may be, whatever a capability says.
    pub bounds: Option<Arc<FreshnessBounds>>,
}

impl Surroundings {
    /// How old the mirror of what the capability is about is: of `path`'s collection, or else of its oldest target.
    ///
    /// `None` when it was never read, the cloud refuses it, or it is older than its own bound. What connectors read has no mirror, and is never old.
    pub fn mirror_age(&self, capability: &Capability, path: Option<&DocPath>) -> Option<Duration> {
        let age = |collection| {
            let target = self.targets.iter().find(|target| target.collection == collection)?;
            let age = match target.state {
                TargetState::Refused => None,
                TargetState::Backfilling | TargetState::CatchingUp | TargetState::Current => {
                    target.read_time.map(|read| self.now.since(read))
                }
            };
            let is_stale = |bounds: &Arc<FreshnessBounds>| bounds.is_stale(&target.collection, age);
            if self.bounds.as_ref().is_some_and(is_stale) { None } else { age }
        };
        if let Some(path) = path {
            return age(path.collection());
        }
        let ages: Option<Vec<Duration>> = capability
            .targets
            .iter()
            .map(|target| match target {
                Target::Documents(collection) => age(collection.clone()),
                Target::Connector(_) => Some(Duration::ZERO),
            })
            .collect();
        ages?.into_iter().max()
    }
}

/// One question with everything that its answer rests on.
///
/// What is not said is taken to be in order, except a delegation: an agent without one is denied.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub(super) actor: &'a Actor,
    pub(super) act: Act,
    pub(super) capability: &'a Capability,
    pub(super) around: &'a Surroundings,
    /// The document whose mirror is the oldest of all that it is about.
    pub(super) path: Option<&'a DocPath>,
    pub(super) about: Option<About>,
    pub(super) owner: Option<&'a Uid>,
    pub(super) beside: Circumstances,
}

/// What is known about a proposal.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) proposer: Uid,
    pub(super) proposer_kind: ActorKind,
    pub(super) state: ProposalState,
    pub(super) expires: Timestamp,
    pub(super) base: Base,
    pub(super) same_content: bool,
    pub(super) inside: bool,
    pub(super) decided: bool,
    pub(super) rejected: bool,
    pub(super) counted: Counted,
    pub(super) needed: Counted,
    pub(super) since: Timestamp,
    pub(super) delayed_until: Timestamp,
}

/// How many approvals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Of how many people.
    pub people: usize,
    /// How many of them are admins.
    pub admins: usize,
}

impl<'a> Facts<'a> {
    /// The question whether `actor` may do `act` with `capability`.
    pub const fn asking(actor: &'a Actor, act: Act, capability: &'a Capability, around: &'a Surroundings) -> Self {
        Self { actor, act, capability, around, path: None, about: None, owner: None, beside: Circumstances::CALM }
    }

    /// The same, of this document.
    pub const fn on(mut self, path: &'a DocPath) -> Self {
        self.path = Some(path);
        self
    }

    /// The same, about this proposal, with all decisions so far and how its document stands now.
    ///
    /// `seen` is the content that the actor looked at; `None` when that is not the question.
    pub fn about(mut self, proposal: &'a Proposal, verdicts: &[Verdict], base: Base, seen: Option<Hash>) -> Self {
        let content = proposal.content_hash();
        let standing = standing(proposal, verdicts);
        let choice = match self.act {
            Act::Reject => Choice::Reject,
            Act::Read
            | Act::Propose
            | Act::Approve
            | Act::Withdraw
            | Act::Reopen
            | Act::Stop
            | Act::Apply
            | Act::Send => Choice::Approve,
        };
        let rules = self.capability.write();
        let needed = rules.map_or_else(Counted::none_is_enough, |rules| Counted {
            people: rules.approvals.count as usize,
            admins: rules.approvals.admins as usize,
        });
        let unknown_first = |path: &&DocPath| match self.around.mirror_age(self.capability, Some(path)) {
            None => (1, Duration::ZERO),
            Some(age) => (0, age),
        };
        self.path = proposal.changes.paths().max_by_key(unknown_first);
        self.owner = proposal.behalf.as_ref().map(|behalf| &behalf.owner);
        self.about = Some(About {
            proposer: proposal.proposer.uid.clone(),
            proposer_kind: proposal.proposer.kind,
            state: proposal.state,
            expires: proposal.expires,
            base,
            same_content: seen.is_none_or(|seen| seen == content),
            inside: proposal.changes.writes().all(|write| self.capability.covers(write)),
            decided: standing.iter().any(|verdict| {
                self.actor.is_same_person(&verdict.by) && verdict.choice == choice && verdict.content_hash == content
            }),
            rejected: standing.iter().any(|verdict| verdict.choice == Choice::Reject),
            counted: counted(self.capability, proposal, verdicts),
            needed,
            since: proposal.state_since,
            delayed_until: match proposal.state {
                ProposalState::Approved => proposal.state_since.plus(rules.map_or(Duration::ZERO, |rules| rules.delay)),
                ProposalState::Waiting
                | ProposalState::Sent
                | ProposalState::Rejected
                | ProposalState::Withdrawn
                | ProposalState::Expired
                | ProposalState::Stale
                | ProposalState::Denied(_) => self.around.now,
            },
        });
        self
    }

    /// The same, on behalf of this owner.
    pub const fn for_owner(mut self, owner: &'a Uid) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The same, with what is known beside the proposal.
    ///
    /// Where an exemption stands in for approvals, anyone may still stop it for as long as if it had them.
    pub fn beside(mut self, circumstances: Circumstances) -> Self {
        self.beside = circumstances;
        if let Some(about) = self.about.as_mut().filter(|_| circumstances.exempt) {
            let delay = self.capability.write().map_or(Duration::ZERO, |rules| rules.delay);
            about.delayed_until = about.delayed_until.max(about.since.plus(delay));
        }
        self
    }
}

impl Counted {
    /// What can't be reached: a capability that only reads has nothing to approve.
    const fn none_is_enough() -> Self {
        Self { people: usize::MAX, admins: 0 }
    }
}

/// The approvals that count: the newest verdict of each person, of exactly this content, by people who may approve and
/// did not propose.
pub fn counted(capability: &Capability, proposal: &Proposal, verdicts: &[Verdict]) -> Counted {
    let Some(rules) = capability.write() else { return Counted::default() };
    let content = proposal.content_hash();
    let mut counted = Counted::default();
    for verdict in standing(proposal, verdicts) {
        let counts = verdict.choice == Choice::Approve
            && verdict.content_hash == content
            && verdict.by.uid != proposal.proposer.uid
            && rules.approvers.contains(&verdict.by.kind);
        counted.people += usize::from(counts);
        counted.admins += usize::from(counts && verdict.by.kind == ActorKind::Admin);
    }
    counted
}
