//! `documents_staged`: the next generation of a collection while it is read, and its swap for the visible one.

use std::time::Duration;

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::store::bulk::Staged;
use crate::store::{Doing as _, Result, Tx};

/// How far a backfill is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backfill {
    /// The one server read time of all it reads; none before it is planned.
    pub read_time: Option<Timestamp>,
    /// How many documents are put aside.
    pub documents: u64,
    /// How many the server counts at the read time.
    pub expected: Option<u64>,
    /// Our clock when it was begun.
    pub started: Option<Timestamp>,
}

/// How fast a backfill is, over all the time since it was begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Documents per second.
    pub per_second: f64,
    /// How long the rest takes at this pace, rounded up to whole seconds; none before the server has counted.
    pub left: Option<Duration>,
}

impl Backfill {
    /// How fast it is; none before the first document.
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        let seconds = now.since(self.started?).as_secs_f64();
        let per_second = Some(self.documents as f64 / seconds).filter(|rate| rate.is_finite() && *rate > 0.0)?;
        let left = self.expected.map(|expected| expected.saturating_sub(self.documents) as f64 / per_second);
        Some(Pace { per_second, left: left.map(|seconds| Duration::from_secs(seconds.ceil() as u64)) })
    }
}

/// Which generation of a collection is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Nobody has seen the collection yet: its documents go straight into the mirror, unseen until it is published.
    First,
    /// It is shown as it was: the next generation stands aside until it replaces the visible one.
    Next,
}

impl Tx {
    /// Puts documents of one range of the generation under way aside, together with where the range goes on.
    ///
    /// `complete` says that the range is read to its end.
    pub async fn backfill_stage(
        &mut self,
        collection: &CollectionId,
        (generation, read_time): (Generation, Timestamp),
        range: u32,
        rows: &[Staged],
        complete: bool,
    ) -> Result<()> {
        self.stage_rows(collection, (generation, read_time), rows).await?;
        if generation == Generation::First {
            let digests: Vec<_> = rows.iter().filter_map(|row| Some((row.path(), row.digest()?))).collect();
            self.leaves_stage(collection, &digests).await?;
        }
        self.range_advance(collection, range, rows.last().map(Staged::path), complete).await?;
        let (count, collection) = (i64::try_from(rows.len()).unwrap_or(i64::MAX), collection.as_str());
        sqlx::query!(
            "update targets set backfill_documents = backfill_documents + ? where collection = ?",
            count,
            collection
        )
        .execute(&mut *self.inner)
        .await
        .doing("record how far a backfill is")?;
        Ok(())
    }

    async fn stage_rows(
        &mut self,
        collection: &CollectionId,
        (generation, read_time): (Generation, Timestamp),
        rows: &[Staged],
    ) -> Result<()> {
        match generation {
            Generation::First if rows.iter().all(Staged::is_readable) => {
                self.bulk_documents(collection, rows, read_time.micros()).await
            }
            Generation::First => {
                let (readable, unreadable): (Vec<Staged>, Vec<Staged>) =
                    rows.iter().cloned().partition(Staged::is_readable);
                self.bulk_documents(collection, &readable, read_time.micros()).await?;
                self.bulk_staged(collection, &unreadable).await
            }
            Generation::Next => self.bulk_staged(collection, rows).await,
        }
    }

    /// Brings the generation under way to a later read time: of what was put aside these documents have changed or are
    /// new, and those are gone. The server counts `expected` at the read time.
    pub async fn backfill_advance(
        &mut self,
        collection: &CollectionId,
        (generation, read_time): (Generation, Timestamp),
        rows: &[Staged],
        gone: &[DocPath],
        expected: u64,
    ) -> Result<()> {
        for path in rows.iter().map(Staged::path).chain(gone.iter().map(DocPath::as_str)) {
            self.forget_staged(path).await?;
        }
        if generation == Generation::First && rows.len() + gone.len() > 0 {
            self.tree_fell(collection).await?; // Its leaves are of what was read; a proof plants the tree.
            let unreadable = rows.iter().filter(|row| !row.is_readable()).map(Staged::path);
            for path in unreadable.chain(gone.iter().map(DocPath::as_str)) {
                self.forget_document(path).await?;
            }
        }
        self.stage_rows(collection, (generation, read_time), rows).await?;
        let (name, read, expected) =
            (collection.as_str(), read_time.micros(), i64::try_from(expected).unwrap_or(i64::MAX));
        let first = generation == Generation::First;
        sqlx::query!(
            "update targets set backfill_read_us = ?2, backfill_expected = ?3, backfill_documents =
                 (select count(*) from documents_staged where collection = ?1)
                 + (select count(*) from documents where collection = ?1 and ?4)
             where collection = ?1",
            name,
            read,
            expected,
            first
        )
        .execute(&mut *self.inner)
        .await
        .doing("move a backfill on")?;
        Ok(())
    }

    async fn forget_staged(&mut self, path: &str) -> Result<()> {
        sqlx::query!("delete from documents_staged where path = ?", path)
            .execute(&mut *self.inner)
            .await
            .doing("take out what a backfill put aside")?;
        Ok(())
    }

    /// Starts a new generation of a collection: what was put aside before is dropped, what is visible stays.
    pub async fn backfill_start(&mut self, collection: &CollectionId) -> Result<()> {
        self.drop_under_way(collection).await?;
        let collection = collection.as_str();
        sqlx::query!(
            "update targets set state = 'backfilling', resume_token = null, backfill_read_us = null,
                 backfill_documents = 0, backfill_expected = null, backfill_started_us = null
             where collection = ?",
            collection
        )
        .execute(&mut *self.inner)
        .await
        .doing("start a backfill")?;
        Ok(())
    }

    /// Makes the generation under way the visible one: documents that are not in it are gone, the same stay untouched.
    pub async fn backfill_publish(&mut self, collection: &CollectionId, read_time: Timestamp) -> Result<()> {
        match self.generation(collection).await? {
            Generation::First => self.tree_plant_staged(collection, read_time).await?,
            Generation::Next => self.swap(collection, read_time).await?,
        }
        let (name, read) = (collection.as_str(), read_time.micros());
        sqlx::query!("delete from documents_unreadable where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget what could not be mirrored")?;
        sqlx::query!(
            "insert into documents_unreadable (path, collection, update_us, why, read_us)
             select path, collection, update_us, why, ?1 from documents_staged
             where collection = ?2 and why is not null",
            read,
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("record what can't be mirrored")?;
        self.drop_staged(collection).await?;
        sqlx::query!(
            "update targets set state = 'catching up', generation = generation + 1, read_us = ?1, resume_token = null,
                 backfill_read_us = null, backfill_documents = 0, backfill_expected = null,
                 backfill_started_us = null, error = null, error_us = null
             where collection = ?2",
            read,
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("record a new generation")?;
        Ok(())
    }

    async fn swap(&mut self, collection: &CollectionId, read_time: Timestamp) -> Result<()> {
        let (name, read) = (collection.as_str(), read_time.micros());
        self.history_absent_from_staged(collection, read_time).await?;
        sqlx::query!(
            "delete from documents where collection = ?1 and path not in
                 (select path from documents_staged where collection = ?1 and fields is not null)",
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("drop what a new generation lacks")?;
        sqlx::query!(
            "insert into documents (path, collection, fields, hash, create_us, update_us, read_us)
             select path, collection, fields, hash, create_us, update_us, ?1 from documents_staged
             where collection = ?2 and fields is not null
             on conflict (path) do update set fields = excluded.fields, hash = excluded.hash,
                 create_us = excluded.create_us, update_us = excluded.update_us, read_us = excluded.read_us
             where documents.update_us <> excluded.update_us or documents.hash <> excluded.hash",
            read,
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("swap a new generation in")?;
        Ok(())
    }

    /// Has anybody seen the collection?
    async fn generation(&mut self, collection: &CollectionId) -> Result<Generation> {
        let collection = collection.as_str();
        let read = sqlx::query_scalar!("select read_us from targets where collection = ?", collection)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read as of when a collection is")?;
        Ok(if read.flatten().is_some() { Generation::Next } else { Generation::First })
    }

    /// Drops what the generation under way has read so far.
    async fn drop_under_way(&mut self, collection: &CollectionId) -> Result<()> {
        if self.generation(collection).await? == Generation::First {
            self.tree_fell(collection).await?;
            let name = collection.as_str();
            sqlx::query!("delete from documents where collection = ?", name)
                .execute(&mut *self.inner)
                .await
                .doing("drop what a first backfill has read")?;
            self.history_forget(collection).await?;
        }
        self.drop_staged(collection).await
    }

    async fn drop_staged(&mut self, collection: &CollectionId) -> Result<()> {
        let name = collection.as_str();
        sqlx::query!("delete from documents_staged where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("drop what a backfill put aside")?;
        self.ranges_forget(collection).await
    }

    /// Forgets a collection that is no longer mirrored.
    pub(super) async fn collection_forget(&mut self, collection: &CollectionId) -> Result<()> {
        self.drop_staged(collection).await?;
        self.tree_fell(collection).await?;
        self.verifications_forget(collection).await?;
        let name = collection.as_str();
        sqlx::query!("delete from documents where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's documents")?;
        sqlx::query!("delete from documents_unreadable where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's unreadable documents")?;
        self.history_forget(collection).await?;
        sqlx::query!("delete from targets where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's target")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_known_once_documents_came_and_the_rest_once_the_server_has_counted() {
        let at = |seconds| Timestamp::from_parts(seconds, 0);
        let backfill = |documents, expected, started| Backfill { documents, expected, started, ..Default::default() };
        assert_eq!(backfill(0, Some(10), Some(at(0))).pace(at(5)), None);
        assert_eq!(backfill(5, Some(10), None).pace(at(5)), None);
        assert_eq!(backfill(5, Some(10), Some(at(5))).pace(at(5)), None, "no time has passed");
        let pace = |left| Some(Pace { per_second: 2.0, left });
        assert_eq!(backfill(10, None, Some(at(0))).pace(at(5)), pace(None));
        assert_eq!(backfill(10, Some(13), Some(at(0))).pace(at(5)), pace(Some(Duration::from_secs(2))));
        assert_eq!(backfill(10, Some(9), Some(at(0))).pace(at(5)), pace(Some(Duration::ZERO)));
    }
}
