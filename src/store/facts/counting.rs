//! Counting a collection from nothing, page by page.

use std::sync::LazyLock;

use futures_util::TryStreamExt as _;

use crate::domain::canonical;
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::snapshot::Fact;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::store::bulk::{SIZES, pieces, values};
use crate::store::facts::{Deltas, ProfileIds, STEP, Stored};
use crate::store::{Column as _, Doing as _, Result, Tx, hash_column};

/// A collection that is being counted, and up to where it is.
#[derive(Debug)]
pub(super) struct UnderWay {
    id: i64,
    collection: CollectionId,
    after: String,
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

    pub(super) async fn source_under_way(&mut self) -> Result<Option<UnderWay>> {
        let row = sqlx::query!(
            r#"select id as "id!: i64", collection, after as "after!" from fact_sources
               where after is not null order by id limit 1"#
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look for a collection that is being counted")?;
        row.map(|row| {
            let collection = CollectionId::parse(row.collection).column("fact_sources")?;
            Ok(UnderWay { id: row.id, collection, after: row.after })
        })
        .transpose()
    }

    /// Counts the next documents of a collection.
    pub(super) async fn facts_count_page(&mut self, vocabulary: &Vocabulary, source: &UnderWay) -> Result<()> {
        let (name, after, limit) = (source.collection.as_str(), source.after.as_str(), i64::from(STEP));
        let mut read = Vec::new();
        let mut rows = sqlx::query!(
            "select path, fields, hash from documents where collection = ? and path > ? order by path limit ?",
            name,
            after,
            limit
        )
        .fetch(&mut *self.inner);
        while let Some(row) = rows.try_next().await.doing("read documents to count them")? {
            let hash = hash_column(&row.hash, "documents")?;
            read.push((row.path, fact(vocabulary, &source.collection, &row.fields, hash)?));
        }
        drop(rows);
        let is_last = read.len() < STEP as usize;
        let upto = if is_last { None } else { read.last().map(|(path, _)| path.clone()) };
        let (mut known, mut deltas, mut facts) = (ProfileIds::default(), Deltas::default(), Vec::new());
        for (path, fact) in read {
            let stored = self.stored(&mut known, (path, source.id), fact).await?;
            deltas.add(&stored);
            facts.push(stored);
        }
        self.facts_write(&facts).await?;
        self.deltas_write(&deltas).await?;
        sqlx::query!("update fact_sources set after = ? where id = ?", upto, source.id)
            .execute(&mut *self.inner)
            .await
            .doing("record how far a collection is counted")?;
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
