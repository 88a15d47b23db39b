//! What differs between two snapshots, and the documents behind it.

use jiff::civil::Date;

use crate::domain::ids::DocPath;
use crate::domain::snapshot::{Number, NumberChange, Recount, Snapshot, difference};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{CollectionVocabulary, Figure, Vocabulary};
use crate::store::facts::Documented;
use crate::store::snapshots::Kept;
use crate::store::{self, Store};
use crate::web::desk::Desk;

/// Two snapshots beside each other.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The earlier one.
    pub(super) before: Kept,
    /// The later one; its number, if it is kept.
    pub(super) after: (Option<i64>, Snapshot),
    /// Every number that is not the same.
    pub(super) changes: Vec<NumberChange>,
    documented: Documented,
}

/// The documents behind a number that is not the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Behind<'a> {
    /// These, each with its share.
    Documents(Vec<(&'a DocPath, i64)>),
    /// They can't be told.
    Unknown(String),
}

impl Comparison {
    /// Compares a kept snapshot with a later one, or with the state as it is now. `None`: nothing was counted yet.
    pub(super) async fn of(store: &Store, before: Kept, after: Option<Kept>) -> store::Result<Option<Self>> {
        let (id, after) = match after {
            Some(kept) => (Some(kept.id), kept.snapshot),
            None => match store.snapshot_newest().await? {
                Some(newest) => (None, newest),
                None => return Ok(None),
            },
        };
        let moment = after.generated_at;
        let upto = id.map(|id| (id, moment));
        let documented = store.fact_changes((before.id, before.taken), upto, moment).await?;
        let changes = difference(&before.snapshot, &after);
        Ok(Some(Self { before, after: (id, after), changes, documented }))
    }

    /// The documents behind a number that is not the same.
    pub(super) fn behind(&self, change: &NumberChange) -> Behind<'_> {
        let (changes, begun_since) = match &self.documented {
            Documented::Yes { changes, begun_since } => (changes, begun_since),
            Documented::Since(moment) => {
                return Behind::Unknown(format!("which documents moved is remembered since {moment} only"));
            }
        };
        let collection = collection_of(&change.number);
        if let Some(begun) = begun_since.iter().find(|begun| collection == Some(begun.as_str())) {
            return Behind::Unknown(format!("`{begun}` was counted from nothing since then"));
        }
        if let Number::Unreadable(_) = change.number {
            return Behind::Unknown("documents that can't be kept are listed where the mirror is".to_owned());
        }
        let moments = (self.before.taken, self.after.1.generated_at);
        let share = |recount: &'_ Recount| recount.share(&change.number, moments);
        let behind = changes.iter().map(|recount| (&recount.path, share(recount)));
        Behind::Documents(behind.filter(|(_, share)| *share != 0).collect())
    }
}

/// The collection whose documents a number counts.
pub(super) fn collection_of(number: &Number) -> Option<&str> {
    let of_figure = |name: &str| {
        let has = |known: &&CollectionVocabulary| known.figures().iter().any(|figure: &Figure| figure.name() == name);
        Vocabulary::shipped().iter().find(has).map(|known| known.collection().as_str())
    };
    match number {
        Number::Figure(name) | Number::Amount(name, _) => of_figure(name),
        Number::Documents(_)
        | Number::Unreadable(_)
        | Number::Standing(_, _)
        | Number::Word(_, _, _)
        | Number::Overdue(_) => number.collection().map(|collection| collection.as_str()),
    }
}

impl Desk {
    /// The studio's day at a moment.
    pub(super) fn day_of(&self, moment: Timestamp) -> Date {
        moment.to_jiff().to_zoned(self.settings().zone.clone()).date()
    }

    /// A kept snapshot by its number, by a day (the last of it, or before it), or `yesterday`.
    pub(super) async fn snapshot_called(&self, name: &str) -> store::Result<Option<Kept>> {
        if let Ok(id) = name.parse::<i64>() {
            return self.store().snapshot(id).await;
        }
        let day = match name {
            "yesterday" => self.day_of(self.now()).yesterday().ok(),
            day => day.parse().ok(),
        };
        match day {
            Some(day) => self.store().snapshot_of_day(day).await,
            None => Ok(None),
        }
    }
}
