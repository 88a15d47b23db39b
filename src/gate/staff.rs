//! The studio's own word on who may sign in. It outranks the identity provider, and holds from the next request on.

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::audit::{Action, Target};
use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::staff::StaffRule;
use crate::domain::time::Timestamp;
use crate::gate::begun::Deed;
use crate::gate::{Gate, GateError};

impl Gate {
    /// Says whether somebody may sign in, and as what. Nobody says so about themselves.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn set_staff_rule(
        &self,
        actor: &Actor,
        uid: &Uid,
        rule: StaffRule,
        why: &str,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let deed = Deed { actor, action: Action::StaffRuleSet, target: target(uid), now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        // Shutting out never waits for a sign-in.
        let recent = match rule {
            StaffRule::Allow(_) => self.step_up(actor, now),
            StaffRule::Deny => Ok(()),
        };
        if let Err(reason) = may_change(actor, uid).and(recent) {
            return self.refuse(tx, &deed, reason).await;
        }
        tx.staff_rule_set(actor, uid, rule, reason.as_str(), now).await?;
        let verdict = match rule {
            StaffRule::Allow(role) => role.as_str(),
            StaffRule::Deny => "deny",
        };
        let event = deed.event().detail("verdict", verdict).detail("reason", reason.as_str());
        tx.audit(self.store.studio(), event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the studio's word back: the configuration and the identity provider decide again.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] if there is none.
    pub async fn clear_staff_rule(&self, actor: &Actor, uid: &Uid, why: &str, now: Timestamp) -> Result<(), GateError> {
        let deed = Deed { actor, action: Action::StaffRuleCleared, target: target(uid), now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        if let Err(reason) = may_change(actor, uid).and(self.step_up(actor, now)) {
            return self.refuse(tx, &deed, reason).await;
        }
        if !tx.staff_rule_clear(uid).await? {
            return Err(GateError::Missing { what: "entry of the staff table" });
        }
        tx.audit(self.store.studio(), deed.event().detail("reason", reason.as_str())).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn may_change(actor: &Actor, uid: &Uid) -> Result<(), Reason> {
    match actor.kind() {
        ActorKind::Admin | ActorKind::Operator if actor.uid() != uid => Ok(()),
        ActorKind::Admin | ActorKind::Operator => Err(Reason::SecondPersonRequired),
        ActorKind::Human | ActorKind::Staff | ActorKind::Agent | ActorKind::System => Err(Reason::RoleMissing),
    }
}

fn target(uid: &Uid) -> Target {
    Target::Other(format!("staff:{uid}"))
}
