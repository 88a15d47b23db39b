//! What a decision rests on beside the proposal itself: an agent's rights, the intake, exemptions and quotas, all read
//! at one moment.

use std::time::Duration;

use crate::domain::actor::Person;
use crate::domain::agent::{AgentScope, KeyPrefix};
use crate::domain::audit::Target;
use crate::domain::capability::{Capability, Quota};
use crate::domain::decision::{AgentStanding, Delegated, Intake};
use crate::domain::delegation::{Ask, DelegationRefusal, Permitted, Suspicion, owner_of, permits};
use crate::domain::ids::{DocPath, Uid};
use crate::domain::intake::{Classification, IntakeStanding, Text};
use crate::domain::proposal::{Proposal, ProposalState};
use crate::domain::quota::{Claim, Limit, Scope};
use crate::domain::reason::Reason;
use crate::domain::standing::{AgentRights, Standing};
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::domain::write::Write;
use crate::gate::Gate;
use crate::store::{self, AgentState, ExemptionUse, QuotaAsk, Tx};

/// The oldest that the mirror of delegations may be: a revocation acts within this time.
const DELEGATIONS_BOUND: Duration = Duration::from_secs(5 * 60);

/// What is known beside a proposal. What is not said is taken to be in order, except a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// What the owners' delegations say.
    pub delegated: Delegated,
    /// How the agent that proposed stands with us.
    pub agent: AgentStanding,
    /// What the intake says.
    pub intake: Intake,
    /// Does an exemption stand in for the approvals?
    pub exempt: bool,
    /// Is there a use left of every quota?
    pub quota_left: bool,
}

impl Circumstances {
    /// Nothing stands in the way, and no agent is involved.
    pub const CALM: Self = Self {
        delegated: Delegated::Nothing,
        agent: AgentStanding::Good,
        intake: Intake::Clear,
        exempt: false,
        quota_left: true,
    };
}

/// What an agent brings along with a request: its key, and the owner and the delegation that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentClaim {
    /// The key that it proved itself with.
    pub key: KeyPrefix,
    /// The most that it may do with that key.
    pub scopes: Vec<AgentScope>,
    /// In whose name, as the agent says; the mirror has to agree.
    pub owner: Option<Uid>,
    /// By which delegation, as the agent says.
    pub delegation: Option<String>,
}

/// How far an agent's rights reach for one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) delegated: Delegated,
    pub(super) standing: Standing,
    pub(super) scope: AgentScope,
    /// The delegation that permits it, or that was named.
    pub(super) delegation: Option<String>,
    pub(super) suspicion: Option<Suspicion>,
}

/// What a share is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Asking for a change. It may be asked for as often as it may be done.
    Propose,
    /// Doing it.
    Apply,
}

impl Gate {
    /// What is known beside this proposal, in this transaction.
    pub(crate) async fn circumstances(
        &self,
        tx: &mut Tx,
        proposal: &Proposal,
        now: Timestamp,
    ) -> store::Result<Circumstances> {
        let known = self.circumstances_of(tx, &[proposal], now).await?;
        Ok(known.first().copied().expect("BUG: there is an answer for each"))
    }

    /// What is known beside each of these proposals, in this transaction: in their order, each as if it were alone.
    pub(crate) async fn circumstances_of(
        &self,
        tx: &mut Tx,
        proposals: &[&Proposal],
        now: Timestamp,
    ) -> store::Result<Vec<Circumstances>> {
        let claims: Vec<_> = proposals
            .iter()
            .map(|proposal| {
                let claims = self.policy.capability(&proposal.capability).map(|known| self.claims_of(proposal, known));
                (claims.unwrap_or_default(), effect_of(proposal))
            })
            .collect();
        let asks: Vec<QuotaAsk<'_>> = proposals
            .iter()
            .zip(&claims)
            .map(|(proposal, (claims, effect))| applying(proposal, claims, effect))
            .collect();
        tx.quotas_look(&asks).await?;
        let intake = self.intake(tx, proposals).await?;
        let mut known = Vec::with_capacity(proposals.len());
        for ((proposal, ask), intake) in proposals.iter().zip(&asks).zip(intake) {
            let Some(capability) = self.policy.capability(&proposal.capability) else {
                known.push(Circumstances::CALM);
                continue;
            };
            let (delegated, agent) = self.agent_behind(tx, (proposal, capability), now).await?;
            // An exemption stands in for one document at a time.
            let exempt = match proposal.changes.only() {
                Some(change) if proposal.state == ProposalState::Waiting => {
                    tx.exemption_live(capability.id.as_str(), proposal.owner(), &change.subject, now).await?.is_some()
                }
                Some(_) | None => false,
            };
            let quota_left = tx.quota_peek(ask, now).await?.is_ok();
            known.push(Circumstances { delegated, agent, intake, exempt, quota_left });
        }
        Ok(known)
    }

    /// How the agent that proposed stands, and what the owner's delegations let it do.
    async fn agent_behind(
        &self,
        tx: &mut Tx,
        (proposal, capability): (&Proposal, &Capability),
        now: Timestamp,
    ) -> store::Result<(Delegated, AgentStanding)> {
        let Some(behalf) = &proposal.behalf else { return Ok((Delegated::Nothing, AgentStanding::Good)) };
        let known = tx.agent_by_key(&behalf.key, &proposal.proposer.uid, now).await?;
        let agent = match &known {
            Some((key, state)) if key.check(now).is_ok() => standing(state),
            Some(_) | None => AgentStanding::KeyRefused,
        };
        let claim = AgentClaim {
            key: behalf.key.clone(),
            scopes: known.map(|(key, _)| key.scopes).unwrap_or_default(),
            owner: Some(behalf.owner.clone()),
            delegation: Some(behalf.delegation.clone()),
        };
        let mut delegated = Delegated::Nothing;
        for change in &proposal.changes {
            let about = (capability, &change.subject);
            delegated = self.reach(tx, &proposal.proposer, Some(&claim), about, now).await?.delegated;
            if delegated != Delegated::Permitted {
                break;
            }
        }
        Ok((delegated, agent))
    }

    /// Takes what carrying a proposal out costs: a share of every quota, and the exemption that stands in for approvals.
    ///
    /// # Errors
    /// The database failed; within, why there is nothing to take. Then commit without the effect.
    pub(crate) async fn spend(
        &self,
        tx: &mut Tx,
        proposal: &Proposal,
        beside: Circumstances,
        now: Timestamp,
    ) -> store::Result<Result<(), Reason>> {
        if let Err(reason) = self.take_share(tx, proposal, now).await? {
            return Ok(Err(reason));
        }
        if !beside.exempt {
            return Ok(Ok(()));
        }
        let wanted = ExemptionUse {
            capability: proposal.capability.as_str(),
            owner: proposal.owner(),
            resource: &proposal.changes.first().subject,
            effect: &proposal.id.to_string(),
        };
        let used = tx.exemption_use(self.store.studio(), &wanted, &proposal.proposer, now).await?;
        Ok(used.map(|_| ()))
    }

    /// Takes a share of every quota of a proposal that is carried out, or counts that there was none.
    ///
    /// # Errors
    /// The database failed; within, that it was done too often.
    pub(crate) async fn take_share(
        &self,
        tx: &mut Tx,
        proposal: &Proposal,
        now: Timestamp,
    ) -> store::Result<Result<(), Reason>> {
        let Some(capability) = self.policy.capability(&proposal.capability) else {
            return Ok(Err(Reason::CapabilityUnknown));
        };
        let (claims, effect) = (self.claims_of(proposal, capability), effect_of(proposal));
        let taken = tx.quota_take(self.store.studio(), &applying(proposal, &claims, &effect), now).await?;
        Ok(taken.map_err(|_| Reason::RateLimited))
    }

    /// How far an agent reaches: what its key and the delegations of the owner that it names have in common.
    pub(super) async fn reach(
        &self,
        tx: &mut Tx,
        agent: &Person,
        claim: Option<&AgentClaim>,
        (capability, subject): (&Capability, &DocPath),
        now: Timestamp,
    ) -> store::Result<Reach> {
        let scope =
            AgentScope::of_capability(capability.id.as_str()).expect("BUG: a capability's id is part of a scope");
        let key = claim.map_or(&[][..], |claim| &claim.scopes);
        let named = claim.and_then(|claim| claim.delegation.clone());
        let nothing = |delegated, suspicion| Reach {
            delegated,
            standing: Standing::resolve(agent, &AgentRights { key, delegated: None }),
            scope: scope.clone(),
            delegation: named.clone(),
            suspicion,
        };
        let Some(owner) = claim.and_then(|claim| claim.owner.as_ref()) else {
            return Ok(nothing(Delegated::Nothing, None));
        };
        let bound = capability.freshness.min(DELEGATIONS_BOUND);
        let mirror = tx.delegations((owner, &agent.uid), named.as_deref(), subject, bound).await?;
        let resource_owner = mirror.subject.as_ref().and_then(owner_of);
        let ask = Ask {
            owner,
            agent: &agent.uid,
            scope: &scope,
            resource: subject,
            resource_owner: resource_owner.as_ref(),
            delegation: named.as_deref(),
            now,
        };
        Ok(match permits(&mirror.documents, &ask, mirror.age) {
            Ok(permitted) => reached(agent, key, owner, &permitted, scope),
            Err(refused) => nothing(Delegated::Refused(refused.why), refused.suspicion),
        })
    }

    /// Where the proposals' words stand with the intake.
    async fn intake(&self, tx: &mut Tx, proposals: &[&Proposal]) -> store::Result<Vec<Intake>> {
        let found: Vec<(Target, Classification)> =
            proposals.iter().map(|proposal| (Target::Proposal(proposal.id), self.classified(proposal))).collect();
        let texts: Vec<(&Target, &Classification)> = found.iter().map(|(subject, found)| (subject, found)).collect();
        let standings = tx.intake_standings(&texts).await?;
        Ok(standings
            .into_iter()
            .map(|standing| match standing {
                IntakeStanding::Clear => Intake::Clear,
                IntakeStanding::Waiting => Intake::Review,
                IntakeStanding::Granted => Intake::Granted,
                IntakeStanding::Denied => Intake::Denied,
            })
            .collect())
    }

    /// What the rules say of everything that the proposer wrote.
    pub(super) fn classified(&self, proposal: &Proposal) -> Classification {
        self.policy.classify(&words_of(proposal))
    }

    /// The limits that somebody has to keep who acts in an owner's name.
    pub(super) fn claims(&self, capability: &Capability, (actor, owner): (&Person, &Uid), what: Use) -> Vec<Claim> {
        let (own, shared) = match what {
            Use::Propose => (format!("{}:propose", capability.id), Some("*:propose")),
            Use::Apply => (capability.id.to_string(), None),
        };
        let claim = |quota: &Quota, counted: Option<&str>| {
            let limit = Limit::per(quota.limit, quota.window).expect("BUG: the registry holds only legal limits");
            let subject = match quota.per {
                Scope::Actor => actor.to_string(),
                Scope::Owner => owner.to_string(),
                Scope::Capability => capability.id.to_string(),
                Scope::Studio => self.store.studio().to_string(),
                Scope::Global => "box".to_owned(),
            };
            Claim::new(quota.per, subject, counted, limit)
        };
        let of_capability = capability.quotas.iter().map(|quota| claim(quota, Some(&own)));
        of_capability.chain(self.registry().shared_quotas().iter().map(|quota| claim(quota, shared))).collect()
    }

    /// The limits that carrying out a proposal has to keep. Taking a write back has none: it must always be possible.
    pub(super) fn claims_of(&self, proposal: &Proposal, capability: &Capability) -> Vec<Claim> {
        if proposal.changes.is_undo() {
            return Vec::new();
        }
        self.claims(capability, (&proposal.proposer, proposal.owner()), Use::Apply)
    }
}

fn reached(actor: &Person, key: &[AgentScope], owner: &Uid, permitted: &Permitted, scope: AgentScope) -> Reach {
    let standing = Standing::resolve(actor, &AgentRights { key, delegated: Some((owner, permitted)) });
    let delegated = if standing.reaches(&scope) {
        Delegated::Permitted
    } else {
        Delegated::Refused(DelegationRefusal::ScopeMissing)
    };
    Reach { delegated, standing, scope, delegation: Some(permitted.delegation.clone()), suspicion: None }
}

/// How an agent stands: with us, and with the cloud, which may have taken it out of service.
pub(super) async fn standing_of(tx: &mut Tx, agent: &Uid, now: Timestamp) -> store::Result<AgentStanding> {
    Ok(standing(&tx.agent_state(agent, now).await?))
}

fn standing(state: &AgentState) -> AgentStanding {
    if state.suspended.is_some() {
        return AgentStanding::Suspended;
    }
    match state.client.as_ref().and_then(|client| client.get("status")).and_then(Value::as_text) {
        Some("active") => AgentStanding::Good,
        Some("suspended") => AgentStanding::Suspended,
        Some(_) | None => AgentStanding::KeyRefused,
    }
}

/// What the quotas are asked when a proposal is carried out.
pub(super) fn applying<'a>(proposal: &'a Proposal, claims: &'a [Claim], effect: &'a str) -> QuotaAsk<'a> {
    QuotaAsk {
        actor: &proposal.proposer,
        capability: proposal.capability.as_str(),
        effect,
        claims,
        weight: weight_of(proposal.changes.len()),
    }
}

/// What so many documents take of a limit.
pub(super) fn weight_of(documents: usize) -> u32 {
    u32::try_from(documents).unwrap_or(u32::MAX)
}

/// The name of the effect that a proposal has when it is carried out: its write's id.
pub(super) fn effect_of(proposal: &Proposal) -> String {
    proposal.write_id(proposal.changes.first()).to_string()
}

/// Everything in a proposal that somebody may have written.
fn words_of(proposal: &Proposal) -> Text {
    let text = Text::of_pieces([proposal.reason.as_str(), &proposal.summary]);
    proposal.changes.writes().fold(text, |text, write| match write {
        Write::Create { fields, .. } => text.and_fields(fields),
        Write::Update { changes, .. } => text
            .and_fields(&changes.iter().filter_map(|(path, value)| Some((path.to_string(), value.clone()?))).collect()),
        Write::Delete { .. } => text,
    })
}
