//! Of all policies, those that can have a say in a question at all: by its act, its actor's kind and its capability.
//!
//! # Guarantees
//! * A policy is left out only where its scope can't match. Such a policy neither decides nor fails, so a slice
//!   answers as all policies together do.
//! * What belongs to a slice is settled when the policies are compiled. A slice is put together when it is first asked,
//!   and kept: there are no more of them than the registry has capabilities, times acts, times kinds of actors.

use std::collections::HashMap;
use std::sync::OnceLock;

use cedar_policy::{
    ActionConstraint, Effect, Entities, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};

use crate::domain::actor::ActorKind;
use crate::domain::capability::{CapabilityId, Registry};
use crate::domain::decision::Act;
use crate::gate::facts::Facts;
use crate::gate::policy::context::Names;

/// Every slice, by the questions that it is for.
pub(super) struct Slices {
    policies: Vec<Policy>,
    /// All policies: for a capability that is not in the registry.
    whole: Slice,
    /// Questions with the same policies share a slice.
    slices: Vec<(Vec<bool>, OnceLock<Slice>)>,
    numbers: HashMap<CapabilityId, HashMap<(Act, ActorKind), usize>>,
}

/// Policies that are asked together.
pub(super) struct Slice {
    /// Permits and forbids.
    pub(super) all: PolicySet,
    /// The permits alone.
    pub(super) permits: PolicySet,
}

impl Slice {
    fn of<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Self {
        let (mut all, mut permits) = (PolicySet::new(), PolicySet::new());
        let add = |set: &mut PolicySet, policy: &Policy| {
            set.add(policy.clone()).expect("BUG: every policy has an id of its own");
        };
        for policy in policies {
            add(&mut all, policy);
            match policy.effect() {
                Effect::Permit => add(&mut permits, policy),
                Effect::Forbid => {}
            }
        }
        Self { all, permits }
    }
}

impl Slices {
    /// Settles which of these policies each question needs. Their ids differ.
    pub(super) fn new(policies: Vec<Policy>, registry: &Registry, names: &Names, entities: &Entities) -> Self {
        let those = |matches: &dyn Fn(&Policy) -> bool| policies.iter().map(matches).collect::<Vec<bool>>();
        let acts = Act::ALL.map(|act| (act, those(&|policy| may_do(policy, names.act(act), entities))));
        let kinds = ActorKind::ALL.map(|kind| (kind, those(&|policy| may_be(policy, names.kind(kind)))));
        let (mut known, mut slices, mut numbers) = (HashMap::new(), Vec::new(), HashMap::new());
        for capability in registry.iter() {
            let about = those(&|policy| may_be_about(policy, &names.capability(capability), entities));
            let mut number = |does: &[bool], is: &[bool]| {
                let members: Vec<bool> = (0..about.len()).map(|at| about[at] && does[at] && is[at]).collect();
                *known.entry(members.clone()).or_insert_with(|| {
                    slices.push((members, OnceLock::new()));
                    slices.len() - 1
                })
            };
            let questions =
                acts.iter().flat_map(|(act, does)| kinds.iter().map(move |(kind, is)| (act, does, kind, is)));
            let of = questions.map(|(act, does, kind, is)| ((*act, *kind), number(does, is))).collect();
            numbers.insert(capability.id.clone(), of);
        }
        Self { whole: Slice::of(&policies), policies, slices, numbers }
    }

    /// Every policy.
    pub(super) const fn whole(&self) -> &Slice {
        &self.whole
    }

    /// The policies that can have a say in this question.
    pub(super) fn of(&self, facts: &Facts<'_>) -> &Slice {
        let question = (facts.act, facts.actor.kind());
        let number = self.numbers.get(&facts.capability.id).and_then(|numbers| numbers.get(&question));
        let Some((members, slice)) = number.and_then(|number| self.slices.get(*number)) else { return &self.whole };
        slice.get_or_init(|| {
            Slice::of(self.policies.iter().zip(members).filter(|(_, member)| **member).map(|(policy, _)| policy))
        })
    }
}

fn may_be(policy: &Policy, kind: &EntityTypeName) -> bool {
    match policy.principal_constraint() {
        // Which people there are, and what they belong to, is not known before they ask.
        PrincipalConstraint::Any | PrincipalConstraint::In(_) => true,
        PrincipalConstraint::Eq(uid) => uid.type_name() == kind,
        PrincipalConstraint::Is(wanted) | PrincipalConstraint::IsIn(wanted, _) => wanted == *kind,
    }
}

fn may_do(policy: &Policy, act: &EntityUid, entities: &Entities) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(wanted) => wanted.iter().any(|wanted| is_in(act, wanted, entities)),
        ActionConstraint::Eq(wanted) => wanted == *act,
    }
}

fn may_be_about(policy: &Policy, capability: &EntityUid, entities: &Entities) -> bool {
    match policy.resource_constraint() {
        ResourceConstraint::Any => true,
        ResourceConstraint::In(wanted) => is_in(capability, &wanted, entities),
        ResourceConstraint::Eq(wanted) => wanted == *capability,
        ResourceConstraint::Is(wanted) => wanted == *capability.type_name(),
        ResourceConstraint::IsIn(kind, wanted) => {
            kind == *capability.type_name() && is_in(capability, &wanted, entities)
        }
    }
}

/// What Cedar's `in` says, over the entities that it will be asked with.
fn is_in(one: &EntityUid, other: &EntityUid, entities: &Entities) -> bool {
    one == other || entities.is_ancestor_of(other, one)
}
