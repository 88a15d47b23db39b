//! Reviewing texts that the intake rules have stopped.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::intake::{ReviewCode, Ruling};
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};
use crate::store::IntakeReview;

impl Gate {
    /// Records a reviewer's decision about a text. The newest one counts: a denial beats an earlier grant.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] for an item that
    /// is not in the queue.
    pub async fn review_intake(
        &self,
        actor: &Actor,
        item: i64,
        code: ReviewCode,
        why: &str,
        now: Timestamp,
    ) -> Result<Ruling, GateError> {
        let action = match code.ruling() {
            Ruling::Grant => Action::IntakeGranted,
            Ruling::Deny => Action::IntakeDenied,
        };
        let deed = Deed { actor, action, target: Target::Other(format!("intake:{item}")), now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        if tx.intake_item(item).await?.is_none() {
            return Err(GateError::Missing { what: "text to review" });
        }
        let review = IntakeReview { item, by: actor, code, reason: &reason };
        let decided = tx.intake_review(self.store.studio(), &review, now).await?;
        end(tx, decided).await.map(|()| code.ruling())
    }
}
