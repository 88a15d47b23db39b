//! What the box measures of itself now.

use super::trouble::Panel;

/// Everything that is measured now. A score over weeks is not made yet.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// Each measure.
    pub measures: Vec<Measure>,
}

/// One measure.
#[derive(Debug, Clone)]
pub struct Measure {
    /// What is measured.
    pub name: &'static str,
    /// What it means, and what it is measured from.
    pub about: &'static str,
    /// The page behind it.
    pub href: &'static str,
    /// What was measured.
    pub measured: Panel<Measured>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// Nothing: and why.
    Unknown {
        /// One sentence.
        why: String,
    },
    /// This much.
    Known {
        /// The value with its unit.
        value: String,
        /// What it rests on.
        rests_on: String,
        /// Whether it is where it has to be.
        bound: Bound,
    },
}

/// Whether a value is where it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// It is.
    Within(String),
    /// It is not.
    Beyond(String),
    /// Nobody said where it has to be.
    None,
}
