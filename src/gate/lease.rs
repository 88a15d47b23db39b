//! Deciding which box writes, when the lease names another one.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::lease::{Taking, may_take, path};
use crate::domain::time::Timestamp;
use crate::gate::begun::Deed;
use crate::gate::{Gate, GateError};

impl Gate {
    /// Decides that this box takes the lease, whoever has it. The push job carries it out as soon as writes may leave.
    ///
    /// The decision is good until then, or until the service starts again: a copy of the database does not have it.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn take_lease(&self, actor: &Actor, reason: &str, now: Timestamp) -> Result<(), GateError> {
        let target = Target::Document(path(self.store.studio()));
        let deed = Deed { actor, action: Action::LeaseTakeRequested, target, now };
        let (mut tx, reason) = self.begin_because(&deed, reason).await?;
        if let Err(denied) = may_take(actor) {
            return self.refuse(tx, &deed, denied).await;
        }
        let event = deed.event().detail("reason", reason.as_str());
        tx.lease_taking_put(self.store.me()?, &Taking { by: actor.person(), reason, at: now }).await?;
        tx.audit(self.store.studio(), event).await?;
        tx.commit().await?;
        Ok(())
    }
}
