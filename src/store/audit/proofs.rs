//! Hashes of the tree, and proofs out of them.

use std::collections::HashMap;

use crate::domain::audit::checkpoint::Checkpoint;
use crate::domain::audit::tree::{
    Inclusion, Place, Stored, consistency, consistency_reads, inclusion_reads, leaf_hash,
};
use crate::domain::ids::Hash;
use crate::store::audit::TREE;
use crate::store::{Column as _, Doing as _, Result, Store};

/// The proof that an entry is in the log that a checkpoint was signed for.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The entry's canonical text; `None` when its payload was dropped.
    pub text: Option<String>,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The way from the leaf to the root.
    pub inclusion: Inclusion,
    /// The checkpoint: its root is that of the way.
    pub checkpoint: Checkpoint,
}

impl Proof {
    /// Is the entry in the tree that was signed? It does not look at the signature.
    pub fn holds(&self) -> bool {
        let text_fits = self.text.as_ref().is_none_or(|text| leaf_hash(text.as_bytes()) == self.leaf);
        text_fits && self.inclusion.holds(self.leaf, self.checkpoint.root())
    }
}

/// What is stored at these places, in their order; fewer when some are missing.
pub(super) async fn stored_at(connection: &mut sqlx::SqliteConnection, places: &[Place]) -> Result<Vec<Hash>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let sequences: Vec<u64> = places.iter().map(|place| place.sequence).collect();
    let wanted = serde_json::to_string(&sequences).expect("BUG: numbers are JSON");
    let rows = sqlx::query!(
        "select sequence, hashes from audit_tree where sequence in (select value from json_each(?))",
        wanted
    )
    .fetch_all(connection)
    .await
    .doing("read hashes of the audit log's tree")?;
    let mut rows_by_sequence = HashMap::with_capacity(rows.len());
    for row in rows {
        rows_by_sequence.insert(u64::try_from(row.sequence).column(TREE)?, row.hashes);
    }
    let found = places.iter().filter_map(|place| place.hash_in(rows_by_sequence.get(&place.sequence)?));
    Ok(found.collect())
}

impl Store {
    /// The proof that this entry is in the log, to the newest checkpoint; `None` if no checkpoint covers it yet.
    pub async fn audit_proof(&self, sequence: u64) -> Result<Option<Proof>> {
        let Some(sealed) = self.audit_sealed().await? else { return Ok(None) };
        let checkpoint = sealed.checkpoint;
        if sequence == 0 || sequence > checkpoint.size() {
            return Ok(None);
        }
        let stored = self.audit_stored(&inclusion_reads(checkpoint.size(), sequence)).await?;
        let inclusion = Inclusion::prove(checkpoint.size(), sequence, &stored);
        let inclusion = inclusion.ok_or("a hash that a proof needs is missing").column(TREE)?;
        let place = i64::try_from(sequence).column(TREE)?;
        let row = sqlx::query!(
            "select hashes, entry from audit_tree left join audit using (sequence) where sequence = ?",
            place
        )
        .fetch_one(&self.readers)
        .await
        .doing("read an entry of the audit log")?;
        let leaf = Place { sequence, level: 0 }.hash_in(&row.hashes).ok_or("a leaf has no hash").column(TREE)?;
        Ok(Some(Proof { text: row.entry, leaf, inclusion, checkpoint }))
    }

    /// The proof that the tree of `older` entries is the beginning of that of `size`.
    pub async fn audit_consistency(&self, size: u64, older: u64) -> Result<Vec<Hash>> {
        let stored = self.audit_stored(&consistency_reads(size, older)).await?;
        consistency(size, older, &stored).ok_or("a hash that a proof needs is missing").column(TREE)
    }

    /// The root of the tree as it was with so many entries; `None` if it never had so many.
    pub async fn audit_root(&self, size: u64) -> Result<Option<Hash>> {
        let mut connection = self.readers.acquire().await.doing("read the audit log's tree")?;
        let peaks = stored_at(&mut connection, &crate::domain::audit::tree::peaks_of(size)).await?;
        Ok(crate::domain::audit::tree::Frontier::from_peaks(size, peaks).map(|frontier| frontier.root()))
    }

    /// Stored hashes by their index.
    async fn audit_stored(&self, indexes: &[u64]) -> Result<Stored> {
        let places: Vec<Place> = indexes.iter().copied().map(Place::of).collect();
        let mut connection = self.readers.acquire().await.doing("read the audit log's tree")?;
        let hashes = stored_at(&mut connection, &places).await?;
        if hashes.len() != places.len() {
            return Err("a hash that a proof needs is missing").column(TREE);
        }
        Ok(indexes.iter().copied().zip(hashes).collect())
    }
}
