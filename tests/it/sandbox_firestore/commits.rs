//! Commits: preconditions, no-ops, lost replies, transactions.

use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    BatchWriteRequest, BeginTransactionRequest, CommitRequest, GetDocumentRequest, RollbackRequest, Value, Write,
    get_document_request, run_query_request,
};
use prost_types::Timestamp;
use tonic::{Code, Status};

use super::harness::{DATABASE, Sandbox, collection, fields, name, only_if, put, run_query};

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
