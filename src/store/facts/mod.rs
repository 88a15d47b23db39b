//! What the studio's state knows of each document, kept up with the change feed.
//!
//! # Guarantees
//! * Whatever is applied is applied together with the cursor of the feed: after any crash the sums are of the facts, and
//!   the facts are of the documents as of the cursor.
//! * Counting again from nothing comes to the same sums as applying every change.
//! * A step touches as many rows as documents moved, and never more than `STEP` of them.

/// Counting a collection from nothing.
mod counting;

/// Applying what moved.
mod applying;

/// Reading what it all comes to.
mod reading;

/// What changed between two snapshots.
mod changes;

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::domain::digest::{Digest, Tally};
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::snapshot::{Fact, Profile};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::store::feed::{Consumer, Moved};
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

pub use changes::Documented;
pub use reading::Behind;

const TABLE: &str = "facts";

/// How many documents one transaction takes in at most: those who want to write wait for it.
pub const STEP: u32 = 4_000;

/// A fact as it is stored.
#[derive(Clone, Debug)]
struct Stored {
    path: String,
    source: i64,
    profile: i64,
    hash: Hash,
    since_us: Option<i64>,
    due_us: Option<i64>,
    cents: Option<i64>,
}

impl Stored {
    fn tally(&self) -> Tally {
        Tally::one(Digest::of_content(&self.path, self.hash))
    }
}

/// By how much sums grow or shrink.
#[derive(Debug, Default)]
struct Deltas {
    profiles: BTreeMap<i64, (i64, i64)>,
    sources: BTreeMap<i64, Tally>,
}

impl Deltas {
    fn add(&mut self, fact: &Stored) {
        self.add_to_profile(fact);
        let tally = self.sources.entry(fact.source).or_default();
        *tally = tally.plus(fact.tally());
    }

    fn add_to_profile(&mut self, fact: &Stored) {
        let (documents, cents) = self.profiles.entry(fact.profile).or_default();
        *documents += 1;
        *cents = cents.wrapping_add(fact.cents.unwrap_or_default());
    }

    fn take(&mut self, fact: &Stored) {
        let (documents, cents) = self.profiles.entry(fact.profile).or_default();
        *documents -= 1;
        *cents = cents.wrapping_sub(fact.cents.unwrap_or_default());
        let tally = self.sources.entry(fact.source).or_default();
        *tally = tally.minus(fact.tally());
    }
}

/// The ids of profiles that this step has met.
#[derive(Debug, Default)]
struct ProfileIds(HashMap<Profile, i64>);

impl Store {
    /// Do the facts know of everything that moved, counted with this vocabulary?
    pub async fn facts_are_current(&self, vocabulary: &Vocabulary) -> Result<bool> {
        let fingerprint = vocabulary.fingerprint();
        let fingerprint = &fingerprint.bytes()[..];
        sqlx::query_scalar!(
            r#"select exists (select 1 from fact_basis where vocabulary = ?)
                   and not exists (select 1 from fact_sources where after is not null)
                   and exists (select 1 from feed_cursors where consumer = 'snapshot')
                   and not exists (
                       select 1 from feed where sequence > (select sequence from feed_cursors where consumer = 'snapshot')
                   ) as "current!: bool""#,
            fingerprint
        )
        .fetch_one(&self.readers)
        .await
        .doing("look whether the studio's state is current")
    }
}

impl Tx {
    /// Takes in some of what moved; says whether anything may be left. While a collection is counted from nothing, that
    /// is to be done first: [`Store::facts_count`].
    pub async fn facts_advance(&mut self, vocabulary: &Vocabulary, now: Timestamp) -> Result<bool> {
        if !self.facts_have_basis(vocabulary).await? {
            self.facts_restart(vocabulary, now).await?;
            return Ok(true);
        }
        if self.facts_are_counted_from_nothing().await? {
            return Ok(true);
        }
        let Some(feed) = self.feed_since(Consumer::Snapshot, STEP).await? else {
            self.facts_restart(vocabulary, now).await?;
            return Ok(true);
        };
        if feed.moved.is_empty() {
            return Ok(false);
        }
        let void: Vec<&CollectionId> = feed.moved.iter().filter_map(Moved::collection).collect();
        for collection in &void {
            self.source_begin(collection, now).await?;
        }
        // A collection that is counted from nothing is counted as it is then: what moved in it before is in that.
        let moved: Vec<_> = feed.moved.iter().filter_map(Moved::document).collect();
        let moved: Vec<_> = moved.into_iter().filter(|path| !void.contains(&&path.collection())).collect();
        self.facts_apply(vocabulary, &moved, now).await?;
        self.feed_advance(Consumer::Snapshot, feed.upto).await?;
        Ok(feed.more || !void.is_empty())
    }

    async fn facts_are_counted_from_nothing(&mut self) -> Result<bool> {
        sqlx::query_scalar!(r#"select exists (select 1 from fact_sources where after is not null) as "is!: bool""#)
            .fetch_one(&mut *self.inner)
            .await
            .doing("look for a collection that is being counted")
    }

    async fn facts_have_basis(&mut self, vocabulary: &Vocabulary) -> Result<bool> {
        let basis = sqlx::query_scalar!("select vocabulary from fact_basis")
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read what the studio's state was counted with")?;
        let basis = basis.map(|basis| hash_column(&basis, "fact_basis")).transpose()?;
        Ok(basis == Some(vocabulary.fingerprint()))
    }

    /// Forgets everything that was counted: it is counted again from nothing, with this vocabulary.
    pub async fn facts_restart(&mut self, vocabulary: &Vocabulary, now: Timestamp) -> Result<()> {
        for table in ["facts", "fact_changes", "fact_profiles", "fact_sources", "fact_basis"] {
            let text = sqlx::AssertSqlSafe(format!("delete from {table}"));
            sqlx::query(text).execute(&mut *self.inner).await.doing("forget what was counted")?;
        }
        let (fingerprint, now_us) = (vocabulary.fingerprint(), now.micros());
        let fingerprint = &fingerprint.bytes()[..];
        sqlx::query!("insert into fact_basis (id, vocabulary, changes_since_us) values (1, ?, ?)", fingerprint, now_us)
            .execute(&mut *self.inner)
            .await
            .doing("record what the studio's state is counted with")?;
        let collections = sqlx::query_scalar!("select collection from targets where read_us is not null")
            .fetch_all(&mut *self.inner)
            .await
            .doing("read what can be counted")?;
        for collection in collections {
            let collection = CollectionId::parse(collection).column("targets")?;
            self.source_begin(&collection, now).await?;
        }
        let end = self.feed_end().await?;
        self.feed_advance(Consumer::Snapshot, end).await
    }

    /// The id of a profile, which is made if there was none.
    async fn profile_id(&mut self, known: &mut ProfileIds, profile: &Profile) -> Result<i64> {
        if let Some(id) = known.0.get(profile) {
            return Ok(*id);
        }
        let (collection, text) = (profile.collection.as_str(), json!(profile).to_string());
        sqlx::query!(
            "insert into fact_profiles (collection, profile, documents, cents) values (?, ?, 0, 0) on conflict do nothing",
            collection,
            text
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember a kind of documents")?;
        let id = sqlx::query_scalar!(r#"select id as "id!: i64" from fact_profiles where profile = ?"#, text)
            .fetch_one(&mut *self.inner)
            .await
            .doing("read a kind of documents")?;
        known.0.insert(profile.clone(), id);
        Ok(id)
    }

    /// Turns what is known of a document into what is stored of it.
    async fn stored(&mut self, known: &mut ProfileIds, (path, source): (String, i64), fact: Fact) -> Result<Stored> {
        let profile = self.profile_id(known, &fact.profile).await?;
        let (since_us, due_us) = (fact.since.map(Timestamp::micros), fact.due.map(Timestamp::micros));
        Ok(Stored { path, source, profile, hash: fact.hash, since_us, due_us, cents: fact.cents })
    }

    /// Adds to the sums.
    async fn deltas_write(&mut self, deltas: &Deltas) -> Result<()> {
        let profiles: Vec<(i64, i64, i64)> =
            deltas.profiles.iter().map(|(id, (documents, cents))| (*id, *documents, *cents)).collect();
        let profiles = json!(profiles).to_string();
        sqlx::query!(
            "update fact_profiles
             set documents = fact_profiles.documents + delta.documents, cents = fact_profiles.cents + delta.cents
             from (
                 select value ->> 0 as id, value ->> 1 as documents, value ->> 2 as cents from json_each(?)
             ) as delta
             where fact_profiles.id = delta.id",
            profiles
        )
        .execute(&mut *self.inner)
        .await
        .doing("count documents")?;
        for (id, delta) in &deltas.sources {
            let tally = self.source_tally(*id).await?.plus(*delta);
            let digest = tally.digest.bytes();
            let digest = &digest[..];
            sqlx::query!("update fact_sources set documents = ?, digest = ? where id = ?", tally.documents, digest, id)
                .execute(&mut *self.inner)
                .await
                .doing("count a collection")?;
        }
        Ok(())
    }

    async fn source_tally(&mut self, id: i64) -> Result<Tally> {
        let row = sqlx::query!("select documents, digest from fact_sources where id = ?", id)
            .fetch_one(&mut *self.inner)
            .await
            .doing("read what a collection comes to")?;
        tally(row.documents, &row.digest)
    }
}

fn tally(documents: i64, digest: &[u8]) -> Result<Tally> {
    let digest: &[u8; 32] = digest.try_into().map_err(|_| "a digest is not 32 bytes").column("fact_sources")?;
    Ok(Tally { documents, digest: Digest::from_bytes(digest) })
}
