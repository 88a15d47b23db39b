use std::time::Duration;

use crate::domain::time::Timestamp;

/// The most that a limit may allow at once or per window.
const MOST: u32 = 1_000_000;

/// The longest window.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3_600);

/// How much may be taken at once, and how fast it comes back.
///
/// Invariant: 1 to 1,000,000 at once; one comes back every microsecond to every 31 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    burst: u32,
    count: u32,
    window_us: i64,
    /// One comes back after so many microseconds; rounded up, so that the rate is never exceeded.
    interval_us: i64,
}

/// Why a limit was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{count} per {window:?} with {burst} at once is not a limit: {rule}")]
pub struct BadLimit {
    count: u32,
    window: Duration,
    burst: u32,
    rule: &'static str,
}

/// What is known of a bucket. A bucket of which nothing is known is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// When everything will have come back.
    pub full: Timestamp,
    /// The latest moment that the bucket was asked at.
    pub seen: Timestamp,
    /// Microseconds given back so far.
    pub returned_us: i64,
}

/// What was taken, for giving it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When it will have come back by itself.
    pub ends: Timestamp,
    /// How much had been given back before.
    pub returned_us: i64,
    /// How many were taken.
    pub weight: u32,
}

/// How long to wait before asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// The time to wait; never zero.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The time to wait in whole seconds, rounded up, as the `Retry-After` header has it.
    pub const fn seconds(self) -> u64 {
        self.0.as_secs() + (self.0.subsec_nanos() > 0) as u64
    }
}

impl Level {
    /// The same bucket, full. Tickets from before give nothing back any more.
    pub fn refilled(self, now: Timestamp) -> Self {
        let seen = self.seen.max(now);
        let given_us = self.full.micros().saturating_sub(seen.micros()).max(0);
        Self { full: self.full.min(seen), seen, returned_us: self.returned_us.saturating_add(given_us) }
    }
}

impl Limit {
    /// `count` per `window`, all of them at once if need be.
    pub fn per(count: u32, window: Duration) -> Result<Self, BadLimit> {
        Self::with_burst(count, window, count)
    }

    /// `count` per `window`, and at most `burst` at once.
    pub fn with_burst(count: u32, window: Duration, burst: u32) -> Result<Self, BadLimit> {
        let bad = |rule| Err(BadLimit { count, window, burst, rule });
        if !(1..=MOST).contains(&count) || !(1..=MOST).contains(&burst) {
            return bad("allow 1 to 1,000,000");
        }
        if window > LONGEST {
            return bad("the window may last 31 days at most");
        }
        let window_us = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
        if window_us < i64::from(count) {
            return bad("the window is shorter than a microsecond for each");
        }
        let count_us = i64::from(count);
        let interval_us = window_us / count_us + i64::from(window_us % count_us != 0);
        Ok(Self { burst, count, window_us, interval_us })
    }

    /// How many come back in a window.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// How many may be taken at once.
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The window.
    pub fn window(&self) -> Duration {
        Duration::from_micros(self.window_us.unsigned_abs())
    }

    /// How long it takes until one has come back.
    pub fn interval(&self) -> Duration {
        Duration::from_micros(self.interval_us.unsigned_abs())
    }

    /// Takes one: the level afterwards, and the ticket for giving it back.
    pub fn take(&self, level: Option<Level>, now: Timestamp) -> Result<(Level, Ticket), RetryAfter> {
        self.take_many(level, 1, now)
    }

    /// Takes so many at once, or none. More than may be taken at once never come.
    pub fn take_many(&self, level: Option<Level>, weight: u32, now: Timestamp) -> Result<(Level, Ticket), RetryAfter> {
        let level = level.unwrap_or(Level { full: now, seen: now, returned_us: 0 });
        let seen = level.seen.max(now);
        let begins = level.full.max(seen).micros();
        let tolerance = self.interval_us.saturating_mul(i64::from(self.burst) - i64::from(weight));
        let early = begins.saturating_sub(seen.micros()).saturating_sub(tolerance);
        if early > 0 {
            let behind = seen.micros().saturating_sub(now.micros());
            let wait = early.saturating_add(behind).unsigned_abs();
            return Err(RetryAfter(Duration::from_micros(wait)));
        }
        let ends = Timestamp::from_micros(begins.saturating_add(self.interval_us.saturating_mul(i64::from(weight))));
        let after = Level { full: ends, seen, returned_us: level.returned_us };
        Ok((after, Ticket { ends, returned_us: level.returned_us, weight }))
    }

    /// Gives back what was taken. What has come back by itself since is not given twice.
    pub fn give_back(&self, level: Level, ticket: Ticket, now: Timestamp) -> Level {
        let seen = level.seen.max(now);
        // What was given back since may have moved this one forward in the line; we assume that it did.
        let moved = level.returned_us.saturating_sub(ticket.returned_us).max(0);
        let ends = ticket.ends.micros().saturating_sub(moved);
        let left =
            ends.saturating_sub(seen.micros()).clamp(0, self.interval_us.saturating_mul(i64::from(ticket.weight)));
        let full = Timestamp::from_micros(level.full.micros().saturating_sub(left));
        Level { full, seen, returned_us: level.returned_us.saturating_add(left) }
    }

    /// How many could be taken now.
    pub fn remaining(&self, level: Option<Level>, now: Timestamp) -> u32 {
        let Some(level) = level else { return self.burst };
        let seen = level.seen.max(now);
        let used_us = level.full.micros().saturating_sub(seen.micros()).max(0);
        let used = used_us / self.interval_us + i64::from(used_us % self.interval_us != 0);
        self.burst.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn limit(count: u32, window_us: u64, burst: u32) -> Limit {
        Limit::with_burst(count, Duration::from_micros(window_us), burst).expect("a limit")
    }

    #[test]
    fn the_burst_comes_at_once_and_then_one_per_interval() {
        let limit = limit(2, 10, 2);
        let (one, _) = limit.take(None, at(0)).expect("the first");
        let (two, _) = limit.take(Some(one), at(0)).expect("the second");
        let wait = limit.take(Some(two), at(0)).expect_err("the third waits");
        assert_eq!((wait.duration(), wait.seconds()), (Duration::from_micros(5), 1));
        assert_eq!(limit.take(Some(two), at(4)), Err(RetryAfter(Duration::from_micros(1))));
        assert!(limit.take(Some(two), at(5)).is_ok(), "exactly after the time that was told");
        assert_eq!((limit.remaining(Some(two), at(0)), limit.remaining(Some(two), at(5))), (0, 1));
        assert_eq!(limit.remaining(Some(two), at(99)), 2);
    }

    #[test]
    fn many_are_taken_together_or_not_at_all() {
        let limit = limit(10, 100, 10);
        let (level, ticket) = limit.take_many(None, 7, at(0)).expect("seven of ten");
        assert_eq!(limit.remaining(Some(level), at(0)), 3);
        let wait = limit.take_many(Some(level), 4, at(0)).expect_err("three are left");
        assert!(limit.take_many(Some(level), 4, at(0).plus(wait.duration())).is_ok());
        assert!(limit.take_many(None, 11, at(0)).is_err(), "more than there ever are");
        let back = limit.give_back(level, ticket, at(0));
        assert_eq!(limit.remaining(Some(back), at(0)), 10);
    }

    #[test]
    fn a_clock_that_is_set_back_refills_nothing() {
        let limit = limit(1, 10, 1);
        let (level, _) = limit.take(None, at(100)).expect("the first");
        let wait = limit.take(Some(level), at(40)).expect_err("the clock went back");
        assert_eq!(wait.duration(), Duration::from_micros(70), "until the clock shows 110 again");
        assert_eq!(limit.remaining(Some(level), at(40)), 0);
        assert!(limit.take(Some(level), at(110)).is_ok());
    }

    #[test]
    fn what_came_back_by_itself_is_not_given_twice() {
        let limit = limit(1, 10, 1);
        let (level, ticket) = limit.take(None, at(0)).expect("the first");
        assert!(limit.take(Some(limit.give_back(level, ticket, at(0))), at(0)).is_ok(), "given back at once");
        let (level, old) = limit.take(None, at(0)).expect("the first");
        let (level, _) = limit.take(Some(level), at(10)).expect("the second");
        let level = limit.give_back(level, old, at(10));
        assert!(limit.take(Some(level), at(10)).is_err(), "the first had come back before");
    }

    #[test]
    fn a_refilled_bucket_is_full_and_old_tickets_are_worthless() {
        let limit = limit(2, 10, 2);
        let (level, first) = limit.take(None, at(0)).expect("the first");
        let (level, _) = limit.take(Some(level), at(0)).expect("the second");
        let level = level.refilled(at(1));
        assert_eq!(limit.remaining(Some(level), at(1)), 2);
        let (level, _) = limit.take(Some(level), at(1)).expect("full again");
        let level = limit.give_back(level, first, at(1));
        assert_eq!(limit.remaining(Some(level), at(1)), 1);
    }

    #[test]
    fn nonsense_is_not_a_limit() {
        let minute = Duration::from_secs(60);
        for bad in [
            Limit::per(0, minute),
            Limit::per(1, Duration::ZERO),
            Limit::per(1, Duration::MAX),
            Limit::with_burst(1, minute, 0),
            Limit::per(u32::MAX, minute),
            Limit::per(1_000, Duration::from_micros(999)),
        ] {
            assert!(bad.is_err(), "{bad:?}");
        }
        assert_eq!(limit(3, 10, 1).interval(), Duration::from_micros(4), "rounded up");
    }

    /// What a caller does: waits (or the clock jumps back), takes, or gives an earlier one back.
    #[derive(Clone, Debug)]
    enum Step {
        Wait(i64),
        Take,
        GiveBack(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (-20_i64..60).prop_map(Step::Wait),
            5 => Just(Step::Take),
            2 => (0_usize..40).prop_map(Step::GiveBack),
        ]
    }

    #[test]
    fn a_clock_that_jumps_back_after_a_denial_gives_nothing_for_free() {
        let limit = limit(2, 77, 1);
        let (first, ticket) = limit.take(None, at(1_000)).expect("is full");
        assert!(limit.take(Some(first), at(1_001)).is_err());
        let back = limit.give_back(first, ticket, at(989));
        let (second, _) = limit.take(Some(back), at(989)).expect("was given back");
        assert!(limit.take(Some(second), at(1_038)).is_err(), "39 after the latest time that was kept, and not before");
        assert!(limit.take(Some(second), at(1_039)).is_ok());
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_what_the_span_refills(
            count in 1_u32..6, window in 6_u64..200, burst in 1_u32..6, steps in prop::collection::vec(step(), 1..160),
        ) {
            let limit = limit(count, window, burst);
            let interval = i64::try_from(limit.interval().as_micros()).expect("small");
            // The clock shows `now`; `latest` is the largest time that the limit has kept: a denial keeps nothing.
            let (mut now, mut latest, mut level) = (1_000_i64, i64::MIN, None);
            let mut taken: Vec<(i64, Ticket, bool)> = Vec::new();
            for step in steps {
                match step {
                    Step::Wait(by) => now += by,
                    Step::Take => {
                        let before = limit.remaining(level, at(now));
                        match limit.take(level, at(now)) {
                            Ok((after, ticket)) => {
                                prop_assert!(before > 0);
                                level = Some(after);
                                latest = latest.max(now);
                                taken.push((latest, ticket, true));
                            }
                            Err(wait) => {
                                prop_assert_eq!(before, 0);
                                let told = now + i64::try_from(wait.duration().as_micros()).expect("small");
                                prop_assert!(limit.take(level, at(told)).is_ok(), "what was told is right");
                                prop_assert!(limit.take(level, at(told - 1)).is_err(), "and not too long");
                            }
                        }
                    }
                    Step::GiveBack(which) => {
                        let count = taken.len();
                        if let Some((_, ticket, kept)) = taken.get_mut(which % count.max(1)).filter(|one| one.2) {
                            latest = latest.max(now);
                            level = level.map(|level| limit.give_back(level, *ticket, at(now)));
                            *kept = false;
                        }
                    }
                }
            }
            let kept: Vec<i64> = taken.iter().filter(|one| one.2).map(|one| one.0).collect();
            for (first, begin) in kept.iter().enumerate() {
                for (last, end) in kept.iter().enumerate().skip(first) {
                    let most = i64::from(burst) + (end - begin) / interval;
                    prop_assert!((last - first + 1) as i64 <= most, "{} in {}..={}", last - first + 1, begin, end);
                }
            }
        }
    }
}
