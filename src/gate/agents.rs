//! Agents' keys, and agents that have to pause.

use crate::domain::actor::Actor;
use crate::domain::agent::{AgentSecret, KeyPrefix, WantedKey};
use crate::domain::audit::{Action, Target};
use crate::domain::ids::Uid;
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};

impl Gate {
    /// Issues a key with this secret, which nobody has seen yet. Show it once when this has succeeded, else never.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn issue_agent_key(
        &self,
        actor: &Actor,
        wanted: &WantedKey,
        secret: &AgentSecret,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let deed = Deed { actor, action: Action::AgentKeyIssued, target: agent(&wanted.agent), now };
        let mut tx = self.begin(&deed).await?;
        if let Err(reason) = self.step_up(actor, now) {
            return self.refuse(tx, &deed, reason).await;
        }
        let decided = tx.agent_key_issue(self.store.studio(), wanted, secret, actor, now).await?;
        end(tx, decided).await
    }

    /// Takes a key back. It is refused from the next request on.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] for a key that
    /// is none, or is revoked already.
    pub async fn revoke_agent_key(
        &self,
        actor: &Actor,
        prefix: &KeyPrefix,
        why: &str,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let target = Target::Other(format!("agent_key:{prefix}"));
        let deed = Deed { actor, action: Action::AgentKeyRevoked, target, now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        let known = self.store.agent_key(prefix).await?;
        if known.is_none_or(|(key, _)| key.revoked.is_some()) {
            return Err(GateError::Missing { what: "unrevoked key" });
        }
        let decided = tx.agent_key_revoke(self.store.studio(), prefix, actor, &reason, now).await?;
        end(tx, decided).await
    }

    /// Lets an agent go on before its pause is over.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] for an agent
    /// that is not suspended.
    pub async fn resume_agent(&self, actor: &Actor, uid: &Uid, why: &str, now: Timestamp) -> Result<(), GateError> {
        let deed = Deed { actor, action: Action::AgentResumed, target: agent(uid), now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        if tx.agent_suspended(uid, now).await?.is_none() {
            return Err(GateError::Missing { what: "suspended agent" });
        }
        let decided = tx.agent_resume(self.store.studio(), uid, actor, &reason, now).await?;
        end(tx, decided).await
    }
}

fn agent(uid: &Uid) -> Target {
    Target::Other(format!("agent:{uid}"))
}
