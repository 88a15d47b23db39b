//! What the vocabulary says of a document's fields.

use std::collections::BTreeMap;

use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::vocabulary::rule::moment;
use crate::domain::vocabulary::{CollectionVocabulary, Figure, Standing};

impl CollectionVocabulary {
    /// Is anything left to do about a document? `None` where the question makes no sense.
    pub fn standing(&self, fields: &Fields) -> Option<Standing> {
        let end = self.end.as_ref()?;
        if end.closed_when.iter().any(|condition| condition.holds(fields)) {
            return Some(Standing::Closed);
        }
        let Some(by) = &end.by else { return Some(Standing::Open) };
        let words = self.words_of(by)?;
        Some(words.of(fields).map_or(Standing::Unknown, |word| words.standing_of(word)))
    }

    /// The text in each field that says a state, `None` where it is missing or no text. Legacy spellings are what they
    /// stand for.
    pub fn states_of<'a>(&'a self, fields: &'a Fields) -> BTreeMap<&'a FieldPath, Option<&'a str>> {
        let state = |words: &'a super::Words| {
            let text = words.of(fields);
            (&words.field, text.map(|text| words.read(text).word().map_or(text, super::Word::word)))
        };
        self.states().map(state).collect()
    }

    /// The figures that a document counts in.
    pub fn figures_of(&self, fields: &Fields) -> impl Iterator<Item = &Figure> {
        let standing = self.standing(fields);
        self.figures.iter().filter(move |figure| figure.counts(fields, standing))
    }

    /// Since when an open document is open: the first of the fields for it that holds a moment.
    pub fn since(&self, fields: &Fields) -> Option<Timestamp> {
        let is_open = self.standing(fields) == Some(Standing::Open);
        is_open.then(|| self.since.iter().find_map(|field| moment(field, fields))).flatten()
    }

    /// By when an open document should be over: the first of its deadlines.
    pub fn due(&self, fields: &Fields) -> Option<Timestamp> {
        let standing = self.standing(fields);
        self.deadlines.iter().filter_map(|deadline| deadline.of(fields, standing)).min()
    }

    /// What a document is worth: cents, and the currency that it names.
    pub fn amount<'a>(&self, fields: &'a Fields) -> Option<(i64, Option<&'a str>)> {
        let amount = self.amount.as_ref()?;
        match amount.cents.get(fields) {
            Some(Value::Integer(cents)) => Some((*cents, amount.currency.get(fields).and_then(Value::as_text))),
            Some(_) | None => None,
        }
    }
}
