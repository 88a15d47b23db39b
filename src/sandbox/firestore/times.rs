//! Firestore's clock ticks in microseconds. Finer times are rounded down, as the service does.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost_types::Timestamp;
use tonic::Status;

use super::refusal::invalid;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the bounds of a protobuf timestamp.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A moment in whole microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Micros(pub(super) i64);

impl Micros {
    /// Rounds down to the microsecond. Out of range is pulled to the nearest bound.
    pub(super) fn from_timestamp(time: &Timestamp) -> Self {
        let nanos = i64::from(time.nanos.clamp(0, 999_999_999));
        Self(time.seconds.clamp(*SECONDS.start(), *SECONDS.end()) * 1_000_000 + nanos / 1_000)
    }

    /// As [`Self::from_timestamp`], but a time that is out of range or not whole microseconds is refused.
    pub(super) fn aligned(field: &str, time: &Timestamp) -> Result<Self, Status> {
        check_range(field, time)?;
        if time.nanos % 1_000 != 0 {
            return Err(invalid(field, "must be aligned to microseconds"));
        }
        Ok(Self::from_timestamp(time))
    }

    /// The protobuf form.
    pub(super) fn timestamp(self) -> Timestamp {
        let nanos = i32::try_from(self.0.rem_euclid(1_000_000) * 1_000).expect("BUG: less than a second");
        Timestamp { seconds: self.0.div_euclid(1_000_000), nanos }
    }

    /// The same moment in whole milliseconds: what `REQUEST_TIME` writes.
    pub(super) fn whole_millis(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000))
    }

    /// The moment after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// How long before `later` this was. Zero if it was not.
    pub(super) fn until(self, later: Self) -> Duration {
        Duration::from_micros(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// Refuses what no protobuf timestamp may be.
pub(super) fn check_range(field: &str, time: &Timestamp) -> Result<(), Status> {
    if !SECONDS.contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
        return Err(invalid(field, "is not a time between the years 1 and 9999"));
    }
    Ok(())
}

/// A server's clock: one that the options chose, and how far it was put forward since.
#[derive(Clone)]
pub(super) struct ServerClock {
    read: fn() -> Timestamp,
    ahead: Arc<AtomicI64>,
}

impl ServerClock {
    /// A clock that shows what `read` shows.
    pub(super) fn new(read: fn() -> Timestamp) -> Self {
        Self { read, ahead: Arc::default() }
    }

    /// The time that it shows.
    pub(super) fn now(&self) -> Micros {
        Micros(Micros::from_timestamp(&(self.read)()).0.saturating_add(self.ahead.load(Ordering::SeqCst)))
    }

    /// Puts it forward.
    pub(super) fn put_forward(&self, time: Duration) {
        self.ahead.fetch_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

/// The default clock of the sandbox.
pub(super) fn wall_clock() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the sandbox is a machine of its own, with its own clock")]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)).timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_down_to_the_microsecond() {
        let time = Timestamp { seconds: -1, nanos: 999_999_999 };
        assert_eq!(Micros::from_timestamp(&time), Micros(-1));
        assert_eq!(Micros(-1).timestamp(), Timestamp { seconds: -1, nanos: 999_999_000 });
        assert_eq!(Micros(1_234_567).whole_millis(), Micros(1_234_000));
    }

    #[test]
    fn a_precondition_time_must_be_aligned() {
        assert!(Micros::aligned("update_time", &Timestamp { seconds: 1, nanos: 1_500 }).is_err());
        assert!(Micros::aligned("update_time", &Timestamp { seconds: 1, nanos: -1 }).is_err());
        assert_eq!(Micros::aligned("update_time", &Timestamp { seconds: 1, nanos: 2_000 }).unwrap(), Micros(1_000_002));
    }
}
