//! How fast writes may be sent: 500/50/5.
//!
//! A new collection takes 500 writes a second, and half as many more after every five minutes of use
//! (<https://firebase.google.com/docs/firestore/best-practices#ramping_up_traffic>). Use is counted in writes, not in
//! time: a rate has to be used for five minutes' worth of writes before it grows, so an idle night makes nothing faster.
//!
//! # Guarantees
//! * In no second are more writes let go than the rate at its end, so there is no burst after idleness either.
//! * Contention halves the rate and makes it pause, longer each time; a second's worth of success undoes one halving.
//! * A clock that goes backwards lets nothing go.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

/// The most that any rate grows to, in writes a second.
pub const FASTEST: u32 = 10_000;

/// How much has to be sent at a rate before it grows: what it lets go in this time.
const GROWS_AFTER: Duration = Duration::from_secs(5 * 60);

/// Over which no more is let go than the rate says.
const SECOND: Duration = Duration::from_secs(1);

/// The pause after the first contention; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause, before chance shortens it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How fast writes may be sent. Moments are durations on a clock that never goes back, such as a stopwatch's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// The rate that use has earned, in writes a second.
    earned: u32,
    /// How many writes were let go since the rate grew last.
    used: u64,
    /// How often the rate is halved at present.
    halvings: u32,
    /// Successes since the rate was halved or doubled last.
    well: u32,
    /// Contentions since the last success.
    failures: u32,
    /// Nothing goes before this moment.
    paused_until: Duration,
    /// The latest moment that was told.
    latest: Duration,
    /// What was let go in the last second.
    recent: VecDeque<(Duration, u32)>,
    /// The sum of it.
    in_flight: u32,
}

/// How many may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// So many now, at most as many as were wanted. They count as sent.
    pub count: usize,
    /// Asking again before this moment gets nothing more.
    pub next: Duration,
}

impl Ramp {
    /// A ramp that begins at this rate, in writes a second.
    pub fn starting_at(rate: NonZeroU32) -> Self {
        Self {
            earned: rate.get().min(FASTEST),
            used: 0,
            halvings: 0,
            well: 0,
            failures: 0,
            paused_until: Duration::ZERO,
            latest: Duration::ZERO,
            recent: VecDeque::new(),
            in_flight: 0,
        }
    }

    /// The rate now, in writes a second.
    pub fn rate(&self) -> u32 {
        self.earned.checked_shr(self.halvings).unwrap_or_default().max(1)
    }

    /// Lets up to `wanted` writes go now.
    pub fn take(&mut self, now: Duration, wanted: usize) -> Grant {
        if now < self.latest {
            return Grant { count: 0, next: self.next() };
        }
        self.latest = now;
        while let Some((_, count)) = self.recent.front().copied().filter(|(at, _)| now - *at >= SECOND) {
            self.in_flight -= count;
            self.recent.pop_front();
        }
        let room = if now < self.paused_until { 0 } else { self.rate().saturating_sub(self.in_flight) };
        let count = room.min(u32::try_from(wanted).unwrap_or(u32::MAX));
        if count > 0 {
            self.recent.push_back((now, count));
            self.in_flight += count;
            self.use_up(count);
        }
        Grant { count: count as usize, next: self.next() }
    }

    /// So many of what was let go has landed: a pause is over, and the rate recovers from its halvings.
    pub fn landed(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        self.failures = 0;
        self.well = self.well.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        while self.halvings > 0 && self.well >= self.rate() {
            self.well -= self.rate();
            self.halvings -= 1;
        }
    }

    /// Firestore says that it is too much (`ABORTED`, `RESOURCE_EXHAUSTED`): half as fast, after a pause.
    ///
    /// `chance` is any number; it shortens the pause to between a half of it and the whole, so that those who met do not
    /// meet again. Answers the moment at which the pause is over.
    pub fn contended(&mut self, now: Duration, chance: u32) -> Duration {
        let now = now.max(self.latest);
        let doubled = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(self.failures.min(16)).unwrap_or(u32::MAX));
        let half = doubled.min(LONGEST_PAUSE) / 2;
        let part = half.mul_f64(f64::from(chance) / f64::from(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        if self.rate() > 1 {
            self.halvings += 1;
        }
        self.well = 0;
        self.paused_until = self.paused_until.max(now.saturating_add(half + part));
        self.paused_until
    }

    /// When there is something more to be had.
    fn next(&self) -> Duration {
        let free = if self.in_flight < self.rate() {
            self.latest
        } else {
            // As much has to be over as is too much, and one more.
            let mut over = self.in_flight - self.rate() + 1;
            let first = self.recent.iter().find(|(_, count)| {
                over = over.saturating_sub(*count);
                over == 0
            });
            first.map_or(self.latest, |(at, _)| at.saturating_add(SECOND))
        };
        free.max(self.paused_until).max(self.latest)
    }

    /// The rate grows by a half once it was used for long enough.
    fn use_up(&mut self, count: u32) {
        self.used += u64::from(count);
        let enough = u64::from(self.earned) * GROWS_AFTER.as_secs();
        if self.used >= enough {
            self.used -= enough;
            self.earned = self.earned.saturating_add((self.earned / 2).max(1)).min(FASTEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ramp(rate: u32) -> Ramp {
        Ramp::starting_at(NonZeroU32::new(rate).expect("a rate"))
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_begins_at_its_rate_and_says_when_to_come_again() {
        let mut ramp = ramp(500);
        assert_eq!(ramp.take(seconds(1), 300), Grant { count: 300, next: seconds(1) });
        assert_eq!(ramp.take(seconds(1), 300), Grant { count: 200, next: seconds(2) });
        assert_eq!(ramp.take(Duration::from_millis(1_999), 1).count, 0);
        assert_eq!(ramp.take(seconds(2), 1_000).count, 500);
    }

    #[test]
    fn it_grows_by_a_half_after_five_minutes_of_use_and_not_of_idleness() {
        let mut ramp = ramp(500);
        assert_eq!(ramp.take(seconds(1_000_000), 501).count, 500, "an idle fortnight makes nothing faster");
        for second in 1..300 {
            assert_eq!(ramp.take(seconds(1_000_000 + second), 10_000).count, 500);
        }
        assert_eq!(ramp.rate(), 750);
        let mut now = 2_000_000;
        while ramp.rate() < FASTEST {
            now += 1;
            ramp.take(seconds(now), usize::MAX);
        }
        // 750 × 1.5⁷ is more than 10,000: seven times five minutes.
        assert_eq!(now - 2_000_000, 7 * 300);
        for second in 1..1_000 {
            ramp.take(seconds(now + second), usize::MAX);
        }
        assert_eq!(ramp.rate(), FASTEST);
    }

    #[test]
    fn contention_halves_it_and_pauses_and_success_brings_it_back() {
        let mut ramp = ramp(400);
        let until = ramp.contended(seconds(1), u32::MAX);
        assert!(until <= seconds(1) + FIRST_PAUSE && until > seconds(1) + FIRST_PAUSE * 9 / 10, "{until:?}");
        assert_eq!(ramp.take(seconds(1), 9), Grant { count: 0, next: until });
        assert_eq!(ramp.take(until, 1_000).count, 200);
        let again = ramp.contended(until, 0);
        assert_eq!(again, until + FIRST_PAUSE, "half of twice as long");
        assert_eq!(ramp.rate(), 100);
        for _ in 0..40 {
            ramp.contended(seconds(10), u32::MAX);
        }
        assert_eq!(ramp.rate(), 1, "something is always tried again");
        assert!(ramp.take(seconds(10), 1).next <= seconds(10) + LONGEST_PAUSE);
        let mut landed = 0;
        while ramp.rate() < 400 {
            ramp.landed(1);
            landed += 1;
        }
        assert!((350..450).contains(&landed), "about as many as in one second of it: {landed}");
    }

    #[test]
    fn a_clock_that_goes_backwards_lets_nothing_go() {
        let mut ramp = ramp(10);
        ramp.take(seconds(100), 1);
        let before = ramp.clone();
        assert_eq!(ramp.take(seconds(99), 5), Grant { count: 0, next: seconds(100) });
        assert_eq!(ramp, before);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Wait(u64),
        Back(u64),
        Take(usize),
        Landed(usize),
        Contended(u32),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_u64..700).prop_map(Step::Wait),
            1 => (1_000_u64..600_000).prop_map(Step::Wait),
            1 => (0_u64..2_000).prop_map(Step::Back),
            6 => (0_usize..2_000).prop_map(Step::Take),
            2 => (0_usize..300).prop_map(Step::Landed),
            1 => any::<u32>().prop_map(Step::Contended),
        ]
    }

    proptest! {
        #[test]
        fn never_more_than_the_rate_in_any_second(start in 1_u32..900, steps in prop::collection::vec(any_step(), 1..200)) {
            let mut ramp = ramp(start);
            let (mut now, mut let_go): (u64, Vec<(u64, usize)>) = (0, Vec::new());
            for step in steps {
                match step {
                    Step::Wait(millis) => now += millis,
                    Step::Back(millis) => {
                        let grant = ramp.take(Duration::from_millis(now.saturating_sub(millis)), 0);
                        prop_assert_eq!(grant.count, 0);
                    }
                    Step::Take(wanted) => {
                        let (before, at) = (ramp.rate(), Duration::from_millis(now));
                        let paused = ramp.paused_until > at;
                        let grant = ramp.take(at, wanted);
                        prop_assert!(grant.count <= wanted);
                        prop_assert!(!paused || grant.count == 0, "it was told to pause");
                        prop_assert!(grant.next >= at);
                        let within: usize =
                            let_go.iter().filter(|(then, _)| now - then < 1_000).map(|(_, count)| count).sum();
                        prop_assert!(grant.count == 0 || within + grant.count <= before as usize);
                        prop_assert!(grant.count > 0 || wanted == 0 || paused || within >= before as usize, "nothing is held back for nothing");
                        if grant.count < wanted {
                            let mut later = ramp.clone();
                            prop_assert!(later.take(grant.next, 1).count == 1, "it says when to come again");
                            let mut sooner = ramp.clone();
                            let earlier = grant.next.saturating_sub(Duration::from_nanos(1)).max(at);
                            prop_assert!(earlier == grant.next || sooner.take(earlier, 1).count == 0, "and not too late");
                        }
                        let_go.push((now, grant.count));
                    }
                    Step::Landed(count) => ramp.landed(count),
                    Step::Contended(chance) => {
                        let before = ramp.rate();
                        ramp.contended(Duration::from_millis(now), chance);
                        prop_assert!(ramp.rate() == (before / 2).max(1));
                    }
                }
                prop_assert!((1..=FASTEST).contains(&ramp.rate()));
            }
        }
    }
}
