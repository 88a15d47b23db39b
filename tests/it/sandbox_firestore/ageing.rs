//! What grows old: transactions, read times, resume tokens, silence.

use std::time::Duration;

use gcloud_sdk::google::firestore::v1::target::ResumeType;
use gcloud_sdk::google::firestore::v1::transaction_options::{Mode, ReadOnly, read_only};
use gcloud_sdk::google::firestore::v1::{
    BeginTransactionRequest, CommitRequest, GetDocumentRequest, RunQueryRequest, TransactionOptions, Write,
    get_document_request, run_query_request,
};
use prost_types::Timestamp;
use tokio::time::Instant;
use tonic::{Code, Status};

use super::harness::{DATABASE, Sandbox, all, collection, fields, name, number, put, run_query, target};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn begin(sandbox: &mut Sandbox, mode: Option<Mode>) -> Result<Vec<u8>, Status> {
    let options = Some(TransactionOptions { mode });
    let request = BeginTransactionRequest { database: DATABASE.to_owned(), options, ..Default::default() };
    sandbox.client.begin_transaction(request).await.map(|answer| answer.into_inner().transaction)
}

async fn n_in(sandbox: &mut Sandbox, transaction: &[u8], path: &str) -> Result<i64, Status> {
    let selector = get_document_request::ConsistencySelector::Transaction(transaction.to_vec());
    let request =
        GetDocumentRequest { name: name(path), consistency_selector: Some(selector), ..GetDocumentRequest::default() };
    sandbox.client.get_document(request).await.map(|document| number(&document.into_inner().fields["n"]))
}

async fn commit_in(sandbox: &mut Sandbox, transaction: &[u8], writes: Vec<Write>) -> Result<(), Status> {
    let transaction = transaction.to_vec();
    let request = CommitRequest { database: DATABASE.to_owned(), writes, transaction, ..CommitRequest::default() };
    sandbox.client.commit(request).await.map(drop)
}

fn at(time: Timestamp) -> Mode {
    Mode::ReadOnly(ReadOnly { consistency_selector: Some(read_only::ConsistencySelector::ReadTime(time)) })
}

#[tokio::test]
async fn a_read_only_transaction_sees_its_moment_and_writes_nothing() {
    let mut sandbox = Sandbox::start().await;
    let then = sandbox.database.put("c/a", fields(1));
    sandbox.database.put("c/a", fields(2));
    let transaction = begin(&mut sandbox, Some(at(then))).await.unwrap();
    assert_eq!(n_in(&mut sandbox, &transaction, "c/a").await.unwrap(), 1);
    let status = commit_in(&mut sandbox, &transaction, vec![put("c/a", 3)]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("Cannot modify entities in a read-only transaction"), "{status}");
    let future = Timestamp { seconds: then.seconds + 3_600, nanos: 0 };
    assert_eq!(begin(&mut sandbox, Some(at(future))).await.unwrap_err().code(), Code::InvalidArgument);
    sandbox.world.pass_time(61 * MINUTE);
    assert_eq!(begin(&mut sandbox, Some(at(then))).await.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_transaction_lives_270_seconds_and_idles_for_60() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1)]);
    let idle = begin(&mut sandbox, None).await.unwrap();
    sandbox.world.pass_time(61 * SECOND);
    let status = n_in(&mut sandbox, &idle, "c/a").await.unwrap_err();
    assert!(status.code() == Code::InvalidArgument && status.message().contains("transaction has expired"), "{status}");

    let busy = begin(&mut sandbox, None).await.unwrap();
    for _ in 0..5 {
        sandbox.world.pass_time(50 * SECOND);
        assert_eq!(n_in(&mut sandbox, &busy, "c/a").await.unwrap(), 1);
    }
    sandbox.world.pass_time(50 * SECOND);
    assert_eq!(commit_in(&mut sandbox, &busy, Vec::new()).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_read_time_is_good_for_an_hour() {
    let mut sandbox = Sandbox::start().await;
    let then = sandbox.database.put("c/a", fields(1));
    let request = || RunQueryRequest {
        consistency_selector: Some(run_query_request::ConsistencySelector::ReadTime(then)),
        ..run_query(collection("c"))
    };
    sandbox.world.pass_time(59 * MINUTE);
    assert!(sandbox.client.run_query(request()).await.is_ok());
    sandbox.world.pass_time(2 * MINUTE);
    assert_eq!(sandbox.client.run_query(request()).await.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_resume_token_costs_little_for_30_minutes_and_everything_after() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 1), ("c/c", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    let token = stream.snapshot().await.boundary.resume_token;
    sandbox.database.put("c/b", fields(2));
    let resumed = ["ADD [1]", "changed c/b [1]", "filter 1 counts 3", "CURRENT [1]"];
    let anew = ["ADD [1]", "RESET [1]", "changed c/a [1]", "changed c/b [1]", "changed c/c [1]", "CURRENT [1]"];
    for (passes, told, listen, listen_start) in
        [(29 * MINUTE, &resumed[..], 1, 0), (2 * MINUTE, &resumed, 0, 3), (30 * MINUTE, &anew, 0, 3)]
    {
        sandbox.world.pass_time(passes);
        sandbox.database.reset_reads();
        let mut stream = sandbox.listen().await;
        stream.add(target(1, collection("c"), Some(ResumeType::ResumeToken(token.clone())))).await;
        assert_eq!(stream.snapshot().await.told, told);
        let billed = sandbox.database.billed();
        // The first stream may have told its own change meanwhile, which is billed as well.
        assert_eq!(billed.listen_start, listen_start, "after {passes:?}");
        assert!(billed.listen >= listen, "after {passes:?}");
        stream.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_every_30_seconds_that_it_is_alive() {
    let mut sandbox = Sandbox::in_memory().await;
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    let first = stream.snapshot().await.boundary;
    for beat in 1..=3 {
        let began = Instant::now();
        let snapshot = stream.snapshot().await;
        assert!(snapshot.told.is_empty());
        assert!(!snapshot.boundary.resume_token.is_empty() && snapshot.boundary.resume_token != first.resume_token);
        assert_eq!(began.elapsed().as_secs().div_ceil(30), 1, "beat {beat} after {:?}", began.elapsed());
    }
}
