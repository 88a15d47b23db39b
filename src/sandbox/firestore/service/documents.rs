//! GetDocument, ListDocuments, BatchGetDocuments, ListCollectionIds.

use std::collections::BTreeSet;

use gcloud_sdk::google::firestore::v1::structured_query::CollectionSelector;
use gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, BatchGetDocumentsResponse, Document, DocumentMask, GetDocumentRequest,
    ListCollectionIdsRequest, ListCollectionIdsResponse, ListDocumentsRequest, ListDocumentsResponse, StructuredQuery,
    batch_get_documents_request, batch_get_documents_response, get_document_request, list_collection_ids_request,
    list_documents_request,
};
use tonic::Status;

use super::Service;
use super::paging::Page;
use crate::sandbox::firestore::bill::Cause;
use crate::sandbox::firestore::field_paths::FieldMask;
use crate::sandbox::firestore::ledger::{Ledger, Scope};
use crate::sandbox::firestore::names::{DatabaseName, ResourcePath};
use crate::sandbox::firestore::query::Query;
use crate::sandbox::firestore::refusal::{document_not_found, invalid};
use crate::sandbox::firestore::times::Micros;
use crate::sandbox::firestore::transactions::Consistency;

/// Results of a page whose size was not chosen.
const USUAL_PAGE: usize = 100;

/// One document.
pub(super) fn get(service: &Service, request: GetDocumentRequest) -> Result<Document, Status> {
    use get_document_request::ConsistencySelector as Selector;
    let (database, path) = service.document("name", &request.name)?;
    let mask = parse_mask(request.mask.as_ref())?;
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
        Some(Selector::Transaction(id)) => Consistency::Transaction(id),
    };
    let mut ledger = database.ledger();
    let reading = ledger.read(consistency)?;
    ledger.saw_document(&reading, &path);
    ledger.bill(Cause::Get, 1);
    let stored = ledger.get(&path, reading.at).ok_or_else(|| document_not_found(&request.name))?;
    Ok(masked(mask.as_ref(), stored.document(&database.name)))
}

/// Documents by name, those that are not there included.
pub(super) fn batch_get(
    service: &Service,
    request: BatchGetDocumentsRequest,
) -> Result<Vec<BatchGetDocumentsResponse>, Status> {
    use batch_get_documents_request::ConsistencySelector as Selector;
    use batch_get_documents_response::Result as Answer;
    let database = service.database(&request.database)?;
    let mask = parse_mask(request.mask.as_ref())?;
    let mut paths = Vec::with_capacity(request.documents.len());
    for name in &request.documents {
        let (holder, path) = service.document("documents", name)?;
        if holder.name != database.name {
            return Err(invalid("documents", format_args!("`{name}` is not in the database `{}`", database.name)));
        }
        paths.push(path);
    }
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
        Some(Selector::Transaction(id)) => Consistency::Transaction(id),
        Some(Selector::NewTransaction(options)) => Consistency::NewTransaction(options),
    };
    let mut ledger = database.ledger();
    let reading = ledger.read(consistency)?;
    let read_time = Some(reading.at.timestamp());
    let mut answers = Vec::with_capacity(paths.len() + 1);
    if let Some(transaction) = reading.new_transaction() {
        answers.push(BatchGetDocumentsResponse { transaction, ..Default::default() });
    }
    ledger.bill(Cause::Get, paths.len());
    for path in &paths {
        ledger.saw_document(&reading, path);
        let answer = match ledger.get(path, reading.at) {
            Some(stored) => Answer::Found(masked(mask.as_ref(), stored.document(&database.name))),
            None => Answer::Missing(database.name.name_of(path)),
        };
        answers.push(BatchGetDocumentsResponse { transaction: Vec::new(), read_time, result: Some(answer) });
    }
    Ok(answers)
}

/// A collection, page by page.
pub(super) fn list(service: &Service, request: ListDocumentsRequest) -> Result<ListDocumentsResponse, Status> {
    use list_documents_request::ConsistencySelector as Selector;
    let (database, parent) = service.parent(&request.parent)?;
    let mask = parse_mask(request.mask.as_ref())?;
    if request.show_missing && !request.order_by.is_empty() {
        return Err(invalid("show_missing", "cannot be combined with order_by"));
    }
    let collection = CollectionSelector { collection_id: request.collection_id.clone(), all_descendants: false };
    let order_by = Query::order_by_text(&request.order_by)?;
    let query = StructuredQuery { from: vec![collection], order_by, ..StructuredQuery::default() };
    let query = Query::parse(&database.name, parent, query)?;
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
        Some(Selector::Transaction(id)) => Consistency::Transaction(id),
    };
    let mut ledger = database.ledger();
    let page = Page::begin(&mut ledger, consistency, &request.page_token, request.page_size, USUAL_PAGE)?;
    ledger.saw_query(&page.reading, &query);
    let all: Vec<Document> = if request.show_missing {
        with_missing(&ledger, query.scope(), page.reading.at, &database.name)
    } else {
        query.run(&ledger, page.reading.at).documents.iter().map(|stored| stored.document(&database.name)).collect()
    };
    let (documents, next_page_token) = page.cut(all);
    ledger.bill(Cause::List, documents.len().max(1));
    let documents = documents.into_iter().map(|document| masked(mask.as_ref(), document)).collect();
    Ok(ListDocumentsResponse { documents, next_page_token })
}

/// Ids of the collections directly below a document or the root.
pub(super) fn collection_ids(
    service: &Service,
    request: ListCollectionIdsRequest,
) -> Result<ListCollectionIdsResponse, Status> {
    use list_collection_ids_request::ConsistencySelector as Selector;
    let (database, parent) = service.parent(&request.parent)?;
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
    };
    let mut ledger = database.ledger();
    let page = Page::begin(&mut ledger, consistency, &request.page_token, request.page_size, USUAL_PAGE)?;
    ledger.bill(Cause::CollectionIds, 1);
    let depth = parent.depth();
    let below = Scope { parent, collection: None, descendants: true };
    let ids: BTreeSet<String> = ledger
        .scan(&below, page.reading.at)
        .filter_map(|stored| stored.path.segment(depth).map(str::to_owned))
        .collect();
    let (collection_ids, next_page_token) = page.cut(ids.into_iter().collect());
    Ok(ListCollectionIdsResponse { collection_ids, next_page_token })
}

/// The documents of a collection and the phantoms: names without a document but with documents below.
fn with_missing(ledger: &Ledger, scope: &Scope, at: Micros, database: &DatabaseName) -> Vec<Document> {
    let depth = scope.parent.depth() + 2;
    let below = Scope { parent: scope.parent.clone(), collection: None, descendants: true };
    let paths: BTreeSet<ResourcePath> =
        ledger.scan(&below, at).map(|stored| stored.path.ancestor(depth)).filter(|path| scope.contains(path)).collect();
    let document = |path: &ResourcePath| match ledger.get(path, at) {
        Some(stored) => stored.document(database),
        None => Document { name: database.name_of(path), ..Document::default() },
    };
    paths.iter().map(document).collect()
}

/// Parses the mask of what is answered.
pub(super) fn parse_mask(mask: Option<&DocumentMask>) -> Result<Option<FieldMask>, Status> {
    mask.map(|mask| FieldMask::parse("mask", mask)).transpose()
}

/// The document with the masked fields, or whole.
pub(super) fn masked(mask: Option<&FieldMask>, document: Document) -> Document {
    match mask {
        Some(mask) => mask.project(document),
        None => document,
    }
}
