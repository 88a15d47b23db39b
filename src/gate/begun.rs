//! How every act of governance begins and ends: one transaction, which the audit log is part of.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::{Gate, GateError};
use crate::store::{Decided, Tx};

/// What somebody is about to do, as the audit log will tell it when it ends before it has begun.
#[derive(Clone, Debug)]
pub(super) struct Deed<'a> {
    /// Who: verified.
    pub(super) actor: &'a Actor,
    /// What.
    pub(super) action: Action,
    /// With what.
    pub(super) target: Target,
    /// When.
    pub(super) now: Timestamp,
}

impl Deed<'_> {
    pub(super) fn event(&self) -> Event {
        Event::new(self.now, self.actor.person(), self.action, self.target.clone())
    }
}

impl Gate {
    /// Begins a deed that needs no reason.
    ///
    /// # Errors
    /// [`GateError::Denied`] for a credential of another studio, which is then in the audit log.
    pub(super) async fn begin(&self, deed: &Deed<'_>) -> Result<Tx, GateError> {
        let tx = self.store.begin().await?;
        if deed.actor.studio() == self.store.studio() {
            return Ok(tx);
        }
        self.refuse(tx, deed, Reason::TenantMismatch).await
    }

    /// Begins a deed that needs a reason.
    ///
    /// # Errors
    /// [`GateError::Denied`] for a credential of another studio, or a reason that is none; then in the audit log.
    pub(super) async fn begin_because(&self, deed: &Deed<'_>, why: &str) -> Result<(Tx, GivenReason), GateError> {
        let tx = self.begin(deed).await?;
        match GivenReason::parse(why) {
            Ok(reason) => Ok((tx, reason)),
            Err(reason) => self.refuse(tx, deed, reason).await,
        }
    }

    /// Ends a transaction with a denial that the store knows nothing of.
    pub(super) async fn refuse<T>(&self, mut tx: Tx, deed: &Deed<'_>, reason: Reason) -> Result<T, GateError> {
        tx.audit(self.store.studio(), deed.event().because(reason)).await?;
        tx.commit().await?;
        Err(GateError::Denied(reason))
    }
}

/// Ends a transaction with what was decided in it: a denial is kept, too.
pub(super) async fn end<T>(tx: Tx, decided: Decided<T>) -> Result<T, GateError> {
    tx.commit().await?;
    decided.map_err(GateError::Denied)
}
