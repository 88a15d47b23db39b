//! Our documents against the leaves, and closely within a range: all of it as of one moment.

use futures_util::TryStreamExt as _;
use sqlx::SqliteConnection;

use crate::domain::digest::{Digest, Stamp, Tally};
use crate::domain::ids::{CollectionId, DocPath, Hash};
use crate::domain::time::Timestamp;
use crate::store::digests::{Fields, Keys, Placed, Row, TABLE, digest_column, rows_between};
use crate::store::{Column as _, Doing as _, Result, Store};

/// A range of names with what was kept of it and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The name that it starts at; none: from the first name there is.
    pub first: Option<DocPath>,
    /// What was kept.
    pub kept: Tally,
    /// What the rows come to, each content hashed again.
    pub found: Tally,
    key: Vec<u8>,
}

impl Leaf {
    /// Are its documents as they were kept?
    pub fn is_as_kept(&self) -> bool {
        self.kept == self.found
    }
}

/// A whole collection as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The server read time as of which it is shown.
    pub read_time: Timestamp,
    /// What all rows come to, each content hashed again.
    pub found: Tally,
    /// Its leaves, in the order of names; none while no digests are kept.
    pub leaves: Vec<Leaf>,
}

/// A document of ours, closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Where it is.
    pub path: DocPath,
    /// What its row says that it is.
    pub stamp: Stamp,
    /// The hash of what it holds, made again; none for a document that can't be kept.
    pub content: Option<Hash>,
}

impl HeldRow {
    /// Does the row hold what it says that it holds?
    pub fn is_sound(&self) -> bool {
        match self.stamp {
            Stamp::Readable { hash, .. } => self.content == Some(hash),
            Stamp::Unreadable { .. } => true,
        }
    }
}

/// A part of a collection as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The server read time as of which it is shown.
    pub read_time: Timestamp,
    /// Which generation of the collection it is of.
    pub generation: u64,
    /// Its documents, in the order of names.
    pub rows: Vec<HeldRow>,
}

impl Store {
    /// Looks at every document of a collection as of one moment; `None` when it was never read.
    ///
    /// Memory does not grow with the documents, only with the leaves.
    pub async fn look(&self, collection: &CollectionId) -> Result<Option<Look>> {
        let mut tx = self.readers.begin().await.doing("start to look at a collection")?;
        let Some((read_time, _)) = shown(&mut tx, collection).await? else { return Ok(None) };
        let mut look = Look { read_time, found: Tally::default(), leaves: leaves(&mut tx, collection).await? };
        let name = collection.as_str();
        let mut rows = sqlx::query_as!(
            Row,
            r#"select path as "path!", create_us as "create_us: i64", update_us as "update_us!: i64",
                   hash as "hash: Vec<u8>", fields as "fields: String"
               from documents where collection = ?1
               union all
               select path, null, update_us, null, null from documents_unreadable where collection = ?1"#,
            name
        )
        .fetch(&mut *tx);
        let mut place = 0;
        while let Some(row) = rows.try_next().await.doing("look at a collection")? {
            let (row, tally) = recomputed(row.place()?);
            look.found = look.found.plus(tally);
            place = place_of(&look.leaves, place, &row.key);
            if let Some(leaf) = look.leaves.get_mut(place) {
                leaf.found = leaf.found.plus(tally);
            }
        }
        drop(rows);
        Ok(Some(look))
    }

    /// Looks closely at the documents of a range of names, as of one moment; `None` when the collection was never read.
    pub async fn look_closely(
        &self,
        collection: &CollectionId,
        first: Option<&DocPath>,
        until: Option<&DocPath>,
    ) -> Result<Option<Part>> {
        let (from, until) = (first.map(DocPath::name_key).unwrap_or_default(), until.map(DocPath::name_key));
        let keys = Keys { from: &from, until: until.as_deref() };
        let mut tx = self.readers.begin().await.doing("start to look closely")?;
        let Some((read_time, generation)) = shown(&mut tx, collection).await? else { return Ok(None) };
        let rows = rows_between(&mut tx, collection, keys, Fields::Wanted).await?;
        let held = |row: Placed| {
            let content = row.fields.as_deref().map(Hash::of);
            HeldRow { path: row.path, stamp: row.stamp, content }
        };
        Ok(Some(Part { read_time, generation, rows: rows.into_iter().map(held).collect() }))
    }
}

/// The row with what it really comes to: its hash is made again from what it holds.
fn recomputed(row: Placed) -> (Placed, Tally) {
    let stamp = match (row.stamp, &row.fields) {
        (Stamp::Readable { create_time, update_time, .. }, Some(fields)) => {
            Stamp::Readable { create_time, update_time, hash: Hash::of(fields) }
        }
        (stamp, _) => stamp,
    };
    let tally = Tally::one(Digest::of(&row.path, stamp));
    (row, tally)
}

/// Which leaf a key belongs to, starting at a guess: rows mostly come in order.
fn place_of(leaves: &[Leaf], guess: usize, key: &[u8]) -> usize {
    let starts_before = |place: usize| leaves.get(place).is_some_and(|leaf| leaf.key.as_slice() <= key);
    if starts_before(guess) && !starts_before(guess + 1) {
        return guess;
    }
    leaves.partition_point(|leaf| leaf.key.as_slice() <= key).saturating_sub(1)
}

async fn shown(connection: &mut SqliteConnection, collection: &CollectionId) -> Result<Option<(Timestamp, u64)>> {
    let name = collection.as_str();
    let row = sqlx::query!("select read_us, generation from targets where collection = ?", name)
        .fetch_optional(connection)
        .await
        .doing("read as of when a collection is")?;
    Ok(row.and_then(|row| Some((Timestamp::from_micros(row.read_us?), row.generation.cast_unsigned()))))
}

async fn leaves(connection: &mut SqliteConnection, collection: &CollectionId) -> Result<Vec<Leaf>> {
    let name = collection.as_str();
    let rows = sqlx::query!(
        "select first_key, first, documents, digest from digest_leaves
         where collection = ?1 and exists (select 1 from digest_trees where collection = ?1) order by first_key",
        name
    )
    .fetch_all(connection)
    .await
    .doing("read a collection's digests")?;
    rows.into_iter()
        .map(|row| {
            let kept = Tally { documents: row.documents, digest: digest_column(&row.digest)? };
            let first = row.first.map(DocPath::parse).transpose().column(TABLE)?;
            Ok(Leaf { first, kept, found: Tally::default(), key: row.first_key })
        })
        .collect()
}
