//! Agents' keys, and agents that have to pause.

use crate::domain::actor::Actor;
use crate::domain::agent::{AgentScope, AgentSecret, KeyPrefix, WantedKey, may_manage_keys};
use crate::domain::audit::{Action, Target};
use crate::domain::capability::BadInput;
use crate::domain::delegation::AGENTS;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, Uid};
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};
use crate::store;

/// How many agents are told of.
const MOST_AGENTS: u32 = 200;

impl Gate {
    /// The agents that the mirror knows, by their ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn agents(&self) -> store::Result<Vec<Document>> {
        let collection = CollectionId::parse(AGENTS).expect("BUG: a legal collection");
        let found = self.store.documents_page(&collection, None, MOST_AGENTS).await?;
        Ok(found.into_iter().map(|held| held.document).collect())
    }

    /// The scopes that something asks for: carrying out each capability, and reading each mirrored collection.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn scopes(&self) -> store::Result<Vec<AgentScope>> {
        let legal = |scope: Result<AgentScope, _>| scope.ok();
        let carried = self.registry().iter().filter_map(|one| legal(AgentScope::of_capability(one.id.as_str())));
        let targets = self.store.targets().await?;
        let read = targets.iter().filter_map(|one| legal(AgentScope::of_reading(one.collection.as_str())));
        Ok(carried.chain(read).collect())
    }

    /// Is there such an agent, and does something ask for each of these scopes? Says what there is instead.
    async fn known(&self, wanted: &WantedKey) -> Result<(), GateError> {
        let bad = |field: &str, rule: String| GateError::Input(BadInput { field: field.to_owned(), rule });
        let (agents, scopes) = (self.agents().await?, self.scopes().await?);
        if !agents.iter().any(|one| one.path.id() == wanted.agent.as_str()) {
            let ids: Vec<&str> = agents.iter().map(|one| one.path.id()).collect();
            let rule = match ids.as_slice() {
                [] => format!("the mirror knows no agent yet: `{AGENTS}` is empty, or was not read"),
                ids => format!("`{}` is no agent that the mirror knows; there are {}", wanted.agent, ids.join(", ")),
            };
            return Err(bad("agent", rule));
        }
        match wanted.scopes.iter().find(|wanted| !scopes.iter().any(|scope| wanted.covers(scope))) {
            None => Ok(()),
            Some(unknown) => {
                let known: Vec<&str> = scopes.iter().map(AgentScope::as_str).collect();
                Err(bad("scopes", format!("nothing asks for `{unknown}`; there are {}", known.join(", "))))
            }
        }
    }

    /// Issues a key with this secret, which nobody has seen yet. Show it once when this has succeeded, else never.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Input`] for an agent or a
    /// scope that there is not.
    pub async fn issue_agent_key(
        &self,
        actor: &Actor,
        wanted: &WantedKey,
        secret: &AgentSecret,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let deed = Deed { actor, action: Action::AgentKeyIssued, target: agent(&wanted.agent), now };
        if may_manage_keys(actor).is_ok() {
            self.known(wanted).await?;
        }
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
