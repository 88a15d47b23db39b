//! Where a finding, or the answer to a whole question, stands.

use std::fmt;
use std::time::Duration;

use crate::domain::finding::{Ignore, KnownFinding};
use crate::domain::time::Timestamp;

/// Where it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing differs any more, or nothing ever did.
    InSync,
    /// It is there.
    Drifted,
    /// It is there, and somebody said that it does not matter for now.
    Ignored(Ignore),
    /// It was looked at too long ago to say.
    Stale,
    /// The last look could not tell.
    Unknown {
        /// Why not.
        why: String,
    },
}

impl Standing {
    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::Drifted => "drifted",
            Self::Ignored(_) => "ignored",
            Self::Stale => "stale",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

impl KnownFinding {
    /// Where it stands: `untold` is why the last look could not reach it, and `bound` how long a look is good for.
    pub fn standing(&self, rules: &[Ignore], untold: Option<&str>, bound: Duration, now: Timestamp) -> Standing {
        if self.resolved.is_some() {
            return Standing::InSync;
        }
        if let Some(rule) = super::ignored(&self.finding, rules, now) {
            return Standing::Ignored(rule.clone());
        }
        match untold {
            Some(why) => Standing::Unknown { why: why.to_owned() },
            None if now.since(self.looked) > bound => Standing::Stale,
            None => Standing::Drifted,
        }
    }
}

/// What the last look said about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub looked: Timestamp,
    /// What could not be told, and why.
    pub untold: Option<String>,
    /// Findings that were there and not ignored.
    pub open: u64,
}

impl Answer {
    /// Where the question stands, when a look is good for `bound`.
    pub fn standing(&self, bound: Duration, now: Timestamp) -> Standing {
        match &self.untold {
            _ if now.since(self.looked) > bound => Standing::Stale,
            _ if self.open > 0 => Standing::Drifted,
            Some(why) => Standing::Unknown { why: why.clone() },
            None => Standing::InSync,
        }
    }
}
