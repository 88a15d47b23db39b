//! Programs, known by their keys.
//!
//! # Guarantees
//! * A key is 256 bits of the operating system's randomness; we keep their hash.
//! * Whether a key exists can't be told from how long the answer takes: the hashes are compared in constant time, and
//!   one is compared in any case.
//! * A suspension or revocation acts with the next request.

use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::domain::actor::{Actor, ActorKind, Issuer};
use crate::domain::agent::{AgentScope, AgentSecret, KeyPrefix, KeyRefusal};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

/// An agent that has proved itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAgent {
    /// The agent.
    pub actor: Actor,
    /// The most that it may do with this key, whatever owners delegate.
    pub scopes: Vec<AgentScope>,
    /// The key that it used.
    pub key: KeyPrefix,
}

/// The operating system gave no randomness, so there is no new key.
#[derive(Debug, thiserror::Error)]
#[error("could not get random bytes from the operating system for an agent's key")]
pub struct NoRandomness(#[source] rand::rngs::SysError);

/// A new secret, which nobody has seen yet.
pub fn new_secret() -> Result<AgentSecret, NoRandomness> {
    let (mut prefix, mut secret) = ([0; 8], [0; 32]);
    SysRng.try_fill_bytes(&mut prefix).map_err(NoRandomness)?;
    SysRng.try_fill_bytes(&mut secret).map_err(NoRandomness)?;
    Ok(AgentSecret::from_random(prefix, secret))
}

/// The agent that this key belongs to, or why it is not let in.
pub async fn authenticate(
    store: &Store,
    key: &str,
    now: Timestamp,
) -> store::Result<Result<VerifiedAgent, KeyRefusal>> {
    let Some(sent) = AgentSecret::parse(key) else { return Ok(Err(KeyRefusal::Unknown)) };
    let (known, kept) = store.agent_key(sent.prefix()).await?.unzip();
    // Without such a key, something is compared nevertheless, and in vain.
    let kept = kept.unwrap_or(Hash::from_bytes([0; 32]));
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(sent.hash().bytes(), kept.bytes()).is_ok();
    let Some(known) = known.filter(|_| same) else { return Ok(Err(KeyRefusal::Unknown)) };
    if let Err(refusal) = known.check(now) {
        return Ok(Err(refusal));
    }
    if let Some(until) = store.agent_suspended(&known.agent, now).await? {
        return Ok(Err(KeyRefusal::Suspended { until }));
    }
    let actor = Actor::verified(known.agent, ActorKind::Agent, known.name, store.studio().clone(), Issuer::Real);
    Ok(Ok(VerifiedAgent { actor, scopes: known.scopes, key: known.prefix }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::agent::WantedKey;
    use crate::domain::ids::{StudioId, Uid};
    use crate::domain::proposal::GivenReason;
    use crate::domain::reason::Reason;
    use crate::store::Decided;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn actor(uid: &str, kind: ActorKind) -> Actor {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(Uid::parse(uid).expect("a uid"), kind, uid.to_owned(), studio, Issuer::Real)
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        (directory, store)
    }

    async fn issue(store: &Store, secret: &AgentSecret, by: ActorKind) -> Decided<()> {
        let wanted = WantedKey {
            agent: Uid::parse("agent-glaze-scout").expect("a uid"),
            name: "Glaze scout".to_owned(),
            scopes: vec![AgentScope::parse("batches:read").expect("a scope")],
            lasts: HOUR,
        };
        let mut tx = store.begin().await.expect("begins");
        let done = tx.agent_key_issue(store.studio(), &wanted, secret, &actor("juno", by), NOW).await;
        tx.commit().await.expect("commits");
        done.expect("answers")
    }

    async fn let_in(store: &Store, key: &str, now: Timestamp) -> Result<VerifiedAgent, KeyRefusal> {
        authenticate(store, key, now).await.expect("answers")
    }

    #[test]
    fn every_secret_is_its_own() {
        let secrets: std::collections::BTreeSet<Hash> =
            (0..100).map(|_| new_secret().expect("randomness").hash()).collect();
        assert_eq!(secrets.len(), 100);
    }

    #[tokio::test]
    async fn an_agent_is_known_by_its_key_until_it_expires_or_is_revoked() {
        let (_directory, store) = store().await;
        let secret = new_secret().expect("randomness");
        assert_eq!(issue(&store, &secret, ActorKind::Staff).await, Err(Reason::RoleMissing));
        assert_eq!(let_in(&store, &secret.reveal(), NOW).await, Err(KeyRefusal::Unknown));
        assert_eq!(issue(&store, &secret, ActorKind::Admin).await, Ok(()));
        let agent = let_in(&store, &secret.reveal(), NOW).await.expect("is let in");
        assert_eq!(agent.actor.person().to_string(), "agent:agent-glaze-scout");
        assert_eq!((agent.scopes.len(), &agent.key), (1, secret.prefix()));
        assert_eq!(let_in(&store, &secret.reveal(), NOW.plus(HOUR)).await, Err(KeyRefusal::Expired));
        let mut tx = store.begin().await.expect("begins");
        let reason = GivenReason::parse("The laptop was lost.").expect("a reason");
        for (kind, expect) in [(ActorKind::Agent, Err(Reason::RoleMissing)), (ActorKind::Admin, Ok(()))] {
            let by = actor("juno", kind);
            let done = tx.agent_key_revoke(store.studio(), secret.prefix(), &by, &reason, NOW).await;
            assert_eq!(done.expect("answers"), expect);
        }
        tx.commit().await.expect("commits");
        assert_eq!(let_in(&store, &secret.reveal(), NOW).await, Err(KeyRefusal::Revoked));
    }

    #[tokio::test]
    async fn a_wrong_secret_is_as_unknown_as_a_wrong_key() {
        let (_directory, store) = store().await;
        let secret = new_secret().expect("randomness");
        assert_eq!(issue(&store, &secret, ActorKind::Operator).await, Ok(()));
        let other = new_secret().expect("randomness").reveal();
        let (_, of_other) = other.rsplit_once('_').expect("has parts");
        let mixed = format!("sbak1_{}_{of_other}", secret.prefix());
        for wrong in ["", "Bearer x", &other, &mixed, &secret.reveal()[1..]] {
            assert_eq!(let_in(&store, wrong, NOW).await, Err(KeyRefusal::Unknown), "{wrong}");
        }
    }

    #[tokio::test]
    async fn the_database_holds_nothing_that_a_thief_of_it_could_use() {
        let (directory, store) = store().await;
        let secret = new_secret().expect("randomness");
        assert_eq!(issue(&store, &secret, ActorKind::Admin).await, Ok(()));
        store.close().await;
        let kept = std::fs::read(Store::file_in(directory.path())).expect("reads");
        let text = secret.reveal();
        let (_, bits) = text.split_at(text.len() - 43);
        let holds = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
        assert!(holds(secret.prefix().as_str().as_bytes()), "the prefix is kept");
        assert!(!holds(bits.as_bytes()), "the secret is not");
    }

    #[tokio::test]
    async fn an_agent_that_is_denied_too_often_has_to_pause() {
        let (_directory, store) = store().await;
        let secret = new_secret().expect("randomness");
        assert_eq!(issue(&store, &secret, ActorKind::Admin).await, Ok(()));
        let agent = let_in(&store, &secret.reveal(), NOW).await.expect("is let in").actor;
        let rule = crate::domain::agent::SuspensionRule::default();
        let day = rule.within + Duration::from_secs(1);
        let deny = async |now: Timestamp| {
            let mut tx = store.begin().await.expect("begins");
            let reason = Reason::DelegationMissing;
            let until = tx.agent_denied(store.studio(), &agent.person(), reason, &rule, now).await.expect("counts");
            tx.commit().await.expect("commits");
            until
        };
        for _ in 1..rule.denials {
            assert_eq!(deny(NOW).await, None);
        }
        let later = NOW.plus(day);
        assert!(let_in(&store, &secret.reveal(), NOW).await.is_ok());
        assert_eq!(deny(later).await, None, "yesterday's count no more");
        for _ in 2..rule.denials {
            assert_eq!(deny(later).await, None);
        }
        let until = deny(later).await.expect("one too many");
        assert_eq!(until, later.plus(rule.lasts));
        // A clock that stood still for the key's life would not be needed here: ask the store itself.
        assert_eq!(store.agent_suspended(agent.uid(), later).await.expect("reads"), Some(until));
        assert_eq!(store.agent_suspended(agent.uid(), until).await.expect("reads"), None);
        assert_eq!(let_in(&store, &secret.reveal(), NOW).await, Err(KeyRefusal::Suspended { until }));
        let reason = GivenReason::parse("It was our own mistake.").expect("a reason");
        let mut tx = store.begin().await.expect("begins");
        for (kind, expect) in [(ActorKind::Agent, Err(Reason::RoleMissing)), (ActorKind::Staff, Ok(()))] {
            let by = actor("ines", kind);
            let done = tx.agent_resume(store.studio(), agent.uid(), &by, &reason, later).await;
            assert_eq!(done.expect("answers"), expect);
        }
        tx.commit().await.expect("commits");
        assert_eq!(store.agent_suspended(agent.uid(), later).await.expect("reads"), None);
        assert_eq!(deny(later).await, None, "the count began anew");
    }
}
