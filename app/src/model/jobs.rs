//! What the box does by itself, and what it can be asked to do.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    facts::{Actor, May},
    trouble::Panel,
};

/// Every job.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// Since when this process remembers what its jobs did; `None`: nobody said.
    pub since: Option<Timestamp>,
    /// Every job, by name. Empty: this process runs none.
    pub jobs: Vec<Job>,
    /// What can be asked for.
    pub wishes: Vec<Wish>,
}

/// One job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name in log and metrics.
    pub name: String,
    /// What it does.
    pub about: String,
    /// What it does now.
    pub now: Now,
    /// When it last looked, whether or not there was anything to do; `None`: not since the process started.
    pub looked: Option<Timestamp>,
    /// The last run that did something or failed; `None`: not since the process started.
    pub last: Option<Run>,
    /// How many runs in a row have failed until now.
    pub failures: u32,
}

/// What a job does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// It was not begun.
    NotBegun,
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// It looks again at the next change, or then.
    Resting {
        /// When at the latest.
        until: Timestamp,
    },
    /// It rests after a failure, and no change wakes it.
    Waiting {
        /// Until when.
        until: Timestamp,
    },
    /// It ended, and nobody told it to.
    Ended {
        /// When it was last heard of, if ever.
        at: Option<Timestamp>,
    },
}

/// A run that did something, or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it was over.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub ending: Ending,
    /// Its id, which finds the log, where runs have one.
    pub id: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It did what it is for.
    Worked {
        /// What it came to, as a code such as `pruned`.
        code: String,
    },
    /// It could not do it.
    Failed {
        /// Why, as a code.
        code: String,
        /// What it was doing, in a sentence.
        why: String,
    },
}

/// Something that can be asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What.
    pub errand: Errand,
    /// May the viewer ask for it?
    pub may: May,
    /// The last time somebody did, or it was due; `None`: never.
    pub last: Panel<Option<Asked>>,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// A look at the cloud.
    Check,
    /// A proof of the mirror.
    Verification,
    /// A snapshot of the studio's state.
    Snapshot,
    /// The ledger, made again from its receipts.
    Rebuild,
}

impl Errand {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Check, Self::Verification, Self::Snapshot, Self::Rebuild];

    /// The word in its address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Check => "drift-check",
            Self::Verification => "verification",
            Self::Snapshot => "snapshot",
            Self::Rebuild => "ledger-rebuild",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.word() == word)
    }
}

/// Something that was asked for, or was due.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asked; `None` when it was due.
    pub by: Option<Actor>,
    /// When.
    pub at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
}

/// How far something has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It was not begun.
    Waiting,
    /// It is under way.
    Running {
        /// How many are done.
        done: u64,
        /// Of how many.
        of: u64,
        /// What is counted, such as `collections`.
        unit: &'static str,
    },
    /// It is over, and all is well.
    Well {
        /// When.
        at: Timestamp,
        /// What came of it.
        what: String,
    },
    /// It is over, and somebody should look.
    Look {
        /// When.
        at: Timestamp,
        /// What came of it.
        what: String,
    },
    /// It is over, and could not be told.
    Untold {
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
}
