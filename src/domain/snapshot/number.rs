//! The numbers of a snapshot, each with a name by which one can ask for the documents behind it.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::CollectionId;
use crate::domain::snapshot::fact::Profile;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Standing;

/// One number of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Number {
    /// A figure, such as `figures/batchesActive`.
    Figure(String),
    /// What the documents of a figure are worth in one currency, such as `amounts/pendingOrders/USD`.
    Amount(String, String),
    /// How many documents a collection has, such as `documents/batches`.
    Documents(CollectionId),
    /// How many of them exist but can't be kept, such as `unreadable/batches`.
    Unreadable(CollectionId),
    /// How many of them are open, closed or neither, such as `standing/batches/open`.
    Standing(CollectionId, Standing),
    /// How many of them have this word in a field that says a state, such as `words/batches/state/LOADED`; none: it is
    /// missing or no text.
    Word(CollectionId, String, Option<String>),
    /// How many of them should be over, such as `overdue/batches`.
    Overdue(CollectionId),
}

/// The text names no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no number of a snapshot, such as figures/batchesActive or words/batches/state/LOADED")]
pub struct BadNumber(String);

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figure(name) => write!(out, "figures/{name}"),
            Self::Amount(figure, currency) => write!(out, "amounts/{figure}/{currency}"),
            Self::Documents(collection) => write!(out, "documents/{collection}"),
            Self::Unreadable(collection) => write!(out, "unreadable/{collection}"),
            Self::Standing(collection, standing) => write!(out, "standing/{collection}/{standing}"),
            Self::Word(collection, field, Some(word)) => write!(out, "words/{collection}/{field}/{word}"),
            Self::Word(collection, field, None) => write!(out, "words/{collection}/{field}"),
            Self::Overdue(collection) => write!(out, "overdue/{collection}"),
        }
    }
}

impl FromStr for Number {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let bad = || BadNumber(text.chars().take(80).collect());
        let (kind, rest) = text.split_once('/').ok_or_else(bad)?;
        let collection = |text: &str| CollectionId::parse(text).map_err(|_| bad());
        Ok(match kind {
            "figures" if !rest.is_empty() => Self::Figure(rest.to_owned()),
            "amounts" => {
                let (figure, currency) = rest.split_once('/').ok_or_else(bad)?;
                Self::Amount(figure.to_owned(), currency.to_owned())
            }
            "documents" => Self::Documents(collection(rest)?),
            "unreadable" => Self::Unreadable(collection(rest)?),
            "overdue" => Self::Overdue(collection(rest)?),
            "standing" => {
                let (name, standing) = rest.split_once('/').ok_or_else(bad)?;
                Self::Standing(collection(name)?, Standing::parse(standing).ok_or_else(bad)?)
            }
            "words" => {
                let (name, field) = rest.split_once('/').ok_or_else(bad)?;
                match field.split_once('/') {
                    Some((field, word)) => Self::Word(collection(name)?, field.to_owned(), Some(word.to_owned())),
                    None => Self::Word(collection(name)?, field.to_owned(), None),
                }
            }
            _ => return Err(bad()),
        })
    }
}

/// What a document counts as at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its profile.
    pub profile: Profile,
    /// By when it should be over.
    pub due: Option<Timestamp>,
    /// What it is worth.
    pub cents: Option<i64>,
}

impl Number {
    /// The collection that it is about; none for a figure, whose file says it.
    pub const fn collection(&self) -> Option<&CollectionId> {
        match self {
            Self::Figure(_) | Self::Amount(_, _) => None,
            Self::Documents(collection)
            | Self::Unreadable(collection)
            | Self::Standing(collection, _)
            | Self::Word(collection, _, _)
            | Self::Overdue(collection) => Some(collection),
        }
    }

    /// Does a document with this profile belong to it, whatever its dates?
    pub fn has(&self, profile: &Profile) -> bool {
        match self {
            Self::Figure(name) => profile.figures.contains(name),
            Self::Amount(figure, currency) => {
                profile.figures.contains(figure) && profile.currency.as_deref().unwrap_or_default() == currency
            }
            Self::Documents(collection) | Self::Overdue(collection) => profile.collection == *collection,
            Self::Unreadable(_) => false,
            Self::Standing(collection, standing) => {
                profile.collection == *collection && profile.standing.map(Standing::from) == Some(*standing)
            }
            Self::Word(collection, field, word) => {
                profile.collection == *collection
                    && profile.states.iter().any(|(name, held)| name == field && held == word)
            }
        }
    }

    /// What one document adds to it at `moment`.
    pub fn share(&self, counted: &Counted, moment: Timestamp) -> i64 {
        if !self.has(&counted.profile) {
            return 0;
        }
        match self {
            Self::Amount(_, _) => counted.cents.unwrap_or_default(),
            Self::Overdue(_) => i64::from(counted.due.is_some_and(|due| due <= moment)),
            Self::Figure(_) | Self::Documents(_) | Self::Unreadable(_) | Self::Standing(_, _) | Self::Word(_, _, _) => {
                1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_survives_its_name() {
        for name in [
            "figures/batchesActive",
            "amounts/pendingOrders/USD",
            "documents/batches",
            "unreadable/batches",
            "standing/batches/unknown",
            "words/reservations/stageStatus.stage/picked_up",
            "words/batches/state/A/B",
            "words/batches/state",
            "overdue/batches",
        ] {
            assert_eq!(name.parse::<Number>().map(|number| number.to_string()), Ok(name.to_owned()));
        }
        for bad in ["", "figures", "figures/", "standing/batches/ajar", "words/batches", "numbers/x", "documents/"] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }
}
