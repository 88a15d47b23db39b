//! A decision and its audit entry are one: what is denied is recorded like what is done.

use crate::domain::audit::Event;
use crate::domain::ids::StudioId;
use crate::domain::reason::Reason;
use crate::store::{Result, Tx};

/// What was decided inside a transaction: done, or denied with a reason.
///
/// Commit the transaction in either case: a denial changed nothing but the audit log, which has to keep it.
pub type Decided<T> = std::result::Result<T, Reason>;

impl Tx {
    /// Records that something was denied.
    pub(super) async fn denied<T>(&mut self, studio: &StudioId, event: Event, reason: Reason) -> Result<Decided<T>> {
        self.audit(studio, event.because(reason)).await?;
        Ok(Err(reason))
    }
}
