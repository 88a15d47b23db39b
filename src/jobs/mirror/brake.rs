//! What waits when the day's reads are spent: reading a collection again. The tail and a first reading never do.

use tracing::warn;

use crate::domain::reads::Cause;
use crate::jobs::mirror::{Means, MirrorError};
use crate::jobs::reads;
use crate::store::{Target, TargetState};

/// Why a collection is read as a whole.
pub(super) const fn cause_of(target: &Target) -> Cause {
    match target.generation {
        0 => Cause::Backfill,
        _ => Cause::Relist,
    }
}

impl Means {
    /// The collections among those due that may be read now, and those that wait. These say so; until they are looked
    /// at again they are shown as they were, and say as of when.
    pub(super) async fn affordable(&self, due: Vec<Target>) -> Result<(Vec<Target>, Vec<Target>), MirrorError> {
        let (braked, mut now_due): (Vec<_>, Vec<_>) = due.into_iter().partition(|target| cause_of(target).is_braked());
        if braked.is_empty() {
            return Ok((now_due, braked));
        }
        let (now, budget) = ((self.now)(), self.settings.read_budget);
        if !reads::is_spent(&self.store, &self.authority, budget, now).await? {
            now_due.extend(braked);
            return Ok((now_due, Vec::new()));
        }
        let mut tx = self.store.begin().await?;
        for target in &braked {
            let collection = &target.collection;
            let why = format!("waits to be read again: today's {budget} reads are spent (`mirror.read_budget`)");
            warn!(mirror.collection = %collection, "Mirror: `{collection}` {why}");
            tx.target_failed(target.id, TargetState::Backfilling, &why, now).await?;
        }
        tx.commit().await?;
        Ok((now_due, braked))
    }
}
