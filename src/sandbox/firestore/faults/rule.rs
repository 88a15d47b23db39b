//! Faults that wait for their occasions, and the numbers that they draw.

use std::ops::RangeInclusive;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use super::plan::{Fault, Faults, When};

/// The faults of one server, each with its own generator: what one does does not move another.
#[derive(Default)]
pub(super) struct Waiting {
    seed: u64,
    made: u64,
    rules: Vec<Rule>,
}

struct Rule {
    fault: Fault,
    /// Occasions so far.
    met: u64,
    generator: StdRng,
}

/// The numbers of one occasion.
pub(super) struct Dice(StdRng);

impl Waiting {
    /// Everything in the plan, from its beginning.
    pub(super) fn new(plan: Faults) -> Self {
        let mut waiting = Self { seed: plan.seed, ..Self::default() };
        plan.faults.into_iter().for_each(|fault| waiting.add(fault));
        waiting
    }

    /// One more fault, behind the others.
    pub(super) fn add(&mut self, fault: Fault) {
        let generator = StdRng::seed_from_u64(self.seed.wrapping_add(self.made));
        self.made += 1;
        self.rules.push(Rule { fault, met: 0, generator });
    }

    /// The effect of the first fault that `pick` finds concerned and that happens now.
    pub(super) fn first<Effect>(&mut self, pick: impl Fn(&Fault) -> Option<Effect>) -> Option<(Effect, Dice)> {
        let fired = self.rules.iter_mut().find_map(|rule| {
            let effect = pick(&rule.fault)?;
            rule.happens().then(|| (effect, Dice(StdRng::seed_from_u64(rule.generator.next_u64()))))
        });
        self.rules.retain(|rule| !rule.is_over());
        fired
    }
}

impl Rule {
    fn happens(&mut self) -> bool {
        self.met = self.met.saturating_add(1);
        match self.fault.when() {
            When::Always => true,
            When::Next(times) => self.met <= times,
            When::Every(step) => self.met.is_multiple_of(step.get()),
            When::Chance(chance) => self.generator.random_bool(chance.number()),
        }
    }

    fn is_over(&self) -> bool {
        match self.fault.when() {
            When::Next(times) => self.met >= times,
            When::Always | When::Every(_) | When::Chance(_) => false,
        }
    }
}

impl Dice {
    /// A number of the range.
    pub(super) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// Another order.
    pub(super) fn shuffle<Item>(&mut self, items: &mut [Item]) {
        items.shuffle(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::super::plan::{Chance, ListenFault};
    use super::*;

    /// On which of the first twelve occasions faults that happen `whens` do.
    fn happens(seed: u64, whens: &[When]) -> Vec<usize> {
        let faults = whens.iter().map(|when| Fault::listen(*when, ListenFault::RejectToken)).collect();
        let mut waiting = Waiting::new(Faults { seed, faults });
        (1..=12).filter(|_| waiting.first(|_| Some(())).is_some()).collect()
    }

    #[test]
    fn a_fault_happens_when_its_plan_says() {
        let every = |step| When::Every(NonZeroU64::new(step).unwrap());
        assert_eq!(happens(1, &[When::Always]).len(), 12);
        assert_eq!(happens(1, &[When::Next(2)]), [1, 2]);
        assert_eq!(happens(1, &[When::Next(1), When::Next(2)]), [1, 2, 3], "they line up");
        assert_eq!(happens(1, &[every(5)]), [5, 10]);
        assert_eq!(happens(1, &[When::Chance(Chance::parse(0.0).unwrap())]), [0; 0]);
    }

    #[test]
    fn chance_is_that_of_the_seed() {
        let half = [When::Chance(Chance::parse(0.5).unwrap())];
        assert_eq!(happens(7, &half), happens(7, &half));
        assert!((8..16).any(|seed| happens(seed, &half) != happens(7, &half)));
        assert!(Chance::parse(1.1).is_err() && Chance::parse(f64::NAN).is_err());
    }
}
