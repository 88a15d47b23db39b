//! The audit log.

use jiff::Timestamp;

use super::{
    facts::{Actor, FieldChange, May},
    trouble::Panel,
};

/// A page of the log.
#[derive(Debug, Clone)]
pub struct AuditLog {
    /// Entries that match the filter, newest first.
    pub entries: Panel<Vec<AuditEntry>>,
    /// The value of `before` for the next older page; `None` at the end.
    pub older: Option<u64>,
    /// The value of `after` for the next newer page; `None` at the newest.
    pub newer: Option<u64>,
    /// Whether the log is what was recorded.
    pub chain: Panel<Chain>,
    /// How it is sealed and anchored.
    pub seal: Panel<Seal>,
    /// Actions to offer in the filter.
    pub actions: Vec<String>,
    /// Actors to offer in the filter.
    pub actors: Vec<Actor>,
    /// Codes of denials to offer in the filter.
    pub reasons: Vec<String>,
    /// What is wrong with the filter: the name of the field, and a sentence. Nothing is shown then.
    pub problems: Vec<(TimeField, String)>,
    /// May the viewer take a copy of what is shown?
    pub may_export: May,
}

/// A field of the filter that holds a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeField {
    /// From when on.
    From,
    /// Until when.
    To,
}

/// How the log is sealed, and where its heads are kept outside of this box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// How many entries there are.
    pub entries: u64,
    /// The newest signed head: how many entries it covers, and when it was signed.
    pub sealed: Option<(u64, Timestamp)>,
    /// The newest one that the cloud has: how many entries it covers, and since when.
    pub anchored: Option<(u64, Timestamp)>,
    /// How what is kept outside stands to this log; `None`: nobody has looked.
    pub standing: Option<AnchorStanding>,
    /// When that was looked at.
    pub looked: Option<Timestamp>,
    /// Why the newest head is not kept outside, if that was tried in vain.
    pub trouble: Option<String>,
}

/// How what is kept outside stands to this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorStanding {
    /// It is of this log.
    Consistent,
    /// It is of a longer log: this database is older.
    Behind,
    /// It is of another log.
    Forked,
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
    /// What proves that it is in the log; `None`: no signed head covers it yet.
    pub proof: Panel<Option<Proof>>,
    /// What it is about, before and after, as far as the ledger has it.
    pub changes: Panel<Vec<DocumentChange>>,
    /// The entry before.
    pub previous: Option<u64>,
    /// The entry after.
    pub next: Option<u64>,
    /// Further recorded fields, as name and text.
    pub details: Vec<(String, String)>,
}

/// The way from an entry to a signed head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// How many entries the head covers.
    pub size: u64,
    /// Its root in hexadecimal.
    pub root: String,
    /// How many hashes lie beside the way.
    pub steps: u64,
    /// When the head was signed.
    pub sealed: Timestamp,
    /// Since when the cloud has that head; `None`: not yet.
    pub anchored: Option<Timestamp>,
}

/// A document before and after what an entry tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// Its path.
    pub document: String,
    /// The fields that differ.
    pub changes: Vec<FieldChange>,
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
    /// Query parameter `reason`: an exact reason code.
    pub reason: Option<String>,
    /// Query parameter `from`: a day or a time of the studio, as it was typed.
    pub from: Option<String>,
    /// Query parameter `to`: a day, with all of it, or a time of the studio, as it was typed.
    pub to: Option<String>,
    /// Query parameter `before`: only entries with a smaller number.
    pub before: Option<u64>,
    /// Query parameter `after`: only entries with a larger number, the smallest of them.
    pub after: Option<u64>,
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
                "reason" => filter.reason = text(),
                "from" => filter.from = text(),
                "to" => filter.to = text(),
                "before" => filter.before = value.parse().ok(),
                "after" => filter.after = value.parse().ok(),
                _ => {}
            }
        }
        filter
    }

    /// Whether it narrows anything, paging aside.
    pub fn narrows(&self) -> bool {
        self.narrowings().next().is_some()
    }

    /// What narrows it, as names of query parameters with their values, paging aside.
    pub fn narrowings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("actor", self.actor.as_deref()),
            ("action", self.action.as_deref()),
            ("target", self.target.as_deref()),
            ("verdict", self.verdict.map(Verdict::word)),
            ("reason", self.reason.as_deref()),
            ("from", self.from.as_deref()),
            ("to", self.to.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
    }

    /// The same without one of these, and from the newest entry on.
    pub fn without(&self, name: &str) -> Self {
        let kept = self.narrowings().filter(|(each, _)| *each != name);
        let kept = kept.map(|(each, value)| -> (&str, &str) { (each, value) });
        Self::from_pairs(kept)
    }
}
