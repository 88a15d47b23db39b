//! What many documents come to: how many, and a sum over what each of them is.
//!
//! A document's digest is the SHA-256 of its path, its times and the hash of its content. Digests are added modulo 2^256:
//! a sum can be kept while documents come, change and go, without looking at the others, and it is the same whatever the
//! order in which they are added and however they are divided into parts.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::domain::document::Document;
use crate::domain::ids::{DocPath, Hash};
use crate::domain::sighting::{Sighting, Unreadable};
use crate::domain::time::Timestamp;

/// What one document is, without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// A document that is kept.
    Readable {
        /// When it was created.
        create_time: Timestamp,
        /// Its revision.
        update_time: Timestamp,
        /// The hash of what it holds.
        hash: Hash,
    },
    /// A document that exists but can't be kept.
    Unreadable {
        /// Its revision.
        update_time: Timestamp,
    },
}

impl Stamp {
    /// The stamp of a document as it arrived.
    pub fn of(sighting: &Sighting) -> Self {
        match sighting {
            Sighting::Readable(document) => Self::of_document(document),
            Sighting::Unreadable(Unreadable { update_time, .. }) => Self::Unreadable { update_time: *update_time },
        }
    }

    /// The stamp of a document that is kept.
    pub fn of_document(document: &Document) -> Self {
        let Document { create_time, update_time, .. } = *document;
        Self::Readable { create_time, update_time, hash: document.hash() }
    }

    /// Its revision.
    pub const fn update_time(&self) -> Timestamp {
        match self {
            Self::Readable { update_time, .. } | Self::Unreadable { update_time } => *update_time,
        }
    }
}

/// A sum of documents' digests, modulo 2^256.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest([u64; 4]);

impl Digest {
    /// The digest of one document.
    pub fn of(path: &DocPath, stamp: Stamp) -> Self {
        Self::of_path(path.as_str(), stamp)
    }

    /// The digest of one document whose path was parsed before.
    pub fn of_path(path: &str, stamp: Stamp) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((path.len() as u64).to_be_bytes());
        hasher.update(path);
        match stamp {
            Stamp::Readable { create_time, update_time, hash } => {
                hasher.update([1]);
                hasher.update(create_time.micros().to_be_bytes());
                hasher.update(update_time.micros().to_be_bytes());
                hasher.update(hash.bytes());
            }
            Stamp::Unreadable { update_time } => {
                hasher.update([2]);
                hasher.update(update_time.micros().to_be_bytes());
            }
        }
        Self::from_bytes(&hasher.finalize().into())
    }

    /// The digest of what one document holds: the same whenever it was written or read.
    pub fn of_content(path: &str, hash: Hash) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((path.len() as u64).to_be_bytes());
        hasher.update(path);
        hasher.update([3]);
        hasher.update(hash.bytes());
        Self::from_bytes(&hasher.finalize().into())
    }

    /// From 32 bytes, the least significant first.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        Self(limbs)
    }

    /// The 32 bytes, the least significant first.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (limb, bytes) in self.0.iter().zip(bytes.as_chunks_mut::<8>().0) {
            *bytes = limb.to_le_bytes();
        }
        bytes
    }

    fn plus(self, other: Self) -> Self {
        let (mut limbs, mut carry) = ([0; 4], false);
        for (place, limb) in limbs.iter_mut().enumerate() {
            let (sum, over) = self.0[place].overflowing_add(other.0[place]);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, over || again);
        }
        Self(limbs)
    }

    fn minus(self, other: Self) -> Self {
        let (mut limbs, mut borrow) = ([0; 4], false);
        for (place, limb) in limbs.iter_mut().enumerate() {
            let (rest, under) = self.0[place].overflowing_sub(other.0[place]);
            let (rest, again) = rest.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (rest, under || again);
        }
        Self(limbs)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.bytes()))
    }
}

/// What many documents come to. Taking away what was never added makes it wrong, never an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many documents.
    pub documents: i64,
    /// The sum of their digests.
    pub digest: Digest,
}

impl Tally {
    /// One document.
    pub const fn one(digest: Digest) -> Self {
        Self { documents: 1, digest }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { documents: self.documents.wrapping_add(other.documents), digest: self.digest.plus(other.digest) }
    }

    /// Without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { documents: self.documents.wrapping_sub(other.documents), digest: self.digest.minus(other.digest) }
    }

    /// What people compare: the same documents always have the same hash, however they are divided into parts.
    pub fn hash(&self) -> Hash {
        let mut bytes = self.documents.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.digest.bytes());
        Hash::of(bytes)
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(id: u32, update: i64) -> Digest {
        let path = DocPath::parse(format!("batches/b-{id}")).expect("legal");
        let (create_time, update_time) = (Timestamp::from_micros(1), Timestamp::from_micros(update));
        Digest::of(&path, Stamp::Readable { create_time, update_time, hash: Hash::of([7]) })
    }

    #[test]
    fn a_sum_does_not_depend_on_order_or_parts_and_can_be_taken_back() {
        let all: Vec<Tally> = (0..1_000).map(|id| Tally::one(digest(id, 5))).collect();
        let forwards: Tally = all.iter().copied().sum();
        let backwards: Tally = all.iter().rev().copied().sum();
        let parts: Tally = all.chunks(77).map(|part| part.iter().copied().sum::<Tally>()).sum();
        assert_eq!((forwards, forwards), (backwards, parts));
        assert_eq!(forwards.documents, 1_000);
        let rest = all.iter().fold(forwards, |rest, one| rest.minus(*one));
        assert_eq!(rest, Tally::default());
        assert_eq!(Tally::default().minus(all[0]).plus(all[0]), Tally::default());
    }

    #[test]
    fn whatever_changes_about_a_document_changes_its_digest() {
        let one = digest(1, 5);
        assert_eq!(one, digest(1, 5));
        assert_eq!(Digest::from_bytes(&one.bytes()), one);
        let path = DocPath::parse("batches/b-1").expect("legal");
        let (create_time, update_time) = (Timestamp::from_micros(1), Timestamp::from_micros(5));
        let others = [
            digest(2, 5),
            digest(1, 6),
            Digest::of(&path, Stamp::Readable { create_time, update_time, hash: Hash::of([8]) }),
            Digest::of(&path, Stamp::Readable { create_time: update_time, update_time, hash: Hash::of([7]) }),
            Digest::of(&path, Stamp::Unreadable { update_time }),
        ];
        assert!(others.iter().all(|other| *other != one));
        assert_ne!(Tally::one(one).hash(), Tally::one(others[0]).hash());
    }
}
