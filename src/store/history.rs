//! `history`: every version of a document that the mirror observed. The newest one stands in `documents`.
//!
//! Triggers in the migration keep what is replaced or deleted; here a deletion is remembered, and what is kept is read.

use crate::domain::canonical;
use crate::domain::document::Document;
use crate::domain::history::{Seen, Then, Version};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::sighting::Unreadable;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "history";

/// A version, from either table. Queries name every column's type: SQLite does not know them through a union.
struct Row {
    update_us: Option<i64>,
    create_us: Option<i64>,
    read_us: i64,
    confirmed_us: Option<i64>,
    fields: Option<String>,
    why: Option<String>,
    shown_us: Option<i64>,
}

impl Row {
    fn parse(self, path: &DocPath) -> Result<Version> {
        let at = |micros: Option<i64>| {
            micros.map(Timestamp::from_micros).ok_or("a version lacks one of its times").column(TABLE)
        };
        let seen = match (self.fields, self.why) {
            (Some(fields), _) => Seen::Document(Document {
                path: path.clone(),
                fields: canonical::decode(&fields).column(TABLE)?,
                create_time: at(self.create_us)?,
                update_time: at(self.update_us)?,
            }),
            (None, Some(why)) => {
                Seen::Unreadable(Unreadable { path: path.clone(), update_time: at(self.update_us)?, why })
            }
            (None, None) => Seen::Deleted,
        };
        let confirmed = self.confirmed_us.or(self.shown_us).unwrap_or(self.read_us).max(self.read_us);
        Ok(Version {
            seen,
            observed: Timestamp::from_micros(self.read_us),
            confirmed: Timestamp::from_micros(confirmed),
            newest: self.confirmed_us.is_none(),
        })
    }
}

impl Store {
    /// Up to `limit` versions of a document, newest first, those observed before `before`.
    pub async fn versions(&self, path: &DocPath, before: Option<Timestamp>, limit: u32) -> Result<Vec<Version>> {
        let (name, before) = (path.as_str(), before.map_or(i64::MAX, Timestamp::micros));
        sqlx::query_as!(
            Row,
            r#"select update_us as "update_us: i64", create_us as "create_us: i64", read_us as "read_us!: i64",
                   confirmed_us as "confirmed_us: i64", fields as "fields: String", why as "why: String",
                   (select targets.read_us from targets where targets.collection = versions.collection)
                       as "shown_us: i64"
               from (
                   select collection, update_us, create_us, read_us, null as confirmed_us, fields, null as why
                   from documents where path = ?1
                   union all
                   select collection, update_us, create_us, read_us, confirmed_us, fields, why
                   from history where path = ?1
               ) as versions
               where read_us < ?2 order by read_us desc limit ?3"#,
            name,
            before,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the versions of a document")?
        .into_iter()
        .map(|row| row.parse(path))
        .collect()
    }

    /// What the mirror can say about a document at `moment`.
    pub async fn version_at(&self, path: &DocPath, moment: Timestamp) -> Result<Then> {
        let (name, micros) = (path.as_str(), moment.micros());
        let around = sqlx::query_as!(
            Row,
            r#"with versions as (
                   select collection, update_us, create_us, read_us, null as confirmed_us, fields, null as why
                   from documents where path = ?1
                   union all
                   select collection, update_us, create_us, read_us, confirmed_us, fields, why
                   from history where path = ?1
               ),
               last as (select max(read_us) as read_us from versions where coalesce(update_us, read_us) <= ?2),
               next as (
                   select min(read_us) as read_us from versions
                   where read_us > coalesce((select read_us from last), -9223372036854775808)
               )
               select update_us as "update_us: i64", create_us as "create_us: i64", read_us as "read_us!: i64",
                   confirmed_us as "confirmed_us: i64", fields as "fields: String", why as "why: String",
                   (select targets.read_us from targets where targets.collection = versions.collection)
                       as "shown_us: i64"
               from versions
               where read_us = (select read_us from last) or read_us = (select read_us from next)
               order by read_us"#,
            name,
            micros
        )
        .fetch_all(&self.readers)
        .await
        .doing("read a document at a moment")?;
        let (mut last, mut next) = (None, None);
        for row in around {
            let version = row.parse(path)?;
            if version.began() <= moment { last = Some(version) } else { next = Some(version) }
        }
        Ok(Then::at(moment, last, next))
    }
}

impl Tx {
    /// Remembers that a document exists no more at `read_time`, if the mirror had it.
    pub(super) async fn history_deleted(&mut self, path: &DocPath, read_time: Timestamp) -> Result<()> {
        let (path, read) = (path.as_str(), read_time.micros());
        sqlx::query!(
            "insert into history (path, collection, read_us)
             select path, collection, ?2 from documents where path = ?1
             union select path, collection, ?2 from documents_unreadable where path = ?1",
            path,
            read
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember a deletion")?;
        Ok(())
    }

    /// Remembers that documents exist no more at `read_time`: those that the generation under way lacks.
    pub(super) async fn history_absent_from_staged(
        &mut self,
        collection: &CollectionId,
        read_time: Timestamp,
    ) -> Result<()> {
        let (collection, read) = (collection.as_str(), read_time.micros());
        sqlx::query!(
            "insert into history (path, collection, read_us)
             select path, collection, ?2 from (
                 select path, collection from documents where collection = ?1
                 union select path, collection from documents_unreadable where collection = ?1
             ) as gone
             where not exists (select 1 from documents_staged where documents_staged.path = gone.path)",
            collection,
            read
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember what a new generation lacks")?;
        Ok(())
    }

    /// Forgets the versions of a collection that is no longer mirrored.
    pub(super) async fn history_forget(&mut self, collection: &CollectionId) -> Result<()> {
        let collection = collection.as_str();
        sqlx::query!("delete from history where collection = ?", collection)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's history")?;
        Ok(())
    }

    /// Forgets up to `limit` versions that stood no longer than until `before`; how many.
    ///
    /// What still stands stays: a document that can't be kept for ever, a deletion until it is older than `before`.
    pub async fn history_prune(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let before = before.micros();
        let done = sqlx::query!(
            "delete from history where id in (
                 select id from history where confirmed_us < ?1
                 union all
                 select id from history where confirmed_us is null and why is null and read_us < ?1
                 limit ?2
             )",
            before,
            limit
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old versions")?;
        Ok(done.rows_affected())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::StudioId;
    use crate::domain::sighting::Sighting;
    use crate::domain::value::{Fields, Value};
    use crate::store::{Generation, Staged};

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn path() -> DocPath {
        DocPath::parse("batches/b-1").expect("legal")
    }

    fn good(revision: i64) -> Document {
        let fields = Fields::from([("n".to_owned(), Value::Integer(revision))]);
        Document { path: path(), fields, create_time: at(1), update_time: at(revision) }
    }

    fn odd(revision: i64) -> Unreadable {
        Unreadable { path: path(), update_time: at(revision), why: "`n` is odd".to_owned() }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, at(1)).await.expect("opens");
        (directory, store)
    }

    /// What was seen, newest first: its revision, or none for a deletion.
    async fn seen(store: &Store) -> Vec<(&'static str, Option<i64>)> {
        let word = |version: &Version| match &version.seen {
            Seen::Document(document) => ("document", Some(document.update_time.micros())),
            Seen::Unreadable(unreadable) => ("unreadable", Some(unreadable.update_time.micros())),
            Seen::Deleted => ("deleted", None),
        };
        store.versions(&path(), None, 50).await.expect("readable").iter().map(word).collect()
    }

    #[tokio::test]
    async fn a_document_that_can_not_be_kept_is_a_version_and_no_deletion() {
        let (_directory, store) = store().await;
        let mut tx = store.begin().await.expect("begins");
        tx.document_put(&good(5), at(10)).await.expect("put");
        tx.document_unreadable(&odd(6), at(20)).await.expect("recorded");
        tx.document_unreadable(&odd(6), at(25)).await.expect("recorded again");
        tx.document_put(&good(7), at(30)).await.expect("put");
        tx.document_unreadable(&odd(8), at(40)).await.expect("recorded");
        tx.document_delete(&path(), at(50)).await.expect("deleted");
        tx.document_delete(&path(), at(60)).await.expect("deleted again");
        tx.commit().await.expect("commits");
        let expect = [
            ("deleted", None),
            ("unreadable", Some(8)),
            ("document", Some(7)),
            ("unreadable", Some(6)),
            ("document", Some(5)),
        ];
        assert_eq!(seen(&store).await, expect);
        let newest = store.versions(&path(), None, 1).await.expect("readable").pop().expect("one");
        assert!(newest.newest && newest.observed == at(50), "{newest:?}");
    }

    #[tokio::test]
    async fn a_generation_that_finds_the_same_again_adds_nothing_and_one_that_lacks_it_is_a_deletion() {
        let (_directory, store) = store().await;
        let batches = path().collection();
        store.targets_declare(std::slice::from_ref(&batches)).await.expect("declares");
        let read = async |read_time: i64, page: &[Sighting]| {
            let mut tx = store.begin().await.expect("begins");
            let rows: Vec<Staged> = page.iter().cloned().map(Staged::of).collect();
            let generation = if read_time == 10 { Generation::First } else { Generation::Next };
            tx.backfill_start(&batches).await.expect("starts");
            tx.backfill_plan(&batches, at(read_time), 1, &[], at(read_time)).await.expect("plans");
            tx.backfill_stage(&batches, (generation, at(read_time)), 0, &rows, true).await.expect("stages");
            tx.backfill_publish(&batches, at(read_time)).await.expect("publishes");
            tx.commit().await.expect("commits");
        };
        read(10, &[Sighting::Unreadable(odd(5))]).await;
        read(20, &[Sighting::Unreadable(odd(5))]).await;
        assert_eq!(seen(&store).await, [("unreadable", Some(5))]);
        read(30, &[Sighting::Readable(good(6))]).await;
        read(40, &[Sighting::Readable(good(6))]).await;
        assert_eq!(seen(&store).await, [("document", Some(6)), ("unreadable", Some(5))]);
        read(50, &[]).await;
        read(60, &[]).await;
        assert_eq!(seen(&store).await, [("deleted", None), ("document", Some(6)), ("unreadable", Some(5))]);
        let kept = store.versions(&path(), None, 50).await.expect("readable");
        let confirmed: Vec<i64> = kept.iter().map(|version| version.confirmed.micros()).collect();
        assert_eq!(confirmed, [60, 40, 20], "each stood until the last read time that still had it");
    }

    #[tokio::test]
    async fn what_still_stands_is_not_old() {
        let (_directory, store) = store().await;
        let mut tx = store.begin().await.expect("begins");
        tx.document_unreadable(&odd(6), at(20)).await.expect("recorded");
        assert_eq!(tx.history_prune(at(1_000), 10).await.expect("prunes"), 0);
        tx.document_delete(&path(), at(30)).await.expect("deleted");
        assert_eq!(tx.history_prune(at(30), 10).await.expect("prunes"), 1, "the version before, not the deletion yet");
        assert_eq!(tx.history_prune(at(31), 10).await.expect("prunes"), 1);
        tx.commit().await.expect("commits");
        assert!(seen(&store).await.is_empty());
    }
}
