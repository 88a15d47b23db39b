//! Differences between the mirror and the cloud.

use jiff::Timestamp;

use super::{facts::FieldChange, trouble::Panel};

/// The drift page.
#[derive(Debug, Clone)]
pub struct Drift {
    /// Findings that match the filter, most urgent first.
    pub findings: Panel<Vec<Finding>>,
    /// How many match the filter, on all pages; `None` when they could not be read.
    pub matching: Option<u64>,
    /// How many there are without the filter, to tell "none" from "none that match".
    pub unfiltered: Option<u64>,
    /// The last finished check.
    pub last_check: Panel<Option<Check>>,
    /// When a check was asked for that has not finished.
    pub asked: Option<Timestamp>,
    /// Collections to offer in the filter.
    pub collections: Vec<String>,
    /// The questions that every look asks.
    pub questions: Panel<Vec<Question>>,
    /// What is too old to base anything on, in words; empty when nothing is.
    pub stale: Vec<String>,
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
    /// Its id; `/drift/<id>` leads to it.
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
    /// The rule, field or number that it is about, where its kind does not say it all.
    pub rule: Option<String>,
    /// Fields that it rests on.
    pub facts: Vec<FieldFact>,
    /// Other documents that it rests on.
    pub evidence: Vec<String>,
    /// How sure the look was.
    pub confidence: Confidence,
    /// The cloud's time as of which it was seen, if it was seen there.
    pub as_of: Option<Timestamp>,
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
    /// A number that was derived here is not what the cloud counts.
    NumberDiffers,
    /// Documents have a field that nobody knows.
    NewField,
    /// A field holds another type than it should.
    WrongType,
    /// A document lacks a field that it must have.
    MissingField,
    /// A document names another one that does not exist.
    DanglingReference,
    /// Documents break a rule of consistency.
    RuleBroken,
    /// Our clock and the server's differ.
    ClockDiffers,
    /// The configuration is another than the one that runs.
    ConfigDiffers,
}

impl FindingKind {
    /// Every kind, in the order the filter offers them.
    pub const ALL: [Self; 15] = [
        Self::WriteOverwritten,
        Self::MirrorDiffers,
        Self::MissingInMirror,
        Self::ExtraInMirror,
        Self::CountDiffers,
        Self::NumberDiffers,
        Self::ClockDiffers,
        Self::ConfigDiffers,
        Self::UnknownWord,
        Self::MissingField,
        Self::NewField,
        Self::WrongType,
        Self::DanglingReference,
        Self::FlagsDisagree,
        Self::RuleBroken,
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
            Self::NumberDiffers => "number-differs",
            Self::NewField => "new-field",
            Self::WrongType => "wrong-type",
            Self::MissingField => "missing-field",
            Self::DanglingReference => "dangling-reference",
            Self::RuleBroken => "rule-broken",
            Self::ClockDiffers => "clock-differs",
            Self::ConfigDiffers => "config-differs",
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
    /// Somebody said that it does not matter for now.
    Ignored(Ignored),
    /// It was looked at too long ago to say.
    Stale,
}

/// By whom, why and until when something is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The id of the rule that says so.
    pub rule_id: String,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

/// How sure a look is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Both sides are of one moment, or what it rests on is fresh.
    High,
    /// What it rests on is no longer fresh.
    Medium,
    /// What it rests on is past its bound.
    Low,
}

/// What a field holds that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFact {
    /// The field.
    pub field: String,
    /// What it holds.
    pub value: String,
}

/// One question of a look, and where its answer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked, such as "Mirror and cloud".
    pub name: &'static str,
    /// The answer.
    pub state: QuestionState,
    /// When it was last answered; `None` when it never was.
    pub looked_at: Option<Timestamp>,
}

/// Where the answer to a question stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionState {
    /// Nothing differs.
    InSync,
    /// So many findings are open.
    Drifted(u64),
    /// It was answered too long ago.
    Stale,
    /// It could not be told, or never was.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// One finding on a page of its own.
#[derive(Debug, Clone)]
pub struct FindingDetail {
    /// It.
    pub finding: Finding,
}

/// What was typed into the form that ignores a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoreForm {
    /// Why.
    pub reason: String,
    /// For how many days.
    pub days: String,
    /// Whether all that are alike are meant.
    pub alike: bool,
    /// What is wrong with it.
    pub problem: Option<String>,
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
    /// Query parameter `page`: how many pages come before.
    pub page: u32,
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
                // People count pages from 1.
                "page" => filter.page = value.parse::<u32>().unwrap_or_default().saturating_sub(1),
                _ => {}
            }
        }
        filter
    }

    /// How many findings a page shows.
    pub const PAGE: usize = 20;

    /// Whether it narrows anything.
    pub fn narrows(&self) -> bool {
        *self != Self { page: self.page, ..Self::default() }
    }

    /// The same on another page.
    pub fn on_page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }
}
