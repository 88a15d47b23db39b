//! The registry: what can be done, by whom, and within which bounds.

use super::facts::{Capability, May, Risk};

/// The list.
#[derive(Debug, Clone)]
pub struct Capabilities {
    /// Those that match, by id.
    pub rows: Vec<CapabilityRow>,
    /// How many there are without the filter.
    pub unfiltered: u64,
    /// What everything together may use, in words.
    pub shared: Vec<String>,
}

/// A capability in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapabilityRow {
    /// Its id and what it does.
    pub capability: Capability,
    /// Does it write? Else it only reads.
    pub writes: bool,
    /// How much harm it could do.
    pub risk: Risk,
    /// What it is about, such as `reservations/{id}`.
    pub targets: Vec<String>,
    /// How many people have to approve, and how many of them have to be admins.
    pub approvals: (u32, u32),
    /// Who may propose; who may read, where it only reads.
    pub propose: Vec<String>,
    /// Who may approve and reject.
    pub approve: Vec<String>,
    /// How often it may be used, in words.
    pub quotas: Vec<String>,
}

/// A capability in full.
#[derive(Debug, Clone)]
pub struct CapabilityDetail {
    /// What the list shows.
    pub row: CapabilityRow,
    /// May the viewer use it now? Propose, or read where it only reads.
    pub may_use: May,
    /// Who carries out what was approved.
    pub apply: Vec<String>,
    /// What it writes, field by field.
    pub fields: Vec<FieldLine>,
    /// What a document has to hold before.
    pub requires: Vec<(String, String)>,
    /// How old the mirror may be, in seconds.
    pub freshness: u64,
    /// How long an approval stays good, in seconds; `None` where nothing is approved.
    pub lifetime: Option<u64>,
    /// How long what was approved waits, in seconds.
    pub delay: u64,
    /// How it is taken back.
    pub rollback: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Whom to call, first to last.
    pub escalation: Vec<String>,
    /// The document that describes it, and its text if it is shipped.
    pub spec: (String, Option<String>),
    /// The start of the hash of its entry in the registry.
    pub fingerprint: String,
}

/// One field that a capability writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLine {
    /// Which.
    pub field: String,
    /// Where its value comes from, in words.
    pub source: String,
    /// The values that are allowed; empty: any of the kind.
    pub values: Vec<String>,
    /// What may follow what, one sentence each.
    pub transitions: Vec<String>,
}

/// Which capabilities to show; from the query string of `/policy/capabilities`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CapabilityFilter {
    /// Query parameter `risk`.
    pub risk: Option<Risk>,
    /// Query parameter `about`: a part of the id, of what it does or what it is about.
    pub about: Option<String>,
}

impl CapabilityFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name {
                "risk" => filter.risk = Risk::parse(value),
                "about" => filter.about = Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
                _ => {}
            }
        }
        filter
    }

    /// Does it narrow the list?
    pub fn narrows(&self) -> bool {
        *self != Self::default()
    }
}
