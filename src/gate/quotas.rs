//! Filling a counter up again.

use std::time::Duration;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::capability::Quota;
use crate::domain::quota::{Bucket, Limit};
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};

/// What follows a capability's id where asking for it is counted, and not doing it.
const PROPOSING: &str = ":propose";

impl Gate {
    /// The registry's limit for this counter, if it has one now.
    pub fn limit_of(&self, bucket: &Bucket) -> Option<Limit> {
        let counted = bucket.capability.as_deref().map(|counted| counted.strip_suffix(PROPOSING).unwrap_or(counted));
        let quotas: &[Quota] = match counted {
            None | Some("*") => self.registry().shared_quotas(),
            Some(id) => &self.registry().find(id)?.quotas,
        };
        let limits = quotas.iter().filter(|quota| quota.per == bucket.scope);
        let mut limits = limits.filter_map(|quota| Limit::per(quota.limit, quota.window).ok());
        limits.find(|limit| i64::try_from(limit.window().as_micros()) == Ok(bucket.window_us))
    }

    /// The longest window of all limits.
    pub fn longest_window(&self) -> Duration {
        let own = self.registry().iter().flat_map(|capability| &capability.quotas);
        own.chain(self.registry().shared_quotas()).map(|quota| quota.window).max().unwrap_or_default()
    }

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
