//! Documents, pages and counts, all at one server read time.

use std::collections::BTreeSet;

use gcloud_sdk::google::firestore::v1 as wire;
use tonic::Streaming;
use wire::structured_query::{CollectionSelector, Direction, FieldReference, Order};

use crate::authority::Authority;
use crate::authority::convert::{path, sighting, timestamp, wire_timestamp};
use crate::authority::error::{Error, Result};
use crate::authority::range::NameRange;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads;
use crate::domain::sighting::{Sighting, Unreadable};
use crate::domain::time::Timestamp;

/// How many documents are asked for at once.
const LOOKUP_PAGE: usize = 300;

/// What was found of the documents that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Those that exist, in no particular order.
    pub found: Vec<Document>,
    /// Those that do not exist.
    pub missing: Vec<DocPath>,
    /// Those that exist but can't be kept.
    pub unreadable: Vec<Unreadable>,
    /// All of it is as of this moment.
    pub read_time: Timestamp,
}

/// A part of a collection, in the order of the documents' names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The documents. Fewer than the limit: there are no more.
    pub documents: Vec<Sighting>,
    /// All of it is as of this moment.
    pub read_time: Timestamp,
}

/// How many documents a collection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// At this moment.
    pub read_time: Timestamp,
}

impl Authority {
    /// Reads documents by their paths, all at one moment: `read_time`, or now. A path named twice is read once.
    pub async fn get(&self, paths: &[DocPath], read_time: Option<Timestamp>) -> Result<Lookup> {
        let mut lookup = Lookup { read_time: read_time.unwrap_or_default(), ..Lookup::default() };
        let mut at = read_time;
        let paths: Vec<DocPath> = paths.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        for some in paths.chunks(LOOKUP_PAGE) {
            self.get_some(some, at, &mut lookup).await?;
            at = Some(lookup.read_time);
        }
        Ok(lookup)
    }

    async fn get_some(&self, paths: &[DocPath], at: Option<Timestamp>, lookup: &mut Lookup) -> Result<()> {
        use wire::batch_get_documents_request::ConsistencySelector;
        use wire::batch_get_documents_response::Result as Answer;
        let doing = || match paths {
            [path] => format!("read `{path}`"),
            paths => format!("read {} documents", paths.len()),
        };
        let request = wire::BatchGetDocumentsRequest {
            database: self.inner.database.clone(),
            documents: paths.iter().map(|path| self.name(path)).collect(),
            consistency_selector: at.map(|at| ConsistencySelector::ReadTime(wire_timestamp(at))),
            ..Default::default()
        };
        let mut client = self.client().await?;
        let mut answers = self.within(doing, client.batch_get_documents(request)).await?.into_inner();
        self.bill_named(paths);
        let mut answered = 0;
        while let Some(answer) = self.next(&doing, &mut answers).await? {
            lookup.read_time = lookup.read_time.max(answer.read_time.as_ref().map(timestamp).unwrap_or_default());
            answered += usize::from(answer.result.is_some());
            match answer.result {
                Some(Answer::Found(document)) => match sighting(self.root(), document, &doing())? {
                    Sighting::Readable(document) => lookup.found.push(document),
                    Sighting::Unreadable(unreadable) => lookup.unreadable.push(unreadable),
                },
                Some(Answer::Missing(name)) => lookup.missing.push(path(self.root(), &name, &doing())?),
                None => {}
            }
        }
        if answered != paths.len() || lookup.read_time == Timestamp::default() {
            return Err(Error::malformed(doing(), format!("the server answered for {answered} of {}", paths.len())));
        }
        Ok(())
    }

    /// Up to `limit` documents of a root collection in the order of their names, those after `after`,
    /// all at one moment: `read_time`, or now.
    pub async fn page(
        &self,
        collection: &CollectionId,
        after: Option<&DocPath>,
        limit: u32,
        read_time: Option<Timestamp>,
    ) -> Result<Page> {
        use wire::run_query_request::{ConsistencySelector, QueryType};
        let doing = || format!("read a page of `{collection}`");
        let mut query = root_query(collection);
        query.limit = Some(i32::try_from(limit).unwrap_or(i32::MAX));
        query.start_at = after.map(|after| wire::Cursor {
            values: vec![wire::Value { value_type: Some(wire::value::ValueType::ReferenceValue(self.name(after))) }],
            before: false,
        });
        let request = wire::RunQueryRequest {
            parent: self.root().to_owned(),
            query_type: Some(QueryType::StructuredQuery(query)),
            consistency_selector: read_time.map(|at| ConsistencySelector::ReadTime(wire_timestamp(at))),
            ..Default::default()
        };
        let mut client = self.client().await?;
        let mut answers = self.within(doing, client.run_query(request)).await?.into_inner();
        let (mut documents, mut seen) = (Vec::new(), read_time);
        while let Some(answer) = self.next(&doing, &mut answers).await? {
            seen = seen.max(answer.read_time.as_ref().map(timestamp));
            if let Some(document) = answer.document {
                self.bill(collection, 1);
                documents.push(sighting(self.root(), document, &doing())?);
            }
        }
        if documents.is_empty() {
            self.bill(collection, reads::query(0));
        }
        let read_time = seen.ok_or_else(|| Error::malformed(doing(), "the server did not say as of when"))?;
        Ok(Page { documents, read_time })
    }

    /// How many documents a root collection has at `read_time`, or now.
    pub async fn count(&self, collection: &CollectionId, read_time: Option<Timestamp>) -> Result<Counted> {
        self.count_of(collection, root_query(collection), read_time).await
    }

    /// How many documents of a root collection stand from `first` to `last`, both included, at `read_time`.
    pub async fn count_between(&self, first: &DocPath, last: &DocPath, read_time: Timestamp) -> Result<Counted> {
        let collection = first.collection();
        let cursor = |path: &DocPath, before| {
            let name = wire::value::ValueType::ReferenceValue(self.name(path));
            wire::Cursor { values: vec![wire::Value { value_type: Some(name) }], before }
        };
        let query = wire::StructuredQuery {
            start_at: Some(cursor(first, true)),
            end_at: Some(cursor(last, false)),
            ..root_query(&collection)
        };
        self.count_of(&collection, query, Some(read_time)).await
    }

    /// How many documents of a root collection there are in a range of names at `read_time`.
    pub async fn count_range(
        &self,
        collection: &CollectionId,
        range: &NameRange,
        read_time: Timestamp,
    ) -> Result<Counted> {
        self.count_of(collection, self.range_query(collection, range), Some(read_time)).await
    }

    /// What time the server has: costs one read of a document that does not exist.
    pub async fn server_time(&self) -> Result<Timestamp> {
        let nowhere = DocPath::parse("studioBrainProbes/clock").expect("BUG: a legal path");
        Ok(self.get(std::slice::from_ref(&nowhere), None).await?.read_time)
    }

    /// The next answer of a streamed read; the pause before it may be as long as a request.
    pub(super) async fn next<T>(&self, doing: &impl Fn() -> String, answers: &mut Streaming<T>) -> Result<Option<T>> {
        self.within(doing, answers.message()).await
    }
}

/// A root collection in the order of its documents' names, said explicitly: not every edition orders by itself.
pub(super) fn root_query(collection: &CollectionId) -> wire::StructuredQuery {
    wire::StructuredQuery {
        from: vec![CollectionSelector { collection_id: collection.to_string(), all_descendants: false }],
        order_by: vec![Order {
            field: Some(FieldReference { field_path: "__name__".to_owned() }),
            direction: Direction::Ascending.into(),
        }],
        ..Default::default()
    }
}
