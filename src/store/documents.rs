//! `documents` and `documents_unreadable`: what Firestore holds, as the last applied snapshot has it.
//!
//! A collection whose first backfill is under way has its documents here already; nobody sees them before it is whole.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use crate::domain::canonical;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, Hash};
use crate::domain::sighting::Unreadable;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

pub(super) const TABLE: &str = "documents";

/// A document as the mirror has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The document.
    pub document: Document,
    /// The hash of what it holds.
    pub hash: Hash,
    /// The server read time at which this revision was taken in.
    pub read_time: Timestamp,
}

/// What the mirror holds of one collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Documents.
    pub documents: u64,
    /// Documents that exist but can't be kept.
    pub unreadable: u64,
}

pub(super) struct Row {
    pub(super) path: String,
    pub(super) fields: String,
    pub(super) hash: Vec<u8>,
    pub(super) create_us: i64,
    pub(super) update_us: i64,
    pub(super) read_us: i64,
}

impl Row {
    pub(super) fn parse(self) -> Result<Mirrored> {
        let document = Document {
            path: DocPath::parse(self.path).column(TABLE)?,
            fields: canonical::decode(&self.fields).column(TABLE)?,
            create_time: Timestamp::from_micros(self.create_us),
            update_time: Timestamp::from_micros(self.update_us),
        };
        let hash = hash_column(&self.hash, TABLE)?;
        Ok(Mirrored { document, hash, read_time: Timestamp::from_micros(self.read_us) })
    }
}

async fn document<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    path: &DocPath,
) -> Result<Option<Mirrored>> {
    let path = path.as_str();
    let row = sqlx::query_as!(
        Row,
        "select path, fields, hash, create_us, update_us, read_us from documents
         where path = ? and collection not in (select collection from targets where read_us is null)",
        path
    )
    .fetch_optional(executor)
    .await
    .doing("read a document of the mirror")?;
    row.map(Row::parse).transpose()
}

impl Tx {
    /// One document as this transaction sees it, if the mirror has it.
    pub async fn document(&mut self, path: &DocPath) -> Result<Option<Mirrored>> {
        document(&mut *self.inner, path).await
    }
}

impl Store {
    /// One document, if the mirror has it.
    pub async fn document(&self, path: &DocPath) -> Result<Option<Mirrored>> {
        document(&self.readers, path).await
    }

    /// Up to `limit` documents of a collection in the order of their paths, those after `after`.
    pub async fn documents_page(
        &self,
        collection: &CollectionId,
        after: Option<&DocPath>,
        limit: u32,
    ) -> Result<Vec<Mirrored>> {
        let (collection, after) = (collection.as_str(), after.map_or("", DocPath::as_str));
        sqlx::query_as!(
            Row,
            "select path, fields, hash, create_us, update_us, read_us from documents
             where collection = ? and path > ?
                 and collection not in (select collection from targets where read_us is null)
             order by path limit ?",
            collection,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read a page of the mirror")?
        .into_iter()
        .map(Row::parse)
        .collect()
    }

    /// Every document of these collections as of one moment, in the order of their paths within each.
    pub async fn documents_all(&self, collections: &[CollectionId]) -> Result<BTreeMap<CollectionId, Vec<Mirrored>>> {
        let mut tx = self.readers.begin().await.doing("start to read the mirror")?;
        let mut all = BTreeMap::new();
        for collection in collections {
            let name = collection.as_str();
            let rows = sqlx::query_as!(
                Row,
                "select path, fields, hash, create_us, update_us, read_us from documents
                 where collection = ? and collection not in (select collection from targets where read_us is null)
                 order by path",
                name
            )
            .fetch_all(&mut *tx)
            .await
            .doing("read a collection of the mirror")?;
            all.insert(collection.clone(), rows.into_iter().map(Row::parse).collect::<Result<_>>()?);
        }
        Ok(all)
    }

    /// Every document of a collection, and the moment as of which they are all there is; `None` when it was never read.
    pub async fn documents_as_of(&self, collection: &CollectionId) -> Result<Option<(Timestamp, Vec<Mirrored>)>> {
        let name = collection.as_str();
        let mut tx = self.readers.begin().await.doing("start to read the mirror")?;
        let as_of = sqlx::query_scalar!("select read_us from targets where collection = ?", name)
            .fetch_optional(&mut *tx)
            .await
            .doing("read as of when a collection is")?;
        let Some(as_of) = as_of.flatten() else { return Ok(None) };
        let rows = sqlx::query_as!(
            Row,
            "select path, fields, hash, create_us, update_us, read_us from documents where collection = ? order by path",
            name
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read a collection of the mirror")?;
        let documents = rows.into_iter().map(Row::parse).collect::<Result<_>>()?;
        Ok(Some((Timestamp::from_micros(as_of), documents)))
    }

    /// Up to `limit` documents taken in after `read_time`, oldest first.
    pub async fn documents_since(&self, read_time: Timestamp, limit: u32) -> Result<Vec<Mirrored>> {
        let read_time = read_time.micros();
        sqlx::query_as!(
            Row,
            "select path, fields, hash, create_us, update_us, read_us from documents
             where read_us > ? and collection not in (select collection from targets where read_us is null)
             order by read_us, path limit ?",
            read_time,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what changed in the mirror")?
        .into_iter()
        .map(Row::parse)
        .collect()
    }

    /// How many documents the mirror holds of each collection that it holds any of.
    pub async fn documents_held(&self) -> Result<BTreeMap<CollectionId, Held>> {
        let rows = sqlx::query!(
            r#"select collection as "collection!", sum(documents) as "documents!: i64", sum(unreadable) as "unreadable!: i64"
               from (select collection, count(*) as documents, 0 as unreadable from documents group by collection
                     union all
                     select collection, 0, count(*) from documents_unreadable group by collection)
               where collection not in (select collection from targets where read_us is null)
               group by collection"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("count the mirror")?;
        rows.into_iter()
            .map(|row| {
                let held =
                    Held { documents: row.documents.cast_unsigned(), unreadable: row.unreadable.cast_unsigned() };
                Ok((CollectionId::parse(row.collection).column(TABLE)?, held))
            })
            .collect()
    }

    /// The first `limit` documents that can't be kept, in the order of their paths.
    pub async fn documents_unreadable(&self, limit: u32) -> Result<Vec<Unreadable>> {
        sqlx::query!("select path, update_us, why from documents_unreadable order by path limit ?", limit)
            .fetch_all(&self.readers)
            .await
            .doing("read what can't be mirrored")?
            .into_iter()
            .map(|row| {
                let path = DocPath::parse(row.path).column("documents_unreadable")?;
                Ok(Unreadable { path, update_time: Timestamp::from_micros(row.update_us), why: row.why })
            })
            .collect()
    }

    /// Every document of a collection with its revision, those that can't be kept too: what a stream continues from.
    pub async fn documents_known(&self, collection: &CollectionId) -> Result<BTreeMap<DocPath, Timestamp>> {
        let collection = collection.as_str();
        sqlx::query!(
            r#"select path as "path!", update_us as "update_us!" from documents where collection = ?1
               union all select path, update_us from documents_unreadable where collection = ?1"#,
            collection
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the revisions of the mirror")?
        .into_iter()
        .map(|row| Ok((DocPath::parse(row.path).column(TABLE)?, Timestamp::from_micros(row.update_us))))
        .collect()
    }
}

impl Store {
    /// The revisions of those of these documents that the mirror knows, those that can't be kept too.
    pub async fn documents_revisions(&self, paths: &BTreeSet<&DocPath>) -> Result<BTreeMap<DocPath, Timestamp>> {
        let names: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
        let names = serde_json::to_string(&names).expect("BUG: paths are JSON");
        sqlx::query!(
            r#"select path as "path!", update_us as "update_us!: i64" from documents
               where path in (select value from json_each(?1))
               union all
               select path, update_us from documents_unreadable where path in (select value from json_each(?1))"#,
            names
        )
        .fetch_all(&self.readers)
        .await
        .doing("look up revisions of the mirror")?
        .into_iter()
        .map(|row| Ok((DocPath::parse(row.path).column(TABLE)?, Timestamp::from_micros(row.update_us))))
        .collect()
    }
}

impl Tx {
    /// Takes in a document as it is at `read_time`. The version that it replaces moves to the history.
    pub async fn document_put(&mut self, document: &Document, read_time: Timestamp) -> Result<()> {
        forget_unreadable(&mut self.inner, document.path.as_str()).await?;
        let (collection, fields) = (document.path.collection(), canonical::encode(&document.fields));
        let (path, collection, hash) = (document.path.as_str(), collection.as_str(), Hash::of(&fields));
        let (create, update) = (document.create_time.micros(), document.update_time.micros());
        let (hash, read) = (&hash.bytes()[..], read_time.micros());
        sqlx::query!(
            "insert into documents (path, collection, fields, hash, create_us, update_us, read_us)
             values (?, ?, ?, ?, ?, ?, ?)
             on conflict (path) do update set fields = excluded.fields, hash = excluded.hash,
                 create_us = excluded.create_us, update_us = excluded.update_us, read_us = excluded.read_us
             where documents.update_us <> excluded.update_us or documents.hash <> excluded.hash",
            path,
            collection,
            fields,
            hash,
            create,
            update,
            read
        )
        .execute(&mut *self.inner)
        .await
        .doing("take a document into the mirror")?;
        Ok(())
    }

    /// Records that a document exists at `read_time` but can't be kept; what was known of it is no longer true.
    pub async fn document_unreadable(&mut self, document: &Unreadable, read_time: Timestamp) -> Result<()> {
        self.forget(&document.path).await?;
        let collection = document.path.collection();
        let (path, collection, why) = (document.path.as_str(), collection.as_str(), document.why.as_str());
        let (update, read) = (document.update_time.micros(), read_time.micros());
        sqlx::query!(
            "insert into documents_unreadable (path, collection, update_us, why, read_us) values (?, ?, ?, ?, ?)",
            path,
            collection,
            update,
            why,
            read
        )
        .execute(&mut *self.inner)
        .await
        .doing("record a document that can't be mirrored")?;
        Ok(())
    }

    /// Takes out a document that exists no more at `read_time`. The history remembers what it was, and that it is gone.
    pub async fn document_delete(&mut self, path: &DocPath, read_time: Timestamp) -> Result<()> {
        self.deletions.note(path);
        self.history_deleted(path, read_time).await?;
        self.forget(path).await
    }

    async fn forget(&mut self, path: &DocPath) -> Result<()> {
        forget_unreadable(&mut self.inner, path.as_str()).await?;
        self.forget_document(path.as_str()).await
    }

    pub(super) async fn forget_document(&mut self, path: &str) -> Result<()> {
        sqlx::query!("delete from documents where path = ?", path)
            .execute(&mut *self.inner)
            .await
            .doing("take a document out of the mirror")?;
        Ok(())
    }
}

async fn forget_unreadable(tx: &mut SqliteConnection, path: &str) -> Result<()> {
    sqlx::query!("delete from documents_unreadable where path = ?", path)
        .execute(tx)
        .await
        .doing("forget a document that could not be mirrored")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::StudioId;
    use crate::domain::value::{Fields, Value};

    fn document(text: &str, revision: i64) -> Document {
        let path = DocPath::parse(text).expect("a legal path");
        let fields = Fields::from([("n".to_owned(), Value::Integer(revision))]);
        Document { path, fields, create_time: Timestamp::from_micros(1), update_time: Timestamp::from_micros(revision) }
    }

    #[tokio::test]
    async fn a_document_that_can_not_be_kept_is_not_shown_as_it_was_and_comes_back_when_it_can() {
        let directory = tempfile::tempdir().expect("a directory");
        let (studio, now) = (StudioId::parse("west").expect("a studio"), Timestamp::from_micros(9));
        let store = Store::open(directory.path(), &studio, now).await.expect("opens");
        let batches = CollectionId::parse("batches").expect("a collection");
        let (good, path) = (document("batches/b-1", 5), document("batches/b-1", 5).path);
        let bad = Unreadable { path: path.clone(), update_time: Timestamp::from_micros(6), why: "odd".to_owned() };

        let mut tx = store.begin().await.expect("begins");
        tx.document_put(&good, now).await.expect("put");
        tx.document_unreadable(&bad, now).await.expect("recorded");
        tx.commit().await.expect("commits");
        assert_eq!(store.document(&path).await.expect("readable"), None);
        assert_eq!(store.documents_unreadable(9).await.expect("readable"), std::slice::from_ref(&bad));
        let held = store.documents_held().await.expect("readable");
        assert_eq!(held[&batches], Held { documents: 0, unreadable: 1 });
        let known = store.documents_known(&batches).await.expect("readable");
        assert_eq!(known, BTreeMap::from([(path.clone(), bad.update_time)]));

        let mut tx = store.begin().await.expect("begins");
        tx.document_put(&good, now).await.expect("put");
        tx.commit().await.expect("commits");
        let seen = store.document(&path).await.expect("readable").expect("mirrored");
        assert_eq!(seen, Mirrored { hash: good.hash(), document: good, read_time: now });
        assert!(store.documents_unreadable(9).await.expect("readable").is_empty());
    }

    #[tokio::test]
    async fn pages_are_in_order_and_whole_and_what_is_new_is_found() {
        let directory = tempfile::tempdir().expect("a directory");
        let (studio, now) = (StudioId::parse("west").expect("a studio"), Timestamp::from_micros(9));
        let store = Store::open(directory.path(), &studio, now).await.expect("opens");
        let batches = CollectionId::parse("batches").expect("a collection");
        let mut tx = store.begin().await.expect("begins");
        for (text, read) in [("batches/c", 1), ("batches/a", 3), ("batches/b", 2), ("other/a", 4)] {
            tx.document_put(&document(text, 5), Timestamp::from_micros(read)).await.expect("put");
        }
        tx.commit().await.expect("commits");
        let ids = |seen: &[Mirrored]| seen.iter().map(|one| one.document.path.id().to_owned()).collect::<String>();
        let first = store.documents_page(&batches, None, 2).await.expect("readable");
        let rest = store.documents_page(&batches, Some(&first[1].document.path), 2).await.expect("readable");
        assert_eq!((ids(&first), ids(&rest)), ("ab".to_owned(), "c".to_owned()));
        let since = store.documents_since(Timestamp::from_micros(1), 2).await.expect("readable");
        assert_eq!(ids(&since), "ba");
    }
}
