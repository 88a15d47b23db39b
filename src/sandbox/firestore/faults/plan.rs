//! What shall go wrong: on which occasions, how often, and in which way.

use std::num::NonZeroU64;
use std::ops::RangeInclusive;
use std::time::Duration;

use tonic::Code;

use super::method::Method;

/// Everything that shall go wrong on one server. The same seed and the same calls make the same faults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// Where every chance and every range comes from.
    pub seed: u64,
    /// Asked in this order: the first that fires answers, and later ones of its kind do not see the occasion.
    pub faults: Vec<Fault>,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It goes wrong with calls.
    Call {
        /// Calls of this method; none means of every method.
        method: Option<Method>,
        /// Which of them.
        when: When,
        /// In which way.
        what: CallFault,
    },
    /// It goes wrong on listen streams.
    Listen {
        /// On which of the occasions that the fault names.
        when: When,
        /// In which way.
        what: ListenFault,
    },
}

/// On which of its occasions a fault happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// On each.
    Always,
    /// On so many, from now on.
    Next(u64),
    /// On every so manieth: 3 is the third, the sixth and so on.
    Every(NonZeroU64),
    /// On each with this chance.
    Chance(Chance),
}

/// A probability.
///
/// Invariant: from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance(f64);

/// A time from a range.
///
/// Invariant: the range is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency(RangeInclusive<Duration>);

/// Why a number of a plan was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadNumber {
    /// Not a probability.
    #[error("{0} is not a probability from 0 to 1")]
    Chance(f64),
    /// A range without a time in it.
    #[error("a latency from {least:?} to {most:?} is not a range")]
    Latency {
        /// The lower end.
        least: Duration,
        /// The upper end, which is below it.
        most: Duration,
    },
}

/// In which way a call goes wrong. Its occasion is the call, if nothing else is said.
#[derive(Debug, Clone, PartialEq)]
pub enum CallFault {
    /// It takes longer. On a listen stream each batch of responses does.
    Delay(Latency),
    /// It fails before it does anything.
    Fail {
        /// With this code.
        code: Code,
        /// And these words.
        message: String,
    },
    /// It does all its work, and then fails with `UNAVAILABLE`. The occasion is a call that would have succeeded.
    LoseReply,
    /// Its stream or its connection ends. A call with a single answer ends before it does anything.
    Cut {
        /// After so many messages of a stream.
        after: usize,
        /// What ends.
        end: CutEnd,
    },
    /// It falls silent and stays open. A call with a single answer does nothing.
    Stall {
        /// After so many messages of a stream.
        after: usize,
    },
}

/// What a cut ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutEnd {
    /// The one call, with `UNAVAILABLE`.
    Stream,
    /// The connection and every call on it. Messages that are still on the way may be lost.
    Connection,
}

/// In which way a listen stream goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenFault {
    /// A target is RESET and told again. The occasion is a snapshot.
    Reset,
    /// A target is REMOVEd. The occasion is a snapshot.
    Remove {
        /// With a cause of this code.
        code: Code,
        /// And these words.
        message: String,
    },
    /// An existence filter counts wrong. The occasion is such a filter.
    WrongCount {
        /// How much is added to the right count.
        by: i32,
    },
    /// A resume token is refused, and its target is removed. The occasion is a target that comes with one.
    RejectToken,
    /// Every change of a document comes twice. The occasion is a snapshot with changes.
    Duplicate,
    /// The changes of documents come in another order. The occasion is a snapshot with changes.
    Reorder,
    /// The stream ends with `RESOURCE_EXHAUSTED` when its client reads too slowly. The occasion is a stream.
    SlowConsumer {
        /// So many messages wait for the client.
        buffer: usize,
        /// And so long does one more wait for room among them.
        patience: Duration,
    },
}

impl Fault {
    /// A fault of the calls of one method.
    pub fn call(method: Method, when: When, what: CallFault) -> Self {
        Self::Call { method: Some(method), when, what }
    }

    /// A fault of listen streams.
    pub fn listen(when: When, what: ListenFault) -> Self {
        Self::Listen { when, what }
    }

    /// On which of its occasions it happens.
    pub(super) fn when(&self) -> When {
        match self {
            Self::Call { when, .. } | Self::Listen { when, .. } => *when,
        }
    }
}

impl Chance {
    /// A probability from 0 to 1.
    ///
    /// # Errors
    /// If it is another number, or none.
    pub fn parse(chance: f64) -> Result<Self, BadNumber> {
        if (0.0..=1.0).contains(&chance) { Ok(Self(chance)) } else { Err(BadNumber::Chance(chance)) }
    }

    /// The number.
    pub(super) fn number(self) -> f64 {
        self.0
    }
}

impl Latency {
    /// Always the same time.
    pub fn fixed(time: Duration) -> Self {
        Self(time..=time)
    }

    /// Any time of the range.
    ///
    /// # Errors
    /// If there is none.
    pub fn between(least: Duration, most: Duration) -> Result<Self, BadNumber> {
        if least <= most { Ok(Self(least..=most)) } else { Err(BadNumber::Latency { least, most }) }
    }

    /// The range, in microseconds.
    pub(super) fn micros(&self) -> RangeInclusive<u64> {
        let micros = |time: &Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        micros(self.0.start())..=micros(self.0.end())
    }
}
