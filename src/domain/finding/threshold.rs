//! From when on two numbers differ.

/// From when on two numbers differ: absolutely **and** relative to the larger of the expected number and a floor.
///
/// One alone would do harm: 1 against 2 is twice as much, and 1,000 of 1,000,000 is next to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// They are that far apart, at least.
    pub absolute: u64,
    /// And that many thousandths of what is expected.
    pub per_mille: u64,
    /// What is expected counts as that much, at least.
    pub floor: u64,
}

impl Threshold {
    /// Numbers of one moment have no reason to differ at all.
    pub const EXACT: Self = Self { absolute: 1, per_mille: 0, floor: 1 };

    /// Do they differ?
    pub fn is_reached(&self, expected: u64, found: u64) -> bool {
        let apart = expected.abs_diff(found);
        let base = u128::from(expected.max(self.floor));
        apart >= self.absolute.max(1) && u128::from(apart) * 1_000 >= base * u128::from(self.per_mille)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bounds_have_to_be_reached_and_small_numbers_do_not_scream() {
        let check = |threshold: Threshold, expected, found, expect| {
            assert_eq!(threshold.is_reached(expected, found), expect, "{expected} {found}");
        };
        let usual = Threshold { absolute: 5, per_mille: 20, floor: 100 };
        check(usual, 1, 2, false); // Twice as much, but by one.
        check(usual, 1_000_000, 1_000_010, false); // By ten, but next to nothing.
        check(usual, 1_000, 1_020, true);
        check(usual, 0, 5, true); // Five of the floor.
        check(usual, 0, 4, false);
        check(Threshold::EXACT, 200_000, 200_001, true);
        check(Threshold::EXACT, 7, 7, false);
        check(Threshold { absolute: 0, per_mille: 0, floor: 0 }, 7, 7, false);
    }
}
