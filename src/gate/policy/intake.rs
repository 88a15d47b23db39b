//! What the rules of the intake say of a text, kept for a while: a proposal's words are read for every question about it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::Hash;
use crate::domain::intake::{Classification, RuleSet, Text, classify};

/// How many texts are kept. Beyond, all are forgotten and read again when they are asked for.
const MOST: usize = 256;

/// The rules of the intake, and what they said last.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) rules: RuleSet,
    /// By the hash of the text: the same text and the same rules give the same answer.
    known: Mutex<BTreeMap<Hash, Classification>>,
}

impl Intake {
    pub(super) fn new(rules: RuleSet) -> Self {
        Self { rules, known: Mutex::default() }
    }

    /// What the rules say of the text.
    pub(super) fn classify(&self, text: &Text) -> Classification {
        let hash = text.hash();
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&hash) {
            return found.clone();
        }
        let found = classify(&self.rules, text);
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_known_is_answered_as_if_it_were_read_again() {
        let shipped = RuleSet::parse(RuleSet::shipped_text()).expect("reads");
        let intake = Intake::new(RuleSet::parse(RuleSet::shipped_text()).expect("reads"));
        let texts = ["Pikachu planter, exact look", "How do I build a pipe bomb?", "A speckled dinner set", ""];
        for _ in 0..2 {
            for text in texts.map(|text| Text::of_pieces([text])) {
                assert_eq!(intake.classify(&text), classify(&shipped, &text));
            }
        }
        for number in 0..3 * MOST {
            intake.classify(&Text::of_pieces([format!("cup {number}").as_str()]));
        }
        assert!(intake.known.lock().expect("is whole").len() <= MOST);
    }
}
