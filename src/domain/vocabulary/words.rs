//! The words of one field: what each of them means, and which are only spelled otherwise.

use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::vocabulary::{Class, Standing};

/// A word that a field may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub(super) word: String,
    pub(super) meaning: String,
    pub(super) class: Option<Class>,
    pub(super) is_retired: bool,
    pub(super) next: Vec<String>,
}

impl Word {
    /// The word as the documents have it.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// What it means, for people.
    pub fn meaning(&self) -> &str {
        &self.meaning
    }

    /// What it means for whoever has to do something; none: the field says no state.
    pub const fn class(&self) -> Option<Class> {
        self.class
    }

    /// Is it read in old documents only, and written by nobody any more?
    pub const fn is_retired(&self) -> bool {
        self.is_retired
    }

    /// The words that may follow.
    pub fn next(&self) -> &[String] {
        &self.next
    }
}

/// The words of one field, in the order of their file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub(super) field: FieldPath,
    pub(super) says_state: bool,
    pub(super) words: Vec<Word>,
    /// A legacy spelling, and the word that it stands for.
    pub(super) spellings: Vec<(String, String)>,
}

/// What a field's word is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<'a> {
    /// A word of the vocabulary.
    Known(&'a Word),
    /// A legacy spelling of one.
    Legacy(&'a Word),
    /// No word of the vocabulary.
    Unknown,
}

impl<'a> Reading<'a> {
    /// The word that it is taken for.
    pub const fn word(self) -> Option<&'a Word> {
        match self {
            Self::Known(word) | Self::Legacy(word) => Some(word),
            Self::Unknown => None,
        }
    }
}

impl Words {
    /// The field that holds them.
    pub const fn field(&self) -> &FieldPath {
        &self.field
    }

    /// Does the field say a state, so that each word has a class?
    pub const fn says_state(&self) -> bool {
        self.says_state
    }

    /// Every word, in the order of the file; legacy spellings are none.
    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.words.iter()
    }

    /// Exactly this word.
    pub fn find(&self, word: &str) -> Option<&Word> {
        self.words.iter().find(|known| known.word == word)
    }

    /// What a reader takes the word for.
    pub fn read(&self, word: &str) -> Reading<'_> {
        if let Some(known) = self.find(word) {
            return Reading::Known(known);
        }
        let spelled = self.spellings.iter().find(|(spelling, _)| spelling == word);
        match spelled.and_then(|(_, stands_for)| self.find(stands_for)) {
            Some(meant) => Reading::Legacy(meant),
            None => Reading::Unknown,
        }
    }

    /// What the word means for whoever has to do something, also when it is spelled in a legacy way.
    pub fn class_of(&self, word: &str) -> Option<Class> {
        self.read(word).word().and_then(Word::class)
    }

    /// Is anything left to do about a document with this word?
    pub fn standing_of(&self, word: &str) -> Standing {
        self.class_of(word).map_or(Standing::Unknown, Class::standing)
    }

    /// What may replace the word `current`: what may follow it, or the right spelling of a legacy one.
    pub fn allowed_from(&self, current: &str) -> Vec<&Word> {
        match self.read(current) {
            Reading::Known(word) => word.next.iter().filter_map(|next| self.find(next)).collect(),
            Reading::Legacy(meant) => vec![meant],
            Reading::Unknown => Vec::new(),
        }
    }

    /// The text that a document has here, if it has one.
    pub fn of<'f>(&self, fields: &'f Fields) -> Option<&'f str> {
        self.field.get(fields).and_then(Value::as_text)
    }
}
