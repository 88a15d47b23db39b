//! Programs with a key of their own: what the key may do, how long it is good, and when its agent has to pause.

/// What an agent may do.
mod scope;

/// The text that an agent proves itself with.
mod secret;

use std::time::Duration;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

pub use scope::{AgentScope, BadScope};
pub use secret::{AgentSecret, KeyPrefix};

#[cfg(test)]
pub(crate) use scope::tests::any_scope;

/// The longest that a key may be good.
pub const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// The most scopes of one key.
pub const MOST_SCOPES: usize = 50;

/// What a key is to be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedKey {
    /// The agent, by its id in the collection `agentClients`.
    pub agent: Uid,
    /// The agent's name to show.
    pub name: String,
    /// The most that the agent may do with it, whatever owners delegate.
    pub scopes: Vec<AgentScope>,
    /// How long it is to be good.
    pub lasts: Duration,
}

/// What is kept of a key beside the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentKey {
    /// The part of the key that names it.
    pub prefix: KeyPrefix,
    /// The agent.
    pub agent: Uid,
    /// The agent's name to show.
    pub name: String,
    /// The most that the agent may do with it.
    pub scopes: Vec<AgentScope>,
    /// Who issued it.
    pub issued_by: Person,
    /// When.
    pub issued: Timestamp,
    /// From this moment it is no longer good.
    pub expires: Timestamp,
    /// When it was taken back, if it was.
    pub revoked: Option<Timestamp>,
}

/// Why a key is not accepted. What is told outside is only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyRefusal {
    /// It is no key, nobody has it, or its secret is wrong.
    Unknown,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its agent was denied too often and has to pause.
    Suspended {
        /// Until then.
        until: Timestamp,
    },
}

impl KeyRefusal {
    /// The reason code.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unknown | Self::Revoked | Self::Expired => Reason::CredentialRefused,
            Self::Suspended { .. } => Reason::AgentSuspended,
        }
    }

    /// What to note in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Suspended { .. } => "suspended",
        }
    }
}

/// How often an agent may be denied before it has to pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuspensionRule {
    /// So many denials …
    pub denials: u16,
    /// … within this time …
    pub within: Duration,
    /// … make it pause for this long.
    pub lasts: Duration,
}

impl Default for SuspensionRule {
    /// The cloud's own: six denials in a day, half an hour.
    fn default() -> Self {
        Self { denials: 6, within: Duration::from_secs(24 * 3_600), lasts: Duration::from_secs(30 * 60) }
    }
}

impl WantedKey {
    /// May `by` issue it?
    pub fn may_be_issued(&self, by: &Actor) -> Result<(), Reason> {
        may_manage_keys(by)?;
        let sane = (Duration::from_secs(60)..=LONGEST).contains(&self.lasts)
            && (1..=MOST_SCOPES).contains(&self.scopes.len())
            && (1..=80).contains(&self.name.trim().chars().count());
        if sane { Ok(()) } else { Err(Reason::InputInvalid) }
    }
}

impl AgentKey {
    /// Is it good at this moment? A suspension is looked up apart.
    pub fn check(&self, now: Timestamp) -> Result<(), KeyRefusal> {
        if self.revoked.is_some() {
            return Err(KeyRefusal::Revoked);
        }
        if now >= self.expires {
            return Err(KeyRefusal::Expired);
        }
        Ok(())
    }
}

/// May `by` issue and revoke keys?
pub fn may_manage_keys(by: &Actor) -> Result<(), Reason> {
    match by.kind() {
        ActorKind::Admin | ActorKind::Operator => Ok(()),
        ActorKind::Human | ActorKind::Staff | ActorKind::Agent | ActorKind::System => Err(Reason::RoleMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Issuer;
    use crate::domain::ids::StudioId;

    fn actor(kind: ActorKind) -> Actor {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(Uid::parse("x").expect("a uid"), kind, "x".to_owned(), studio, Issuer::Real)
    }

    fn wanted() -> WantedKey {
        WantedKey {
            agent: Uid::parse("agent-glaze-scout").expect("a uid"),
            name: "Glaze scout".to_owned(),
            scopes: vec![AgentScope::parse("batches:read").expect("a scope")],
            lasts: Duration::from_secs(3_600),
        }
    }

    #[test]
    fn only_admins_and_operators_issue_keys_and_only_sane_ones() {
        for kind in ActorKind::ALL {
            let may = matches!(kind, ActorKind::Admin | ActorKind::Operator);
            assert_eq!(wanted().may_be_issued(&actor(kind)).is_ok(), may);
        }
        let admin = actor(ActorKind::Admin);
        for bad in [
            WantedKey { scopes: Vec::new(), ..wanted() },
            WantedKey { lasts: Duration::ZERO, ..wanted() },
            WantedKey { lasts: Duration::MAX, ..wanted() },
            WantedKey { name: " ".to_owned(), ..wanted() },
        ] {
            assert_eq!(bad.may_be_issued(&admin), Err(Reason::InputInvalid));
        }
    }

    #[test]
    fn a_key_is_good_until_it_expires_or_is_revoked() {
        let wanted = wanted();
        let (issued, expires) = (Timestamp::from_micros(1), Timestamp::from_micros(9));
        let key = AgentKey {
            prefix: KeyPrefix::from_random([7; 8]),
            agent: wanted.agent,
            name: wanted.name,
            scopes: wanted.scopes,
            issued_by: actor(ActorKind::Admin).person(),
            issued,
            expires,
            revoked: None,
        };
        assert_eq!(key.check(issued), Ok(()));
        assert_eq!(key.check(expires), Err(KeyRefusal::Expired));
        let revoked = AgentKey { revoked: Some(expires), ..key };
        assert_eq!(revoked.check(issued), Err(KeyRefusal::Revoked), "even before, if the clock went back");
    }
}
