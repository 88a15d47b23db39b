//! The audit log.

use jiff::Timestamp;

use super::{facts::Actor, trouble::Panel};

/// A page of the log.
#[derive(Debug, Clone)]
pub struct AuditLog {
    /// Entries that match the filter, newest first.
    pub entries: Panel<Vec<AuditEntry>>,
    /// The value of `before` for the next older page; `None` at the end.
    pub older: Option<u64>,
    /// Whether the log is what was recorded.
    pub chain: Panel<Chain>,
    /// Actions to offer in the filter.
    pub actions: Vec<String>,
    /// Actors to offer in the filter.
    pub actors: Vec<Actor>,
}

/// Whether the log is what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Every entry is the leaf that the tree of hashes has for it.
    Holds {
        /// Entries verified.
        entries: u64,
        /// When all of them were last walked along; newer ones were verified when they came.
        at: Timestamp,
    },
    /// It does not.
    Broken {
        /// The first entry that can't be trusted.
        sequence: u64,
        /// When that was found.
        at: Timestamp,
    },
    /// Not verified yet.
    NotChecked,
}

/// One entry in a list.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its number.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, such as `proposal.approve`.
    pub action: String,
    /// To what.
    pub target: Option<Target>,
    /// Whether the gate let it happen.
    pub verdict: Verdict,
    /// Why, as a code such as `OK` or `SELF_APPROVAL`.
    pub reason_code: String,
    /// Its hash in hexadecimal.
    pub hash: String,
}

/// What an action was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A document's path.
    Document(String),
    /// A proposal's id.
    Proposal(String),
    /// A write's id.
    Write(String),
    /// Anything else, as text.
    Other(String),
}

/// Whether the gate let it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was allowed.
    Allow,
    /// It was denied.
    Deny,
}

impl Verdict {
    /// Both verdicts.
    pub const ALL: [Self; 2] = [Self::Allow, Self::Deny];

    /// The word used in the query parameter `verdict`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// One entry in full.
#[derive(Debug, Clone)]
pub struct AuditDetail {
    /// What the list shows.
    pub entry: AuditEntry,
    /// The studio it belongs to.
    pub studio: String,
    /// The reason a person gave, if one was.
    pub reason: Option<String>,
    /// The hash of what went in, if anything did.
    pub input_hash: Option<String>,
    /// The hash of what came out, if anything did.
    pub output_hash: Option<String>,
    /// The signed checkpoint that proves it, by how many entries it covers; `None` when none does yet.
    pub signed_with: Option<u64>,
    /// Whether this entry is what was recorded and signed.
    pub link: Link,
    /// The entry before.
    pub previous: Option<u64>,
    /// The entry after.
    pub next: Option<u64>,
    /// Further recorded fields, as name and text.
    pub details: Vec<(String, String)>,
}

/// Whether an entry is what was recorded and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It does.
    Holds,
    /// It does not.
    Broken,
    /// No signed checkpoint covers it yet, or that could not be told.
    NotChecked,
}

/// Which entries to show; from the query string of `/audit`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Query parameter `actor`: an actor's id.
    pub actor: Option<String>,
    /// Query parameter `action`: an exact action.
    pub action: Option<String>,
    /// Query parameter `target`: text the target contains.
    pub target: Option<String>,
    /// Query parameter `verdict`.
    pub verdict: Option<Verdict>,
    /// Query parameter `before`: only entries with a smaller number.
    pub before: Option<u64>,
}

impl AuditFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let text = || Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
            match name {
                "actor" => filter.actor = text(),
                "action" => filter.action = text(),
                "target" => filter.target = text(),
                "verdict" => filter.verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == value),
                "before" => filter.before = value.parse().ok(),
                _ => {}
            }
        }
        filter
    }

    /// Whether it narrows anything, paging aside.
    pub fn narrows(&self) -> bool {
        self.actor.is_some() || self.action.is_some() || self.target.is_some() || self.verdict.is_some()
    }
}
