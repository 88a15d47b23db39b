//! Commits: preconditions, no-ops, lost replies, transactions.

use std::time::Duration;

use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    BatchWriteRequest, BeginTransactionRequest, CommitRequest, CreateDocumentRequest, DeleteDocumentRequest, Document,
    DocumentMask, GetDocumentRequest, Precondition, RollbackRequest, UpdateDocumentRequest, Value, Write,
    get_document_request, run_query_request,
};
use prost_types::Timestamp;
use studio_brain::sandbox::firestore::Options;
use tonic::{Code, Status};

use super::harness::{DATABASE, Sandbox, collection, fields, integer, name, only_if, put, run_query};

#[track_caller]
fn refused<Answer: std::fmt::Debug>(answer: Result<Answer, Status>, code: Code, words: &str) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status}");
    assert!(status.message().contains(words), "{status}");
}

#[tokio::test]
async fn a_commit_whose_condition_fails_changes_nothing() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let exists = ConditionType::Exists;
    let missing = only_if(exists(true), put("batches/none", 9));
    refused(
        sandbox.commit(vec![put("batches/b-2", 2), missing]).await,
        Code::NotFound,
        "No document to update: projects/glass/databases/(default)/documents/batches/none",
    );
    let there = only_if(exists(false), put("batches/b-1", 9));
    refused(sandbox.commit(vec![there]).await, Code::AlreadyExists, "Document already exists");
    let stale = ConditionType::UpdateTime(Timestamp { seconds: 1, nanos: 0 });
    refused(
        sandbox.commit(vec![only_if(stale, put("batches/b-1", 9))]).await,
        Code::FailedPrecondition,
        "does not match the required base version (1000000)",
    );
    let unaligned = ConditionType::UpdateTime(Timestamp { seconds: 1, nanos: 1 });
    refused(
        sandbox.commit(vec![only_if(unaligned, put("batches/b-1", 9))]).await,
        Code::InvalidArgument,
        "current_document.update_time",
    );
    assert_eq!(sandbox.database.document_count(), 1);
    assert_eq!(sandbox.database.get("batches/b-1").unwrap().fields, fields(1));
}

#[tokio::test]
async fn a_write_under_the_right_update_time_lands_once() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let base = sandbox.database.get("batches/b-1").unwrap().update_time.unwrap();
    let write = only_if(ConditionType::UpdateTime(base), put("batches/b-1", 2));
    let answer = sandbox.commit(vec![write.clone()]).await.unwrap();
    assert_eq!(answer.write_results[0].update_time, answer.commit_time);
    assert_eq!(sandbox.database.get("batches/b-1").unwrap().update_time, answer.commit_time);
    refused(sandbox.commit(vec![write]).await, Code::FailedPrecondition, "does not match");
    assert_eq!(sandbox.database.writes_to("batches/b-1"), 2);
}

#[tokio::test]
async fn writing_what_is_there_keeps_the_update_time() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let before = sandbox.database.get("batches/b-1").unwrap().update_time;
    let answer = sandbox.commit(vec![put("batches/b-1", 1)]).await.unwrap();
    assert_eq!(answer.write_results[0].update_time, before);
    assert_ne!(answer.commit_time, before);
    assert_eq!(sandbox.database.writes_to("batches/b-1"), 1);
}

#[tokio::test]
async fn a_lost_reply_is_a_commit_all_the_same() {
    let mut sandbox = Sandbox::start().await;
    sandbox.world.lose_next_commit_reply();
    refused(sandbox.commit(vec![put("batches/b-1", 1)]).await, Code::Unavailable, "connection");
    assert_eq!(sandbox.database.writes_to("batches/b-1"), 1);
    sandbox.world.fail_next("Commit", Status::resource_exhausted("slow down"));
    refused(sandbox.commit(vec![put("batches/b-1", 2)]).await, Code::ResourceExhausted, "slow down");
    assert_eq!(sandbox.database.writes_to("batches/b-1"), 1);
    sandbox.commit(vec![put("batches/b-1", 2)]).await.unwrap();
    assert_eq!(sandbox.database.writes_to("batches/b-1"), 2);
}

#[tokio::test]
async fn each_write_of_a_batch_write_has_its_own_status() {
    let mut sandbox = Sandbox::start().await;
    let request = |writes| BatchWriteRequest { database: DATABASE.to_owned(), writes, ..Default::default() };
    let missing = only_if(ConditionType::Exists(true), put("batches/none", 9));
    let unusable = Write { operation: Some(Operation::Delete("nowhere".to_owned())), ..Write::default() };
    let writes = vec![missing, put("batches/b-1", 1), unusable];
    let answer = sandbox.client.batch_write(request(writes)).await.unwrap().into_inner();
    let codes: Vec<i32> = answer.status.iter().map(|status| status.code).collect();
    assert_eq!(codes, [Code::NotFound as i32, 0, Code::InvalidArgument as i32]);
    assert_eq!(sandbox.database.document_count(), 1);
    let twice = vec![put("batches/b-1", 1), put("batches/b-1", 2)];
    refused(sandbox.client.batch_write(request(twice)).await, Code::InvalidArgument, "twice");
}

async fn begin(sandbox: &mut Sandbox) -> Vec<u8> {
    let request = BeginTransactionRequest { database: DATABASE.to_owned(), ..Default::default() };
    sandbox.client.begin_transaction(request).await.unwrap().into_inner().transaction
}

async fn commit_in(sandbox: &mut Sandbox, transaction: &[u8], writes: Vec<Write>) -> Result<(), Status> {
    let transaction = transaction.to_vec();
    let request = CommitRequest { database: DATABASE.to_owned(), writes, transaction, ..Default::default() };
    sandbox.client.commit(request).await.map(|_| ())
}

async fn get_in(sandbox: &mut Sandbox, transaction: &[u8], path: &str) -> Result<Option<Value>, Status> {
    use get_document_request::ConsistencySelector::Transaction;
    let consistency_selector = Some(Transaction(transaction.to_vec()));
    let request = GetDocumentRequest { name: name(path), consistency_selector, ..Default::default() };
    sandbox.client.get_document(request).await.map(|document| document.into_inner().fields.get("n").cloned())
}

#[tokio::test]
async fn a_transaction_that_read_what_then_changed_is_aborted() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("other/o-1", 1)]);
    let transaction = begin(&mut sandbox).await;
    get_in(&mut sandbox, &transaction, "batches/b-1").await.unwrap();
    sandbox.database.put("batches/b-1", fields(2));
    let seen = get_in(&mut sandbox, &transaction, "batches/b-1").await.unwrap();
    assert_eq!(seen, fields(1).remove("n"), "a transaction reads one moment");
    let write = vec![put("batches/b-1", 3)];
    refused(commit_in(&mut sandbox, &transaction, write.clone()).await, Code::Aborted, "contention");
    refused(commit_in(&mut sandbox, &transaction, write).await, Code::InvalidArgument, "expired");
    assert_eq!(sandbox.database.get("batches/b-1").unwrap().fields, fields(2));
}

#[tokio::test]
async fn a_transaction_notices_a_new_match_of_its_query_and_nothing_else() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    for (path, conflicts) in [("other/o-1", false), ("batches/b-2", true)] {
        let transaction = begin(&mut sandbox).await;
        let mut request = run_query(collection("batches"));
        request.consistency_selector = Some(run_query_request::ConsistencySelector::Transaction(transaction.clone()));
        sandbox.client.run_query(request).await.unwrap();
        sandbox.database.put(path, fields(1));
        let outcome = commit_in(&mut sandbox, &transaction, vec![put("batches/sum", 1)]).await;
        assert_eq!(outcome.err().map(|status| status.code()), conflicts.then_some(Code::Aborted), "{path}");
    }
}

#[tokio::test]
async fn a_transaction_rolled_back_is_gone() {
    let mut sandbox = Sandbox::start().await;
    let transaction = begin(&mut sandbox).await;
    let request =
        RollbackRequest { database: DATABASE.to_owned(), transaction: transaction.clone(), ..Default::default() };
    sandbox.client.rollback(request).await.unwrap();
    refused(commit_in(&mut sandbox, &transaction, Vec::new()).await, Code::InvalidArgument, "expired");
    refused(commit_in(&mut sandbox, b"garbage", Vec::new()).await, Code::InvalidArgument, "transaction");
}

#[tokio::test]
async fn single_documents_are_created_updated_and_deleted() {
    let mut sandbox = Sandbox::start().await;
    let create = |document_id: &str| CreateDocumentRequest {
        parent: format!("{DATABASE}/documents"),
        collection_id: "batches".to_owned(),
        document_id: document_id.to_owned(),
        document: Some(Document { fields: fields(1), ..Document::default() }),
        ..Default::default()
    };
    let created = sandbox.client.create_document(create("b-1")).await.unwrap().into_inner();
    assert_eq!((created.name, created.fields), (name("batches/b-1"), fields(1)));
    refused(sandbox.client.create_document(create("b-1")).await, Code::AlreadyExists, "already exists");
    refused(sandbox.client.create_document(create("b-1/c/d")).await, Code::InvalidArgument, "document_id");
    let named = sandbox.client.create_document(create("")).await.unwrap().into_inner().name;
    assert_eq!(named.len(), name("batches/").len() + 20);

    let mut document = Document { name: name("batches/b-1"), fields: fields(2), ..Document::default() };
    document.fields.extend([("ignored".to_owned(), integer(9))]);
    let update_mask = Some(DocumentMask { field_paths: vec!["n".to_owned(), "gone".to_owned()] });
    let request = UpdateDocumentRequest { document: Some(document), update_mask, ..Default::default() };
    let updated = sandbox.client.update_document(request).await.unwrap().into_inner();
    assert_eq!(updated.fields, fields(2));
    assert!(updated.create_time != updated.update_time);

    let delete = || DeleteDocumentRequest { name: name("batches/b-1"), ..Default::default() };
    sandbox.client.delete_document(delete()).await.unwrap();
    sandbox.client.delete_document(delete()).await.unwrap();
    let exists = Some(Precondition { condition_type: Some(ConditionType::Exists(true)) });
    let strict = DeleteDocumentRequest { current_document: exists, ..delete() };
    refused(sandbox.client.delete_document(strict).await, Code::NotFound, "No document to update");
}

#[tokio::test]
async fn a_document_deleted_and_made_again_in_one_commit_is_a_new_one() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let before = sandbox.database.get("batches/b-1").unwrap();
    let delete = Write { operation: Some(Operation::Delete(name("batches/b-1"))), ..Write::default() };
    let answer = sandbox.commit(vec![delete, put("batches/b-1", 1)]).await.unwrap();
    let after = sandbox.database.get("batches/b-1").unwrap();
    assert_eq!(after.fields, before.fields);
    assert_eq!(after.create_time, answer.commit_time);
    assert_ne!(after.create_time, before.create_time);
}

#[tokio::test]
async fn a_transaction_is_gone_when_it_was_idle_for_too_long() {
    let mut sandbox = Sandbox::with(Options { transaction_idle: Duration::ZERO, ..Options::default() }).await;
    let transaction = begin(&mut sandbox).await;
    sandbox.database.put("batches/b-1", fields(1));
    refused(commit_in(&mut sandbox, &transaction, Vec::new()).await, Code::InvalidArgument, "expired");
}
