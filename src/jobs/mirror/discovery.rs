//! Looking for collections that nobody configured: they are reported, never mirrored silently.

use std::time::Duration;

use tracing::{info, warn};

use crate::domain::ids::CollectionId;
use crate::domain::lease::BOXES;
use crate::domain::reads::Cause;
use crate::jobs::mirror::{Means, MirrorError};

/// How often the server is asked which collections there are: a look is billed as one read.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

impl Means {
    /// Looks for collections that are not mirrored, once a day. A failure stops nothing.
    pub(super) async fn discover(&self) {
        match self.look().await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                let names: Vec<&str> = found.iter().map(CollectionId::as_str).collect();
                info!(mirror.unmirrored = found.len(), "Firestore has collections that are not mirrored: {names:?}");
            }
            Err(error) => warn!("Mirror could not look for collections: {}", error.chain()),
        }
    }

    /// The collections that were found and are not mirrored; none when it is too early to look.
    async fn look(&self) -> Result<Vec<CollectionId>, MirrorError> {
        let now = (self.now)();
        let looked = self.store.collections_looked().await?;
        if looked.is_some_and(|looked| now.since(looked) < EVERY) {
            return Ok(Vec::new());
        }
        let mut found = self.authority.because_of(Cause::Discovery).collections().await?;
        found.retain(|id| id.as_str() != BOXES && !self.settings.collections.contains(id));
        let mut tx = self.store.begin().await?;
        tx.collections_record(&found, now).await?;
        tx.commit().await?;
        Ok(found)
    }
}
