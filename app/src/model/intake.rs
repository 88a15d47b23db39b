//! Texts that the intake rules have stopped until a person has looked.

use jiff::Timestamp;

use super::{
    acts::ActProblem,
    facts::{Actor, May},
    trouble::Panel,
};

/// The list.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Those that match: what waits oldest first, what was decided newest first.
    pub rows: Panel<Vec<IntakeRow>>,
    /// Where the next page begins, if there is one.
    pub next: Option<u64>,
    /// How many wait, and how many were decided, in all.
    pub counts: Option<(u64, u64)>,
}

/// A text in a list. The text itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// Its number.
    pub id: u64,
    /// What it belongs to.
    pub subject: Subject,
    /// Who wrote it.
    pub requester: Actor,
    /// What it is about.
    pub category: IntakeCategory,
    /// How sure the rules are, 0 to 100.
    pub score: u8,
    /// A few harmless words around the first find.
    pub excerpt: String,
    /// Since when it is known.
    pub since: Timestamp,
    /// Where it stands.
    pub standing: IntakeStanding,
}

/// What a text belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A proposal's words.
    Proposal(String),
    /// A document of the cloud, such as a member's request.
    Document(String),
    /// Something else.
    Other(String),
}

/// What a text may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeCategory {
    /// Weapons and explosives.
    Weapons,
    /// Forgeries and stolen goods.
    Illegal,
    /// Stolen money and false identities.
    Fraud,
    /// Other people's brands, figures and designs.
    Designs,
    /// It could not be read whole.
    Unreadable,
}

impl IntakeCategory {
    /// Every category, the gravest first.
    pub const ALL: [Self; 5] = [Self::Weapons, Self::Illegal, Self::Fraud, Self::Designs, Self::Unreadable];

    /// The word in the query: the rules' own.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weapons => "weaponization",
            Self::Illegal => "illegal_content",
            Self::Fraud => "fraud_risk",
            Self::Designs => "ip_infringement",
            Self::Unreadable => "unknown",
        }
    }

    /// In a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Weapons => "Weapons",
            Self::Illegal => "Forgery or stolen goods",
            Self::Fraud => "Fraud",
            Self::Designs => "Other people’s designs",
            Self::Unreadable => "Not readable as a whole",
        }
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeStanding {
    /// Nobody has decided.
    Waiting,
    /// The newest decision lets it go on.
    Granted,
    /// The newest decision stops it.
    Denied,
}

/// One text in full.
#[derive(Debug, Clone)]
pub struct IntakeDetail {
    /// What the list shows.
    pub row: IntakeRow,
    /// The hash of the text that is decided about.
    pub text_hash: String,
    /// Has the document another text now? Then a decision about this one lets nothing through.
    pub is_outdated: bool,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// The version of the rules.
    pub rules_version: String,
    /// What was decided, oldest first; the newest counts.
    pub decisions: Vec<IntakeDecision>,
    /// What may be decided, and whether the viewer may.
    pub choices: Vec<(ReviewChoice, May)>,
    /// The texts before and after it among those that wait.
    pub neighbours: (Option<u64>, Option<u64>),
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeDecision {
    /// What was checked, and with it what was decided.
    pub choice: ReviewChoice,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What was checked, and with it what is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewChoice {
    /// The words mean something harmless here.
    Harmless,
    /// The requester has proved their rights.
    RightsProved,
    /// It is what it seems to be.
    Confirmed,
    /// It is against the law.
    Unlawful,
}

impl ReviewChoice {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Harmless, Self::RightsProved, Self::Confirmed, Self::Unlawful];

    /// The word in the form field `code`: the stable code of the decision.
    pub fn word(self) -> &'static str {
        match self {
            Self::Harmless => "staff_override_context_verified",
            Self::RightsProved => "staff_override_rights_attested",
            Self::Confirmed => "policy_confirmed_block",
            Self::Unlawful => "policy_confirmed_illegal",
        }
    }

    /// Does it let the text go on?
    pub fn grants(self) -> bool {
        match self {
            Self::Harmless | Self::RightsProved => true,
            Self::Confirmed | Self::Unlawful => false,
        }
    }
}

/// The form that decides about a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewForm {
    /// Field `code`.
    pub code: String,
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<ActProblem>,
}

/// Which texts to show; from the query string of `/intake`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntakeFilter {
    /// Query parameter `show`: `decided` for what was decided.
    pub decided: bool,
    /// Query parameter `category`.
    pub category: Option<IntakeCategory>,
    /// Query parameter `from`: where the page begins.
    pub from: Option<u64>,
}

impl IntakeFilter {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name {
                "show" => filter.decided = value == "decided",
                "category" => {
                    filter.category = IntakeCategory::ALL.into_iter().find(|category| category.word() == value);
                }
                "from" => filter.from = value.parse().ok(),
                _ => {}
            }
        }
        filter
    }
}
