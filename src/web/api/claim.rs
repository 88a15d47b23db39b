//! What an agent brings along with a proposal: its key, and in whose name it says to act.

use crate::domain::capability::BadInput;
use crate::domain::ids::Uid;
use crate::gate::circumstances::AgentClaim;
use crate::identity::agents::VerifiedAgent;

/// The longest name of a delegation: that of a document in Firestore, in bytes.
const LONGEST: usize = 1_500;

/// The agent's claim. What it says of owner and delegation is believed only as far as the mirror agrees.
///
/// # Errors
/// A person names an owner or a delegation: people act in their own name.
pub(super) fn of(
    agent: Option<VerifiedAgent>,
    owner: Option<String>,
    delegation: Option<String>,
) -> Result<Option<AgentClaim>, BadInput> {
    let wrong = |field: &str, rule: &str| BadInput { field: field.to_owned(), rule: rule.to_owned() };
    let Some(agent) = agent else {
        return match (owner, delegation) {
            (None, None) => Ok(None),
            (Some(_), _) => Err(wrong("owner", "only an agent acts in somebody's name")),
            (None, Some(_)) => Err(wrong("delegation", "only an agent acts by a delegation")),
        };
    };
    let owner = owner.map(Uid::parse).transpose().map_err(|_| wrong("owner", "this is no person's id"))?;
    if delegation.as_ref().is_some_and(|name| !(1..=LONGEST).contains(&name.len())) {
        return Err(wrong("delegation", "this is no delegation's id"));
    }
    Ok(Some(AgentClaim { key: agent.key, scopes: agent.scopes, owner, delegation }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::{Actor, ActorKind, Issuer};
    use crate::domain::agent::KeyPrefix;
    use crate::domain::ids::StudioId;

    fn agent() -> Option<VerifiedAgent> {
        let uid = Uid::parse("agent-glaze-scout").expect("a uid");
        let studio = StudioId::parse("west").expect("a studio");
        let actor = Actor::verified(uid, ActorKind::Agent, "Scout".to_owned(), studio, Issuer::Real);
        Some(VerifiedAgent { actor, scopes: Vec::new(), key: KeyPrefix::from_random([7; 8]) })
    }

    #[test]
    fn only_an_agent_acts_in_somebodys_name() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(of(None, None, None), Ok(None));
        assert_eq!(of(None, text("uid_mara_quill"), None).expect_err("a person").field, "owner");
        assert_eq!(of(None, None, text("d-1")).expect_err("a person").field, "delegation");
        let claim = of(agent(), text("uid_mara_quill"), text("d-1")).expect("a claim").expect("an agent's");
        assert_eq!((claim.key, claim.delegation), (KeyPrefix::from_random([7; 8]), text("d-1")));
        assert_eq!(of(agent(), text(""), None).expect_err("nobody").field, "owner");
        assert_eq!(of(agent(), None, Some("x".repeat(1_501))).expect_err("too long").field, "delegation");
    }
}
