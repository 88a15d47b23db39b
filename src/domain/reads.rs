//! What Firestore bills: reads, by collection, cause and day.
//!
//! The rules (<https://firebase.google.com/docs/firestore/pricing>): one read per document returned, also for one that
//! was asked for by its name and is missing; at least one per query; one per 1,000 counted; over a stream one per
//! document that comes, changes or leaves a target because it changed. Deletions are free. A stream that was away for
//! more than 30 minutes costs as much as a new query.

use std::fmt;
use std::time::Duration;

use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;

/// How many documents one read counts.
pub const COUNTED_PER_READ: u64 = 1_000;

/// A stream that was away for longer costs as much as a new query.
pub const CHEAP_RESUME: Duration = Duration::from_secs(30 * 60);

/// Why something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A collection is read as a whole for the first time.
    Backfill,
    /// A collection is read as a whole again.
    Relist,
    /// Changes arrive as they happen.
    Tail,
    /// The mirror is proved.
    Verify,
    /// The mirror is compared with the cloud.
    Drift,
    /// An approved write looks at its document and its receipt.
    Push,
    /// A rehearsed write does.
    Drill,
    /// The server is asked which collections there are.
    Discovery,
    /// Somebody asks whether Firestore can be reached.
    Doctor,
    /// Nobody said why.
    Other,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 10] = [
        Self::Backfill,
        Self::Relist,
        Self::Tail,
        Self::Verify,
        Self::Drift,
        Self::Push,
        Self::Drill,
        Self::Discovery,
        Self::Doctor,
        Self::Other,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
            Self::Relist => "relist",
            Self::Tail => "tail",
            Self::Verify => "verify",
            Self::Drift => "drift",
            Self::Push => "push",
            Self::Drill => "drill",
            Self::Discovery => "discovery",
            Self::Doctor => "doctor",
            Self::Other => "other",
        }
    }

    /// The cause that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }

    /// Does it pause when the day's budget is spent? What keeps the mirror true and writes certain never does.
    pub const fn is_braked(self) -> bool {
        match self {
            Self::Relist | Self::Verify | Self::Drift => true,
            Self::Backfill | Self::Tail | Self::Push | Self::Drill | Self::Discovery | Self::Doctor | Self::Other => {
                false
            }
        }
    }
}

/// Reads of one collection for one cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reads {
    /// What was read.
    pub collection: CollectionId,
    /// Why.
    pub cause: Cause,
    /// How many reads are billed for it.
    pub reads: u64,
}

/// What stands for a collection where all of them are asked for at once. `(` keeps it apart from what people choose.
pub fn all_collections() -> CollectionId {
    CollectionId::parse("(all)").expect("BUG: it is a legal segment")
}

/// What a query costs that returned this many documents.
pub fn query(documents: usize) -> u64 {
    (documents as u64).max(1)
}

/// What a count costs that came to this many documents.
pub fn count(documents: u64) -> u64 {
    documents.div_ceil(COUNTED_PER_READ).max(1)
}

/// A day in UTC: what a budget is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    const MICROS: i64 = 86_400_000_000;

    /// The day that a moment is in.
    pub const fn of(moment: Timestamp) -> Self {
        Self(moment.micros().div_euclid(Self::MICROS))
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The day this many days before.
    pub const fn before(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days as i64))
    }

    /// The day that a date names, such as `2026-03-18`.
    pub fn parse(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok()?;
        let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Self::of(start.into())).filter(|day| day.to_string() == text)
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(Self::MICROS))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.start().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date())
    }
}

/// What a day has cost so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayReads {
    /// The day.
    pub day: Day,
    /// What may be spent; `None` when nothing was counted that day.
    pub budget: Option<u64>,
    /// Every cause and collection that cost something.
    pub reads: Vec<Reads>,
}

impl DayReads {
    /// All reads of the day.
    pub fn spent(&self) -> u64 {
        self.reads.iter().map(|line| line.reads).sum()
    }

    /// The reads of the day by cause, in the order of [`Cause::ALL`], those without any left out.
    pub fn by_cause(&self) -> Vec<(Cause, u64)> {
        let sum = |cause| self.reads.iter().filter(|line| line.cause == cause).map(|line| line.reads).sum();
        Cause::ALL.into_iter().map(|cause| (cause, sum(cause))).filter(|(_, reads)| *reads > 0).collect()
    }

    /// Is the budget spent, so that what can wait does?
    pub fn is_spent(&self) -> bool {
        self.budget.is_some_and(|budget| self.spent() >= budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_firestores() {
        assert_eq!([query(0), query(1), query(300)], [1, 1, 300]);
        assert_eq!([count(0), count(1), count(1_000), count(1_001)], [1, 1, 1, 2]);
    }

    #[test]
    fn a_day_is_utc_and_says_its_date() {
        let day = |text: &str| Day::of(text.parse().expect("a moment"));
        assert_eq!(day("2026-03-18T23:59:59.999999Z").to_string(), "2026-03-18");
        assert_eq!(day("2026-03-18T23:59:59.999999Z"), day("2026-03-18T00:00:00Z"));
        assert_eq!(Day::parse("2026-03-18"), Some(day("2026-03-18T12:00:00Z")));
        assert_eq!([Day::parse("2026-3-18"), Day::parse("2026-02-30"), Day::parse("")], [None; 3]);
        assert_eq!(day("1969-12-31T23:59:59Z"), Day::of(Timestamp::from_micros(0)).before(1));
    }

    #[test]
    fn what_can_not_wait_is_never_braked() {
        let braked: Vec<_> = Cause::ALL.into_iter().filter(|cause| cause.is_braked()).collect();
        assert_eq!(braked, [Cause::Relist, Cause::Verify, Cause::Drift]);
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.word()), Some(cause));
        }
    }
}
