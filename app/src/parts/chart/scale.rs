//! From values to places in a drawing of 100 by 100, with round numbers on the scale.

/// The scale of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    floor: u64,
    step: u64,
    steps: u64,
}

/// The most steps of a scale: more lines say no more.
const MOST_STEPS: u64 = 4;

impl Scale {
    /// A scale that starts at zero, which bars need: their lengths are compared.
    pub(super) fn from_zero(values: impl Iterator<Item = u64>) -> Self {
        Self::between(0, values.max().unwrap_or(0))
    }

    /// A scale that leaves out what lies far below every value, which lines may: their slopes are compared.
    pub(super) fn around(values: impl Iterator<Item = u64> + Clone) -> Self {
        let (low, high) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
        Self::between(if high - low < low / 2 { low } else { 0 }, high)
    }

    fn between(low: u64, high: u64) -> Self {
        let mut step = 1_u64;
        // 1, 2, 5, 10, 20, 50, …
        for factor in [2, 5, 10].into_iter().cycle() {
            let floor = low / step * step;
            let steps = (high - floor).div_ceil(step).max(1);
            if steps <= MOST_STEPS {
                return Self { floor, step, steps };
            }
            let Some(power) = 10_u64.checked_pow(step.ilog10()).and_then(|power| power.checked_mul(factor)) else {
                return Self { floor: 0, step: u64::MAX, steps: 1 };
            };
            step = power;
        }
        unreachable!("BUG: the factors never end")
    }

    /// The numbers on the scale, smallest first.
    pub(super) fn ticks(&self) -> impl DoubleEndedIterator<Item = u64> + use<> {
        let Self { floor, step, steps } = *self;
        (0..=steps).map(move |at| floor.saturating_add(step.saturating_mul(at)))
    }

    /// How far down a value is, from 0 at the top to 100.
    pub(super) fn y(&self, value: u64) -> String {
        let height = self.step as f64 * self.steps as f64;
        place(100.0 - value.saturating_sub(self.floor) as f64 * 100.0 / height)
    }
}

/// A place along an axis, as short as the eye needs it.
pub(super) fn place(at: f64) -> String {
    let text = format!("{at:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[u64], expect: &[u64]) {
        let scale = Scale::around(values.iter().copied());
        assert_eq!(scale.ticks().collect::<Vec<_>>(), expect);
        for value in values {
            let y: f64 = scale.y(*value).parse().expect("a number");
            assert!((0.0..=100.0).contains(&y), "{value} is at {y}");
        }
    }

    #[test]
    fn a_scale_has_few_round_numbers_and_holds_every_value() {
        check(&[], &[0, 1]);
        check(&[0, 0], &[0, 1]);
        check(&[3], &[3, 4]);
        check(&[0, 7], &[0, 2, 4, 6, 8]);
        check(&[1, 180, 96], &[0, 50, 100, 150, 200]);
        check(&[2_310, 2_398], &[2_300, 2_350, 2_400]);
        check(
            &[u64::MAX, 0],
            &[0, 5_000_000_000_000_000_000, 10_000_000_000_000_000_000, 15_000_000_000_000_000_000, u64::MAX],
        );
    }

    #[test]
    fn bars_start_at_zero() {
        assert_eq!(Scale::from_zero([2_310, 2_398].into_iter()).ticks().collect::<Vec<_>>(), [0, 1_000, 2_000, 3_000]);
        assert_eq!(Scale::from_zero([4].into_iter()).y(1), "75");
    }
}
