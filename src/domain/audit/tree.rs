//! The Merkle tree of RFC 6962 over the entries of the log.
//!
//! Leaf `n` is entry `n + 1`. With every entry, the hash of its leaf is stored, and then those of the subtrees that it
//! completes, smallest first: together they are what `tlog_tiles` calls stored hashes, in its order.

use std::cell::RefCell;
use std::collections::HashMap;

use aws_lc_rs::digest::{Context, SHA256};
use tlog_tiles::{EMPTY_HASH, Error, HashReader, check_record, prove_record, prove_tree, split_stored_hash_index};

use crate::domain::ids::Hash;

/// The hash of a leaf with this data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    hashed(&[0x00], data, &[])
}

/// The hash of the node over these two.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    hashed(&[0x01], left.bytes(), right.bytes())
}

fn hashed(prefix: &[u8], first: &[u8], second: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in [prefix, first, second] {
        context.update(part);
    }
    Hash::from_bytes(context.finish().as_ref().try_into().expect("BUG: SHA-256 has 32 bytes"))
}

/// The right edge of a growing tree: the roots of its complete subtrees, the largest first. All that appending needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of a tree of this size, with the peaks that [`peaks_of`] names, in its order; `None` if they are not as
    /// many.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; calls `stored` with its hash, and then with the hash of each subtree that it completes.
    pub fn push(&mut self, leaf: Hash, mut stored: impl FnMut(Hash)) {
        stored(leaf);
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("BUG: there is a peak for every one in the size");
            hash = node_hash(left, hash);
            stored(hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let folded = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right));
        folded.unwrap_or(Hash::from_bytes(EMPTY_HASH.0))
    }
}

/// Where the peaks of a tree of this size are stored, the largest first: by the entry that completed them.
pub fn peaks_of(size: u64) -> Vec<Place> {
    let mut peaks = Vec::new();
    let mut before = 0;
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        before += 1 << level;
        peaks.push(Place { sequence: before, level: level as u8 });
    }
    peaks
}

/// Where a hash of the tree is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// With which entry.
    pub sequence: u64,
    /// As which of its hashes; 0 is that of its leaf.
    pub level: u8,
}

impl Place {
    /// Where the hash with this index of `tlog_tiles` is stored.
    pub fn of(index: u64) -> Self {
        let (level, number) = split_stored_hash_index(index);
        Self { sequence: (number + 1) << level, level }
    }

    /// The hash, out of those that are stored with the entry.
    pub fn hash_in(self, stored: &[u8]) -> Option<Hash> {
        let start = usize::from(self.level) * 32;
        Some(Hash::from_bytes(stored.get(start..start + 32)?.try_into().ok()?))
    }
}

/// Stored hashes by their index, as far as they were fetched.
#[derive(Clone, Debug, Default)]
pub struct Stored(HashMap<u64, Hash>);

impl FromIterator<(u64, Hash)> for Stored {
    fn from_iter<T: IntoIterator<Item = (u64, Hash)>>(hashes: T) -> Self {
        Self(hashes.into_iter().collect())
    }
}

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, Error> {
        let found = indexes.iter().map(|index| self.0.get(index).map(|hash| tlog_tiles::Hash(*hash.bytes())));
        found.collect::<Option<_>>().ok_or(Error::IndexesNotInTree)
    }
}

/// Notes what would be read, and reads nothing.
#[derive(Debug, Default)]
struct Wanted(RefCell<Vec<u64>>);

impl HashReader for Wanted {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, Error> {
        self.0.borrow_mut().extend(indexes);
        Err(Error::IndexesNotInTree)
    }
}

/// Which stored hashes [`Inclusion::prove`] reads.
pub fn inclusion_reads(size: u64, sequence: u64) -> Vec<u64> {
    let wanted = Wanted::default();
    // It fails by intent: what it would have read is noted.
    let _ = prove_record(size, sequence.saturating_sub(1), &wanted);
    wanted.0.into_inner()
}

/// The proof that an entry is in the tree of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// How many entries the tree has.
    pub size: u64,
    /// The entry's place, from 1.
    pub sequence: u64,
    /// The hashes beside the path from the leaf to the root.
    pub path: Vec<Hash>,
}

impl Inclusion {
    /// Proves that `sequence` is in the tree of this size; `None` if it can't be, or a hash is not at hand.
    pub fn prove(size: u64, sequence: u64, stored: &Stored) -> Option<Self> {
        let path = prove_record(size, sequence.checked_sub(1)?, stored).ok()?;
        Some(Self { size, sequence, path: ours(path) })
    }

    /// Is the entry with this leaf in the tree with this root?
    pub fn holds(&self, leaf: Hash, root: Hash) -> bool {
        let Some(number) = self.sequence.checked_sub(1) else { return false };
        check_record(&theirs(&self.path), self.size, theirs_of(root), number, theirs_of(leaf)).is_ok()
    }
}

/// Which stored hashes [`consistency`] reads.
pub fn consistency_reads(size: u64, older: u64) -> Vec<u64> {
    let wanted = Wanted::default();
    let _ = prove_tree(size, older, &wanted);
    wanted.0.into_inner()
}

/// The proof that the tree of `older` entries is the beginning of that of `size`.
pub fn consistency(size: u64, older: u64, stored: &Stored) -> Option<Vec<Hash>> {
    prove_tree(size, older, stored).ok().map(ours)
}

/// Is the tree of `older` entries the beginning of that of `size`, as the proof says?
pub fn is_consistent(proof: &[Hash], (size, root): (u64, Hash), (older, older_root): (u64, Hash)) -> bool {
    tlog_tiles::check_tree(&theirs(proof), size, theirs_of(root), older, theirs_of(older_root)).is_ok()
}

fn ours(hashes: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| Hash::from_bytes(hash.0)).collect()
}

fn theirs(hashes: &[Hash]) -> Vec<tlog_tiles::Hash> {
    hashes.iter().copied().map(theirs_of).collect()
}

const fn theirs_of(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog_tiles::{record_hash, stored_hash_count, stored_hashes, tree_hash};

    #[test]
    fn a_frontier_stores_and_folds_what_the_other_implementation_does() {
        let (mut frontier, mut stored, mut indexes) = (Frontier::default(), Stored::default(), 0);
        for number in 0..300_u64 {
            let data = number.to_be_bytes();
            assert_eq!(leaf_hash(&data).bytes(), &record_hash(&data).0);
            let theirs = ours(stored_hashes(number, &data, &stored).expect("reads"));
            let mut mine = Vec::new();
            frontier.push(leaf_hash(&data), |hash| mine.push(hash));
            assert_eq!(mine, theirs, "{number}");
            for (level, hash) in mine.into_iter().enumerate() {
                let place = Place::of(indexes);
                assert_eq!((place.sequence, usize::from(place.level)), (number + 1, level));
                stored.0.insert(indexes, hash);
                indexes += 1;
            }
            assert_eq!(indexes, stored_hash_count(number + 1));
            assert_eq!(frontier.root().bytes(), &tree_hash(number + 1, &stored).expect("reads").0);
            assert_eq!(peaks_of(number + 1).len(), frontier.peaks.len());
        }
    }
}
