//! Moments, to the microsecond: Firestore stores no finer ones.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in microseconds since 1970-01-01T00:00:00Z.
///
/// Firestore keeps timestamps to the microsecond, rounded down (`google/firestore/v1/document.proto`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 1970-01-01T00:00:00 of UTC.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The text is not an RFC 3339 moment, or the moment lies outside the years that can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a moment such as 2026-03-18T17:00:00Z")]
pub struct BadTimestamp {
    text: String,
}

impl Timestamp {
    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From seconds and nanoseconds since 1970, rounded down to the microsecond.
    pub const fn from_parts(seconds: i64, nanos: i32) -> Self {
        Self(seconds.saturating_mul(1_000_000).saturating_add((nanos / 1_000) as i64))
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, and the nanoseconds above them.
    pub const fn parts(self) -> (i64, i32) {
        (self.0.div_euclid(1_000_000), (self.0.rem_euclid(1_000_000) * 1_000) as i32)
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This moment and `duration` more.
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment less `duration`.
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The same moment for calendars and time zones, which end some hours before the year 9999 does.
    pub fn to_jiff(self) -> jiff::Timestamp {
        let nearest = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(nearest)
    }

    /// The same moment on the calendar of UTC, whose years reach further than those of [`jiff::Timestamp`].
    fn civil(self) -> Option<DateTime> {
        EPOCH.checked_add(SignedDuration::from_micros(self.0)).ok()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(civil) => write!(out, "{civil:.6}Z"),
            None => write!(out, "{:.6}", self.to_jiff()),
        }
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    fn from_str(text: &str) -> Result<Self, BadTimestamp> {
        let bad = || BadTimestamp { text: text.to_owned() };
        let nanoseconds = match text.parse::<jiff::Timestamp>() {
            Ok(moment) => moment.as_nanosecond(),
            // The last hours of the year 9999: only the calendar of UTC has them.
            Err(_) => {
                let civil = text.strip_suffix('Z').filter(|civil| civil.starts_with("9999-12-3")).ok_or_else(bad)?;
                let (_, time) = civil.split_once('T').ok_or_else(bad)?;
                if !time.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ':' | '.')) {
                    return Err(bad());
                }
                civil.parse::<DateTime>().map_err(|_| bad())?.duration_since(EPOCH).as_nanos()
            }
        };
        Ok(Self(nanoseconds.div_euclid(1_000) as i64))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_its_text_to_the_microsecond() {
        let (first, last) = (-62_135_596_800_000_000, 253_402_300_799_999_999);
        for micros in [0, 1, -1, 1_773_853_200_123_456, first, last, 253_402_207_200_000_000, 253_402_207_200_999_999] {
            let moment = Timestamp::from_micros(micros);
            assert_eq!(moment.to_string().parse(), Ok(moment), "{moment}");
        }
        assert_eq!(Timestamp::from_micros(1_773_853_200_000_000).to_string(), "2026-03-18T17:00:00.000000Z");
        assert_eq!(Timestamp::from_micros(first).to_string(), "0001-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::from_micros(last).to_string(), "9999-12-31T23:59:59.999999Z");
        for micros in [i64::MIN, i64::MAX] {
            assert!(!Timestamp::from_micros(micros).to_string().is_empty(), "a moment out of range is no panic");
        }
    }

    #[test]
    fn text_that_is_no_moment_is_refused() {
        for text in ["", "9999-12-31Z", "9999-12-31T23:59:59", "9999-12-32T00:00:00Z", "9999-12-31T23:59:59+00:00Z"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn nanoseconds_are_rounded_down_also_before_1970() {
        assert_eq!("1969-12-31T23:59:59.999999999Z".parse(), Ok(Timestamp::from_micros(-1)));
        assert_eq!(Timestamp::from_parts(5, 1_999), Timestamp::from_micros(5_000_001));
        assert_eq!(Timestamp::from_micros(-1).parts(), (-1, 999_999_000));
    }
}
