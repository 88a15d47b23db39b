//! Chance that can be thrown again: the same seed gives the same throws, in every version of this program.

/// A stream of numbers that looks random (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % (end as u64)).expect("BUG: below a usize")
    }

    pub(crate) fn one_of<'all, Item>(&mut self, all: &'all [Item]) -> &'all Item {
        &all[self.below(all.len())]
    }
}
