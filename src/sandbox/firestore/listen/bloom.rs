//! The filter of names that came out unchanged: a Bloom filter over MD5, as the protocol describes it.

use gcloud_sdk::google::firestore::v1::{BitSequence, BloomFilter};
use md5::{Digest, Md5};

/// Bits per name, and hashes per name that suit them: about one wrong answer in a hundred.
const BITS_PER_NAME: usize = 10;
const HASHES: i32 = 7;

/// The filter that holds these full resource names.
pub(super) fn bloom_filter(names: &[String]) -> BloomFilter {
    let bits = names.len() * BITS_PER_NAME;
    let mut bitmap = vec![0_u8; bits.div_ceil(8)];
    for name in names {
        for bit in bits_of(name, HASHES, bits as u64) {
            bitmap[bit / 8] |= 1 << (bit % 8);
        }
    }
    let padding = i32::try_from(bitmap.len() * 8 - bits).expect("BUG: less than a byte");
    let hash_count = if names.is_empty() { 0 } else { HASHES };
    BloomFilter { bits: Some(BitSequence { bitmap, padding }), hash_count }
}

/// The bits of one name: `h1 + i * h2`, both halves of its MD5 read as little-endian numbers.
fn bits_of(name: &str, hashes: i32, bits: u64) -> impl Iterator<Item = usize> {
    let digest: [u8; 16] = Md5::digest(name.as_bytes()).into();
    let whole = u128::from_le_bytes(digest);
    let low = u64::try_from(whole & u128::from(u64::MAX)).expect("BUG: masked to 64 bits");
    let high = u64::try_from(whole >> 64).expect("BUG: shifted to 64 bits");
    let index = move |hash: i32| low.wrapping_add(u64::from(hash.unsigned_abs()).wrapping_mul(high)) % bits;
    (0..hashes).map(move |hash| usize::try_from(index(hash)).expect("BUG: smaller than the bitmap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(filter: &BloomFilter, name: &str) -> bool {
        let Some(bits) = &filter.bits else { return false };
        let count = bits.bitmap.len() * 8 - usize::try_from(bits.padding).unwrap();
        count > 0
            && bits_of(name, filter.hash_count, count as u64).all(|bit| bits.bitmap[bit / 8] & (1 << (bit % 8)) != 0)
    }

    #[test]
    fn every_name_is_found_and_few_others_are() {
        let name = |at: usize| format!("projects/p/databases/d/documents/batches/b-{at}");
        let filter = bloom_filter(&(0..1_000).map(name).collect::<Vec<_>>());
        assert!((0..1_000).all(|at| holds(&filter, &name(at))));
        let wrong = (1_000..2_000).filter(|at| holds(&filter, &name(*at))).count();
        assert!(wrong < 30, "{wrong} of 1000 names were found that are not there");
    }

    #[test]
    fn bits_are_those_of_googles_own_filters() {
        let bits = |at: usize| -> Vec<usize> {
            bits_of(&format!("projects/project-1/databases/database-1/documents/coll/doc{at}"), 7, 4_793).collect()
        };
        assert_eq!(bits(0), [2_104, 1_538, 972, 31, 4_258, 3_317, 2_751]);
        assert_eq!(bits(499), [3_177, 20, 1_656, 2_917, 4_553, 1_021, 2_657]);
    }

    #[test]
    fn a_filter_of_no_names_holds_nothing() {
        let filter = bloom_filter(&[]);
        assert_eq!(filter, BloomFilter { bits: Some(BitSequence::default()), hash_count: 0 });
        assert!(!holds(&filter, "projects/p/databases/d/documents/a/b"));
    }
}
