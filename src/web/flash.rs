//! What a browser is told once: left by an action, taken by the next page.

use crate::domain::session::Flash;
use crate::identity::sessions::SessionRef;
use crate::store;
use crate::web::state::WebState;

impl WebState {
    /// Takes every message for this session, the oldest first. Reading pages writes only when there is one.
    pub async fn take_flashes(&self, session: &SessionRef) -> store::Result<Vec<Flash>> {
        if !self.store().flashes_waiting(&session.key).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.store().begin().await?;
        let flashes = tx.flashes_take(&session.key).await?;
        tx.commit().await?;
        Ok(flashes)
    }

    /// Leaves a message for this session's next page.
    ///
    /// Inside a change, use [`Tx::flash_add`](crate::store::Tx::flash_add), so that both happen or neither.
    pub async fn leave_flash(&self, session: &SessionRef, flash: &Flash) -> store::Result<()> {
        let mut tx = self.store().begin().await?;
        tx.flash_add(&session.key, flash, self.now()).await?;
        tx.commit().await
    }
}
