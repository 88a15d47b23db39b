//! The only reader of the wall clock.
//!
//! Everything else is told the time, so a test holds it in its hand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// The largest time any system clock of this process has shown, in microseconds since 1970.
static LATEST: AtomicI64 = AtomicI64::new(i64::MIN);

/// Tells the time in whole microseconds, the precision Firestore stores.
///
/// # Guarantees
/// Never goes backwards within a process: if the machine's clock is set back, the largest time seen is repeated until
/// the clock has caught up.
#[derive(Clone, Debug)]
pub struct Clock {
    hands: Hands,
}

#[derive(Clone, Debug)]
enum Hands {
    /// The machine's clock.
    System,
    /// Microseconds since 1970, moved by [`Clock::advance`]; shared by all clones.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { hands: Hands::System }
    }

    /// A clock that stands still at `start` until it is advanced; clones show the same time.
    pub fn manual(start: Timestamp) -> Self {
        Self { hands: Hands::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))) }
    }

    /// The time now, in whole microseconds.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.hands {
            Hands::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one reader of the wall clock")]
                let shown = Timestamp::now().as_microsecond();
                LATEST.fetch_max(shown, Ordering::Relaxed).max(shown)
            }
            Hands::Manual(micros) => micros.load(Ordering::Relaxed),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }

    /// Moves a manual clock, and all its clones, forward.
    ///
    /// # Panics
    /// On a system clock, which nobody moves: that is a bug of the caller.
    pub fn advance(&self, by: Duration) {
        match &self.hands {
            Hands::System => panic!("BUG: only a manual clock can be advanced"),
            Hands::Manual(micros) => {
                let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
                let moved = micros.load(Ordering::Relaxed).saturating_add(by);
                micros.store(moved.min(Timestamp::MAX.as_microsecond()), Ordering::Relaxed);
            }
        }
    }

    /// Starts measuring how long something takes; the machine's clock being set does not disturb it.
    pub fn stopwatch(&self) -> Stopwatch {
        match &self.hands {
            Hands::System => Stopwatch { start: Start::Instant(Instant::now()) },
            Hands::Manual(_) => Stopwatch { start: Start::Manual { clock: self.clone(), at: self.now() } },
        }
    }
}

/// Measures how long something takes.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    start: Start,
}

#[derive(Clone, Debug)]
enum Start {
    Instant(Instant),
    Manual { clock: Clock, at: Timestamp },
}

impl Stopwatch {
    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        match &self.start {
            Start::Instant(instant) => instant.elapsed(),
            Start::Manual { clock, at } => Duration::try_from(clock.now().duration_since(*at)).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_backwards_and_has_whole_microseconds() {
        let clock = Clock::system();
        let mut before = clock.now();
        for _ in 0..1_000 {
            let now = clock.now();
            assert!(now >= before);
            assert_eq!(now.subsec_nanosecond() % 1_000, 0);
            before = now;
        }
    }

    #[test]
    fn a_clock_set_back_repeats_the_largest_time_seen() {
        let ahead = Clock::system().now().as_microsecond() + 2_000_000;
        LATEST.fetch_max(ahead, Ordering::Relaxed);
        assert!(Clock::system().now().as_microsecond() >= ahead);
    }

    #[test]
    fn a_manual_clock_moves_only_when_advanced_and_takes_its_clones_along() {
        let start: Timestamp = "2026-03-18T17:00:00.123456789Z".parse().expect("a timestamp");
        let clock = Clock::manual(start);
        let clone = clock.clone();
        let watch = clock.stopwatch();
        assert_eq!(clone.now().to_string(), "2026-03-18T17:00:00.123456Z");
        clock.advance(Duration::from_secs(90));
        assert_eq!(clone.now().to_string(), "2026-03-18T17:01:30.123456Z");
        assert_eq!(watch.elapsed(), Duration::from_secs(90));
    }
}
