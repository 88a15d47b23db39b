//! What is shown of the queue of proposals, and in which order: all of it stands in the address.

use super::{
    facts::{May, Risk},
    proposals::ProposalRow,
    trouble::Panel,
};

/// The queue.
#[derive(Debug, Clone)]
pub struct ProposalQueue {
    /// A page of the proposals that match, in the chosen order.
    pub rows: Panel<QueuePart>,
    /// How many each tab holds; `None` when they could not be counted.
    pub counts: Option<QueueCounts>,
    /// How many match the filter; `None` when that is not known without reading them all.
    pub matching: Option<u64>,
    /// Kinds of change to offer in the filter: id and title.
    pub capabilities: Vec<(String, String)>,
    /// Whether the viewer may propose.
    pub may_propose: May,
}

/// A page of the queue.
#[derive(Debug, Clone, Default)]
pub struct QueuePart {
    /// The proposals.
    pub rows: Vec<ProposalRow>,
    /// The page before, if there is one.
    pub previous: Option<Turn>,
    /// The page after, if there is one.
    pub next: Option<Turn>,
}

/// How many proposals each tab holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Waiting for a decision, or approved and not yet sent.
    pub waiting: u64,
    /// Decided or ended.
    pub decided: u64,
}

/// The proposals beside one in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The one before.
    pub previous: Option<String>,
    /// The one after.
    pub next: Option<String>,
}

/// Which proposals to show, in which order, from where; from the query string of `/proposals`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalFilter {
    /// Query parameter `show`.
    pub show: Show,
    /// Query parameter `risk`.
    pub risk: Option<Risk>,
    /// Query parameter `capability`.
    pub capability: Option<String>,
    /// Query parameter `by`.
    pub by: Option<Proposers>,
    /// Query parameter `sort`.
    pub sort: Option<QueueSort>,
    /// Query parameters `after` and `before`.
    pub turn: Option<Turn>,
}

/// Which tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// Waiting for a decision, or approved and not yet sent (`waiting`, or no parameter).
    #[default]
    Waiting,
    /// Decided or ended (`decided`).
    Decided,
    /// All (`all`).
    All,
}

/// Whose proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposers {
    /// Those of people (`people`).
    People,
    /// Those of agents (`agents`).
    Agents,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueSort {
    /// What the viewer can decide first, then by risk, then the oldest (`risk`).
    Risk,
    /// The oldest first (`oldest`).
    Oldest,
    /// The newest first (`newest`).
    Newest,
}

/// Where a page begins: beside a proposal, so that what comes or goes moves nobody's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// After this proposal.
    After(String),
    /// Before this proposal.
    Before(String),
}

impl Show {
    /// Every tab, in the order shown.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Decided, Self::All];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Decided => "decided",
            Self::All => "all",
        }
    }
}

impl Proposers {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::People, Self::Agents];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Agents => "agents",
        }
    }
}

impl QueueSort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Risk, Self::Oldest, Self::Newest];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Oldest => "oldest",
            Self::Newest => "newest",
        }
    }
}

impl ProposalFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.to_owned()).filter(|value| !value.is_empty());
            match name {
                "show" => filter.show = Show::ALL.into_iter().find(|show| show.word() == value).unwrap_or_default(),
                "risk" => filter.risk = Risk::parse(value),
                "capability" => filter.capability = given(),
                "by" => filter.by = Proposers::ALL.into_iter().find(|by| by.word() == value),
                "sort" => filter.sort = QueueSort::ALL.into_iter().find(|sort| sort.word() == value),
                "after" => filter.turn = given().map(Turn::After),
                "before" => filter.turn = given().map(Turn::Before),
                _ => {}
            }
        }
        filter
    }

    /// The queue that an address comes from; `None` when it comes from none.
    pub fn of_queue<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) -> Option<Self> {
        let comes = pairs.clone().into_iter().any(|(name, _)| name == "show");
        comes.then(|| Self { turn: None, ..Self::from_pairs(pairs) })
    }

    /// What an address says of it; the tab always, where it has to tell that one comes from the queue.
    pub fn to_pairs(&self, always: bool) -> Vec<(&'static str, &str)> {
        let mut pairs = Vec::new();
        if always || self.show != Show::default() {
            pairs.push(("show", self.show.word()));
        }
        let words = [
            ("risk", self.risk.map(Risk::word)),
            ("capability", self.capability.as_deref()),
            ("by", self.by.map(Proposers::word)),
            ("sort", self.sort.map(QueueSort::word)),
        ];
        pairs.extend(words.into_iter().filter_map(|(name, word)| Some((name, word?))));
        match &self.turn {
            None => {}
            Some(Turn::After(id)) => pairs.push(("after", id)),
            Some(Turn::Before(id)) => pairs.push(("before", id)),
        }
        pairs
    }

    /// The order that applies: what waits by risk, what is over by age, unless another one was chosen.
    pub fn order(&self) -> QueueSort {
        self.sort.unwrap_or(match self.show {
            Show::Waiting => QueueSort::Risk,
            Show::Decided | Show::All => QueueSort::Newest,
        })
    }

    /// Does it show less than its tab holds?
    pub fn narrows(&self) -> bool {
        self.risk.is_some() || self.capability.is_some() || self.by.is_some()
    }

    /// The same tab and order, without what narrows it, from its beginning.
    pub fn cleared(&self) -> Self {
        Self { show: self.show, sort: self.sort, ..Self::default() }
    }

    /// The same, from its beginning.
    pub fn from_start(&self) -> Self {
        Self { turn: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_survives_its_own_address() {
        let filter = ProposalFilter {
            show: Show::All,
            risk: Some(Risk::High),
            capability: Some("ops_note.append".to_owned()),
            by: Some(Proposers::Agents),
            sort: Some(QueueSort::Oldest),
            turn: Some(Turn::Before("0198".to_owned())),
        };
        assert_eq!(ProposalFilter::from_pairs(filter.to_pairs(false)), filter);
        assert_eq!(ProposalFilter::of_queue(filter.to_pairs(true)), Some(filter.from_start()));
        assert_eq!(ProposalFilter::of_queue(ProposalFilter::default().to_pairs(true)), Some(ProposalFilter::default()));
        assert_eq!(ProposalFilter::of_queue([("risk", "high")]), None);
    }

    #[test]
    fn words_nobody_knows_narrow_nothing() {
        let filter =
            ProposalFilter::from_pairs([("show", "x"), ("risk", "x"), ("by", "x"), ("sort", "x"), ("page", "2")]);
        assert_eq!(filter, ProposalFilter::default());
        assert_eq!(filter.order(), QueueSort::Risk);
    }
}
