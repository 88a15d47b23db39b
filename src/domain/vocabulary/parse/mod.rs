//! From the files' text to vocabularies: every rule that a file has to keep.

/// What a file looks like.
mod file;

/// Conditions, deadlines and figures.
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{CollectionId, Hash};
use crate::domain::value::FieldPath;
use crate::domain::vocabulary::{Amount, Class, CollectionVocabulary, FieldType, Vocabulary, Word, Words};
use file::{File, FileWords};
use rule::{counted, deadline, end, figure};

/// The names of every type that a field may have.
const TYPES: [&str; 11] =
    ["null", "boolean", "integer", "double", "timestamp", "text", "bytes", "reference", "geopoint", "array", "map"];

/// Why a file of the vocabulary was refused.
#[derive(Debug, thiserror::Error)]
#[error("`{file}`, `{key}`: {rule}")]
pub struct BadVocabulary {
    /// The file.
    pub file: String,
    /// The key that breaks a rule; empty for the file as a whole.
    pub key: String,
    /// The rule that it breaks.
    pub rule: String,
    #[source]
    source: Option<Box<toml::de::Error>>,
}

impl Vocabulary {
    /// Reads the files, each with its name.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, BadVocabulary> {
        let mut collections: BTreeMap<String, CollectionVocabulary> = BTreeMap::new();
        let (mut texts, mut figures) = (Vec::new(), BTreeSet::new());
        for (file, text) in files {
            let at = At { file };
            let known = collection(at, text)?;
            for figure in &known.figures {
                if !figures.insert(figure.name.clone()) {
                    return Err(
                        at.wrong("figure.name", format!("`{}` is the name of another figure, too", figure.name))
                    );
                }
            }
            let name = known.collection.to_string();
            texts.push(format!("{name}\n{text}\n"));
            if collections.insert(name, known).is_some() {
                return Err(at.wrong("collection", "another file is about the same collection"));
            }
        }
        texts.sort();
        Ok(Self { collections, fingerprint: Hash::of(texts.concat()) })
    }
}

/// The file that is being read, for what is wrong with it.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
}

impl At<'_> {
    fn wrong(self, key: impl Into<String>, rule: impl Into<String>) -> BadVocabulary {
        BadVocabulary { file: self.file.to_owned(), key: key.into(), rule: rule.into(), source: None }
    }

    fn path(self, key: &str, text: &str) -> Result<FieldPath, BadVocabulary> {
        FieldPath::parse(text).map_err(|error| self.wrong(key, error.to_string()))
    }

    fn sentence(self, key: String, text: String) -> Result<String, BadVocabulary> {
        let is_one = text.ends_with('.') && text.chars().count() <= 200 && !text.chars().any(char::is_control);
        if is_one { Ok(text) } else { Err(self.wrong(key, "it is one sentence of at most 200 characters")) }
    }
}

fn collection(at: At<'_>, text: &str) -> Result<CollectionVocabulary, BadVocabulary> {
    let file: File = toml::from_str(text).map_err(|error| {
        let rule = error.message().to_owned();
        BadVocabulary { source: Some(Box::new(error)), ..at.wrong("", rule) }
    })?;
    let id = CollectionId::parse(file.collection).map_err(|error| at.wrong("collection", error.to_string()))?;
    let mut known = CollectionVocabulary {
        collection: id,
        about: at.sentence("about".to_owned(), file.about)?,
        fields: BTreeMap::new(),
        required: BTreeSet::new(),
        retired: BTreeSet::new(),
        references: BTreeMap::new(),
        words: Vec::new(),
        end: None,
        since: Vec::new(),
        amount: None,
        deadlines: Vec::new(),
        figures: Vec::new(),
        counted: BTreeSet::new(),
    };
    for (name, types) in file.fields {
        let key = format!("fields.{name}");
        known.fields.insert(at.path(&key, &name)?, field_type(at, &key, &types)?);
    }
    for (key, names) in [("required", file.required), ("retired", file.retired)] {
        for name in names {
            let field = known_field(at, &known, key, &name)?;
            let list = if key == "required" { &mut known.required } else { &mut known.retired };
            list.insert(field);
        }
    }
    for (name, target) in file.references {
        let key = format!("references.{name}");
        let field = known_field(at, &known, &key, &name)?;
        let target = CollectionId::parse(target).map_err(|error| at.wrong(&key, error.to_string()))?;
        known.references.insert(field, target);
    }
    for listed in file.words {
        let words = words(at, &known, listed)?;
        known.words.push(words);
    }
    known.end = file.standing.map(|listed| end(at, &known, listed)).transpose()?;
    for name in file.since {
        known.since.push(known_field(at, &known, "since", &name)?);
    }
    if let Some(listed) = file.amount {
        let (cents, currency) = (
            known_field(at, &known, "amount.cents", &listed.cents)?,
            known_field(at, &known, "amount.currency", &listed.currency)?,
        );
        known.amount = Some(Amount { cents, currency });
    }
    for listed in file.deadline {
        let deadline = deadline(at, &known, listed)?;
        known.deadlines.push(deadline);
    }
    for listed in file.figure {
        let figure = figure(at, &known, listed)?;
        known.figures.push(figure);
    }
    known.counted = counted(&known);
    Ok(known)
}

fn field_type(at: At<'_>, key: &str, text: &str) -> Result<FieldType, BadVocabulary> {
    let mut types = Vec::new();
    for name in text.split(" or ") {
        match (name, TYPES.into_iter().find(|known| *known == name)) {
            ("any", _) if text == "any" => {}
            ("number", _) => types.extend(["integer", "double"]),
            (_, Some(known)) => types.push(known),
            (_, None) => {
                return Err(at.wrong(key, format!("`{name}` is no type: use any, number, or {}", TYPES.join(", "))));
            }
        }
    }
    Ok(FieldType { types })
}

fn known_field(at: At<'_>, known: &CollectionVocabulary, key: &str, name: &str) -> Result<FieldPath, BadVocabulary> {
    let field = at.path(key, name)?;
    if known.fields.contains_key(&field) { Ok(field) } else { Err(at.wrong(key, format!("`{name}` is not in fields"))) }
}

fn words(at: At<'_>, known: &CollectionVocabulary, listed: FileWords) -> Result<Words, BadVocabulary> {
    let key = format!("words.{}", listed.field);
    let field = known_field(at, known, &key, &listed.field)?;
    if known.words_of(&field).is_some() {
        return Err(at.wrong(key, "its words are listed twice"));
    }
    let mut words = Words { field, says_state: listed.state, words: Vec::new(), spellings: Vec::new() };
    for one in listed.list {
        let key = format!("{key}.{}", one.word);
        if words.find(&one.word).is_some() || words.spellings.iter().any(|(spelling, _)| *spelling == one.word) {
            return Err(at.wrong(key, "the word is listed twice"));
        }
        if let Some(stands_for) = one.stands_for {
            if one.class.is_some() || one.meaning.is_some() || one.retired || !one.next.is_empty() {
                return Err(
                    at.wrong(key, "a spelling has the meaning of the word that it stands for, and nothing else")
                );
            }
            words.spellings.push((one.word, stands_for));
            continue;
        }
        let class = match one.class.as_deref().map(|class| (class, Class::parse(class))) {
            Some((class, None)) => {
                let all: Vec<&str> = Class::ALL.into_iter().map(Class::word).collect();
                return Err(at.wrong(key, format!("`{class}` is no class: use {}", all.join(", "))));
            }
            Some((_, class)) => class,
            None => None,
        };
        if class.is_some() != words.says_state {
            return Err(at.wrong(key, "a word has a class exactly where the field says a state"));
        }
        let Some(meaning) = one.meaning else { return Err(at.wrong(key, "it has no meaning")) };
        let meaning = at.sentence(key, meaning)?;
        words.words.push(Word { word: one.word, meaning, class, is_retired: one.retired, next: one.next });
    }
    if words.words.is_empty() {
        return Err(at.wrong(key, "there are no words"));
    }
    let nexts = words.words.iter().flat_map(|word| word.next.iter().map(|next| (word.word.as_str(), next.as_str())));
    let spellings = words.spellings.iter().map(|(spelling, stands_for)| (spelling.as_str(), stands_for.as_str()));
    if let Some((word, other)) = nexts.chain(spellings).find(|(_, other)| words.find(other).is_none()) {
        return Err(at.wrong(format!("{key}.{word}"), format!("`{other}` is no word of the field")));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        collection = "pots"
        about = "Pots."
        fields = { state = "text", made = "timestamp or null", cents = "integer" }
        since = ["made"]
        [[words]]
        field = "state"
        state = true
        list = [
            { word = "WET", class = "active", meaning = "Not dry.", next = ["DRY"] },
            { word = "DRY", class = "done", meaning = "Dry." },
            { word = "dry", stands_for = "DRY" },
        ]
        [standing]
        field = "state"
        [[figure]]
        name = "potsWet"
        block = "ops"
        meaning = "Pots that are wet."
        standing = "open"
    "#;

    #[track_caller]
    fn check(change: impl Fn(&str) -> String, key: &str, rule: &str) {
        let bad = Vocabulary::parse(&[("pots.toml", &change(GOOD))]).expect_err("breaks a rule");
        assert_eq!((bad.file.as_str(), bad.key.as_str()), ("pots.toml", key), "{bad}");
        assert!(bad.rule.contains(rule), "{bad}");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_by_file_key_and_rule() {
        assert!(Vocabulary::parse(&[("pots.toml", GOOD)]).is_ok());
        check(|good| good.replace("about", "abuot"), "", "unknown field");
        check(|good| good.replace("\"Pots.\"", "\"Pots\""), "about", "one sentence");
        check(|good| good.replace("\"integer\"", "\"money\""), "fields.cents", "`money` is no type");
        check(|good| good.replace("[\"made\"]", "[\"born\"]"), "since", "`born` is not in fields");
        check(|good| good.replace("\"active\"", "\"moist\""), "words.state.WET", "`moist` is no class");
        check(|good| good.replace("[\"DRY\"]", "[\"FIRED\"]"), "words.state.WET", "`FIRED` is no word");
        check(|good| good.replace("stands_for = \"DRY\"", "stands_for = \"D\""), "words.state.dry", "`D` is no word");
        check(|good| good.replace("word = \"dry\"", "word = \"DRY\""), "words.state.DRY", "listed twice");
        check(|good| good.replace("\"ops\"", "\"oops\""), "figure.potsWet", "`oops` is no block");
        check(|good| good.replace("\"open\"", "\"ajar\""), "figure.potsWet", "a standing is");
        check(|good| good.replace("state = true", "state = false"), "words.state.WET", "exactly where");
    }

    #[test]
    fn two_files_are_never_about_the_same() {
        let bad = Vocabulary::parse(&[("a.toml", GOOD), ("b.toml", &GOOD.replace("potsWet", "wetPots"))]);
        assert_eq!(bad.expect_err("the collection is taken").key, "collection");
        let bad = Vocabulary::parse(&[("a.toml", GOOD), ("b.toml", &GOOD.replace("\"pots\"", "\"jars\""))]);
        assert_eq!(bad.expect_err("the figure is taken").key, "figure.name");
    }
}
