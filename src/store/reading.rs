//! The mirror as of one moment, gone through page by page: what is written meanwhile is not seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::store::documents::{Held, Mirrored, Row, TABLE};
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

impl Tx {
    /// As of when each collection is shown here, and what of it is held. One that was never read is not among them.
    pub async fn collections_shown(&mut self) -> Result<BTreeMap<CollectionId, (Timestamp, Held)>> {
        let rows = sqlx::query!(
            r#"select collection as "collection!", read_us as "read_us!: i64",
                   (select count(*) from documents d where d.collection = t.collection) as "documents!: i64",
                   (select count(*) from documents_unreadable u where u.collection = t.collection) as "unreadable!: i64"
               from targets t where read_us is not null order by collection"#
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read as of when collections are shown")?;
        rows.into_iter()
            .map(|row| {
                let held =
                    Held { documents: row.documents.cast_unsigned(), unreadable: row.unreadable.cast_unsigned() };
                let shown = Timestamp::from_micros(row.read_us);
                Ok((CollectionId::parse(row.collection).column(TABLE)?, (shown, held)))
            })
            .collect()
    }

    /// Up to `limit` documents of a collection in the order of their paths, those after `after` and up to `through`.
    pub async fn documents_after(
        &mut self,
        collection: &CollectionId,
        after: Option<&DocPath>,
        through: Option<&DocPath>,
        limit: u32,
    ) -> Result<Vec<Mirrored>> {
        // Every path of it is before this one: `0` comes right after `/`.
        let end = format!("{collection}0");
        let (collection, after) = (collection.as_str(), after.map_or("", DocPath::as_str));
        let through = through.map_or(end.as_str(), DocPath::as_str);
        let rows = sqlx::query_as!(
            Row,
            "select path, fields, hash, create_us, update_us, read_us from documents
             where collection = ? and path > ? and path <= ? order by path limit ?",
            collection,
            after,
            through,
            limit
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("go on through a collection of the mirror")?;
        rows.into_iter().map(Row::parse).collect()
    }

    /// Up to `limit` documents of a collection in the order of their paths, without the first `skipped`.
    pub async fn documents_skipping(
        &mut self,
        collection: &CollectionId,
        skipped: u64,
        limit: u32,
    ) -> Result<Vec<Mirrored>> {
        let (collection, skipped) = (collection.as_str(), i64::try_from(skipped).unwrap_or(i64::MAX));
        let rows = sqlx::query_as!(
            Row,
            "select path, fields, hash, create_us, update_us, read_us from documents
             where collection = ? order by path limit ? offset ?",
            collection,
            limit,
            skipped
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read a sample of the mirror")?;
        rows.into_iter().map(Row::parse).collect()
    }

    /// Those of these documents that the mirror has, with one statement however many they are.
    pub async fn documents_at(&mut self, paths: &BTreeSet<&DocPath>) -> Result<BTreeMap<DocPath, Document>> {
        documents_at(&mut *self.inner, paths).await
    }
}

impl Store {
    /// Those of these documents that the mirror has, with one statement however many they are.
    pub async fn documents_at(&self, paths: &BTreeSet<&DocPath>) -> Result<BTreeMap<DocPath, Document>> {
        documents_at(&self.readers, paths).await
    }
}

async fn documents_at<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    paths: &BTreeSet<&DocPath>,
) -> Result<BTreeMap<DocPath, Document>> {
    let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    let paths = serde_json::to_string(&paths).expect("BUG: paths are JSON");
    let rows = sqlx::query_as!(
        Row,
        "select path, fields, hash, create_us, update_us, read_us from documents
         where path in (select value from json_each(?))
             and collection not in (select collection from targets where read_us is null)",
        paths
    )
    .fetch_all(executor)
    .await
    .doing("look documents of the mirror up")?;
    rows.into_iter().map(|row| row.parse().map(|held| (held.document.path.clone(), held.document))).collect()
}
