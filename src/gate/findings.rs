//! Ignoring findings for a while: who may, and until when.

use std::time::Duration;

use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::finding::{Ignore, IgnoreScope, WantedIgnore};
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};

/// What is not to be told of for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIgnore {
    /// The finding.
    pub finding: Uuid,
    /// Are all that are alike meant, too: of the same kind and rule, in the same collection?
    pub alike: bool,
    /// Why.
    pub reason: String,
    /// For how long.
    pub lasts: Duration,
}

impl Gate {
    /// Ignores a finding, or all that are alike, for 90 days at most.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; there is no such finding.
    pub async fn ignore_finding(&self, actor: &Actor, new: NewIgnore, now: Timestamp) -> Result<Ignore, GateError> {
        let target = Target::Other(format!("finding:{}", new.finding));
        let deed = Deed { actor, action: Action::DriftIgnored, target, now };
        let known = self.store.finding(new.finding).await?.ok_or(GateError::Missing { what: "finding" })?;
        let (mut tx, reason) = self.begin_because(&deed, &new.reason).await?;
        let scope = if new.alike { IgnoreScope::alike(&known.finding) } else { IgnoreScope::Finding(new.finding) };
        let wanted = WantedIgnore { scope, reason, lasts: new.lasts };
        let decided = tx.ignore_add(self.store.studio(), wanted, actor, now).await?;
        end(tx, decided).await
    }

    /// Ends a rule by which findings are ignored before its time.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; there is no rule that holds.
    pub async fn stop_ignoring(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<(), GateError> {
        let mut tx = self.store.begin().await?;
        let decided = tx.ignore_end(self.store.studio(), id, actor, now).await?;
        if end(tx, decided).await? { Ok(()) } else { Err(GateError::Missing { what: "rule that holds" }) }
    }
}
