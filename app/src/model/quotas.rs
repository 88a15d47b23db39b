//! How often things may be done, and how much of that is left.

use jiff::Timestamp;

use super::{
    facts::{Actor, May, TimelineEvent},
    trouble::Panel,
};

/// The page.
#[derive(Debug, Clone)]
pub struct Quotas {
    /// Counters that match, those first that take longest to be full again.
    pub counters: Panel<Vec<Counter>>,
    /// How many there are without the filter.
    pub unfiltered: Option<u64>,
    /// Who was told to wait most often in the last seven days.
    pub limited: Panel<Vec<Limited>>,
    /// Counters that something else has changed, with what is wrong.
    pub faults: Panel<Vec<(String, &'static str)>>,
    /// What everything together may use, in words.
    pub shared: Vec<String>,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Its name, which resetting asks for.
    pub bucket: String,
    /// Counted for whom: `actor`, `owner`, `capability`, `studio` or `global`.
    pub scope: String,
    /// Who that is.
    pub subject: String,
    /// What it counts, in words.
    pub counts: String,
    /// The window, in seconds.
    pub window: u64,
    /// How many may be used in the window; `None` when the registry has no such limit now.
    pub limit: Option<u32>,
    /// How many could be used now.
    pub remaining: Option<u32>,
    /// When all of them will have come back.
    pub full: Timestamp,
}

impl Counter {
    /// Is a fifth or less left?
    pub fn is_near(&self) -> bool {
        match (self.limit, self.remaining) {
            (Some(limit), Some(remaining)) => remaining.saturating_mul(5) <= limit,
            (None, _) | (_, None) => false,
        }
    }
}

/// Who was told to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// Who.
    pub actor: Actor,
    /// For what.
    pub capability: String,
    /// How often.
    pub denied: u64,
}

/// Which counters to show; from the query string of `/policy/quotas`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaFilter {
    /// Query parameter `show`.
    pub show: QuotaShow,
    /// Query parameter `subject`: a part of the counter's name.
    pub subject: Option<String>,
}

/// Which part of the counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QuotaShow {
    /// Those of which something is used.
    #[default]
    Used,
    /// Those of which little is left.
    Near,
    /// All.
    All,
}

impl QuotaShow {
    /// Every part, in the order of the tabs.
    pub const ALL: [Self; 3] = [Self::Used, Self::Near, Self::All];

    /// The word in the query.
    pub fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Near => "near",
            Self::All => "all",
        }
    }
}

impl QuotaFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name {
                "show" => {
                    filter.show = QuotaShow::ALL.into_iter().find(|show| show.word() == value).unwrap_or_default();
                }
                "subject" => {
                    filter.subject = Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
                }
                _ => {}
            }
        }
        filter
    }
}

/// One counter in full.
#[derive(Debug, Clone)]
pub struct CounterDetail {
    /// What the list shows.
    pub counter: Counter,
    /// May the viewer fill it up?
    pub may_reset: May,
    /// Who filled it up before, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}
