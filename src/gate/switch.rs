//! Stopping everything that is written, and letting it go on.
//!
//! # Guarantees
//! * Once [`Gate::stop_all`] has answered that nothing is under way, nothing leaves any more: whoever sends holds a
//!   [`Departure`] from its last look at the switch until Firestore has answered, and a stop waits for it.
//! * Resuming takes two people.

use std::time::Duration;

use tokio::sync::OwnedRwLockReadGuard;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::kill_switch::SwitchScope;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};
use crate::store::{self, SwitchAct};

/// How long a stop waits for what is under way before it answers that something still is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes may leave for as long as this is held, unless something was changed since: then [`Gate::may_still_depart`].
#[derive(Debug)]
#[must_use = "the write has to leave while this is held"]
pub struct Departure {
    _held: OwnedRwLockReadGuard<()>,
    /// How often the database had been changed when the switch was looked at.
    changes: u64,
}

/// All writes are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Has everything that was under way when the switch was thrown been answered? If not, ask the ledger.
    pub at_rest: bool,
}

impl Gate {
    /// Stops everything that is written, in one step. It takes effect before the next effect.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn stop_all(
        &self,
        actor: &Actor,
        scope: SwitchScope,
        reason: &str,
        now: Timestamp,
    ) -> Result<Stopped, GateError> {
        let deed = deed(actor, Action::KillSwitchStopped, scope, now);
        let (mut tx, reason) = self.begin_because(&deed, reason).await?;
        let act = SwitchAct { scope, by: actor, reason: &reason };
        let decided = tx.kill_switch_stop(self.store.studio(), &act, now).await?;
        end(tx, decided).await?;
        let at_rest = tokio::time::timeout(PATIENCE, self.departures.write()).await.is_ok();
        Ok(Stopped { at_rest })
    }

    /// Asks to let writes go on. Nothing goes on before another person has confirmed.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn request_resume(
        &self,
        actor: &Actor,
        scope: SwitchScope,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let deed = deed(actor, Action::KillSwitchResumeRequested, scope, now);
        let (mut tx, reason) = self.begin_because(&deed, reason).await?;
        if let Err(reason) = self.step_up(actor, now) {
            return self.refuse(tx, &deed, reason).await;
        }
        let act = SwitchAct { scope, by: actor, reason: &reason };
        let decided = tx.kill_switch_request_resume(self.store.studio(), &act, now).await?;
        end(tx, decided).await
    }

    /// Lets writes go on, as somebody else has asked.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn confirm_resume(
        &self,
        actor: &Actor,
        scope: SwitchScope,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let deed = deed(actor, Action::KillSwitchResumed, scope, now);
        let (mut tx, reason) = self.begin_because(&deed, reason).await?;
        if let Err(reason) = self.step_up(actor, now) {
            return self.refuse(tx, &deed, reason).await;
        }
        let act = SwitchAct { scope, by: actor, reason: &reason };
        let decided = tx.kill_switch_confirm_resume(self.store.studio(), &act, now).await?;
        end(tx, decided).await
    }

    /// The last look at the switch before something leaves. Hold the departure until Firestore has answered.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn depart(&self) -> store::Result<Result<Departure, Reason>> {
        let held = std::sync::Arc::clone(&self.departures).read_owned().await;
        let departure = Departure { _held: held, changes: self.store.changes() };
        // What is read now shows every stop that was committed before.
        Ok(self.store.kill_switch().await.may_write().map(|()| departure))
    }

    /// The same for one more write of those that leave together: looks again if anything was changed since.
    ///
    /// # Errors
    /// Writes are stopped, or that can't be told.
    pub async fn may_still_depart(&self, departure: &Departure) -> Result<(), Reason> {
        if departure.changes == self.store.changes() {
            return Ok(());
        }
        self.store.kill_switch().await.may_write()
    }
}

fn deed(actor: &Actor, action: Action, scope: SwitchScope, now: Timestamp) -> Deed<'_> {
    Deed { actor, action, target: Target::Other(format!("kill_switch:{}", scope.word())), now }
}
