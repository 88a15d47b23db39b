//! Many rows with one statement: a statement costs as much as the row that it writes, and a row as much as it carries.

use std::sync::LazyLock;

use crate::domain::canonical;
use crate::domain::digest::{Digest, Stamp};
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::sighting::Sighting;
use crate::store::audit::Leaf;
use crate::store::{Doing as _, Result, Tx};

/// A document of a backfill, ready to be written: encoded and hashed by whoever read it, not by the one writer.
#[derive(Clone, Debug)]
pub struct Staged {
    path: String,
    update_us: i64,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Readable { fields: String, hash: Hash, create_us: i64, digest: Digest },
    Unreadable { why: String },
}

impl Staged {
    /// Encodes and hashes what was read.
    pub fn of(sighting: Sighting) -> Self {
        let update_us = sighting.update_time().micros();
        match sighting {
            Sighting::Readable(document) => {
                let fields = canonical::encode(&document.fields);
                let hash = Hash::of(&fields);
                let Document { create_time, update_time, .. } = document;
                let digest = Digest::of(&document.path, Stamp::Readable { create_time, update_time, hash });
                let content = Content::Readable { hash, fields, create_us: create_time.micros(), digest };
                Self { path: document.path.into(), update_us, content }
            }
            Sighting::Unreadable(unreadable) => {
                Self { path: unreadable.path.into(), update_us, content: Content::Unreadable { why: unreadable.why } }
            }
        }
    }

    /// About how many bytes it occupies.
    pub fn size(&self) -> usize {
        let text = match &self.content {
            Content::Readable { fields, .. } => fields,
            Content::Unreadable { why } => why,
        };
        self.path.len() + text.len()
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The digest of a document that can be kept.
    pub(super) const fn digest(&self) -> Option<Digest> {
        match &self.content {
            Content::Readable { digest, .. } => Some(*digest),
            Content::Unreadable { .. } => None,
        }
    }

    pub(super) const fn is_readable(&self) -> bool {
        matches!(self.content, Content::Readable { .. })
    }
}

/// How many rows a statement writes: the most first. Two sizes and single rows keep the statements few and prepared.
pub(super) const SIZES: [usize; 3] = [128, 16, 1];

static INTO_DOCUMENTS: LazyLock<[String; 3]> = LazyLock::new(|| {
    SIZES.map(|rows| {
        let values = values(7, rows);
        format!(
            "insert into documents (path, collection, fields, hash, create_us, update_us, read_us) values {values}
             on conflict (path) do update set fields = excluded.fields, hash = excluded.hash,
                 create_us = excluded.create_us, update_us = excluded.update_us, read_us = excluded.read_us"
        )
    })
});

static INTO_STAGED: LazyLock<[String; 3]> = LazyLock::new(|| {
    SIZES.map(|rows| {
        let values = values(7, rows);
        format!(
            "insert or replace into documents_staged (path, collection, fields, hash, create_us, update_us, why)
             values {values}"
        )
    })
});

static INTO_AUDIT: LazyLock<[String; 3]> =
    LazyLock::new(|| SIZES.map(|rows| format!("insert into audit (sequence, entry) values {}", values(2, rows))));

static INTO_TREE: LazyLock<[String; 3]> =
    LazyLock::new(|| SIZES.map(|rows| format!("insert into audit_tree (sequence, hashes) values {}", values(2, rows))));

/// Such as `(?, ?), (?, ?)`.
pub(super) fn values(columns: usize, rows: usize) -> String {
    vec![format!("({})", vec!["?"; columns].join(", ")); rows].join(", ")
}

/// The rows in pieces as large as the statements' sizes, each with which size it is.
pub(super) fn pieces<Row>(mut rows: &[Row]) -> impl Iterator<Item = (usize, &[Row])> {
    std::iter::from_fn(move || {
        let kind = SIZES.iter().position(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(SIZES[kind]);
        rows = rest;
        Some((kind, piece))
    })
}

/// What was read end to end, in pieces of these lengths. Nothing has a length that the database did not count itself.
pub(super) fn apart<'a>(mut all: &'a [u8], lengths: &'a str) -> impl Iterator<Item = &'a [u8]> {
    lengths.split(',').map_while(move |length| {
        let (piece, rest) = all.split_at_checked(length.parse().ok()?)?;
        all = rest;
        Some(piece)
    })
}

impl Tx {
    /// Writes readable documents straight into the mirror.
    pub(super) async fn bulk_documents(
        &mut self,
        collection: &CollectionId,
        rows: &[Staged],
        read_us: i64,
    ) -> Result<()> {
        for (kind, piece) in pieces(rows) {
            let text: &'static str = &INTO_DOCUMENTS[kind];
            let mut query = sqlx::query(text);
            for row in piece {
                let Content::Readable { fields, hash, create_us, .. } = &row.content else { continue };
                query = query.bind(row.path.as_str()).bind(collection.as_str()).bind(fields.as_str());
                query = query.bind(&hash.bytes()[..]).bind(create_us).bind(row.update_us).bind(read_us);
            }
            query.execute(&mut *self.inner).await.doing("take documents of a backfill in")?;
        }
        Ok(())
    }

    /// Puts documents of the next generation aside.
    pub(super) async fn bulk_staged(&mut self, collection: &CollectionId, rows: &[Staged]) -> Result<()> {
        for (kind, piece) in pieces(rows) {
            let text: &'static str = &INTO_STAGED[kind];
            let mut query = sqlx::query(text);
            for row in piece {
                let (fields, hash, create, why) = match &row.content {
                    Content::Readable { fields, hash, create_us, .. } => {
                        (Some(fields.as_str()), Some(&hash.bytes()[..]), Some(*create_us), None)
                    }
                    Content::Unreadable { why } => (None, None, None, Some(why.as_str())),
                };
                query = query.bind(row.path.as_str()).bind(collection.as_str()).bind(fields).bind(hash);
                query = query.bind(create).bind(row.update_us).bind(why);
            }
            query.execute(&mut *self.inner).await.doing("put documents of a backfill aside")?;
        }
        Ok(())
    }

    /// Writes entries of the audit log, and what they add to its tree.
    pub(super) async fn bulk_audit(&mut self, leaves: &[Leaf]) -> Result<()> {
        for (kind, piece) in pieces(leaves) {
            let (entries, tree): (&'static str, &'static str) = (&INTO_AUDIT[kind], &INTO_TREE[kind]);
            let (mut entries, mut tree) = (sqlx::query(entries), sqlx::query(tree));
            for Leaf { sequence, text, hashes } in piece {
                entries = entries.bind(sequence).bind(text.as_str());
                tree = tree.bind(sequence).bind(hashes.as_slice());
            }
            entries.execute(&mut *self.inner).await.doing("append to the audit log")?;
            tree.execute(&mut *self.inner).await.doing("grow the tree of the audit log")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_rows_in_order() {
        let rows: Vec<u32> = (0..300).collect();
        let seen: Vec<(usize, usize)> = pieces(&rows).map(|(kind, piece)| (kind, piece.len())).collect();
        let singles = vec![(2, 1); 300 - 2 * 128 - 2 * 16];
        assert_eq!(seen, [vec![(0, 128), (0, 128), (1, 16), (1, 16)], singles].concat());
        assert_eq!(pieces(&rows).flat_map(|(_, piece)| piece).copied().collect::<Vec<_>>(), rows);
    }
}
