//! What the studio's state knows of one document.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{CollectionId, Hash};
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::domain::vocabulary::{Figure, Standing, Vocabulary};

/// The longest word that is kept as it is: longer ones are no words.
const LONGEST_WORD: usize = 60;

/// Everything that the state says of a document, but for its dates and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Profile {
    /// The collection.
    pub collection: CollectionId,
    /// Is anything left to do about it? None where the question makes no sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<StandingWord>,
    /// The word in each field that says a state; none where the field is missing or holds no word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<(String, Option<String>)>,
    /// The figures that it counts in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<String>,
    /// The currency of what it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A [`Standing`] with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingWord {
    /// Something is left to do.
    Open,
    /// Nothing is.
    Closed,
    /// Its words do not tell.
    Unknown,
}

impl From<Standing> for StandingWord {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Open => Self::Open,
            Standing::Closed => Self::Closed,
            Standing::Unknown => Self::Unknown,
        }
    }
}

impl From<StandingWord> for Standing {
    fn from(word: StandingWord) -> Self {
        match word {
            StandingWord::Open => Self::Open,
            StandingWord::Closed => Self::Closed,
            StandingWord::Unknown => Self::Unknown,
        }
    }
}

/// What the state knows of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it counts as.
    pub profile: Profile,
    /// The hash of its content.
    pub hash: Hash,
    /// Since when it is open.
    pub since: Option<Timestamp>,
    /// By when it should be over.
    pub due: Option<Timestamp>,
    /// What it is worth.
    pub cents: Option<i64>,
}

impl Fact {
    /// What the state knows of a document of this collection with these fields. Fields that the vocabulary does not
    /// count by may be left out.
    pub fn of(vocabulary: &Vocabulary, collection: &CollectionId, fields: &Fields, hash: Hash) -> Self {
        let mut profile = Profile {
            collection: collection.clone(),
            standing: None,
            states: Vec::new(),
            figures: Vec::new(),
            currency: None,
        };
        let Some(known) = vocabulary.of(collection) else {
            return Self { profile, hash, since: None, due: None, cents: None };
        };
        let word = |text: &str| text.chars().filter(|letter| !letter.is_control()).take(LONGEST_WORD).collect();
        profile.standing = known.standing(fields).map(StandingWord::from);
        let states = known.states_of(fields).into_iter();
        profile.states = states.map(|(field, text)| (field.to_string(), text.map(word))).collect();
        profile.figures = known.figures_of(fields).map(Figure::name).map(str::to_owned).collect();
        let amount = known.amount(fields);
        profile.currency = amount.and_then(|(_, currency)| currency).map(word);
        Self {
            profile,
            hash,
            since: known.since(fields),
            due: known.due(fields),
            cents: amount.map(|(cents, _)| cents),
        }
    }
}

/// What many documents with the same profile come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub documents: i64,
    /// What they are worth together.
    pub cents: i64,
}
