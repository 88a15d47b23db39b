//! An agent's key: issuing it, seeing its secret once, taking it back.

use std::fmt;

use super::{
    agents::KeyRow,
    facts::{May, TimelineEvent},
    trouble::Panel,
};

/// What the form of a new key offers.
#[derive(Debug, Clone)]
pub struct Issuing {
    /// Whether the viewer may.
    pub may: May,
    /// The agents that the mirror knows: ids and names.
    pub agents: Vec<(String, String)>,
    /// The scopes that mean something, with what they mean.
    pub scopes: Vec<(String, String)>,
}

/// The form of a new key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyForm {
    /// Field `agent`.
    pub agent: String,
    /// Field `name`.
    pub name: String,
    /// Fields `scopes`, once for each.
    pub scopes: Vec<String>,
    /// Field `days`.
    pub days: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<(KeyField, String)>,
}

/// The fields of that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyField {
    /// The agent.
    Agent,
    /// Its name.
    Name,
    /// What it may do.
    Scopes,
    /// How long.
    Days,
    /// None in particular.
    Whole,
}

impl KeyField {
    /// The id of its field; none for the whole form.
    pub fn id(self) -> Option<&'static str> {
        match self {
            Self::Agent => Some("agent"),
            Self::Name => Some("name"),
            Self::Scopes => Some("scopes"),
            Self::Days => Some("days"),
            Self::Whole => None,
        }
    }
}

/// One key in full.
#[derive(Debug, Clone)]
pub struct KeyDetail {
    /// What the list shows.
    pub row: KeyRow,
    /// May the viewer take it back? `None` when it is not good any more.
    pub may_revoke: Option<May>,
    /// What happened so far, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}

/// A whole key, on its way to the one page that shows it. It has no text of its own anywhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownOnce(String);

impl ShownOnce {
    /// The key.
    pub fn new(key: String) -> Self {
        Self(key)
    }

    /// For the page, and for nothing else.
    pub(crate) fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for ShownOnce {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ShownOnce")
    }
}
