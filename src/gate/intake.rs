//! Reviewing texts that the intake rules have stopped.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::intake::{ReviewCode, Ruling};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};
use crate::store::IntakeReview;

/// What a reviewer decides.
#[derive(Clone, Debug)]
pub struct NewReview {
    /// The text's number.
    pub item: i64,
    /// What was checked, and with it what is decided.
    pub code: ReviewCode,
    /// Why.
    pub reason: String,
    /// How many decisions the reviewer has seen; more than these mean that somebody decided in between. `None` when
    /// that is not the question.
    pub seen: Option<usize>,
}

impl Gate {
    /// Records a reviewer's decision about a text. The newest one counts: a denial beats an earlier grant.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] for an item that
    /// is not in the queue.
    pub async fn review_intake(&self, actor: &Actor, new: NewReview, now: Timestamp) -> Result<Ruling, GateError> {
        let NewReview { item, code, reason, seen } = new;
        let action = match code.ruling() {
            Ruling::Grant => Action::IntakeGranted,
            Ruling::Deny => Action::IntakeDenied,
        };
        let deed = Deed { actor, action, target: Target::Other(format!("intake:{item}")), now };
        let (mut tx, reason) = self.begin_because(&deed, &reason).await?;
        if tx.intake_item(item).await?.is_none() {
            return Err(GateError::Missing { what: "text to review" });
        }
        if let Some(seen) = seen
            && tx.intake_decision_count(item).await? != seen
        {
            return self.refuse(tx, &deed, Reason::DecidedMeanwhile).await;
        }
        let review = IntakeReview { item, by: actor, code, reason: &reason };
        let decided = tx.intake_review(self.store.studio(), &review, now).await?;
        end(tx, decided).await.map(|()| code.ruling())
    }
}
