//! `digest_trees` and `digest_leaves`: what was kept of the mirror when it was written.
//!
//! # Guarantees
//! Whatever the one connection that writes does to `documents` or `documents_unreadable` is counted into the leaves in
//! the same transaction: triggers that only this connection has note it, and [`Tx::commit`] adds it up. Nothing that
//! writes documents has to think of it, and whoever changes the file from outside leaves the leaves as they were.
//!
//! A leaf has at most `MOST` documents, so that looking closely at one that differs costs no more reads than that.

/// What a transaction did to documents, and the leaves that it changes.
mod changes;

/// Planting a tree and cutting its leaves.
mod planting;

/// Our documents against the leaves.
mod look;

use sqlx::SqliteConnection;

use crate::domain::digest::{Digest, Stamp, Tally};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, hash_column};

pub(in crate::store) use changes::take_note;
pub use look::{HeldRow, Leaf, Look, Part};

const TABLE: &str = "digest_leaves";

/// The most documents of a leaf: more are cut into several.
const MOST: usize = 192;

/// How many documents a leaf has when it is made.
const USUAL: usize = 96;

/// A row of either table of documents.
struct Row {
    path: String,
    create_us: Option<i64>,
    update_us: i64,
    hash: Option<Vec<u8>>,
    /// Only where it was asked for.
    fields: Option<String>,
}

/// A row and its place in the order of names.
struct Placed {
    key: Vec<u8>,
    path: DocPath,
    stamp: Stamp,
    fields: Option<String>,
}

impl Row {
    fn place(self) -> Result<Placed> {
        let path = DocPath::parse(self.path).column("documents")?;
        let stamp = stamp(self.create_us, self.update_us, self.hash.as_deref())?;
        Ok(Placed { key: path.name_key(), path, stamp, fields: self.fields })
    }
}

impl Placed {
    fn tally(&self) -> Tally {
        Tally::one(Digest::of(&self.path, self.stamp))
    }
}

fn stamp(create_us: Option<i64>, update_us: i64, hash: Option<&[u8]>) -> Result<Stamp> {
    let update_time = Timestamp::from_micros(update_us);
    Ok(match (create_us, hash) {
        (Some(create_us), Some(hash)) => Stamp::Readable {
            create_time: Timestamp::from_micros(create_us),
            update_time,
            hash: hash_column(hash, "documents")?,
        },
        (_, _) => Stamp::Unreadable { update_time },
    })
}

fn digest_column(bytes: &[u8]) -> Result<Digest> {
    let bytes: &[u8; 32] = bytes.try_into().map_err(|_| "a digest is not 32 bytes").column(TABLE)?;
    Ok(Digest::from_bytes(bytes))
}

/// A range of a collection's names by their keys.
#[derive(Clone, Copy, Debug)]
struct Keys<'a> {
    /// The first key that belongs to it.
    from: &'a [u8],
    /// The first key that no longer does; none: to the end.
    until: Option<&'a [u8]>,
}

impl Keys<'_> {
    fn contain(&self, key: &[u8]) -> bool {
        key >= self.from && self.until.is_none_or(|until| key < until)
    }

    /// The texts between which the paths lie whose ids are no numbers: SQLite orders them as the server does.
    fn texts(&self, collection: &CollectionId) -> (String, String) {
        let text = |key: &[u8]| match key.split_first() {
            Some((1, id)) => format!("{collection}/{}", String::from_utf8_lossy(id)),
            Some(_) | None => format!("{collection}/"),
        };
        (text(self.from), self.until.map_or_else(|| format!("{collection}0"), text))
    }
}

/// What a reading of rows has to bring.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fields {
    /// Their texts, too.
    Wanted,
    /// Only what the rows say of them.
    Left,
}

/// The rows of a range, in the order of names.
async fn rows_between(
    connection: &mut SqliteConnection,
    collection: &CollectionId,
    keys: Keys<'_>,
    fields: Fields,
) -> Result<Vec<Placed>> {
    let numbers = (format!("{collection}/__id"), format!("{collection}/__ie"));
    let mut rows = Vec::new();
    for ((from, until), are_numbers) in [(numbers, true), (keys.texts(collection), false)] {
        for row in rows_between_texts(connection, collection, &from, &until, fields).await? {
            let row = row.place()?;
            if row.path.is_numeric() == are_numbers && keys.contain(&row.key) {
                rows.push(row);
            }
        }
    }
    rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    Ok(rows)
}

async fn rows_between_texts(
    connection: &mut SqliteConnection,
    collection: &CollectionId,
    from: &str,
    until: &str,
    fields: Fields,
) -> Result<Vec<Row>> {
    let (collection, wanted) = (collection.as_str(), fields == Fields::Wanted);
    sqlx::query_as!(
        Row,
        r#"select path as "path!", create_us as "create_us: i64", update_us as "update_us!: i64", hash as "hash: Vec<u8>",
               case when ?4 then fields end as "fields: String"
           from documents where collection = ?1 and path >= ?2 and path < ?3
           union all
           select path, null, update_us, null, null
           from documents_unreadable where collection = ?1 and path >= ?2 and path < ?3"#,
        collection,
        from,
        until,
        wanted
    )
    .fetch_all(connection)
    .await
    .doing("read a range of the mirror")
}
