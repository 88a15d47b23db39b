//! One target: what it asks for and what the client has of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::Document;
use gcloud_sdk::google::firestore::v1::target::query_target::QueryType;
use gcloud_sdk::google::firestore::v1::target::{QueryTarget, TargetType};
use tonic::Status;

use crate::sandbox::firestore::ledger::{Ledger, Stored};
use crate::sandbox::firestore::names::{DatabaseName, ResourcePath, parse_document_name, parse_parent};
use crate::sandbox::firestore::query::Query;
use crate::sandbox::firestore::refusal::{invalid, missing};
use crate::sandbox::firestore::times::Micros;

/// A target and its view.
pub(super) struct Target {
    wanted: Wanted,
    /// The documents that the client has, with their update times.
    view: BTreeMap<ResourcePath, Micros>,
}

enum Wanted {
    Documents(BTreeSet<ResourcePath>),
    Query(Box<Query>),
}

/// What a document now is to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// New in the view, or changed in it.
    Shown,
    /// No longer in the view, or asked for and not there.
    Gone,
}

impl Target {
    /// Parses a target. Refuses the queries that production does not listen to.
    pub(super) fn parse(database: &DatabaseName, target: Option<TargetType>) -> Result<Self, Status> {
        let wanted = match target.ok_or_else(|| missing("target_type"))? {
            TargetType::Documents(documents) => Wanted::Documents(parse_documents(database, &documents.documents)?),
            TargetType::Query(query) => Wanted::Query(Box::new(parse_query(database, query)?)),
        };
        Ok(Self { wanted, view: BTreeMap::new() })
    }

    /// Shows everything as of `at`.
    pub(super) fn first_look(&mut self, ledger: &Ledger, at: Micros) -> Vec<(ResourcePath, Difference)> {
        self.remember(ledger, at);
        let shown = self.view.keys().map(|path| (path.clone(), Difference::Shown));
        let gone = match &self.wanted {
            Wanted::Documents(paths) => paths.iter().filter(|path| !self.view.contains_key(*path)).cloned().collect(),
            Wanted::Query(_) => Vec::new(),
        };
        shown.chain(gone.into_iter().map(|path| (path, Difference::Gone))).collect()
    }

    /// Takes it that the client has everything as of `at`.
    pub(super) fn remember(&mut self, ledger: &Ledger, at: Micros) {
        let seen = |stored: &Arc<Stored>| (stored.path.clone(), stored.updated);
        self.view = match &self.wanted {
            Wanted::Documents(paths) => paths.iter().filter_map(|path| ledger.get(path, at)).map(seen).collect(),
            Wanted::Query(query) if query.is_windowed() => query.run(ledger, at).documents.iter().map(seen).collect(),
            Wanted::Query(query) => query.matching(ledger, at).map(seen).collect(),
        };
    }

    /// Brings the view to `at` and answers what differs, looking only at documents that changed.
    pub(super) fn advance(
        &mut self,
        ledger: &Ledger,
        changed: &BTreeSet<ResourcePath>,
        at: Micros,
    ) -> Vec<(ResourcePath, Difference)> {
        match &self.wanted {
            Wanted::Query(query) if query.is_windowed() => {
                if !changed.iter().any(|path| query.scope().contains(path)) {
                    return Vec::new();
                }
                // One document's change may pull another into the window, or push it out.
                let found = query.run(ledger, at).documents;
                let new: BTreeMap<_, _> = found.iter().map(|stored| (stored.path.clone(), stored.updated)).collect();
                let touched: BTreeSet<_> = self.view.keys().chain(new.keys()).cloned().collect();
                let unheard = |path: &ResourcePath| {
                    self.view.contains_key(path) && new.contains_key(path) && !changed.contains(path)
                };
                let touched: Vec<_> = touched.into_iter().filter(|path| !unheard(path)).collect();
                touched.into_iter().filter_map(|path| self.look(new.get(&path).copied(), path)).collect()
            }
            Wanted::Query(query) => {
                let now = |path: &ResourcePath| ledger.get(path, at).filter(|stored| query.matches(stored));
                let now: Vec<_> =
                    changed.iter().map(|path| (now(path).map(|stored| stored.updated), path.clone())).collect();
                now.into_iter().filter_map(|(updated, path)| self.look(updated, path)).collect()
            }
            Wanted::Documents(paths) => {
                let now = |path: &ResourcePath| ledger.get(path, at).map(|stored| stored.updated);
                let now: Vec<_> = changed.intersection(paths).map(|path| (now(path), path.clone())).collect();
                now.into_iter().filter_map(|(updated, path)| self.look(updated, path)).collect()
            }
        }
    }

    /// The documents that belong to the target as of `at`, whatever the client was told.
    pub(super) fn members(&self, ledger: &Ledger, at: Micros) -> Vec<ResourcePath> {
        match &self.wanted {
            Wanted::Documents(paths) => paths.iter().filter(|path| ledger.get(path, at).is_some()).cloned().collect(),
            Wanted::Query(query) if query.is_windowed() => {
                query.run(ledger, at).documents.iter().map(|stored| stored.path.clone()).collect()
            }
            Wanted::Query(query) => query.matching(ledger, at).map(|stored| stored.path.clone()).collect(),
        }
    }

    /// How many documents the client has.
    pub(super) fn count(&self) -> usize {
        self.view.len()
    }

    /// True if it wants some fields only.
    pub(super) fn projects(&self) -> bool {
        match &self.wanted {
            Wanted::Documents(_) => false,
            Wanted::Query(query) => query.projects(),
        }
    }

    /// The document as this target answers it.
    pub(super) fn answer(&self, stored: &Stored, database: &DatabaseName) -> Document {
        match &self.wanted {
            Wanted::Documents(_) => stored.document(database),
            Wanted::Query(query) => query.answer(stored),
        }
    }

    /// Brings one document of the view to its new update time; none means that it is not in the view.
    fn look(&mut self, updated: Option<Micros>, path: ResourcePath) -> Option<(ResourcePath, Difference)> {
        match updated {
            Some(updated) => {
                let had = self.view.insert(path.clone(), updated);
                (had != Some(updated)).then_some((path, Difference::Shown))
            }
            None => self.view.remove(&path).map(|_| (path, Difference::Gone)),
        }
    }
}

fn parse_documents(database: &DatabaseName, names: &[String]) -> Result<BTreeSet<ResourcePath>, Status> {
    let field = "documents.documents";
    if names.is_empty() {
        return Err(missing(field));
    }
    let one = |name: &String| {
        let (other, path) = parse_document_name(field, name)?;
        if other == *database { Ok(path) } else { Err(invalid(field, format_args!("`{name}` is in another database"))) }
    };
    names.iter().map(one).collect()
}

fn parse_query(database: &DatabaseName, target: QueryTarget) -> Result<Query, Status> {
    let (other, parent) = parse_parent("query.parent", &target.parent)?;
    if other != *database {
        return Err(invalid("query.parent", "is in another database"));
    }
    let QueryType::StructuredQuery(query) = target.query_type.ok_or_else(|| missing("query.structured_query"))?;
    let query = Query::parse(database, parent, query)?;
    let scope = query.scope();
    if scope.collection.is_none() {
        return Err(Status::invalid_argument("All-collection queries are not supported by real-time queries"));
    }
    if scope.descendants && !scope.parent.is_root() {
        return Err(Status::invalid_argument(
            "'all_descendants' in CollectionSelector with document parent is not supported by real-time queries",
        ));
    }
    Ok(query)
}
