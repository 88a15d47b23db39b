//! What every policy has to deny, asked for real: each capability is tried in the ways that must never work.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::actor::{Actor, ActorKind, Issuer, Person};
use crate::domain::capability::{Capability, Executor, Target};
use crate::domain::change::{Change, Changes};
use crate::domain::decision::{Act, Base, Delegated, Lease, Stop};
use crate::domain::delegation::DelegationRefusal;
use crate::domain::ids::{DocPath, ProposalId, StudioId, Uid};
use crate::domain::lint::{LintCode, LintFinding};
use crate::domain::proposal::{GivenReason, Proposal, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::domain::write::Write;
use crate::gate::Writes;
use crate::gate::circumstances::Circumstances;
use crate::gate::facts::{Facts, Surroundings};
use crate::gate::policy::Policy;
use crate::store::{Target as Mirrored, TargetState};

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// Tries what must be denied, with every capability.
pub(super) fn lint(policy: &Policy, place: &str) -> Vec<LintFinding> {
    let mut found = Vec::new();
    for capability in policy.registry().iter() {
        let Some(probe) = Probe::of(capability) else { continue };
        for (tried, reason) in probe.tries() {
            let decision = policy.judge(&tried);
            if !decision.missing.iter().any(|missing| missing.reason == reason) {
                found.push(LintFinding {
                    code: LintCode::RequiredForbidMissing,
                    place: format!("{place}: capability `{}`", capability.id),
                    rule: format!("{} is not denied with {}", tried.act.word(), reason.code()),
                });
            }
        }
    }
    found
}

/// Somebody of each kind, a proposal, and the surroundings in which all else is in order.
struct Probe<'a> {
    capability: &'a Capability,
    staff: Actor,
    stranger: Actor,
    agent: Actor,
    service: Actor,
    waiting: Proposal,
    approved: Proposal,
    expired: Proposal,
    calm: Surroundings,
    stopped: Surroundings,
    unknown: Surroundings,
    unread: Surroundings,
    second: Surroundings,
    unleased: Surroundings,
    owner: Uid,
    revoked: Circumstances,
}

impl<'a> Probe<'a> {
    /// `None` for what only reads.
    fn of(capability: &'a Capability) -> Option<Self> {
        let rules = capability.write()?;
        let collection = match (&rules.executor, capability.targets.first()?) {
            (Executor::Note { creates }, _) => creates.clone(),
            (_, Target::Documents(collection)) => collection.clone(),
            (_, Target::Connector(_)) => return None,
        };
        let home = StudioId::parse("probe").expect("BUG: a legal studio");
        let away = StudioId::parse("elsewhere").expect("BUG: a legal studio");
        let uid = |text: &str| Uid::parse(text).expect("BUG: a legal uid");
        let actor = |name: &str, kind, studio: &StudioId| {
            Actor::verified(uid(name), kind, name.to_owned(), studio.clone(), Issuer::Real)
        };
        let staff = actor("probe_staff", ActorKind::Staff, &home);
        let path = DocPath::in_collection(&collection, "probe").expect("BUG: a legal path");
        let proposal = |state, expires, proposer: Person| Proposal {
            id: ProposalId::from_uuid(uuid::Uuid::nil()),
            capability: capability.id.clone(),
            changes: Changes::one(Change {
                write: match rules.executor {
                    Executor::Note { .. } => Write::Create { path: path.clone(), fields: Fields::new() },
                    Executor::FieldUpdate(_) | Executor::Mark | Executor::Restore => {
                        Write::Update { path: path.clone(), changes: BTreeMap::new(), base: NOW }
                    }
                },
                subject: path.clone(),
                undoes: None,
            }),
            summary: String::new(),
            reason: GivenReason::parse("what must never work").expect("BUG: a reason"),
            behalf: None,
            proposer,
            created: NOW,
            expires,
            finding: None,
            state,
            state_since: NOW.minus(Duration::from_secs(7 * 86_400)),
            round: 1,
            held: None,
        };
        let later = NOW.plus(Duration::from_secs(60));
        let targets = capability.targets.iter().filter_map(|target| match target {
            Target::Documents(collection) => Some(collection.clone()),
            Target::Connector(_) => None,
        });
        let mirrored = |collection| Mirrored {
            collection,
            id: crate::domain::watch::TargetId::new(1).expect("BUG: positive"),
            state: TargetState::Current,
            generation: 1,
            read_time: Some(NOW),
            resume_token: None,
            backfill: Default::default(),
            heard: None,
            error: None,
        };
        let around = |stop, targets| Surroundings {
            studio: home.clone(),
            now: NOW,
            writes: Writes::On,
            stop,
            lease: Lease::Ours,
            targets,
            bounds: None,
        };
        let fresh: Vec<Mirrored> = targets.chain([collection]).map(mirrored).collect();
        let (agent, owner) = (actor("probe_agent", ActorKind::Agent, &home), uid("probe_owner"));
        Some(Self {
            stranger: actor("probe_stranger", ActorKind::Admin, &away),
            service: Actor::system(&home, "push"),
            waiting: proposal(ProposalState::Waiting, later, staff.person()),
            approved: proposal(ProposalState::Approved, later, agent.person()),
            expired: proposal(ProposalState::Approved, NOW, staff.person()),
            calm: around(Stop::Off, fresh.clone()),
            stopped: around(Stop::On, fresh.clone()),
            unknown: around(Stop::Unknown, fresh.clone()),
            second: Surroundings { lease: Lease::Another, ..around(Stop::Off, fresh.clone()) },
            unleased: Surroundings { lease: Lease::Unknown, ..around(Stop::Off, fresh) },
            unread: around(Stop::Off, Vec::new()),
            revoked: Circumstances { delegated: Delegated::Refused(DelegationRefusal::Revoked), ..Circumstances::CALM },
            capability,
            staff,
            agent,
            owner,
        })
    }

    fn tries(&self) -> Vec<(Facts<'_>, Reason)> {
        let ask = |who, act, around| Facts::asking(who, act, self.capability, around);
        let apply = |around, proposal, base| ask(&self.service, Act::Apply, around).about(proposal, &[], base, None);
        let current = Base::Current;
        vec![
            (ask(&self.stranger, Act::Propose, &self.calm), Reason::TenantMismatch),
            (ask(&self.staff, Act::Propose, &self.unread), Reason::MirrorNotReady),
            (ask(&self.agent, Act::Propose, &self.calm), Reason::DelegationMissing),
            (
                ask(&self.agent, Act::Propose, &self.calm).for_owner(&self.owner).beside(self.revoked),
                Reason::DelegationRevoked,
            ),
            (
                apply(&self.calm, &self.approved, current).for_owner(&self.owner).beside(self.revoked),
                Reason::DelegationRevoked,
            ),
            (apply(&self.calm, &self.approved, current), Reason::DelegationMissing),
            (
                ask(&self.agent, Act::Approve, &self.calm).about(&self.waiting, &[], current, None),
                Reason::AgentCannotDecide,
            ),
            (
                ask(&self.service, Act::Approve, &self.calm).about(&self.waiting, &[], current, None),
                Reason::AgentCannotDecide,
            ),
            (ask(&self.staff, Act::Approve, &self.calm).about(&self.waiting, &[], current, None), Reason::SelfApproval),
            (
                ask(&self.stranger, Act::Approve, &self.calm).about(&self.waiting, &[], current, None),
                Reason::TenantMismatch,
            ),
            (
                ask(&self.staff, Act::Approve, &self.calm).about(
                    &self.waiting,
                    &[],
                    current,
                    Some(crate::domain::ids::Hash::of("something else")),
                ),
                Reason::ContentChanged,
            ),
            (apply(&self.stopped, &self.approved, current), Reason::KillSwitchOn),
            (apply(&self.unknown, &self.approved, current), Reason::KillSwitchUnknown),
            (
                ask(&self.service, Act::Send, &self.stopped).about(&self.approved, &[], current, None),
                Reason::KillSwitchOn,
            ),
            (apply(&self.second, &self.approved, current), Reason::SecondBox),
            (ask(&self.service, Act::Send, &self.second).about(&self.approved, &[], current, None), Reason::SecondBox),
            (apply(&self.unleased, &self.approved, current), Reason::LeaseUnknown),
            (
                ask(&self.service, Act::Send, &self.unleased).about(&self.approved, &[], current, None),
                Reason::LeaseUnknown,
            ),
            (apply(&self.calm, &self.approved, Base::Moved), Reason::StaleBase),
            (apply(&self.calm, &self.expired, current), Reason::Expired),
            (apply(&self.calm, &self.waiting, current), Reason::ApprovalRequired),
            (apply(&self.unread, &self.approved, current), Reason::MirrorNotReady),
            (ask(&self.staff, Act::Apply, &self.calm).about(&self.approved, &[], current, None), Reason::RoleMissing),
        ]
    }
}
