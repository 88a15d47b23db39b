//! How long to wait before the next try.

use std::time::Duration;

use backoff::SystemClock;
use backoff::backoff::Backoff as _;
use backoff::exponential::ExponentialBackoff;

/// Google's own schedule for streams: each wait half as long again as the last, half shorter or longer by chance.
pub(super) struct Patience {
    schedule: ExponentialBackoff<SystemClock>,
}

impl Patience {
    pub(super) fn new(first: Duration, most: Duration) -> Self {
        let mut schedule = ExponentialBackoff {
            initial_interval: first,
            current_interval: first,
            max_interval: most,
            multiplier: 1.5,
            randomization_factor: 0.5,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        schedule.reset();
        Self { schedule }
    }

    /// The wait before the next try; the longest at once when we asked for more than we may.
    pub(super) fn next(&mut self, exhausted: bool) -> Duration {
        if exhausted {
            self.schedule.current_interval = self.schedule.max_interval;
        }
        self.schedule.next_backoff().unwrap_or(self.schedule.max_interval)
    }

    /// It works again.
    pub(super) fn reset(&mut self) {
        self.schedule.reset();
    }
}

/// The one wait of the mirror that nothing but stopping cuts short.
pub(super) async fn pause(wait: Duration) {
    #[expect(clippy::disallowed_methods, reason = "backing off is waiting: there is nothing to be woken by")]
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_most_and_start_over_when_it_works() {
        let (first, most) = (Duration::from_secs(1), Duration::from_secs(60));
        let mut patience = Patience::new(first, most);
        assert!(patience.next(false) <= first * 3 / 2 + Duration::from_millis(1));
        for _ in 0..20 {
            patience.next(false);
        }
        assert!(patience.next(false) >= most / 2);
        patience.reset();
        assert!(patience.next(false) <= first * 3 / 2 + Duration::from_millis(1));
        assert!(patience.next(true) >= most / 2);
    }
}
