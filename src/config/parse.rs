//! From text to values, and from values to their canonical text.

use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf, time::Duration};

use jiff::{SignedDuration, tz::TimeZone};
use secrecy::SecretString;

/// What is wrong with a value, as the end of a sentence that begins with its key.
pub(super) type Wrong = String;

/// A value that has one canonical text, for the fingerprint and for people.
pub(super) trait Shown {
    /// The canonical text.
    fn shown(&self) -> String;
}

macro_rules! shown_by_display {
    ($($type:ty),*) => { $(impl Shown for $type { fn shown(&self) -> String { self.to_string() } })* };
}
pub(super) use shown_by_display;

shown_by_display!(String, u64, bool, SocketAddr);

impl Shown for Duration {
    fn shown(&self) -> String {
        SignedDuration::try_from(*self)
            .map_or_else(|_| format!("{}s", self.as_secs()), |duration| format!("{duration:#}"))
    }
}

impl Shown for PathBuf {
    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Shown for TimeZone {
    fn shown(&self) -> String {
        self.iana_name().unwrap_or("unknown").to_owned()
    }
}

impl Shown for SecretString {
    fn shown(&self) -> String {
        "[set]".to_owned()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> String {
        self.iter().map(Shown::shown).collect::<Vec<_>>().join(",")
    }
}

/// The value for a message: in quotes, control characters escaped, cut after 60 characters.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// `90s`, `15m`, `1h 30m` or `PT15M`, from `least` to `most`.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, Wrong> {
    let parsed: SignedDuration = text.parse().map_err(|_| format!("{} is not a duration", quoted(text)))?;
    let parsed = Duration::try_from(parsed).map_err(|_| format!("{} is negative", quoted(text)))?;
    match parsed {
        short if short < least => Err(format!("{} is too short", quoted(text))),
        long if long > most => Err(format!("{} is too long", quoted(text))),
        fitting => Ok(fitting),
    }
}

/// A whole number within `range`.
pub(super) fn whole(text: &str, range: &RangeInclusive<u64>) -> Result<u64, Wrong> {
    let number: i128 = text.parse().map_err(|_| format!("{} is not a whole number", quoted(text)))?;
    match u64::try_from(number) {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("{number} is not from {} to {}", range.start(), range.end())),
    }
}

/// `true` or `false`, and nothing else: a safety switch must not depend on what "yes" means.
pub(super) fn flag(text: &str) -> Result<bool, Wrong> {
    text.parse().map_err(|_| format!("{} is neither true nor false", quoted(text)))
}

/// An address and port, such as `127.0.0.1:8787`.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| format!("{} is not an address and port", quoted(text)))
}

/// A path that is not empty.
pub(super) fn path(text: &str) -> Result<PathBuf, Wrong> {
    match text.trim() {
        "" => Err("is empty".to_owned()),
        text if text.contains('\0') => Err("contains a zero byte".to_owned()),
        text => Ok(PathBuf::from(text)),
    }
}

/// A short text for people: 1 to 80 characters, no control characters.
pub(super) fn short_text(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("is empty".to_owned()),
        1..=80 if text.chars().any(char::is_control) => Err("contains control characters".to_owned()),
        1..=80 => Ok(text.to_owned()),
        count => Err(format!("is {count} characters long")),
    }
}

/// Lower-case letters, digits and hyphens; begins with a letter, does not end with a hyphen.
pub(super) fn dashed_name(text: &str, length: RangeInclusive<usize>) -> Result<String, Wrong> {
    let fits = length.contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits { Ok(text.to_owned()) } else { Err(format!("{} does not fit", quoted(text))) }
}

/// A name of the IANA time zone database, such as `America/Phoenix`.
pub(super) fn time_zone(text: &str) -> Result<TimeZone, Wrong> {
    TimeZone::get(text).map_err(|_| format!("{} is not in this machine's time zone database", quoted(text)))
}
