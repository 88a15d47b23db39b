//! Intake: does a text ask for what the studio must not do? Rules decide that a person has to look, never more.
//!
//! # Guarantees
//! * The whole text is read, every piece of it, in every reading of `streams`; what can't be read whole is high risk.
//! * The same text and the same rules give the same answer.
//! * What is kept of a text is its hash and a few harmless words around what was found.

/// Letters that look alike become one.
mod fold;

/// The pieces of a text.
mod text;

/// The ways in which a text is read.
mod streams;

/// The rules, and the file that they stand in.
mod rules;

/// What people decide about a text.
mod review;

use crate::domain::ids::Hash;

use rules::{Hit, MOST};
use streams::Readings;

pub use review::{IntakeStanding, ReviewCode, Ruling, may_review};
pub use rules::{BadRules, RuleSet};
pub use text::Text;

/// How many words on each side of a find are looked at for the excerpt.
const EXCERPT_WORDS: usize = 4;

/// The longest excerpt, in characters.
const EXCERPT_MOST: usize = 160;

/// What a text may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Weapons and explosives.
    Weaponization,
    /// Forgeries and stolen goods.
    IllegalContent,
    /// Stolen money and false identities.
    FraudRisk,
    /// Other people's brands, figures and designs.
    IpInfringement,
    /// Nothing of the above was found.
    Unknown,
}

impl Category {
    /// Every category, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Weaponization, Self::IllegalContent, Self::FraudRisk, Self::IpInfringement, Self::Unknown];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weaponization => "weaponization",
            Self::IllegalContent => "illegal_content",
            Self::FraudRisk => "fraud_risk",
            Self::IpInfringement => "ip_infringement",
            Self::Unknown => "unknown",
        }
    }

    /// The category that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.word() == word)
    }
}

/// Whether a person has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// It may go on.
    Low,
    /// It waits until a person has looked.
    High,
}

/// What the rules say of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// What it is about.
    pub category: Category,
    /// How sure the rules are, 0 to 100.
    pub score: u8,
    /// Whether a person has to look.
    pub risk: Risk,
    /// The rules that matched, in the order of the file.
    pub rules: Vec<String>,
    /// The version of the rules.
    pub version: String,
    /// The hash of the text as it was written.
    pub hash: Hash,
    /// A few words around the first find; names, numbers, addresses and odd words are left out. Empty without a find.
    pub excerpt: String,
}

/// Reads the text and says what the rules say of it.
pub fn classify(rules: &RuleSet, text: &Text) -> Classification {
    let readings = Readings::of(text);
    let hits = rules.hits(&readings.lines);
    let score_of = |category: Category| {
        let weights = hits.iter().filter(|hit| hit.rule.category == category).map(|hit| u32::from(hit.rule.weight));
        u8::try_from(weights.sum::<u32>().min(u32::from(MOST))).unwrap_or(MOST)
    };
    let mut worst = (Category::Unknown, 0);
    for category in Category::ALL {
        let score = score_of(category);
        if score > worst.1 {
            worst = (category, score);
        }
    }
    let (category, score) = worst;
    let risk = if score >= rules.review_at() || text.is_cut() { Risk::High } else { Risk::Low };
    let shown = hits.iter().find(|hit| hit.rule.category == category);
    Classification {
        category,
        score,
        risk,
        rules: hits.iter().map(|hit| hit.rule.id.clone()).collect(),
        version: rules.version().to_owned(),
        hash: text.hash(),
        excerpt: shown.map(|hit| excerpt(hit, &readings)).unwrap_or_default(),
    }
}

fn excerpt(hit: &Hit<'_>, readings: &Readings) -> String {
    let line = &readings.lines[hit.line];
    let quoted = |word: &str| if readings.quotable.contains(word) { word.to_owned() } else { "…".to_owned() };
    let before: Vec<String> = line[..hit.from].split_whitespace().rev().take(EXCERPT_WORDS).map(quoted).collect();
    let end = line[hit.to - 1..].find(' ').map_or(line.len(), |space| hit.to - 1 + space);
    let after = line[end..].split_whitespace().take(EXCERPT_WORDS).map(quoted);
    let phrase = hit.phrase.trim_end_matches('*').to_owned();
    let mut words: Vec<String> = before.into_iter().rev().chain([phrase]).chain(after).collect();
    words.dedup_by(|one, other| one == "…" && other == "…");
    words.join(" ").chars().take(EXCERPT_MOST).collect()
}

#[cfg(test)]
mod tests;
