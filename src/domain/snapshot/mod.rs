//! The studio's state, schema `v4.0`: how many of what there is, how old the oldest is, what should be over, and from
//! which read of the cloud all this was counted. `docs/SNAPSHOT.md` tells of every member.
//!
//! # Guarantees
//! * Nothing here reads a clock: the same facts, sources and moment always give the same snapshot.
//! * A number whose documents could not be read is `None`, which is "unknown", and never zero.
//! * A hash covers paths and contents only: the same data gives the same hash in whatever order and whenever it was read.

/// What the state knows of one document.
mod fact;

/// The numbers, by name.
mod number;

/// From sources and sums to a snapshot.
mod compose;

/// What differs between two snapshots.
mod difference;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{CollectionId, Hash, StudioId};
use crate::domain::time::Timestamp;

pub use compose::{Knowledge, Parts, Source};
pub use difference::{NumberChange, Recount, difference};
pub use fact::{Fact, Profile, StandingWord, Sum};
pub use number::{BadNumber, Counted, Number};

/// The version of the schema.
pub const SCHEMA: &str = "v4.0";

/// The collections by which the payment provider tells the cloud what it knows.
pub const STRIPE: [&str; 3] = ["eventCharges", "payments", "stripeWebhookEvents"];

/// Numbers by name; none is unknown.
pub type Figures = BTreeMap<String, Option<i64>>;

/// The studio's state at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// [`SCHEMA`].
    pub schema: String,
    /// The studio.
    pub studio: StudioId,
    /// The studio's own day.
    pub snapshot_date: jiff::civil::Date,
    /// The zone in which that day is.
    pub time_zone: String,
    /// When it was counted, by our clock.
    pub generated_at: Timestamp,
    /// As of which reads of the cloud.
    pub cloud_sync: CloudSync,
    /// What there is.
    pub counts: Figures,
    /// What the studio has to do.
    pub ops: Figures,
    /// What is owed.
    pub finance: Figures,
    /// What people say, ask and come to.
    pub community: Figures,
    /// What the documents of a figure are worth: cents by currency.
    pub amounts_cents: BTreeMap<String, Option<BTreeMap<String, i64>>>,
    /// Every mirrored collection.
    pub collections: BTreeMap<CollectionId, CollectionState>,
    /// The hashes of what was counted.
    pub source_hashes: SourceHashes,
    /// The hash of everything that was counted, and of what could not be.
    pub content_hash: Hash,
    /// How sure we are.
    pub diagnostics: Diagnostics,
}

/// As of which reads of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudSync {
    /// The oldest read of any collection that is known.
    pub firestore_read_at: Option<Timestamp>,
    /// The oldest read of the collections by which the payment provider tells the cloud what it knows.
    pub stripe_read_at: Option<Timestamp>,
}

/// The hashes of what was counted. None: not all of it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceHashes {
    /// Of every collection.
    pub firestore: Option<Hash>,
    /// Of the collections by which the payment provider tells the cloud what it knows.
    pub stripe: Option<Hash>,
}

/// How much of a collection is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// All of it.
    Full,
    /// Not every document of it.
    Partial,
    /// Nothing.
    Unknown,
}

/// One collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionState {
    /// How much of it is known.
    pub completeness: Completeness,
    /// Why not all of it.
    pub why: Option<String>,
    /// The cloud's time as of which it was counted.
    pub read_time: Option<Timestamp>,
    /// How many documents were counted.
    pub documents: Option<i64>,
    /// How many exist but can't be kept, and so are not counted.
    pub unreadable: Option<i64>,
    /// The hash of what was counted: the same data always has the same one.
    pub hash: Option<Hash>,
    /// How many are open, closed or neither; none where the question makes no sense, or the answer is unknown.
    pub standing: Option<BTreeMap<StandingWord, i64>>,
    /// How many have which word, by the fields that say a state.
    pub states: BTreeMap<String, BTreeMap<String, i64>>,
    /// How many have no word in a field that says a state, where there are any.
    pub without_state: BTreeMap<String, i64>,
    /// The words that nobody knows: they count as nothing else.
    pub unknown_words: Vec<UnknownWord>,
    /// Since when the oldest open document is open.
    pub oldest_open: Option<Timestamp>,
    /// How many open documents should be over.
    pub over_deadline: Option<i64>,
    /// Since when the longest of these should be over.
    pub oldest_over_deadline: Option<Timestamp>,
}

/// A word that is in no vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnknownWord {
    /// The field.
    pub field: String,
    /// The word.
    pub word: String,
    /// How many documents have it.
    pub documents: i64,
}

/// How sure we are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    /// How much of everything is known.
    pub completeness: Completeness,
    /// What is wrong, in words.
    pub warnings: Vec<String>,
    /// How many documents were counted of each collection that is known.
    pub source_sample: BTreeMap<CollectionId, i64>,
    /// Collections with figures that are not mirrored, so that their figures are unknown.
    pub not_mirrored: Vec<CollectionId>,
    /// How long counting took, in milliseconds, by what was done.
    pub durations_ms: BTreeMap<String, u64>,
}

impl Snapshot {
    /// Its figures, block by block.
    pub fn blocks(&self) -> [(&'static str, &Figures); 4] {
        [("counts", &self.counts), ("ops", &self.ops), ("finance", &self.finance), ("community", &self.community)]
    }

    /// Every number, by name; none is unknown.
    pub fn numbers(&self) -> BTreeMap<Number, Option<i64>> {
        let mut numbers = BTreeMap::new();
        for (name, value) in self.blocks().into_iter().flat_map(|(_, figures)| figures) {
            numbers.insert(Number::Figure(name.clone()), *value);
        }
        for (figure, amounts) in &self.amounts_cents {
            for (currency, cents) in amounts.iter().flatten() {
                numbers.insert(Number::Amount(figure.clone(), currency.clone()), Some(*cents));
            }
        }
        for (name, state) in &self.collections {
            numbers.insert(Number::Documents(name.clone()), state.documents);
            numbers.insert(Number::Unreadable(name.clone()), state.unreadable);
            for (standing, documents) in state.standing.iter().flatten() {
                numbers.insert(Number::Standing(name.clone(), (*standing).into()), Some(*documents));
            }
            for (field, words) in &state.states {
                for (word, documents) in words {
                    numbers.insert(Number::Word(name.clone(), field.clone(), Some(word.clone())), Some(*documents));
                }
            }
            for (field, documents) in &state.without_state {
                numbers.insert(Number::Word(name.clone(), field.clone(), None), Some(*documents));
            }
            if let Some(over) = state.over_deadline {
                numbers.insert(Number::Overdue(name.clone()), Some(over));
            }
        }
        numbers
    }

    /// One number; none is unknown. A word or currency that no document has is zero where its collection is known.
    pub fn number(&self, number: &Number) -> Option<i64> {
        let state = |collection: &CollectionId| self.collections.get(collection).filter(|state| state.is_known());
        match number {
            Number::Figure(name) => {
                self.blocks().into_iter().find_map(|(_, figures)| figures.get(name)).copied().flatten()
            }
            Number::Amount(figure, currency) => {
                let amounts = self.amounts_cents.get(figure)?.as_ref()?;
                Some(amounts.get(currency).copied().unwrap_or_default())
            }
            Number::Documents(collection) => state(collection)?.documents,
            Number::Unreadable(collection) => state(collection)?.unreadable,
            Number::Overdue(collection) => state(collection)?.over_deadline,
            Number::Standing(collection, standing) => {
                let standings = state(collection)?.standing.as_ref()?;
                Some(standings.get(&StandingWord::from(*standing)).copied().unwrap_or_default())
            }
            Number::Word(collection, field, Some(word)) => {
                let words = state(collection)?.states.get(field);
                Some(words.and_then(|words| words.get(word)).copied().unwrap_or_default())
            }
            Number::Word(collection, field, None) => {
                Some(state(collection)?.without_state.get(field).copied().unwrap_or_default())
            }
        }
    }

    /// Does it say the same as another one, but for the times at which they were counted and read?
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.content_hash == other.content_hash && self.numbers() == other.numbers()
    }
}

impl CollectionState {
    /// Could it be counted?
    pub fn is_known(&self) -> bool {
        match self.completeness {
            Completeness::Full | Completeness::Partial => true,
            Completeness::Unknown => false,
        }
    }
}
