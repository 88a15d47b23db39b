//! Reading whole collections, page by page, all at one server read time.

use std::time::Duration;

use tracing::{info, warn};

use crate::authority;
use crate::domain::time::Timestamp;
use crate::jobs::mirror::brake::cause_of;
use crate::jobs::mirror::{Mirror, MirrorError};
use crate::store::{Target, TargetState};

/// Firestore answers at a read time for one hour; a backfill that was interrupted goes on only well within it.
const READ_TIME_LIVES: Duration = Duration::from_secs(50 * 60);

impl Mirror {
    /// Reads these collections at one server read time and shows them all at once.
    ///
    /// # Guarantees
    /// Every page is stored with where the next one starts: an interrupted backfill goes on there.
    /// Nothing is shown unless as many documents came as the server counts at the same read time.
    pub(super) async fn backfill(&mut self, due: Vec<Target>) -> Result<(), MirrorError> {
        let (mut read_time, due) = self.pick_up(due).await?;
        let mut whole = Vec::new();
        for mut target in due {
            match self.read_whole(&mut target, &mut read_time).await {
                Ok(()) => whole.push(target),
                Err(MirrorError::Authority(error)) if error.is_refused() => self.refused(&target, &error).await?,
                Err(MirrorError::Authority(error)) if read_time.is_some() && error.is_position_refused() => {
                    self.start_over(std::slice::from_ref(&target)).await?;
                    self.start_over(&whole).await?;
                    return Err(error.into());
                }
                Err(error) => return Err(error),
            }
        }
        let Some(read_time) = read_time else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        for target in &whole {
            tx.backfill_publish(&target.collection, read_time).await?;
        }
        tx.commit().await?;
        let documents: u64 = whole.iter().map(|target| target.backfill.documents).sum();
        info!(mirror.documents = documents, "Mirror read {} collections as of {read_time}", whole.len());
        Ok(())
    }

    /// Goes on with what an interrupted backfill has put aside, or starts over.
    async fn pick_up(&self, due: Vec<Target>) -> Result<(Option<Timestamp>, Vec<Target>), MirrorError> {
        let oldest = (self.now)().minus(READ_TIME_LIVES);
        let mut times: Vec<Timestamp> = due.iter().filter_map(|target| target.backfill.read_time).collect();
        times.dedup();
        match times[..] {
            [] => Ok((None, due)),
            [one] if one > oldest => Ok((Some(one), due)),
            _ => {
                self.start_over(&due).await?;
                let fresh = self.store.targets().await?;
                let wanted = |target: &Target| due.iter().any(|before| before.id == target.id);
                Ok((None, fresh.into_iter().filter(wanted).collect()))
            }
        }
    }

    async fn start_over(&self, targets: &[Target]) -> Result<(), MirrorError> {
        let mut tx = self.store.begin().await?;
        for target in targets {
            tx.backfill_start(&target.collection).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn refused(&self, target: &Target, error: &authority::Error) -> Result<(), MirrorError> {
        warn!(mirror.collection = %target.collection, "Firestore refuses `{}`: {}", target.collection, error.chain());
        let mut tx = self.store.begin().await?;
        tx.target_failed(target.id, TargetState::Refused, &error.chain(), (self.now)()).await?;
        Ok(tx.commit().await?)
    }

    /// Puts every page of a collection aside. The first answer of all sets the one read time.
    async fn read_whole(&self, target: &mut Target, read_time: &mut Option<Timestamp>) -> Result<(), MirrorError> {
        let (collection, limit) = (&target.collection, self.settings.page_size.max(1));
        let authority = self.authority.because_of(cause_of(target));
        while !target.backfill.complete {
            let page = authority.page(collection, target.backfill.after.as_ref(), limit, *read_time).await?;
            let at = *read_time.get_or_insert(page.read_time);
            let mut expected = target.backfill.expected;
            if expected.is_none() {
                expected = Some(authority.count(collection, Some(at)).await?.count);
            }
            let complete = page.documents.len() < limit as usize;
            let mut tx = self.store.begin().await?;
            if target.backfill.expected != expected {
                tx.backfill_expect(collection, at, expected.unwrap_or_default()).await?;
            }
            tx.backfill_stage(collection, &page.documents, complete).await?;
            tx.commit().await?;
            target.backfill.expected = expected;
            target.backfill.complete = complete;
            target.backfill.documents += page.documents.len() as u64;
            if let Some(last) = page.documents.last() {
                target.backfill.after = Some(last.path().clone());
            }
        }
        let (found, expected) = (target.backfill.documents, target.backfill.expected.unwrap_or_default());
        if found != expected {
            self.start_over(std::slice::from_ref(target)).await?;
            return Err(MirrorError::Incomplete { collection: collection.clone(), expected, found });
        }
        info!(mirror.collection = %collection, mirror.documents = found, "Mirror read `{collection}`: {found} documents");
        Ok(())
    }
}
