//! Who acts, in whose name, and how far that reaches: resolved once, from verified credentials and the mirror only.

use crate::domain::actor::{ActorKind, Person};
use crate::domain::agent::AgentScope;
use crate::domain::delegation::Permitted;
use crate::domain::ids::Uid;

/// Who acts, as every rule and every trace has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the actor is.
    pub actor_type: ActorKind,
    /// Who.
    pub actor_uid: Uid,
    /// In whose name. People and the service act in their own.
    pub owner_uid: Uid,
    /// How far that reaches.
    pub effective_scopes: EffectiveScopes,
}

/// How far somebody reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectiveScopes {
    /// As far as the rules let their role.
    ByRole,
    /// No further than this: what the key and the delegation have in common.
    Only(Vec<AgentScope>),
}

/// What an agent brings along: its key's scopes, and the delegation that permits what it asks.
#[derive(Clone, Copy, Debug)]
pub struct AgentRights<'a> {
    /// The scopes of its key.
    pub key: &'a [AgentScope],
    /// In whose name it acts, and by which delegation; none: it acts for nobody, and may do nothing.
    pub delegated: Option<(&'a Uid, &'a Permitted)>,
}

impl Standing {
    /// The standing of a verified actor. What only an agent has counts for agents only.
    pub fn resolve(actor: &Person, rights: &AgentRights<'_>) -> Self {
        let (owner, effective_scopes) = match actor.kind {
            ActorKind::Human | ActorKind::Staff | ActorKind::Admin | ActorKind::Operator | ActorKind::System => {
                (&actor.uid, EffectiveScopes::ByRole)
            }
            ActorKind::Agent => {
                let owner = rights.delegated.map_or(&actor.uid, |(owner, _)| owner);
                let delegated = rights.delegated.map_or(&[][..], |(_, permitted)| &permitted.scopes);
                (owner, EffectiveScopes::Only(common(rights.key, delegated)))
            }
        };
        Self { actor_type: actor.kind, actor_uid: actor.uid.clone(), owner_uid: owner.clone(), effective_scopes }
    }

    /// Does it reach as far as this scope?
    pub fn reaches(&self, scope: &AgentScope) -> bool {
        match &self.effective_scopes {
            EffectiveScopes::ByRole => true,
            EffectiveScopes::Only(scopes) => scopes.iter().any(|own| own.covers(scope)),
        }
    }
}

/// What both lists cover, each scope once, in order.
fn common(one: &[AgentScope], other: &[AgentScope]) -> Vec<AgentScope> {
    let mut common: Vec<AgentScope> =
        one.iter().flat_map(|mine| other.iter().filter_map(|theirs| mine.meet(theirs))).collect();
    common.sort_unstable();
    common.dedup();
    common
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::actor::{Actor, Issuer};
    use crate::domain::agent::any_scope;
    use crate::domain::ids::StudioId;

    fn uid(text: &str) -> Uid {
        Uid::parse(text).expect("a uid")
    }

    fn actor(kind: ActorKind) -> Person {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(uid("x"), kind, "x".to_owned(), studio, Issuer::Real).person()
    }

    #[test]
    fn people_act_in_their_own_name_whatever_they_bring_along() {
        let (mara, scope) = (uid("mara"), AgentScope::parse("batches:read").expect("a scope"));
        let permitted = Permitted { delegation: "d".to_owned(), scopes: vec![scope.clone()] };
        let rights = AgentRights { key: std::slice::from_ref(&scope), delegated: Some((&mara, &permitted)) };
        for kind in [ActorKind::Staff, ActorKind::Admin, ActorKind::Operator, ActorKind::System] {
            let standing = Standing::resolve(&actor(kind), &rights);
            assert_eq!((standing.owner_uid.as_str(), standing.effective_scopes), ("x", EffectiveScopes::ByRole));
        }
        let agent = Standing::resolve(&actor(ActorKind::Agent), &rights);
        assert_eq!(agent.owner_uid, mara);
        assert!(agent.reaches(&scope));
        let alone = Standing::resolve(&actor(ActorKind::Agent), &AgentRights { delegated: None, ..rights });
        assert_eq!(alone.effective_scopes, EffectiveScopes::Only(Vec::new()));
        assert!(!alone.reaches(&scope));
    }

    proptest! {
        #[test]
        fn an_agent_reaches_no_further_than_its_key_and_its_delegation(
            key in prop::collection::vec(any_scope(), 0..4),
            scopes in prop::collection::vec(any_scope(), 0..4),
            wanted in any_scope(),
        ) {
            let (mara, permitted) = (uid("mara"), Permitted { delegation: "d".to_owned(), scopes: scopes.clone() });
            let rights = AgentRights { key: &key, delegated: Some((&mara, &permitted)) };
            let standing = Standing::resolve(&actor(ActorKind::Agent), &rights);
            let both = key.iter().any(|own| own.covers(&wanted)) && scopes.iter().any(|own| own.covers(&wanted));
            prop_assert_eq!(standing.reaches(&wanted), both);
        }
    }
}
