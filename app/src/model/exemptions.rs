//! What may be done without its approval, for a while.

use jiff::Timestamp;

use super::{
    facts::{Actor, Capability, May, TimelineEvent},
    trouble::Panel,
};

/// The list.
#[derive(Debug, Clone)]
pub struct Exemptions {
    /// Those that match, newest first.
    pub rows: Panel<Vec<ExemptionRow>>,
    /// Where the next page begins, if there is one.
    pub older: Option<String>,
    /// How many hold now and how many have ended, in all.
    pub counts: Option<(u64, u64)>,
    /// The capabilities that can be filtered by.
    pub capabilities: Vec<Capability>,
}

/// An exemption in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionRow {
    /// Its id.
    pub id: String,
    /// What it lets through.
    pub capability: Capability,
    /// In whose name.
    pub owner: String,
    /// The one document that it covers; `None`: every document of the owner.
    pub document: Option<String>,
    /// Who gains by it.
    pub beneficiary: String,
    /// Who granted it.
    pub granted_by: Actor,
    /// Why.
    pub reason: String,
    /// When.
    pub granted: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// Does it hold now?
    pub standing: ExemptionStanding,
    /// How often something was let through by it.
    pub uses: u64,
}

/// Whether an exemption holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExemptionStanding {
    /// It does.
    Live,
    /// Somebody took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// One exemption in full.
#[derive(Debug, Clone)]
pub struct ExemptionDetail {
    /// What the list shows.
    pub row: ExemptionRow,
    /// May the viewer take it back? `None` when it has ended.
    pub may_revoke: Option<May>,
    /// What happened so far, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}

/// Which exemptions to show; from the query string of `/policy/exemptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExemptionFilter {
    /// Query parameter `show`.
    pub show: ExemptionShow,
    /// Query parameter `capability`.
    pub capability: Option<String>,
    /// Query parameter `before`: where the page begins.
    pub before: Option<String>,
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExemptionShow {
    /// Those that hold.
    #[default]
    Live,
    /// Those that have ended.
    Ended,
    /// All.
    All,
}

impl ExemptionShow {
    /// Every part, in the order of the tabs.
    pub const ALL: [Self; 3] = [Self::Live, Self::Ended, Self::All];

    /// The word in the query.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }
}

impl ExemptionFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
            match name {
                "show" => {
                    filter.show = ExemptionShow::ALL.into_iter().find(|show| show.word() == value).unwrap_or_default();
                }
                "capability" => filter.capability = given(),
                "before" => filter.before = given(),
                _ => {}
            }
        }
        filter
    }
}

/// What the form of a new exemption offers.
#[derive(Debug, Clone)]
pub struct Exempting {
    /// The capabilities that can have exemptions.
    pub capabilities: Vec<Capability>,
    /// Those that cannot, for they are critical.
    pub critical: Vec<Capability>,
}

/// The form of a new exemption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExemptionForm {
    /// Field `capability`.
    pub capability: String,
    /// Field `owner`.
    pub owner: String,
    /// Field `document`.
    pub document: String,
    /// Field `beneficiary`.
    pub beneficiary: String,
    /// Field `hours`.
    pub hours: String,
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<(ExemptionField, String)>,
}

/// The fields of that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExemptionField {
    /// What is let through.
    Capability,
    /// In whose name.
    Owner,
    /// The one document.
    Document,
    /// Who gains by it.
    Beneficiary,
    /// How long.
    Hours,
    /// Why.
    Reason,
    /// None in particular.
    Whole,
}

impl ExemptionField {
    /// The id of its field; none for the whole form.
    pub fn id(self) -> Option<&'static str> {
        match self {
            Self::Capability => Some("capability"),
            Self::Owner => Some("owner"),
            Self::Document => Some("document"),
            Self::Beneficiary => Some("beneficiary"),
            Self::Hours => Some("hours"),
            Self::Reason => Some("reason"),
            Self::Whole => None,
        }
    }
}
