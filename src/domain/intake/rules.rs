use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::Category;

/// The rules that come with the service.
const SHIPPED: &str = include_str!("../../../infra/policy/intake.toml");

/// The largest score, and the largest weight.
pub(super) const MOST: u8 = 100;

/// Which phrases mean what, and from which score on a person has to look.
#[derive(Clone, Debug)]
pub struct RuleSet {
    version: String,
    review_at: u8,
    rules: Vec<Rule>,
    phrases: Vec<Phrase>,
    finder: AhoCorasick,
}

/// One rule: it counts once, however often its phrases occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) category: Category,
    pub(super) weight: u8,
}

/// A phrase of a rule.
#[derive(Clone, Debug)]
struct Phrase {
    rule: usize,
    meaning: Meaning,
    words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The rule matches.
    Match,
    /// Whatever of the rule matches inside of it does not count.
    Harmless,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit<'a> {
    pub(super) rule: &'a Rule,
    /// The phrase as the file has it.
    pub(super) phrase: &'a str,
    /// Which line, and where in it.
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    review_at: u8,
    rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    id: String,
    category: String,
    weight: u8,
    phrases: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

/// Why a file of rules was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadRules {
    /// It is no TOML of the right shape.
    #[error("could not read the intake rules")]
    Shape(#[source] Box<toml::de::Error>),
    /// A rule, or the file itself, breaks a rule of ours.
    #[error("the intake rule `{rule}` is none: {what}")]
    Rule {
        /// The rule's id, or `version`, or `review_at`.
        rule: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The phrases could not be compiled.
    #[error("could not compile the intake rules")]
    Compile(#[source] Box<aho_corasick::BuildError>),
}

impl RuleSet {
    /// The text of the rules that come with the service.
    pub const fn shipped_text() -> &'static str {
        SHIPPED
    }

    /// The rules that come with the service.
    pub fn shipped() -> &'static Self {
        static RULES: LazyLock<RuleSet> =
            LazyLock::new(|| RuleSet::parse(SHIPPED).expect("BUG: a test reads the shipped rules"));
        &RULES
    }

    /// Reads a file of rules.
    pub fn parse(text: &str) -> Result<Self, BadRules> {
        let file: File = toml::from_str(text).map_err(|error| BadRules::Shape(Box::new(error)))?;
        let bad = |rule: &str, what| Err(BadRules::Rule { rule: rule.to_owned(), what });
        if file.version.trim().is_empty() || file.version.len() > 40 {
            return bad("version", "it has 1 to 40 characters");
        }
        if !(1..=MOST).contains(&file.review_at) {
            return bad("review_at", "it is 1 to 100");
        }
        let (mut rules, mut phrases, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
        for rule in file.rule {
            if !ids.insert(rule.id.clone()) {
                return bad(&rule.id, "its id is taken");
            }
            if !(1..=MOST).contains(&rule.weight) {
                return bad(&rule.id, "its weight is 1 to 100");
            }
            if rule.phrases.is_empty() {
                return bad(&rule.id, "it has no phrases");
            }
            let category = match Category::parse(&rule.category) {
                Some(Category::Unknown) | None => return bad(&rule.id, "its category is none"),
                Some(category) => category,
            };
            for (words, meaning) in [(rule.phrases, Meaning::Match), (rule.unless, Meaning::Harmless)] {
                for words in words {
                    if !is_phrase(&words) {
                        return bad(
                            &rule.id,
                            "a phrase is words of a-z and 0-9 with single spaces, or ends in one `*`",
                        );
                    }
                    phrases.push(Phrase { rule: rules.len(), meaning, words });
                }
            }
            rules.push(Rule { id: rule.id, category, weight: rule.weight });
        }
        let patterns = phrases.iter().map(|phrase| match phrase.words.strip_suffix('*') {
            Some(beginning) => format!(" {beginning}"),
            None => format!(" {} ", phrase.words),
        });
        let finder = AhoCorasick::new(patterns).map_err(|error| BadRules::Compile(Box::new(error)))?;
        Ok(Self { version: file.version, review_at: file.review_at, rules, phrases, finder })
    }

    /// Which version of the rules this is.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// From this score on a person has to look.
    pub const fn review_at(&self) -> u8 {
        self.review_at
    }

    /// The ids of the rules.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    /// The rules that match, each once, in the order of the file.
    pub(super) fn hits(&self, lines: &[String]) -> Vec<Hit<'_>> {
        let mut first: Vec<Option<Hit<'_>>> = vec![None; self.rules.len()];
        for (number, line) in lines.iter().enumerate() {
            let (mut found, mut harmless) = (Vec::new(), Vec::new());
            for hit in self.finder.find_overlapping_iter(line) {
                let phrase = &self.phrases[hit.pattern().as_usize()];
                match phrase.meaning {
                    Meaning::Match => found.push((phrase, hit.start(), hit.end())),
                    Meaning::Harmless => harmless.push((phrase.rule, hit.start(), hit.end())),
                }
            }
            for (phrase, from, to) in found {
                // A phrase in full ends with the space after it, a beginning does not.
                let inside = |(rule, begin, end): &(usize, usize, usize)| {
                    *rule == phrase.rule && *begin <= from && to.saturating_sub(1) <= *end
                };
                if !harmless.iter().any(inside) {
                    let rule = &self.rules[phrase.rule];
                    let hit = Hit { rule, phrase: &phrase.words, line: number, from, to };
                    first[phrase.rule].get_or_insert(hit);
                }
            }
        }
        first.into_iter().flatten().collect()
    }
}

fn is_phrase(words: &str) -> bool {
    let beginning = words.strip_suffix('*').unwrap_or(words);
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (2..=80).contains(&beginning.len()) && beginning.split(' ').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "version = \"1\"\nreview_at = 60\n";

    #[track_caller]
    fn refused(rules: &str, what: &str) {
        let error = RuleSet::parse(&format!("{HEAD}{rules}")).expect_err("is refused");
        assert!(format!("{error:?}").contains(what), "{error:?}");
    }

    #[test]
    fn the_shipped_rules_can_be_read_and_fold_to_themselves() {
        let rules = RuleSet::parse(SHIPPED).expect("reads");
        assert!(rules.ids().count() > 20);
        for phrase in &rules.phrases {
            let words = phrase.words.trim_end_matches('*');
            assert_eq!(super::super::fold::fold(words), words);
        }
        for category in Category::ALL.into_iter().filter(|category| *category != Category::Unknown) {
            assert!(rules.rules.iter().any(|rule| rule.category == category), "{category:?} has no rule");
        }
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused() {
        refused("", "Shape");
        refused("[[rule]]\nid = \"a\"\ncategory = \"fraud_risk\"\nweight = 5\nphrases = [\"x y\"]\nextra = 1", "Shape");
        let rule = |id: &str, category: &str, weight: u8, phrase: &str| {
            format!("[[rule]]\nid = \"{id}\"\ncategory = \"{category}\"\nweight = {weight}\nphrases = [{phrase}]\n")
        };
        refused(&rule("a", "unknown", 5, "\"bomb\""), "category");
        refused(&rule("a", "fraud_risk", 0, "\"bomb\""), "weight");
        refused(&rule("a", "fraud_risk", 5, ""), "no phrases");
        for phrase in ["Bomb", "b", "two  spaces", " bomb", "bo*mb", "bömb", ""] {
            refused(&rule("a", "fraud_risk", 5, &format!("\"{phrase}\"")), "phrase");
        }
        let twice = rule("a", "fraud_risk", 5, "\"bomb\"").repeat(2);
        refused(&twice, "taken");
    }
}
