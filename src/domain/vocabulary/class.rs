//! What a word means for whoever has to do something, out of a fixed set.

use std::fmt;

/// What a state means for whoever has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Begun, and not handed in yet.
    Draft,
    /// Somebody has to decide or to act before it goes on.
    Waiting,
    /// Under way.
    Active,
    /// Done on the studio's side; it waits for its owner.
    Ready,
    /// Open, and something is wrong with it.
    Trouble,
    /// Over, as it was meant.
    Done,
    /// Over, and not as it was meant.
    Dropped,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Waiting, Self::Active, Self::Ready, Self::Trouble, Self::Done, Self::Dropped];

    /// The word for it in the files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Ready => "ready",
            Self::Trouble => "trouble",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// The class that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// Is anything left to do?
    pub const fn standing(self) -> Standing {
        match self {
            Self::Draft | Self::Waiting | Self::Active | Self::Ready | Self::Trouble => Standing::Open,
            Self::Done | Self::Dropped => Standing::Closed,
        }
    }
}

/// Is anything left to do about a document?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Something is.
    Open,
    /// Nothing is.
    Closed,
    /// Its words do not tell: it counts as neither.
    Unknown,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::Unknown];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }

    /// The standing that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.word() == word)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
