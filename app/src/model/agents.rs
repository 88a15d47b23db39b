//! Programs with a key of their own: who they are, what they may do, and what was denied to them.

use jiff::Timestamp;

use super::{
    facts::{Actor, May, TimelineEvent},
    trouble::Panel,
};

/// The page of the agents.
#[derive(Debug, Clone)]
pub struct Agents {
    /// The agents that match.
    pub agents: Panel<Vec<AgentRow>>,
    /// How many there are without the filter.
    pub unfiltered: Option<u64>,
    /// The keys, newest first.
    pub keys: Panel<Vec<KeyRow>>,
    /// How often, in the last seven days, somebody tried to act with rights that were not meant for them.
    pub suspicious: Panel<u64>,
    /// May the viewer issue and revoke keys?
    pub may_issue: May,
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Its id in the collection `agentClients`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: AgentStanding,
    /// How many good keys it has.
    pub good_keys: u64,
    /// When the cloud last saw it, if it says so.
    pub last_used: Option<Timestamp>,
}

/// How an agent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentStanding {
    /// It may work.
    Active,
    /// It was denied too often and pauses.
    Paused {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// The cloud has taken it out of service; this is the cloud's word for it.
    OutOfService(String),
    /// The mirror does not know it.
    Unknown,
}

/// A key in a list, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The part of the key that names it.
    pub prefix: String,
    /// The agent.
    pub agent: String,
    /// The agent's name.
    pub name: String,
    /// The most that the agent may do with it.
    pub scopes: Vec<String>,
    /// Who issued it.
    pub issued_by: Actor,
    /// When.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Whether it is good.
    pub standing: KeyStanding,
}

/// Whether a key is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStanding {
    /// It is.
    Good,
    /// It was taken back.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// Its time is over.
    Expired,
}

/// One agent in full.
#[derive(Debug, Clone)]
pub struct AgentDetail {
    /// What the list shows.
    pub row: AgentRow,
    /// Its keys, newest first.
    pub keys: Panel<Vec<KeyRow>>,
    /// What owners let it do.
    pub delegations: Panel<Vec<DelegationRow>>,
    /// What was denied to it last.
    pub denials: Panel<Vec<DenialRow>>,
    /// May the viewer let it go on? `None` when it does not pause.
    pub may_resume: Option<May>,
    /// What happened so far, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}

/// What an owner lets an agent do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationRow {
    /// The document's id.
    pub id: String,
    /// Who delegates.
    pub owner: String,
    /// What.
    pub scopes: Vec<String>,
    /// With which documents; empty: with all of the owner's.
    pub resources: Vec<String>,
    /// Whether it holds.
    pub standing: DelegationStanding,
}

/// Whether a delegation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelegationStanding {
    /// It does.
    Active {
        /// Until when.
        until: Timestamp,
    },
    /// Its owner took it back.
    Revoked,
    /// Its time is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// It can't be understood, so it permits nothing.
    Unclear {
        /// What is wrong with it.
        why: String,
    },
}

/// A denial, with what was known then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenialRow {
    /// Its number.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// Who was denied.
    pub actor: Actor,
    /// The agent's id.
    pub agent: String,
    /// In whose name.
    pub owner: String,
    /// What was wanted.
    pub scope: String,
    /// With which document.
    pub document: String,
    /// How far the agent reached.
    pub reached: Vec<String>,
    /// The delegation that was named.
    pub delegation: Option<String>,
    /// Why it was denied.
    pub code: String,
    /// What that means.
    pub sentence: String,
    /// The sign of a confused deputy.
    pub suspicion: Option<String>,
}

/// Denials.
#[derive(Debug, Clone)]
pub struct Denials {
    /// Those that match, newest first.
    pub rows: Panel<Vec<DenialRow>>,
    /// Where the next page begins, if there is one.
    pub older: Option<u64>,
    /// The agents that can be filtered by.
    pub agents: Vec<String>,
    /// The reasons that can be filtered by.
    pub reasons: Vec<String>,
}

/// Which denials to show; from the query string of `/agents/denials`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DenialFilter {
    /// Query parameter `agent`.
    pub agent: Option<String>,
    /// Query parameter `reason`.
    pub reason: Option<String>,
    /// Query parameter `within`.
    pub within: Within,
    /// Query parameter `before`: where the page begins.
    pub before: Option<u64>,
}

/// How far back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Within {
    /// Everything that is kept.
    #[default]
    Ever,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
}

impl Within {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Ever, Self::Hour, Self::Day, Self::Week];

    /// The word in the query.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ever => "",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// So many seconds; `None` for everything.
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Ever => None,
            Self::Hour => Some(3_600),
            Self::Day => Some(86_400),
            Self::Week => Some(604_800),
        }
    }
}

impl DenialFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
            match name {
                "agent" => filter.agent = given(),
                "reason" => filter.reason = given(),
                "within" => {
                    filter.within = Within::ALL.into_iter().find(|within| within.word() == value).unwrap_or_default();
                }
                "before" => filter.before = value.parse().ok(),
                _ => {}
            }
        }
        filter
    }

    /// Does it narrow the list, other than by the page?
    pub fn narrows(&self) -> bool {
        Self { before: None, ..self.clone() } != Self::default()
    }
}

/// Which agents to show; from the query string of `/agents`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFilter {
    /// Query parameter `keys`: only good ones, or all.
    pub all_keys: bool,
    /// Query parameter `name`: a part of id or name.
    pub name: Option<String>,
}

impl AgentFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name {
                "keys" => filter.all_keys = value == "all",
                "name" => filter.name = Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
                _ => {}
            }
        }
        filter
    }
}
