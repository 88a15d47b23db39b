//! Tables `feed` and `feed_cursors`: which documents changed since somebody last looked, in the order of the commits.
//!
//! # Guarantees
//! * Whatever changes a document of a collection that anybody can see stands in the feed in the same transaction: changes
//!   and deletions that the stream told, new generations, repairs, and what is done to the file from outside.
//! * A consumer that advances in the transaction in which it looked at the documents misses nothing and gets nothing
//!   twice; one that advances later may get the same document again.

use sqlx::SqliteConnection;

use crate::domain::ids::{CollectionId, DocPath};
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "feed";

/// Who reads the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// The studio's state.
    Snapshot,
    /// Findings inside of documents.
    Drift,
}

impl Consumer {
    const fn word(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Drift => "drift",
        }
    }
}

/// What moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// One document came, changed or went.
    Document(DocPath),
    /// Whatever is known of a collection is void: it was read for the first time, or is mirrored no more.
    Collection(CollectionId),
}

impl Moved {
    /// The document, if it is one.
    pub const fn document(&self) -> Option<&DocPath> {
        match self {
            Self::Document(path) => Some(path),
            Self::Collection(_) => None,
        }
    }

    /// The collection, if it is one as a whole.
    pub const fn collection(&self) -> Option<&CollectionId> {
        match self {
            Self::Document(_) => None,
            Self::Collection(collection) => Some(collection),
        }
    }
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What moved, the earliest first.
    pub moved: Vec<Moved>,
    /// Where the part ends: what to advance to.
    pub upto: u64,
    /// Is there more after it?
    pub more: bool,
}

async fn feed_since(from: &mut SqliteConnection, consumer: Consumer, limit: u32) -> Result<Option<Feed>> {
    let word = consumer.word();
    let cursor = sqlx::query_scalar!("select sequence from feed_cursors where consumer = ?", word)
        .fetch_optional(&mut *from)
        .await
        .doing("read how far the feed was read")?;
    let Some(cursor) = cursor else { return Ok(None) };
    let one_more = i64::from(limit) + 1;
    let rows = sqlx::query!(
        "select sequence, collection, path from feed where sequence > ? order by sequence limit ?",
        cursor,
        one_more
    )
    .fetch_all(from)
    .await
    .doing("read the feed of changes")?;
    let more = rows.len() > limit as usize;
    let (mut moved, mut upto) = (Vec::with_capacity(rows.len()), cursor);
    for row in rows.into_iter().take(limit as usize) {
        upto = row.sequence;
        moved.push(match row.path {
            Some(path) => Moved::Document(DocPath::parse(path).column(TABLE)?),
            None => Moved::Collection(CollectionId::parse(row.collection).column(TABLE)?),
        });
    }
    Ok(Some(Feed { moved, upto: upto.cast_unsigned(), more }))
}

impl Store {
    /// Up to `limit` changes that a consumer has not seen, the earliest first; `None`: it has never looked, and has to
    /// begin with every document there is.
    pub async fn feed_since(&self, consumer: Consumer, limit: u32) -> Result<Option<Feed>> {
        let mut connection = self.readers.acquire().await.doing("get a connection that reads")?;
        feed_since(&mut connection, consumer, limit).await
    }
}

impl Tx {
    /// The same as [`Store::feed_since`], as this transaction sees it.
    pub async fn feed_since(&mut self, consumer: Consumer, limit: u32) -> Result<Option<Feed>> {
        feed_since(&mut self.inner, consumer, limit).await
    }

    /// Where the feed ends now: what a consumer advances to that begins with every document there is.
    pub async fn feed_end(&mut self) -> Result<u64> {
        let end = sqlx::query_scalar!(
            r#"select coalesce((select seq from sqlite_sequence where name = 'feed'), 0) as "end!: i64""#
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("read where the feed ends")?;
        Ok(end.cast_unsigned())
    }

    /// Records that a consumer has seen everything up to `upto`, and forgets what all of them have seen.
    pub async fn feed_advance(&mut self, consumer: Consumer, upto: u64) -> Result<()> {
        let (word, upto) = (consumer.word(), upto.cast_signed());
        sqlx::query!(
            "insert into feed_cursors (consumer, sequence) values (?, ?)
             on conflict (consumer) do update set sequence = excluded.sequence",
            word,
            upto
        )
        .execute(&mut *self.inner)
        .await
        .doing("record how far the feed was read")?;
        sqlx::query!("delete from feed where sequence <= (select min(sequence) from feed_cursors)")
            .execute(&mut *self.inner)
            .await
            .doing("forget what everybody has seen of the feed")?;
        Ok(())
    }

    /// Lets a consumer begin with every document again.
    pub async fn feed_restart(&mut self, consumer: Consumer) -> Result<()> {
        let word = consumer.word();
        sqlx::query!("delete from feed_cursors where consumer = ?", word)
            .execute(&mut *self.inner)
            .await
            .doing("forget how far the feed was read")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Document;
    use crate::domain::ids::StudioId;
    use crate::domain::sighting::Sighting;
    use crate::domain::time::Timestamp;
    use crate::domain::value::{Fields, Value};
    use crate::store::{Generation, Staged};

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn document(id: &str, revision: i64) -> Document {
        let path = DocPath::parse(format!("batches/{id}")).expect("legal");
        let fields = Fields::from([("n".to_owned(), Value::Integer(revision))]);
        Document { path, fields, create_time: at(1), update_time: at(revision) }
    }

    async fn read_all(store: &Store, read_time: i64, generation: Generation, documents: &[Document]) {
        let batches = CollectionId::parse("batches").expect("legal");
        let rows: Vec<Staged> = documents.iter().cloned().map(Sighting::Readable).map(Staged::of).collect();
        let mut tx = store.begin().await.expect("begins");
        tx.backfill_start(&batches).await.expect("starts");
        tx.backfill_plan(&batches, at(read_time), 1, &[], at(read_time)).await.expect("plans");
        tx.backfill_stage(&batches, (generation, at(read_time)), 0, &rows, true).await.expect("stages");
        tx.backfill_publish(&batches, at(read_time)).await.expect("publishes");
        tx.commit().await.expect("commits");
    }

    async fn take(store: &Store, consumer: Consumer) -> Vec<String> {
        let mut tx = store.begin().await.expect("begins");
        let feed = tx.feed_since(consumer, 100).await.expect("readable").expect("has looked before");
        tx.feed_advance(consumer, feed.upto).await.expect("advances");
        tx.commit().await.expect("commits");
        let word = |moved: &Moved| match moved {
            Moved::Document(path) => path.id().to_owned(),
            Moved::Collection(collection) => format!("all {collection}"),
        };
        feed.moved.iter().map(word).collect()
    }

    #[tokio::test]
    async fn a_consumer_gets_exactly_what_changed_since_it_looked_whatever_the_read_times() {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, at(1)).await.expect("opens");
        let batches = CollectionId::parse("batches").expect("legal");
        store.targets_declare(std::slice::from_ref(&batches)).await.expect("declares");
        assert_eq!(store.feed_since(Consumer::Snapshot, 9).await.expect("readable"), None, "it has never looked");
        for consumer in [Consumer::Snapshot, Consumer::Drift] {
            let mut tx = store.begin().await.expect("begins");
            let end = tx.feed_end().await.expect("readable");
            tx.feed_advance(consumer, end).await.expect("advances");
            tx.commit().await.expect("commits");
        }
        read_all(&store, 50, Generation::First, &[document("a", 5), document("b", 5), document("c", 5)]).await;
        assert_eq!(take(&store, Consumer::Snapshot).await, ["all batches"], "one row for a first backfill");

        let mut tx = store.begin().await.expect("begins");
        tx.document_put(&document("b", 9), at(60)).await.expect("puts");
        tx.document_put(&document("a", 5), at(60)).await.expect("puts the same again");
        tx.commit().await.expect("commits");
        let mut tx = store.begin().await.expect("begins");
        tx.document_delete(&document("c", 5).path, at(40)).await.expect("deletes at an earlier read time");
        tx.document_put(&document("b", 10), at(41)).await.expect("puts");
        tx.commit().await.expect("commits");
        assert_eq!(take(&store, Consumer::Snapshot).await, ["c", "b"], "each once, at its newest change");
        assert!(take(&store, Consumer::Snapshot).await.is_empty());

        read_all(&store, 70, Generation::Next, &[document("b", 10), document("d", 11)]).await;
        assert_eq!(take(&store, Consumer::Snapshot).await, ["a", "d"], "only what a new generation changes");
        assert_eq!(take(&store, Consumer::Drift).await, ["all batches", "c", "b", "a", "d"]);
        store.targets_declare(&[]).await.expect("declares");
        assert_eq!(take(&store, Consumer::Snapshot).await, ["all batches"]);
    }
}
