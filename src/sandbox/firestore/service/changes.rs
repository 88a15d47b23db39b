//! Commit, BatchWrite, the single-document writes, and where transactions begin and end.

use std::collections::BTreeSet;

use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    BatchWriteRequest, BatchWriteResponse, BeginTransactionRequest, BeginTransactionResponse, CommitRequest,
    CommitResponse, CreateDocumentRequest, DeleteDocumentRequest, Document, Precondition, RollbackRequest,
    UpdateDocumentRequest, Write, WriteResult,
};
use gcloud_sdk::google::rpc;
use tonic::Status;
use uuid::Uuid;

use super::Service;
use super::documents::{masked, parse_mask};
use crate::sandbox::firestore::Empty;
use crate::sandbox::firestore::databases::DatabaseState;
use crate::sandbox::firestore::field_paths::FieldMask;
use crate::sandbox::firestore::ledger::Echo;
use crate::sandbox::firestore::names::ResourcePath;
use crate::sandbox::firestore::refusal::{document_not_found, invalid, missing};
use crate::sandbox::firestore::writes::{self, Committed, ParsedWrite};

/// A transaction begins.
pub(super) fn begin(service: &Service, request: BeginTransactionRequest) -> Result<BeginTransactionResponse, Status> {
    let transaction = service.database(&request.database)?.ledger().begin(request.options)?;
    Ok(BeginTransactionResponse { transaction })
}

/// A transaction ends without a trace.
pub(super) fn roll_back(service: &Service, request: RollbackRequest) -> Result<Empty, Status> {
    service.database(&request.database)?.ledger().roll_back(&request.transaction)
}

/// All writes or none.
pub(super) fn commit(service: &Service, request: CommitRequest) -> Result<CommitResponse, Status> {
    let database = service.database(&request.database)?;
    let parse = |write| ParsedWrite::parse(&database.name, write);
    let writes: Vec<_> = request.writes.into_iter().map(parse).collect::<Result<_, _>>()?;
    let mut ledger = database.ledger();
    if !request.transaction.is_empty() {
        ledger.end_transaction(&request.transaction, writes.len())?;
    }
    let committed = writes::commit(&mut ledger, &writes, Echo::Heard)?;
    drop(ledger);
    database.announce(&committed, Echo::Heard);
    Ok(CommitResponse { commit_time: Some(committed.at.timestamp()), write_results: committed.results })
}

/// Each write for itself.
pub(super) fn batch_write(service: &Service, request: BatchWriteRequest) -> Result<BatchWriteResponse, Status> {
    let database = service.database(&request.database)?;
    let parse = |write| ParsedWrite::parse(&database.name, write);
    let writes: Vec<Result<ParsedWrite, Status>> = request.writes.into_iter().map(parse).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = writes.iter().flatten().find(|write| !seen.insert(write.path().clone())) {
        let problem = format_args!("`{}` is written twice in one request", twice.path()).to_string();
        return Err(invalid("writes", problem));
    }
    let mut response = BatchWriteResponse::default();
    for write in writes {
        let outcome = write.and_then(|write| apply(&database, write));
        let (result, status) = match outcome {
            Ok(committed) => (committed.results.into_iter().next().unwrap_or_default(), rpc::Status::default()),
            Err(status) => (WriteResult::default(), rpc_status(&status)),
        };
        response.write_results.push(result);
        response.status.push(status);
    }
    Ok(response)
}

/// A new document, with an id of the server's choice if none is given.
pub(super) fn create(service: &Service, request: CreateDocumentRequest) -> Result<Document, Status> {
    let (database, parent) = service.parent(&request.parent)?;
    let collection = ResourcePath::check_collection("collection_id", &request.collection_id)?;
    let id = match request.document_id {
        id if id.is_empty() => Uuid::new_v4().simple().to_string()[..20].to_owned(),
        id => id,
    };
    let path = ResourcePath::parse_document("document_id", &parent.join([&collection, &id]).to_string())?;
    if path.depth() != parent.depth() + 2 {
        return Err(invalid("document_id", "must be one segment"));
    }
    let mask = parse_mask(request.mask.as_ref())?;
    let document = request.document.ok_or_else(|| missing("document"))?;
    let update = Document { name: database.name.name_of(&path), ..document };
    let absent = Precondition { condition_type: Some(ConditionType::Exists(false)) };
    let write =
        Write { operation: Some(Operation::Update(update)), current_document: Some(absent), ..Write::default() };
    put(&database, write, mask.as_ref())
}

/// Replaces or merges one document.
pub(super) fn update(service: &Service, request: UpdateDocumentRequest) -> Result<Document, Status> {
    let document = request.document.ok_or_else(|| missing("document"))?;
    let (database, _) = service.document("document.name", &document.name)?;
    let mask = parse_mask(request.mask.as_ref())?;
    let write = Write {
        operation: Some(Operation::Update(document)),
        update_mask: request.update_mask,
        current_document: request.current_document,
        update_transforms: Vec::new(),
    };
    put(&database, write, mask.as_ref())
}

/// Deletes one document.
pub(super) fn delete(service: &Service, request: DeleteDocumentRequest) -> Result<Empty, Status> {
    let (database, _) = service.document("name", &request.name)?;
    let write = Write {
        operation: Some(Operation::Delete(request.name)),
        current_document: request.current_document,
        ..Write::default()
    };
    apply(&database, ParsedWrite::parse(&database.name, write)?).map(|_| ())
}

/// Commits one write and answers the document as it then is.
fn put(database: &DatabaseState, write: Write, mask: Option<&FieldMask>) -> Result<Document, Status> {
    let write = ParsedWrite::parse(&database.name, write)?;
    let path = write.path().clone();
    let committed = apply(database, write)?;
    let ledger = database.ledger();
    let stored = ledger.get(&path, committed.at).ok_or_else(|| document_not_found(&database.name.name_of(&path)))?;
    Ok(masked(mask, stored.document(&database.name)))
}

fn apply(database: &DatabaseState, write: ParsedWrite) -> Result<Committed, Status> {
    let committed = writes::commit(&mut database.ledger(), &[write], Echo::Heard)?;
    database.announce(&committed, Echo::Heard);
    Ok(committed)
}

/// The status of one write inside a response.
fn rpc_status(status: &Status) -> rpc::Status {
    rpc::Status { code: status.code().into(), message: status.message().to_owned(), details: Vec::new() }
}
