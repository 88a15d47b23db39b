//! What went wrong, for a whole page or for one panel.

/// A question that could not be answered, in the reader's words; the cause stays in the log under `error_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What could not be done, such as `The mirror's state could not be read`.
    pub what: String,
    /// The id under which the log tells the cause.
    pub error_id: String,
}

/// One part of a page: the rest of the page is shown even when this part could not be read.
pub type Panel<T> = Result<T, Trouble>;

/// Why a whole page cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// There is no such thing.
    Missing {
        /// What was asked for, such as `Proposal 0198-…`.
        what: String,
    },
    /// The viewer may not see it.
    Forbidden {
        /// Why, and which role may.
        why: String,
    },
    /// It could not be read.
    Trouble(Trouble),
}

impl From<Trouble> for Unanswered {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}
