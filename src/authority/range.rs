//! Whole collections as streams: ranges of names, read at one moment, without pages.

use gcloud_sdk::google::firestore::v1 as wire;
use tonic::Streaming;
use wire::structured_query::CollectionSelector;
use wire::value::ValueType;

use crate::authority::Authority;
use crate::authority::convert::{path, sighting, wire_timestamp};
use crate::authority::error::{Error, Result};
use crate::authority::read::root_query;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads;
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;

/// The most cursors, or ids of collections, that are asked for in one page.
const PAGE: i32 = 300;

/// A part of a collection in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameRange {
    /// The name that it starts at; none: the first there is.
    pub first: Option<DocPath>,
    /// The name that it goes on after, whatever `first` says.
    pub after: Option<DocPath>,
    /// The name that it ends before; none: the last there is.
    pub until: Option<DocPath>,
}

/// The documents of a range, as they arrive. Dropping it ends the stream.
#[derive(Debug)]
pub struct Documents {
    authority: Authority,
    collection: CollectionId,
    answers: Streaming<wire::RunQueryResponse>,
    /// Was anything billed yet?
    came: bool,
}

impl Authority {
    /// Every document of a range of a root collection, in the order of names, as of `read_time`.
    pub async fn documents(
        &self,
        collection: &CollectionId,
        range: &NameRange,
        read_time: Timestamp,
    ) -> Result<Documents> {
        use wire::run_query_request::{ConsistencySelector, QueryType};
        let doing = || format!("read `{collection}`");
        let query = self.range_query(collection, range);
        let request = wire::RunQueryRequest {
            parent: self.root().to_owned(),
            query_type: Some(QueryType::StructuredQuery(query)),
            consistency_selector: Some(ConsistencySelector::ReadTime(wire_timestamp(read_time))),
            ..Default::default()
        };
        let mut client = self.client().await?;
        let answers = self.within(doing, client.run_query(request)).await?.into_inner();
        Ok(Documents { authority: self.clone(), collection: collection.clone(), answers, came: false })
    }

    /// The query that a range of a root collection is.
    pub(super) fn range_query(&self, collection: &CollectionId, range: &NameRange) -> wire::StructuredQuery {
        let cursor = |name: &DocPath, before: bool| wire::Cursor {
            values: vec![wire::Value { value_type: Some(ValueType::ReferenceValue(self.name(name))) }],
            before,
        };
        let mut query = root_query(collection);
        let after = range.after.as_ref().map(|after| cursor(after, false));
        query.start_at = after.or_else(|| range.first.as_ref().map(|first| cursor(first, true)));
        query.end_at = range.until.as_ref().map(|until| cursor(until, true));
        query
    }

    /// Names that cut a root collection into up to `parts` ranges of about the same size, in the order of names.
    ///
    /// Fewer, or none, when the server does not split so finely. The server cuts collection groups: a cut below
    /// another document is left out, which makes a range larger and nothing else.
    pub async fn cuts(&self, collection: &CollectionId, parts: u32, read_time: Timestamp) -> Result<Vec<DocPath>> {
        use wire::partition_query_request::{ConsistencySelector, QueryType};
        let doing = || format!("split `{collection}`");
        let mut query = root_query(collection);
        query.from = vec![CollectionSelector { collection_id: collection.to_string(), all_descendants: true }];
        let mut request = wire::PartitionQueryRequest {
            parent: self.root().to_owned(),
            partition_count: i64::from(parts.saturating_sub(1)),
            page_size: PAGE,
            query_type: Some(QueryType::StructuredQuery(query)),
            consistency_selector: Some(ConsistencySelector::ReadTime(wire_timestamp(read_time))),
            ..Default::default()
        };
        let mut cuts = Vec::new();
        loop {
            let mut client = self.client().await?;
            let answer = self.within(doing, client.partition_query(self.timed(request.clone()))).await?.into_inner();
            self.bill(collection, reads::query(0));
            for value in answer.partitions.into_iter().flat_map(|cursor| cursor.values) {
                if let Some(ValueType::ReferenceValue(name)) = value.value_type {
                    cuts.push(path(self.root(), &name, &doing())?);
                }
            }
            if answer.next_page_token.is_empty() {
                break;
            }
            request.page_token = answer.next_page_token;
        }
        cuts.retain(|cut| cut.is_root() && cut.collection() == *collection);
        cuts.sort_unstable_by(DocPath::name_order); // Pages come in no order.
        cuts.dedup();
        Ok(cuts)
    }

    /// The root collections that hold documents now.
    pub async fn collections(&self) -> Result<Vec<CollectionId>> {
        let doing = || "list the collections".to_owned();
        let mut request =
            wire::ListCollectionIdsRequest { parent: self.root().to_owned(), page_size: PAGE, ..Default::default() };
        let mut found = Vec::new();
        loop {
            let mut client = self.client().await?;
            let listing = client.list_collection_ids(self.timed(request.clone()));
            let answer = self.within(doing, listing).await?.into_inner();
            self.bill(&reads::all_collections(), reads::query(0));
            for id in answer.collection_ids {
                found.push(CollectionId::parse(id).map_err(|error| Error::malformed(doing(), error.to_string()))?);
            }
            if answer.next_page_token.is_empty() {
                return Ok(found);
            }
            request.page_token = answer.next_page_token;
        }
    }
}

impl Documents {
    /// The next document; `None` after the last one. A stream that breaks half way is an error.
    pub async fn next(&mut self) -> Result<Option<Sighting>> {
        let doing = || format!("read `{}`", self.collection);
        while let Some(answer) = self.authority.within(doing, self.answers.message()).await? {
            // Answers without a document only report progress.
            if let Some(document) = answer.document {
                self.came = true;
                self.authority.bill(&self.collection, 1);
                return Ok(Some(sighting(self.authority.root(), document, "read a collection")?));
            }
        }
        if !std::mem::replace(&mut self.came, true) {
            self.authority.bill(&self.collection, reads::query(0));
        }
        Ok(None)
    }
}
