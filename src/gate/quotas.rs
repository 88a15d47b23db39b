//! Filling a counter up again.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};

impl Gate {
    /// Fills a counter up, by the name under which it is listed.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Missing`] for a counter
    /// that nobody has used.
    pub async fn reset_quota(&self, actor: &Actor, bucket: &str, why: &str, now: Timestamp) -> Result<(), GateError> {
        let name: String = bucket.chars().take(200).collect();
        let deed = Deed { actor, action: Action::QuotaReset, target: Target::Other(format!("quota:{name}")), now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        let Some(bucket) = tx.quota_bucket(bucket).await? else {
            return Err(GateError::Missing { what: "counter" });
        };
        let decided = tx.quota_reset(self.store.studio(), actor, &bucket, &reason, now).await?;
        end(tx, decided).await
    }
}
