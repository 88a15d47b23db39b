//! Queries: parsed once into `Query`, then asked of documents.

/// From `StructuredQuery`, with every refusal.
mod parse;

/// What a filter lets through.
mod filter;

/// count, sum and avg.
mod aggregate;

use std::cmp::Ordering;
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::{Document, Value};

pub(super) use self::aggregate::Aggregations;
use self::filter::Filter;
use super::field_paths::{FieldMask, FieldPath};
use super::ledger::{Ledger, Scope, Stored};
use super::names::{DatabaseName, ResourcePath};
use super::times::Micros;
use super::values::order;

/// A query that can be run.
///
/// Invariant: `orders` ends with the document's name, so that the order is total.
#[derive(Debug, Clone)]
pub(super) struct Query {
    database: DatabaseName,
    scope: Scope,
    filter: Filter,
    orders: Vec<Order>,
    start: Option<Bound>,
    end: Option<Bound>,
    offset: usize,
    limit: Option<usize>,
    select: Option<FieldMask>,
}

/// What a query found.
pub(super) struct Found {
    pub(super) documents: Vec<Arc<Stored>>,
    /// Documents passed over by `offset`. They are billed all the same.
    pub(super) skipped: usize,
}

/// A field, or the document's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Operand {
    Name,
    Field(FieldPath),
}

#[derive(Debug, Clone)]
struct Order {
    by: Operand,
    descending: bool,
}

/// A cursor: values for the first orders.
#[derive(Debug, Clone)]
struct Bound {
    at: Vec<Position>,
    before: bool,
}

#[derive(Debug, Clone)]
enum Position {
    Name(ResourcePath),
    Field(Value),
}

impl Query {
    /// Runs the query on the documents as of `at`.
    pub(super) fn run(&self, ledger: &Ledger, at: Micros) -> Found {
        let mut documents: Vec<Arc<Stored>> = self.matching(ledger, at).cloned().collect();
        documents.sort_unstable_by(|one, two| self.order(one, two));
        let skipped = self.offset.min(documents.len());
        documents.drain(..skipped);
        documents.truncate(self.limit.unwrap_or(usize::MAX));
        Found { documents, skipped }
    }

    /// Every match in no order, before `offset` and `limit`.
    pub(super) fn matching<'query>(
        &'query self,
        ledger: &'query Ledger,
        at: Micros,
    ) -> impl Iterator<Item = &'query Arc<Stored>> {
        ledger.scan(&self.scope, at).filter(|document| self.lets_through(document))
    }

    /// True if the document is a match, whatever `offset` and `limit` say.
    pub(super) fn matches(&self, document: &Stored) -> bool {
        self.scope.contains(&document.path) && self.lets_through(document)
    }

    /// True if one document can push another one out of the result.
    pub(super) fn is_windowed(&self) -> bool {
        self.limit.is_some() || self.offset > 0
    }

    /// Which documents it looks at.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// True if it answers some fields only.
    pub(super) fn projects(&self) -> bool {
        self.select.is_some()
    }

    /// The document as this query answers it.
    pub(super) fn answer(&self, document: &Stored) -> Document {
        let document = document.document(&self.database);
        match &self.select {
            None => document,
            Some(mask) => mask.project(document),
        }
    }

    /// True for what PartitionQuery splits: a whole collection group by name.
    pub(super) fn is_plain_group(&self) -> bool {
        self.scope.descendants
            && !self.is_windowed()
            && self.start.is_none()
            && self.end.is_none()
            && matches!(self.filter, Filter::Everything)
            && matches!(&self.orders[..], [Order { by: Operand::Name, descending: false }])
    }

    fn lets_through(&self, document: &Stored) -> bool {
        self.orders.iter().all(|order| order.by.is_in(document))
            && self.start.as_ref().is_none_or(|bound| match self.compare(document, bound) {
                Ordering::Less => false,
                Ordering::Equal => bound.before,
                Ordering::Greater => true,
            })
            && self.end.as_ref().is_none_or(|bound| match self.compare(document, bound) {
                Ordering::Less => true,
                Ordering::Equal => !bound.before,
                Ordering::Greater => false,
            })
            && self.filter.lets_through(document, &self.database)
    }

    fn order(&self, one: &Stored, two: &Stored) -> Ordering {
        let each = self.orders.iter().map(|by| {
            let order = match &by.by {
                Operand::Name => one.path.cmp(&two.path),
                Operand::Field(path) => match (path.get(&one.fields), path.get(&two.fields)) {
                    (Some(one), Some(two)) => order(one, two),
                    (one, two) => one.is_some().cmp(&two.is_some()),
                },
            };
            if by.descending { order.reverse() } else { order }
        });
        each.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Where the document stands from the bound, in the order of the query.
    fn compare(&self, document: &Stored, bound: &Bound) -> Ordering {
        let each = self.orders.iter().zip(&bound.at).map(|(by, position)| {
            let order = match (&by.by, position) {
                (Operand::Field(path), Position::Field(value)) => {
                    path.get(&document.fields).map_or(Ordering::Less, |own| order(own, value))
                }
                (_, Position::Name(path)) => document.path.cmp(path),
                (Operand::Name, Position::Field(_)) => unreachable!("BUG: parsed as a name"),
            };
            if by.descending { order.reverse() } else { order }
        });
        each.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl Operand {
    fn is_in(&self, document: &Stored) -> bool {
        match self {
            Self::Name => true,
            Self::Field(path) => path.get(&document.fields).is_some(),
        }
    }
}
