//! Putting a document of the mirror right, and only if it is still what was found wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::digest::Stamp;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::store::digests::HeldRow;
use crate::store::{Doing as _, Result, Store, Tx};

/// A document that differs, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What we had; none: nothing.
    pub ours: Option<HeldRow>,
    /// What the server had; none: nothing.
    pub theirs: Option<Sighting>,
}

/// The deletions that are noted while somebody compares.
///
/// A document that we lack has no row by which one could see that it was deleted meanwhile.
#[derive(Clone, Debug, Default)]
pub(super) struct Deletions(Arc<Mutex<Vec<Noted>>>);

/// What was deleted since somebody began to watch.
type Noted = Arc<Mutex<BTreeSet<DocPath>>>;

/// While it lives, deletions are noted for whoever has it.
#[derive(Debug)]
pub struct Watching {
    all: Deletions,
    mine: Noted,
}

impl Deletions {
    pub(super) fn note(&self, path: &DocPath) {
        for noted in self.watchers().iter() {
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        }
    }

    fn watchers(&self) -> std::sync::MutexGuard<'_, Vec<Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    fn has(&self, path: &DocPath) -> bool {
        self.mine.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.all.watchers().retain(|noted| !Arc::ptr_eq(noted, &self.mine));
    }
}

impl Store {
    /// Notes deletions from now on. Start before looking at what may have to be put right.
    ///
    /// Waits for the change that is under way: its deletions may have been made before anybody watched.
    pub async fn watch_deletions(&self) -> Result<Watching> {
        let watching = Watching { all: self.deletions.clone(), mine: Noted::default() };
        self.deletions.watchers().push(Arc::clone(&watching.mine));
        self.begin().await?.rollback().await?;
        Ok(watching)
    }
}

impl Tx {
    /// Is a collection still in the generation that was looked at? A new one was read as a whole and needs no repair.
    pub async fn is_generation(&mut self, collection: &CollectionId, generation: u64) -> Result<bool> {
        let name = collection.as_str();
        let found = sqlx::query_scalar!("select generation from targets where collection = ?", name)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read a collection's generation")?;
        Ok(found.map(i64::cast_unsigned) == Some(generation))
    }

    /// Puts a document right, as it was on the server at `read_time`; says whether it did.
    ///
    /// # Guarantees
    /// What has changed since it was looked at stays as it is. A row that contradicts itself, or the server about the
    /// same revision, was never a version of the document: it does not get into the history. Any other one does.
    pub async fn document_repair(&mut self, wrong: &Wrong, read_time: Timestamp, watching: &Watching) -> Result<bool> {
        let Some(path) = wrong.path().cloned() else { return Ok(false) };
        let newest = self.history_newest().await?;
        match &wrong.ours {
            Some(ours) => {
                if !self.take_out(ours).await? {
                    return Ok(false);
                }
                self.history_judge(&path, newest, wrong.was_ours_a_version()).await?;
            }
            None if watching.has(&path) || self.has_any(&path).await? => return Ok(false),
            None => {}
        }
        match &wrong.theirs {
            Some(Sighting::Readable(document)) => {
                self.document_put(document, read_time).await?;
                self.history_drop_revision(&path, document.update_time).await?;
            }
            Some(Sighting::Unreadable(unreadable)) => self.document_unreadable(unreadable, read_time).await?,
            None if wrong.was_ours_a_version() => self.history_gone(&path, read_time).await?,
            None => {}
        }
        Ok(true)
    }

    /// Takes a row out if it is still what was seen.
    async fn take_out(&mut self, seen: &HeldRow) -> Result<bool> {
        let (path, update) = (seen.path.as_str(), seen.stamp.update_time().micros());
        let done = match seen.stamp {
            Stamp::Readable { hash, .. } => {
                let hash = &hash.bytes()[..];
                sqlx::query!("delete from documents where path = ? and update_us = ? and hash = ?", path, update, hash)
                    .execute(&mut *self.inner)
                    .await
            }
            Stamp::Unreadable { .. } => {
                sqlx::query!("delete from documents_unreadable where path = ? and update_us = ?", path, update)
                    .execute(&mut *self.inner)
                    .await
            }
        };
        Ok(done.doing("take a wrong document out")?.rows_affected() > 0)
    }

    async fn has_any(&mut self, path: &DocPath) -> Result<bool> {
        let path = path.as_str();
        let found = sqlx::query_scalar!(
            r#"select exists (select 1 from documents where path = ?1)
                   or exists (select 1 from documents_unreadable where path = ?1) as "found!: bool""#,
            path
        )
        .fetch_one(&mut *self.inner)
        .await;
        found.doing("look whether a document came back")
    }

    async fn history_newest(&mut self) -> Result<i64> {
        sqlx::query_scalar!(r#"select coalesce(max(id), 0) as "id!: i64" from history"#)
            .fetch_one(&mut *self.inner)
            .await
            .doing("read how far the history is")
    }

    /// Keeps what the history just took in of a wrong row, as long as it is known to have stood; or drops it.
    async fn history_judge(&mut self, path: &DocPath, newest: i64, is_version: bool) -> Result<()> {
        let path = path.as_str();
        let done = if is_version {
            sqlx::query!("update history set confirmed_us = read_us where path = ? and id > ?", path, newest)
                .execute(&mut *self.inner)
                .await
        } else {
            sqlx::query!("delete from history where path = ? and id > ?", path, newest).execute(&mut *self.inner).await
        };
        done.doing("judge a wrong version")?;
        Ok(())
    }

    /// Forgets that a revision was replaced: it stands again.
    async fn history_drop_revision(&mut self, path: &DocPath, update_time: Timestamp) -> Result<()> {
        let (path, update) = (path.as_str(), update_time.micros());
        sqlx::query!("delete from history where path = ? and update_us = ? and fields is not null", path, update)
            .execute(&mut *self.inner)
            .await
            .doing("forget that a revision was replaced")?;
        Ok(())
    }

    /// Remembers that a document exists no more.
    async fn history_gone(&mut self, path: &DocPath, read_time: Timestamp) -> Result<()> {
        let (collection, read) = (path.collection(), read_time.micros());
        let (path, collection) = (path.as_str(), collection.as_str());
        sqlx::query!("insert into history (path, collection, read_us) values (?, ?, ?)", path, collection, read)
            .execute(&mut *self.inner)
            .await
            .doing("remember a deletion")?;
        Ok(())
    }
}

impl Wrong {
    /// Where the document is.
    pub fn path(&self) -> Option<&DocPath> {
        self.ours.as_ref().map(|ours| &ours.path).or_else(|| self.theirs.as_ref().map(Sighting::path))
    }

    /// Can what we had have been a version of the document?
    fn was_ours_a_version(&self) -> bool {
        let Some(ours) = &self.ours else { return false };
        let is_same_revision =
            self.theirs.as_ref().is_some_and(|theirs| theirs.update_time() == ours.stamp.update_time());
        ours.is_sound() && !is_same_revision
    }
}
