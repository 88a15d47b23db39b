//! `documents_staged`: the next generation of a collection while it is read, and its swap for the visible one.

use crate::domain::canonical;
use crate::domain::ids::{CollectionId, DocPath, Hash};
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::store::{Doing as _, Result, Tx};

/// Where a backfill goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backfill {
    /// The one server read time of all its pages; none before the first page.
    pub read_time: Option<Timestamp>,
    /// The last document that is staged.
    pub after: Option<DocPath>,
    /// How many documents are staged.
    pub documents: u64,
    /// How many the server counts at the read time.
    pub expected: Option<u64>,
    /// Is every page staged?
    pub complete: bool,
}

impl Tx {
    /// Puts one page of the generation under way aside, together with where the next page starts.
    ///
    /// `complete` says that there is no next page.
    pub async fn backfill_stage(&mut self, collection: &CollectionId, page: &[Sighting], complete: bool) -> Result<()> {
        for sighting in page {
            self.stage(collection, sighting).await?;
        }
        let (count, collection) = (i64::try_from(page.len()).unwrap_or(i64::MAX), collection.as_str());
        let after = page.last().map(|sighting| sighting.path().as_str());
        sqlx::query!(
            "update targets set backfill_documents = backfill_documents + ?,
                 backfill_after = coalesce(?, backfill_after), backfill_complete = ? where collection = ?",
            count,
            after,
            complete,
            collection
        )
        .execute(&mut *self.inner)
        .await
        .doing("record how far a backfill is")?;
        Ok(())
    }

    async fn stage(&mut self, collection: &CollectionId, sighting: &Sighting) -> Result<()> {
        let (path, collection) = (sighting.path().as_str(), collection.as_str());
        let update = sighting.update_time().micros();
        let (fields, create, why) = match sighting {
            Sighting::Readable(document) => {
                (Some(canonical::encode(&document.fields)), Some(document.create_time.micros()), None)
            }
            Sighting::Unreadable(unreadable) => (None, None, Some(unreadable.why.as_str())),
        };
        let hash = fields.as_ref().map(|fields| Hash::of(fields).bytes().to_vec());
        sqlx::query!(
            "insert or replace into documents_staged (path, collection, fields, hash, create_us, update_us, why)
             values (?, ?, ?, ?, ?, ?, ?)",
            path,
            collection,
            fields,
            hash,
            create,
            update,
            why
        )
        .execute(&mut *self.inner)
        .await
        .doing("put a document of a backfill aside")?;
        Ok(())
    }

    /// Starts a new generation of a collection: what was put aside before is dropped, what is visible stays.
    pub async fn backfill_start(&mut self, collection: &CollectionId) -> Result<()> {
        self.drop_staged(collection).await?;
        let collection = collection.as_str();
        sqlx::query!(
            "update targets set state = 'backfilling', resume_token = null, backfill_read_us = null,
                 backfill_after = null, backfill_documents = 0, backfill_expected = null, backfill_complete = 0
             where collection = ?",
            collection
        )
        .execute(&mut *self.inner)
        .await
        .doing("start a backfill")?;
        Ok(())
    }

    /// Records the one read time of the generation under way, and how many documents the server counts at it.
    pub async fn backfill_expect(
        &mut self,
        collection: &CollectionId,
        read_time: Timestamp,
        expected: u64,
    ) -> Result<()> {
        let (collection, read_time) = (collection.as_str(), read_time.micros());
        let expected = i64::try_from(expected).unwrap_or(i64::MAX);
        sqlx::query!(
            "update targets set backfill_read_us = ?, backfill_expected = ? where collection = ?",
            read_time,
            expected,
            collection
        )
        .execute(&mut *self.inner)
        .await
        .doing("record what a backfill expects")?;
        Ok(())
    }

    /// Makes the generation under way the visible one: documents that are not in it are gone, the same stay untouched.
    pub async fn backfill_publish(&mut self, collection: &CollectionId, read_time: Timestamp) -> Result<()> {
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
                 backfill_read_us = null, backfill_after = null, backfill_documents = 0, backfill_expected = null,
                 backfill_complete = 0, error = null, error_us = null
             where collection = ?2",
            read,
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("record a new generation")?;
        Ok(())
    }

    async fn drop_staged(&mut self, collection: &CollectionId) -> Result<()> {
        let collection = collection.as_str();
        sqlx::query!("delete from documents_staged where collection = ?", collection)
            .execute(&mut *self.inner)
            .await
            .doing("drop what a backfill put aside")?;
        Ok(())
    }

    /// Forgets a collection that is no longer mirrored.
    pub(super) async fn collection_forget(&mut self, collection: &CollectionId) -> Result<()> {
        self.drop_staged(collection).await?;
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
