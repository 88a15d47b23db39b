use jiff::{SignedDuration, Timestamp};

/// A splitmix64 generator: tiny, portable, and the same on every machine and in every release.
///
/// Each document gets its own, seeded by its collection and number, so that adding one document changes no other.
pub(super) struct Random(u64);

impl Random {
    /// The generator of the document `index` of `collection`.
    pub(super) fn of(collection: &str, index: usize) -> Self {
        const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
        let hash = collection.bytes().fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        let index = u64::try_from(index).expect("BUG: an index fits into 64 bits");
        Self(hash ^ index.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to and without `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u128::try_from(bound).expect("BUG: a bound fits into 128 bits");
        let scaled = (u128::from(self.bits()) * bound) >> 64;
        usize::try_from(scaled).expect("BUG: a number below a usize is one")
    }

    /// A whole number between both ends, the ends included.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = usize::try_from(most - least + 1).expect("BUG: least is not above most");
        least + i64::try_from(self.below(span)).expect("BUG: a number within an i64 span is one")
    }

    /// One of `items`.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// True in about `percent` of a hundred calls.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A moment between both ends, to the microsecond, as Firestore stores them.
    pub(super) fn moment(&mut self, earliest: Timestamp, latest: Timestamp) -> Timestamp {
        let offset = self.between(0, latest.as_microsecond() - earliest.as_microsecond());
        earliest + SignedDuration::from_micros(offset)
    }

    /// `digits` lower-case hexadecimal digits, at most 16.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        format!("{:016x}", self.bits())[..digits].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_first_numbers_of_splitmix64_come_out() {
        let mut random = Random(1_234_567);
        assert_eq!([random.bits(), random.bits()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_both_ends() {
        let mut random = Random::of("bounds", 0);
        let seen: std::collections::BTreeSet<_> = (0..200).map(|_| random.between(-1, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
