//! Differences between the mirror and the cloud.

use jiff::Timestamp;

use super::{facts::FieldChange, trouble::Panel};

/// The drift page.
#[derive(Debug, Clone)]
pub struct Drift {
    /// Findings that match the filter, most urgent first.
    pub findings: Panel<Vec<Finding>>,
    /// How many there are without the filter, to tell "none" from "none that match".
    pub unfiltered: Option<u64>,
    /// The last finished check.
    pub last_check: Panel<Option<Check>>,
    /// When a check was asked for that has not finished.
    pub asked: Option<Timestamp>,
    /// Collections to offer in the filter.
    pub collections: Vec<String>,
}

/// One finished comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// How it ended.
    pub outcome: CheckOutcome,
    /// When it ended.
    pub at: Timestamp,
    /// Documents it read from the cloud.
    pub documents_read: u64,
}

/// How a comparison ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Mirror and cloud are the same.
    Same,
    /// They differ.
    Drift {
        /// How many findings are open.
        findings: u64,
    },
    /// It could not be told.
    CouldNotTell {
        /// Why not.
        why: String,
    },
}

/// One difference, or one value the service does not understand.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its id; `/drift#finding-<id>` leads to it.
    pub id: String,
    /// What kind.
    pub kind: FindingKind,
    /// The collection it is about.
    pub collection: String,
    /// The document's path; `None` when it is about the whole collection.
    pub document: Option<String>,
    /// What a person calls the document, if known.
    pub title: Option<String>,
    /// One sentence.
    pub summary: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// When it was last looked at.
    pub looked_at: Timestamp,
    /// Where it stands.
    pub state: FindingState,
    /// Fields that differ: the mirror on the left, the cloud on the right.
    pub changes: Vec<FieldChange>,
    /// What can be done about it.
    pub fix: Fix,
    /// The write that was overwritten, if it is about one.
    pub write_id: Option<String>,
}

/// What kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// A document's fields differ.
    MirrorDiffers,
    /// The cloud has a document the mirror lacks.
    MissingInMirror,
    /// The mirror has a document the cloud lacks.
    ExtraInMirror,
    /// The numbers of documents differ.
    CountDiffers,
    /// Somebody else changed what an approved write wrote.
    WriteOverwritten,
    /// A field holds a word the vocabulary does not know.
    UnknownWord,
    /// Two fields of one document contradict each other.
    FlagsDisagree,
}

impl FindingKind {
    /// Every kind, in the order the filter offers them.
    pub const ALL: [Self; 7] = [
        Self::WriteOverwritten,
        Self::MirrorDiffers,
        Self::MissingInMirror,
        Self::ExtraInMirror,
        Self::CountDiffers,
        Self::UnknownWord,
        Self::FlagsDisagree,
    ];

    /// The word used in the query parameter `kind`.
    pub fn word(self) -> &'static str {
        match self {
            Self::MirrorDiffers => "mirror-differs",
            Self::MissingInMirror => "missing-in-mirror",
            Self::ExtraInMirror => "extra-in-mirror",
            Self::CountDiffers => "count-differs",
            Self::WriteOverwritten => "write-overwritten",
            Self::UnknownWord => "unknown-word",
            Self::FlagsDisagree => "flags-disagree",
        }
    }
}

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingState {
    /// Still there when last looked at.
    Open,
    /// Gone.
    Resolved {
        /// Since when.
        at: Timestamp,
    },
    /// The last look could not tell.
    CouldNotTell {
        /// Why not.
        why: String,
    },
}

/// What can be done about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// No capability covers it.
    None,
    /// A proposal can be made from it.
    Propose,
    /// One was made.
    Proposed {
        /// The proposal's id.
        proposal_id: String,
    },
}

/// Which findings to show; from the query string of `/drift`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftFilter {
    /// Query parameter `kind`.
    pub kind: Option<FindingKind>,
    /// Query parameter `collection`.
    pub collection: Option<String>,
    /// Query parameter `state`.
    pub state: StateFilter,
}

/// Which states of findings to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StateFilter {
    /// Open ones and those that could not be judged (`open`, or no parameter).
    #[default]
    Open,
    /// Resolved ones (`resolved`).
    Resolved,
    /// All of them (`all`).
    All,
}

impl StateFilter {
    /// Every choice, in the order the filter offers them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Resolved, Self::All];

    /// The word used in the query parameter `state`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::All => "all",
        }
    }
}

impl DriftFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name {
                "kind" => filter.kind = FindingKind::ALL.into_iter().find(|kind| kind.word() == value),
                "collection" => filter.collection = (!value.is_empty()).then(|| value.to_owned()),
                "state" => {
                    filter.state = StateFilter::ALL.into_iter().find(|state| state.word() == value).unwrap_or_default();
                }
                _ => {}
            }
        }
        filter
    }

    /// Whether it narrows anything.
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }
}
