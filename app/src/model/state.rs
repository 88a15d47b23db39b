//! How many of what there is, since when, and what changed.

use jiff::Timestamp;

use super::{overview::Freshness, trouble::Panel};

/// How the studio stands, how it stood, and what changed.
#[derive(Debug, Clone)]
pub struct StudioState {
    /// How it stands; nothing when it was not counted yet.
    pub now: Panel<Option<Counted>>,
    /// The documents behind the number that was chosen, if one was.
    pub behind: Option<Panel<Behind>>,
    /// What changed.
    pub changes: Panel<Changes>,
    /// How the most telling numbers went over the last days.
    pub trends: Panel<Trends>,
}

/// What was chosen on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateChoice {
    /// Since when changes are shown.
    pub since: Since,
    /// The number whose documents are shown.
    pub number: Option<String>,
    /// Only documents after this one are shown.
    pub after: Option<String>,
    /// When the viewer was here before; nothing when that is not known.
    pub last_visit: Option<Timestamp>,
}

impl StateChoice {
    /// What the query of an address chooses. What nobody knows chooses nothing.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut choice = Self::default();
        for (name, value) in pairs {
            match name {
                "since" => choice.since = Since::parse(value).unwrap_or_default(),
                "number" => choice.number = Some(value.to_owned()).filter(|value| !value.is_empty()),
                "after" => choice.after = Some(value.to_owned()).filter(|value| !value.is_empty()),
                _ => {}
            }
        }
        choice
    }
}

/// Since when changes are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Since {
    /// Since the studio's day before ended.
    #[default]
    Yesterday,
    /// Since the viewer was here before.
    LastVisit,
}

impl Since {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Yesterday, Self::LastVisit];

    /// The word for it in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::LastVisit => "visit",
        }
    }

    /// The choice that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|since| since.word() == word)
    }
}

/// How the studio stands.
#[derive(Debug, Clone)]
pub struct Counted {
    /// When it was counted.
    pub at: Timestamp,
    /// The studio's day.
    pub day: String,
    /// How sure that is.
    pub completeness: Completeness,
    /// What is wrong, in words.
    pub warnings: Vec<String>,
    /// The figures, block by block.
    pub blocks: Vec<FigureBlock>,
    /// Every mirrored collection.
    pub collections: Vec<CollectionStanding>,
}

/// How much is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Everything.
    Full,
    /// Not everything.
    Partial,
    /// Nothing.
    Unknown,
}

/// Figures that belong together.
#[derive(Debug, Clone)]
pub struct FigureBlock {
    /// What they are about, in words.
    pub title: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// A figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its name, by which one asks for the documents behind it.
    pub number: String,
    /// What is counted.
    pub meaning: String,
    /// How many; nothing when unknown.
    pub value: Option<i64>,
    /// What they are worth, such as `123.45 USD`.
    pub worth: Vec<String>,
}

/// One mirrored collection.
#[derive(Debug, Clone)]
pub struct CollectionStanding {
    /// Its name.
    pub collection: String,
    /// How far what is known of it can be trusted.
    pub freshness: Freshness,
    /// The cloud's time as of which it was counted.
    pub as_of: Option<Timestamp>,
    /// How many documents; nothing when unknown.
    pub documents: Option<i64>,
    /// How many are open; nothing when unknown, or when the question makes no sense.
    pub open: Option<i64>,
    /// How many of those should be over.
    pub overdue: Option<i64>,
    /// Since when the oldest open one is open.
    pub oldest_open: Option<Timestamp>,
    /// How many have which word: the number's name, the word, how many.
    pub words: Vec<(String, String, i64)>,
}

/// The documents behind a number.
#[derive(Debug, Clone)]
pub struct Behind {
    /// The number's name.
    pub number: String,
    /// What it is; nothing when unknown.
    pub value: Option<i64>,
    /// The documents of this page, each with by when it should be over.
    pub documents: Vec<(String, Option<Timestamp>)>,
    /// The last document of this page, when there are more.
    pub next: Option<String>,
}

/// What changed.
#[derive(Debug, Clone)]
pub enum Changes {
    /// There is nothing to compare with.
    Nothing {
        /// Why not.
        why: String,
    },
    /// Compared.
    Compared {
        /// With how it stood then.
        since: Timestamp,
        /// Every number that is not the same.
        numbers: Vec<NumberChange>,
    },
}

/// A number that is not the same.
#[derive(Debug, Clone)]
pub struct NumberChange {
    /// Its name.
    pub number: String,
    /// What it was; nothing when unknown.
    pub before: Option<i64>,
    /// What it is; nothing when unknown.
    pub after: Option<i64>,
    /// The first of the documents behind the difference.
    pub documents: Vec<String>,
    /// How many more there are.
    pub more: u64,
    /// Why the documents can't be told, if they can't.
    pub untold: Option<String>,
}

/// Numbers over days.
#[derive(Debug, Clone, Default)]
pub struct Trends {
    /// The days, oldest first.
    pub days: Vec<String>,
    /// The numbers.
    pub lines: Vec<Trend>,
}

/// One number over days.
#[derive(Debug, Clone)]
pub struct Trend {
    /// What is counted.
    pub name: String,
    /// What it was on each of the days; nothing when unknown.
    pub values: Vec<Option<i64>>,
}
