//! The bloom filter of an existence filter (`google.firestore.v1.BloomFilter`).
//!
//! A name is hashed with MD5; the 128 bits are two little-endian 64-bit numbers `h1` and `h2`, and the bits
//! `(h1 + i × h2) mod size` for every `i` below the number of hashes must all be set.

use md5::{Digest as _, Md5};

/// A compact set of names: what it does not contain is surely absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BloomFilter {
    bitmap: Vec<u8>,
    bits: u64,
    hashes: u32,
}

/// The filter's parts do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a bloom filter of {bytes} bytes can't have {padding} bits of padding and {hashes} hashes")]
pub struct BadBloomFilter {
    bytes: usize,
    padding: i32,
    hashes: i32,
}

impl BloomFilter {
    /// From the message's parts. An empty bitmap has no padding and contains nothing.
    pub fn new(bitmap: Vec<u8>, padding: i32, hashes: i32) -> Result<Self, BadBloomFilter> {
        let bad = BadBloomFilter { bytes: bitmap.len(), padding, hashes };
        let (Ok(padded), Ok(count)) = (u64::try_from(padding), u32::try_from(hashes)) else { return Err(bad) };
        let legal = if bitmap.is_empty() { padded == 0 } else { padded < 8 && count > 0 };
        if !legal {
            return Err(bad);
        }
        let bits = bitmap.len() as u64 * 8 - padded;
        Ok(Self { bitmap, bits, hashes: count })
    }

    /// Might the set contain this full resource name? No is certain, yes is not.
    pub fn might_contain(&self, name: &str) -> bool {
        if self.bits == 0 {
            return false;
        }
        let digest: [u8; 16] = Md5::digest(name.as_bytes()).into();
        let (low, high) = digest.split_at(8);
        let number = |half: &[u8]| half.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let (first, step) = (number(low), number(high));
        (0..u64::from(self.hashes)).all(|turn| {
            let bit = first.wrapping_add(turn.wrapping_mul(step)) % self.bits;
            self.bitmap[(bit / 8) as usize] & (1 << (bit % 8)) != 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_contains_nothing() {
        let empty = BloomFilter::new(Vec::new(), 0, 0).expect("a legal filter");
        assert!(!empty.might_contain("projects/p/databases/(default)/documents/c/d"));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        for (bitmap, padding, hashes) in [(vec![], 1, 0), (vec![1], 8, 1), (vec![1], -1, 1), (vec![1], 0, 0)] {
            assert!(BloomFilter::new(bitmap, padding, hashes).is_err());
        }
    }
}
