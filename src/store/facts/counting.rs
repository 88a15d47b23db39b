//! Counting a collection from nothing, page by page: while one is written, another is understood, and the next is read.
//!
//! # Guarantees
//! * A page is read outside of the transaction that writes it. Whatever changed in between stands in the feed behind its
//!   cursor, and is applied after the last page.
//! * A page is written only if its collection is counted up to where the page begins.

use std::panic;
use std::sync::LazyLock;

use sqlx::SqliteConnection;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::canonical;
use crate::domain::digest::{Digest, Tally};
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::snapshot::Fact;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::store::bulk::{SIZES, apart, pieces, values};
use crate::store::facts::{Deltas, ProfileIds, Stored};
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

/// How many documents are read at once at most: few enough to stay in the processor's cache.
const PAGE: i64 = 500;

/// How many bytes the fields of a page have at most, if it has more than one document.
const PAGE_BYTES: i64 = 4 << 20;

/// How many pages are read before they are asked for.
const AHEAD: usize = 2;

/// From how many documents on they are written together: those who want to write wait for it.
const TURN: usize = 2_000;

/// How many bytes a hash has.
const HASH: usize = 32;

/// A collection that is being counted, and up to where it is.
#[derive(Debug)]
struct UnderWay {
    id: i64,
    collection: CollectionId,
    after: String,
}

/// Some documents of a collection, end to end, as they are read.
#[derive(Debug)]
struct Raw {
    paths: Vec<u8>,
    path_lengths: String,
    fields: Vec<u8>,
    field_lengths: String,
    hashes: Vec<u8>,
}

/// What is known of some documents.
#[derive(Debug, Default)]
struct Understood {
    facts: Vec<(String, Fact)>,
    tally: Tally,
}

/// Some documents that are being understood.
#[derive(Debug)]
struct Page {
    /// The path of the last of them; none at the end of the collection.
    upto: Option<String>,
    understood: JoinHandle<Result<Understood>>,
}

static INTO_FACTS: LazyLock<[String; 3]> = LazyLock::new(|| {
    SIZES.map(|rows| {
        let values = values(7, rows);
        format!("insert or replace into facts (path, source, profile, hash, since_us, due_us, cents) values {values}")
    })
});

/// What is known of a document of this collection. Only the fields that it is counted by are read.
pub(super) fn fact(vocabulary: &Vocabulary, collection: &CollectionId, fields: &str, hash: Hash) -> Result<Fact> {
    let fields = match vocabulary.of(collection) {
        Some(known) => canonical::decode_some(fields, known.counted()).column("documents")?,
        None => Default::default(),
    };
    Ok(Fact::of(vocabulary, collection, &fields, hash))
}

/// What is known of these documents.
fn understand(vocabulary: &Vocabulary, collection: &CollectionId, raw: &Raw) -> Result<Understood> {
    let mut understood = Understood::default();
    let paths = apart(&raw.paths, &raw.path_lengths);
    let documents = paths.zip(apart(&raw.fields, &raw.field_lengths)).zip(raw.hashes.chunks(HASH));
    for ((path, fields), hash) in documents {
        let path = str::from_utf8(path).column("documents")?;
        let fields = str::from_utf8(fields).column("documents")?;
        let fact = fact(vocabulary, collection, fields, hash_column(hash, "documents")?)?;
        understood.tally = understood.tally.plus(Tally::one(Digest::of_content(path, fact.hash)));
        understood.facts.push((path.to_owned(), fact));
    }
    Ok(understood)
}

/// The path of the last document of the page that begins after this one; none if it goes to the end.
async fn page_end(connection: &mut SqliteConnection, collection: &CollectionId, after: &str) -> Result<Option<String>> {
    let (name, mut limit) = (collection.as_str(), PAGE);
    loop {
        let page = sqlx::query!(
            r#"select count(*) as "documents!: i64", max(path) as "last: String", coalesce(sum(bytes), 0) as "bytes!: i64"
               from (select path, octet_length(fields) as bytes from documents
                   where collection = ? and path > ? order by path limit ?)"#,
            name,
            after,
            limit
        )
        .fetch_one(&mut *connection)
        .await
        .doing("find the next documents to count")?;
        if page.bytes > PAGE_BYTES && limit > 1 {
            limit = (limit * PAGE_BYTES / page.bytes / 2).max(1);
            continue;
        }
        return Ok(page.last.filter(|_| page.documents == limit));
    }
}

async fn page_read(
    connection: &mut SqliteConnection,
    collection: &CollectionId,
    after: &str,
    upto: Option<&str>,
) -> Result<Raw> {
    let (name, end) = (collection.as_str(), format!("{collection}0"));
    let upto = upto.unwrap_or(&end); // Every path of it is before this one: `0` comes right after `/`.
    sqlx::query_as!(
        Raw,
        r#"select coalesce(group_concat(path, ''), '') as "paths!: Vec<u8>",
               coalesce(group_concat(octet_length(path), ','), '') as "path_lengths!: String",
               coalesce(group_concat(fields, ''), '') as "fields!: Vec<u8>",
               coalesce(group_concat(octet_length(fields), ','), '') as "field_lengths!: String",
               coalesce(group_concat(hash, ''), '') as "hashes!: Vec<u8>"
           from documents where collection = ? and path > ? and path <= ?"#,
        name,
        after,
        upto
    )
    .fetch_one(connection)
    .await
    .doing("read documents to count them")
}

impl Store {
    /// Counts what is to be counted from nothing, to its end.
    ///
    /// # Errors
    /// If the database can't be read or written; it goes on from there when it is called again.
    pub async fn facts_count(&self, vocabulary: &'static Vocabulary) -> Result<()> {
        while let Some(source) = self.source_under_way().await? {
            let (pages, ahead) = mpsc::channel(AHEAD);
            tokio::try_join!(self.pages_read(vocabulary, &source, pages), self.pages_write(&source, ahead))?;
        }
        Ok(())
    }

    async fn source_under_way(&self) -> Result<Option<UnderWay>> {
        let row = sqlx::query!(
            r#"select id as "id!: i64", collection, after as "after!" from fact_sources
               where after is not null order by id limit 1"#
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a collection that is being counted")?;
        row.map(|row| {
            let collection = CollectionId::parse(row.collection).column("fact_sources")?;
            Ok(UnderWay { id: row.id, collection, after: row.after })
        })
        .transpose()
    }

    /// Reads a collection from where it is counted up to, and lets each page be understood beside whatever else is done.
    async fn pages_read(
        &self,
        vocabulary: &'static Vocabulary,
        source: &UnderWay,
        pages: mpsc::Sender<Page>,
    ) -> Result<()> {
        // One connection, which still has the page at hand when it has found where it ends.
        let mut connection = self.readers.acquire().await.doing("get a connection that reads")?;
        let mut after = Some(source.after.clone());
        while let Some(begin) = after {
            let upto = page_end(&mut connection, &source.collection, &begin).await?;
            let raw = page_read(&mut connection, &source.collection, &begin, upto.as_deref()).await?;
            let collection = source.collection.clone();
            let understood = tokio::task::spawn_blocking(move || understand(vocabulary, &collection, &raw));
            if pages.send(Page { upto: upto.clone(), understood }).await.is_err() {
                break; // Somebody has begun to count it again.
            }
            after = upto;
        }
        Ok(())
    }

    /// Counts what was read, some pages in each transaction.
    async fn pages_write(&self, source: &UnderWay, mut pages: mpsc::Receiver<Page>) -> Result<()> {
        let (mut known, mut after) = (ProfileIds::default(), source.after.clone());
        let mut gathered = Understood::default();
        while let Some(Page { upto, understood }) = pages.recv().await {
            let mut page = understood.await.unwrap_or_else(|failed| panic::resume_unwind(failed.into_panic()))?;
            gathered.tally = gathered.tally.plus(page.tally);
            gathered.facts.append(&mut page.facts);
            if upto.is_some() && gathered.facts.len() < TURN {
                continue;
            }
            let turn = (after.as_str(), upto.as_deref());
            if !self.facts_take_in(&mut known, source.id, turn, std::mem::take(&mut gathered)).await? {
                break;
            }
            after = upto.unwrap_or_default();
        }
        Ok(())
    }

    /// Counts these documents if their collection is counted up to where they begin; says whether it was.
    async fn facts_take_in(
        &self,
        known: &mut ProfileIds,
        source: i64,
        (after, upto): (&str, Option<&str>),
        understood: Understood,
    ) -> Result<bool> {
        let mut tx = self.begin_rebuildable().await?;
        let turn = sqlx::query!("update fact_sources set after = ? where id = ? and after = ?", upto, source, after)
            .execute(&mut *tx.inner)
            .await
            .doing("record how far a collection is counted")?;
        if turn.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let (mut deltas, mut facts) = (Deltas::default(), Vec::with_capacity(understood.facts.len()));
        for (path, fact) in understood.facts {
            let stored = tx.stored(known, (path, source), fact).await?;
            deltas.add_to_profile(&stored);
            facts.push(stored);
        }
        deltas.sources.insert(source, understood.tally);
        tx.facts_write(&facts).await?;
        tx.deltas_write(&deltas).await?;
        tx.commit().await?;
        Ok(true)
    }
}

impl Tx {
    /// Forgets what was counted of a collection, and begins to count it again if it is there.
    pub(super) async fn source_begin(&mut self, collection: &CollectionId, now: Timestamp) -> Result<()> {
        let (name, now) = (collection.as_str(), now.micros());
        sqlx::query!("delete from facts where profile in (select id from fact_profiles where collection = ?)", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget what was counted of a collection")?;
        sqlx::query!("update fact_profiles set documents = 0, cents = 0 where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget the sums of a collection")?;
        sqlx::query!("delete from fact_sources where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget that a collection was counted")?;
        sqlx::query!(
            "insert into fact_sources (collection, begun_us, after, documents, digest)
             select collection, ?2, '', 0, zeroblob(32) from targets where collection = ?1 and read_us is not null",
            name,
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("begin to count a collection")?;
        Ok(())
    }

    /// Writes facts, over those that were there.
    pub(super) async fn facts_write(&mut self, facts: &[Stored]) -> Result<()> {
        for (kind, piece) in pieces(facts) {
            let text: &'static str = &INTO_FACTS[kind];
            let mut query = sqlx::query(text);
            for fact in piece {
                query = query.bind(fact.path.as_str()).bind(fact.source).bind(fact.profile);
                query = query.bind(&fact.hash.bytes()[..]).bind(fact.since_us).bind(fact.due_us).bind(fact.cents);
            }
            query.execute(&mut *self.inner).await.doing("remember what documents count as")?;
        }
        Ok(())
    }
}
