//! The mirror's documents: collections, what they hold, and one document with its history.

use jiff::Timestamp;

use super::{
    drift::FindingKind,
    facts::{FieldChange, FieldValue, May},
    forms::FormProblem,
    overview::Freshness,
    proposals::ProposalRow,
    trouble::Panel,
    writes::WriteRow,
};

/// The mirror's documents.
#[derive(Debug, Clone)]
pub struct Documents {
    /// Every mirrored collection.
    pub collections: Panel<Vec<CollectionHeld>>,
    /// The documents that were asked for; `None` until a collection was chosen.
    pub list: Option<Panel<DocumentList>>,
}

/// A mirrored collection.
#[derive(Debug, Clone)]
pub struct CollectionHeld {
    /// Its name.
    pub collection: String,
    /// How many documents; `None` when unknown.
    pub documents: Option<u64>,
    /// How far what is known of it can be trusted.
    pub freshness: Freshness,
    /// The cloud's time as of which it stands here.
    pub as_of: Option<Timestamp>,
    /// When the oldest of those that are still open came to be, if it is known.
    pub oldest_open: Option<Timestamp>,
    /// How many of its documents can't be kept.
    pub unreadable: u64,
}

/// A page of a collection.
#[derive(Debug, Clone, Default)]
pub struct DocumentList {
    /// The documents, in the order of their paths.
    pub rows: Vec<DocumentRow>,
    /// Where the next page begins, if there is more.
    pub next: Option<String>,
    /// Was only a part looked through, because looking through all of it takes too long?
    pub looked_through: Option<u64>,
}

/// A document in a list.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Its path, as the viewer may read it.
    pub path: String,
    /// Its address; `None` when the viewer may not read its whole name.
    pub href: Option<String>,
    /// What a person calls it.
    pub title: Option<String>,
    /// The word of its state or status.
    pub state: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which documents to show; from the query string of `/documents`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Query parameter `collection`.
    pub collection: Option<String>,
    /// Query parameter `id`: how the id begins.
    pub id: Option<String>,
    /// Query parameter `title`: what the title holds.
    pub title: Option<String>,
    /// Query parameter `after`: the path after which the page begins.
    pub after: Option<String>,
}

impl DocumentFilter {
    /// Reads decoded query parameters; unknown names are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match name {
                "collection" => filter.collection = given(),
                "id" => filter.id = given(),
                "title" => filter.title = given(),
                "after" => filter.after = given(),
                _ => {}
            }
        }
        // A whole path says its collection, too.
        if let Some((collection, id)) = filter.id.as_deref().and_then(|id| id.split_once('/')) {
            let (collection, id) = (collection.to_owned(), id.to_owned());
            filter.collection = Some(collection).filter(|name| !name.is_empty()).or(filter.collection);
            filter.id = Some(id).filter(|id| !id.is_empty());
        }
        filter
    }

    /// What an address says of it.
    pub fn to_pairs(&self) -> Vec<(&'static str, &str)> {
        [("collection", &self.collection), ("id", &self.id), ("title", &self.title), ("after", &self.after)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect()
    }

    /// Does it show less than its collection?
    pub fn narrows(&self) -> bool {
        self.id.is_some() || self.title.is_some()
    }

    /// The whole collection.
    pub fn cleared(&self) -> Self {
        Self { collection: self.collection.clone(), ..Self::default() }
    }
}

/// One document.
#[derive(Debug, Clone)]
pub struct DocumentDetail {
    /// Its path, as the viewer may read it.
    pub path: String,
    /// Its collection.
    pub collection: String,
    /// What a person calls it.
    pub title: Option<String>,
    /// How far what is known of its collection can be trusted.
    pub freshness: Freshness,
    /// The cloud's time as of which its collection stands here.
    pub as_of: Option<Timestamp>,
    /// What it holds; `None` when the mirror has no such document now.
    pub held: Panel<Option<Holding>>,
    /// Are the names of people shortened for the viewer?
    pub is_shortened: bool,
    /// Its versions that were observed.
    pub history: Panel<DocumentHistory>,
    /// Two versions beside each other, if two were chosen.
    pub compared: Option<Panel<Compared>>,
    /// The version to restore, if one was chosen.
    pub restoring: Option<Panel<Restoring>>,
    /// Whether a version may be restored.
    pub may_restore: May,
    /// Proposals about it, newest first.
    pub proposals: Panel<Vec<ProposalRow>>,
    /// Writes to it, newest first.
    pub writes: Panel<Vec<WriteRow>>,
    /// Open findings about it.
    pub findings: Panel<Vec<FindingLine>>,
}

/// What a document holds.
#[derive(Debug, Clone)]
pub struct Holding {
    /// Its fields; those in maps one by one.
    pub fields: Vec<Field>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its revision.
    pub updated_at: Timestamp,
    /// The cloud's time at which this revision was taken in.
    pub read_at: Timestamp,
    /// The hash of what it holds.
    pub hash: String,
}

/// A field and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its path.
    pub path: String,
    /// What it holds.
    pub value: FieldValue,
}

/// Versions of a document that were observed.
#[derive(Debug, Clone, Default)]
pub struct DocumentHistory {
    /// What it is not: a log of writes.
    pub note: String,
    /// The versions, newest first.
    pub versions: Vec<VersionRow>,
    /// Where the page before these begins, if there are more.
    pub older: Option<String>,
}

/// One version.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// By what it is named in addresses: the cloud's time at which it was taken in.
    pub name: String,
    /// When it was taken in.
    pub observed: Timestamp,
    /// What was seen.
    pub seen: VersionSeen,
    /// Is it what stands now?
    pub is_newest: bool,
    /// What differs from the version before; `None` when that is not known.
    pub changes: Option<Vec<FieldChange>>,
}

/// What was seen of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionSeen {
    /// The document, at this revision.
    Document {
        /// Its update time.
        updated_at: Timestamp,
    },
    /// It existed, but could not be kept.
    Unreadable {
        /// Why.
        why: String,
    },
    /// It existed no more.
    Deleted,
}

/// Two versions beside each other.
#[derive(Debug, Clone)]
pub struct Compared {
    /// When the earlier one was taken in.
    pub from: Timestamp,
    /// When the later one was taken in.
    pub to: Timestamp,
    /// What differs; `None` when they can't be compared.
    pub changes: Option<Vec<FieldChange>>,
}

/// A version that is to be restored.
#[derive(Debug, Clone)]
pub struct Restoring {
    /// The moment at which it stood; sent back as the form field `at`.
    pub at: String,
    /// When it was taken in.
    pub observed: Timestamp,
    /// What restoring it changes, as it stands now.
    pub changes: Vec<FieldChange>,
}

/// An open finding about a document.
#[derive(Debug, Clone)]
pub struct FindingLine {
    /// Its id.
    pub id: String,
    /// What kind.
    pub kind: FindingKind,
    /// One sentence.
    pub summary: String,
    /// Since when.
    pub since: Timestamp,
}

/// What was chosen on a document's page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentChoice {
    /// Query parameter `before`: versions observed before this.
    pub before: Option<String>,
    /// Query parameter `from`: the version on the left.
    pub from: Option<String>,
    /// Query parameter `to`: the version on the right.
    pub to: Option<String>,
    /// Query parameter `restore`: the version to restore.
    pub restore: Option<String>,
}

impl DocumentChoice {
    /// Reads decoded query parameters; unknown names are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut choice = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match name {
                "before" => choice.before = given(),
                "from" => choice.from = given(),
                "to" => choice.to = given(),
                "restore" => choice.restore = given(),
                _ => {}
            }
        }
        choice
    }

    /// What an address says of it.
    pub fn to_pairs(&self) -> Vec<(&'static str, &str)> {
        [("before", &self.before), ("from", &self.from), ("to", &self.to), ("restore", &self.restore)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect()
    }
}

/// The form that proposes to restore a version: `POST /documents/{path}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreForm {
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<FormProblem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_path_names_its_collection() {
        let filter = DocumentFilter::from_pairs([("collection", "batches"), ("id", "reservations/r-1")]);
        assert_eq!((filter.collection.as_deref(), filter.id.as_deref()), (Some("reservations"), Some("r-1")));
        let whole = DocumentFilter::from_pairs([("id", "reservations/")]);
        assert_eq!((whole.collection.as_deref(), whole.id), (Some("reservations"), None));
    }

    #[test]
    fn what_was_chosen_survives_its_own_address() {
        let filter = DocumentFilter {
            collection: Some("batches".to_owned()),
            id: Some("b 1&".to_owned()),
            title: Some("vase".to_owned()),
            after: Some("batches/b".to_owned()),
        };
        assert_eq!(DocumentFilter::from_pairs(filter.to_pairs()), filter);
        let choice = DocumentChoice { from: Some("a".to_owned()), to: Some("b".to_owned()), ..Default::default() };
        assert_eq!(DocumentChoice::from_pairs(choice.to_pairs()), choice);
    }
}
