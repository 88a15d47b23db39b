//! The words that the studio's documents use, what each of them means, and what else a document has to be like.
//!
//! One file per collection, `infra/vocabulary/<collection>.toml`, says which fields there are and which must be there,
//! which words a field knows, which of them are legacy spellings, when a document is over, since when it is open and by
//! when it should be over, and which figures of the snapshot it counts in.
//!
//! A word that is in no file is never counted as anything but unknown, and [`Vocabulary::look`](crate::domain::vocabulary::Vocabulary::look) tells of it.

/// What a word means for whoever has to do something.
mod class;

/// The words of one field.
mod words;

/// Conditions, deadlines, figures.
mod rule;

/// What the vocabulary says of a document's fields.
mod reading;

/// Documents that say what the vocabulary does not know.
mod look;

/// From the files' text.
mod parse;

/// The files that come with the service.
mod shipped;

/// What may become of a reservation.
mod reservation;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{CollectionId, Hash};
use crate::domain::value::FieldPath;

pub use class::{Class, Standing};
pub use look::{Remark, RemarkKind};
pub use parse::BadVocabulary;
pub use reservation::ReservationStatus;
pub use rule::{Block, Condition, Deadline, Figure, Selection};
pub use shipped::{BATCH_STATES, is_closed_state};
pub use words::{Reading, Word, Words};

/// The collection of reservations.
pub const RESERVATIONS: &str = "reservations";

/// The collection of batches.
pub const BATCHES: &str = "batches";

/// The vocabularies of every collection that has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    collections: BTreeMap<String, CollectionVocabulary>,
    fingerprint: Hash,
}

impl Vocabulary {
    /// The vocabulary of a collection, if it has one.
    pub fn of(&self, collection: &CollectionId) -> Option<&CollectionVocabulary> {
        self.named(collection.as_str())
    }

    /// The vocabulary of the collection with this name, if it has one.
    pub fn named(&self, collection: &str) -> Option<&CollectionVocabulary> {
        self.collections.get(collection)
    }

    /// Every collection that has a vocabulary, by name.
    pub fn iter(&self) -> impl Iterator<Item = &CollectionVocabulary> {
        self.collections.values()
    }

    /// The hash of all files: what was counted with one vocabulary must be counted again with another.
    pub const fn fingerprint(&self) -> Hash {
        self.fingerprint
    }
}

/// What the documents of one collection are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionVocabulary {
    collection: CollectionId,
    about: String,
    fields: BTreeMap<FieldPath, FieldType>,
    required: BTreeSet<FieldPath>,
    retired: BTreeSet<FieldPath>,
    references: BTreeMap<FieldPath, CollectionId>,
    words: Vec<Words>,
    end: Option<End>,
    since: Vec<FieldPath>,
    amount: Option<Amount>,
    deadlines: Vec<Deadline>,
    figures: Vec<Figure>,
    /// The fields at the top of a document without which it can't be counted.
    counted: BTreeSet<String>,
}

/// How a document says whether anything is left to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct End {
    /// The field whose word says so; none: it is open until something else closes it.
    by: Option<FieldPath>,
    /// What closes it, whatever the word says.
    closed_when: Vec<Condition>,
}

/// What a document is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Amount {
    cents: FieldPath,
    currency: FieldPath,
}

/// Which types a field may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldType {
    types: Vec<&'static str>,
}

impl FieldType {
    /// The names of the types, as people say them; empty: any.
    pub fn types(&self) -> &[&'static str] {
        &self.types
    }

    /// Is a value of the type with this name right here?
    pub fn allows(&self, type_name: &str) -> bool {
        self.types.is_empty() || self.types.contains(&type_name)
    }
}

impl CollectionVocabulary {
    /// The collection.
    pub const fn collection(&self) -> &CollectionId {
        &self.collection
    }

    /// What its documents are, for people.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The fields with words, in the order of the file.
    pub fn words(&self) -> &[Words] {
        &self.words
    }

    /// The words of one field, if it has any.
    pub fn words_of(&self, field: &FieldPath) -> Option<&Words> {
        self.words.iter().find(|words| words.field == *field)
    }

    /// The words of the field at the top of a document that has this name, if it has any.
    pub fn words_named(&self, field: &str) -> Option<&Words> {
        self.words.iter().find(|words| words.field.names() == [field])
    }

    /// The fields that say a state.
    pub fn states(&self) -> impl Iterator<Item = &Words> {
        self.words.iter().filter(|words| words.says_state)
    }

    /// Every field that is known, with its types.
    pub const fn fields(&self) -> &BTreeMap<FieldPath, FieldType> {
        &self.fields
    }

    /// The fields that every document must have.
    pub const fn required(&self) -> &BTreeSet<FieldPath> {
        &self.required
    }

    /// Fields that hold the id of a document of another collection, or a list of such ids.
    pub const fn references(&self) -> &BTreeMap<FieldPath, CollectionId> {
        &self.references
    }

    /// By when its open documents should be over.
    pub fn deadlines(&self) -> &[Deadline] {
        &self.deadlines
    }

    /// The figures of the snapshot that its documents count in.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Can its documents be open or closed at all?
    pub const fn has_standing(&self) -> bool {
        self.end.is_some()
    }

    /// Are its documents worth something?
    pub const fn has_amount(&self) -> bool {
        self.amount.is_some()
    }

    /// The field whose word says whether a document is open, if one does.
    pub fn standing_field(&self) -> Option<&FieldPath> {
        self.end.as_ref()?.by.as_ref()
    }

    /// The fields at the top of a document without which it can't be counted.
    pub const fn counted(&self) -> &BTreeSet<String> {
        &self.counted
    }
}
