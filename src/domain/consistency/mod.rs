//! What the studio's documents have to agree on, declared in a file: within a document, and between documents.
//!
//! The rules are a small fixed set of shapes with typed tests, not a language. What no shape can say has a name in the
//! file and is written in Rust.

/// One test of one field.
mod test;

/// The shapes of rules.
mod rule;

/// From the file's text to rules.
mod parse;

/// What one document says.
mod within;

/// What many documents say together.
mod gathering;

/// Rules that are written in Rust.
mod computed;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::domain::finding::FindingKind;
use crate::domain::ids::CollectionId;
use crate::domain::vocabulary::Vocabulary;

pub use gathering::Gathering;
pub use parse::BadRules;
pub use rule::{Link, Rule, Shape};
pub use within::{Question, Said, Sum};

/// The rules that come with the service.
const SHIPPED: &str = include_str!("../../../infra/consistency.toml");

/// The name of their file.
pub const FILE: &str = "infra/consistency.toml";

/// Every rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    rules: Vec<Rule>,
}

impl Rules {
    /// The rules that come with the service, with the references of its vocabularies.
    pub fn shipped() -> Arc<Self> {
        static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| {
            let rules = Rules::parse(FILE, SHIPPED).expect("BUG: the shipped rules are rules");
            Arc::new(rules.with_references(Vocabulary::shipped()))
        });
        Arc::clone(&RULES)
    }

    /// These rules, and one for every reference that a vocabulary knows: what is named has to exist.
    #[must_use]
    pub fn with_references(mut self, vocabulary: &Vocabulary) -> Self {
        for known in vocabulary.iter() {
            let collection = known.collection();
            self.rules.extend(known.references().iter().map(|(field, to)| Rule {
                id: format!("{collection}.{field}"),
                finding: FindingKind::DanglingReference,
                collection: collection.clone(),
                when: Vec::new(),
                shape: Shape::Refers(Link { by: field.clone(), to: to.clone() }),
                says: format!("`{field}` names what does not exist"),
                cites: None,
            }));
        }
        self
    }

    /// Every rule, in the order of the file.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The collections whose documents have to be looked at.
    pub fn collections(&self) -> BTreeSet<CollectionId> {
        self.rules.iter().flat_map(Rule::scanned).cloned().collect()
    }

    /// The rules that can't be judged while only these collections are known.
    pub fn unjudged(&self, known: &BTreeSet<CollectionId>) -> Vec<&Rule> {
        self.rules.iter().filter(|rule| rule.needs().any(|needed| !known.contains(needed))).collect()
    }

    /// Only the rules that can be judged while these collections are known.
    #[must_use]
    pub fn judged(&self, known: &BTreeSet<CollectionId>) -> Self {
        let judged = |rule: &&Rule| rule.needs().all(|needed| known.contains(needed));
        Self { rules: self.rules.iter().filter(judged).cloned().collect() }
    }
}

#[cfg(test)]
mod tests;
