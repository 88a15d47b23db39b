//! Faults of listen streams: legal, and hard on a client that is not careful.

use std::collections::HashMap;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::target::ResumeType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use studio_brain::sandbox::firestore::{CallFault, CutEnd, Fault, Faults, ListenFault, Method, When};
use tokio::time::timeout;
use tonic::Code;

use super::harness::{Sandbox, all, collection, fields, put, target};

/// A sandbox with two documents, and a stream that has them.
async fn following() -> (Sandbox, super::harness::Stream) {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    stream.snapshot().await;
    (sandbox, stream)
}

#[tokio::test]
async fn a_target_is_reset_and_told_again() {
    let (sandbox, mut stream) = following().await;
    sandbox.world.add_fault(Fault::listen(When::Next(1), ListenFault::Reset));
    sandbox.database.put("c/a", fields(2));
    let changed = stream.snapshot().await;
    assert_eq!(changed.told, ["changed c/a [1]"]);
    let again = stream.snapshot().await;
    assert_eq!(again.told, ["RESET [1]", "changed c/a [1]", "changed c/b [1]", "CURRENT [1]"]);
    assert_eq!(sandbox.database.billed().listen_start, 4, "what is told again is billed again");
    sandbox.database.delete("c/b");
    assert_eq!(stream.snapshot().await.told, ["deleted c/b [1]"]);
}

#[tokio::test]
async fn a_target_is_removed_for_a_cause_and_the_others_go_on() {
    let (sandbox, mut stream) = following().await;
    let gone = ListenFault::Remove { code: Code::PermissionDenied, message: "rules".to_owned() };
    sandbox.world.add_fault(Fault::listen(When::Next(1), gone));
    sandbox.database.put("c/a", fields(2));
    assert_eq!(stream.snapshot().await.told, ["changed c/a [1]"]);
    stream.add(all(2, "c")).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["REMOVE [1] because 7", "ADD [2]", "changed c/a [2]", "changed c/b [2]", "CURRENT [2]"]);
}

#[tokio::test]
async fn a_filter_counts_wrong_and_a_token_is_refused() {
    let (mut sandbox, mut stream) = following().await;
    sandbox.database.put("c/a", fields(2));
    let token = stream.snapshot().await.boundary.resume_token;
    let resumed = || target(1, collection("c"), Some(ResumeType::ResumeToken(token.clone())));
    sandbox.world.add_fault(Fault::listen(When::Next(1), ListenFault::RejectToken));
    sandbox.world.add_fault(Fault::listen(When::Next(1), ListenFault::WrongCount { by: 5 }));
    let mut stream = sandbox.listen().await;
    stream.add(resumed()).await;
    stream.add(resumed()).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["REMOVE [1] because 3", "ADD [1]", "filter 1 counts 7", "CURRENT [1]"]);
}

#[tokio::test]
async fn changes_come_twice_and_in_another_order_within_their_snapshot() {
    let mut orders = Vec::new();
    for seed in [1, 1, 2] {
        let mut sandbox = Sandbox::start().await;
        sandbox.database.seed((0..20).map(|at| (format!("c/{at:02}"), fields(at))));
        let faults = [ListenFault::Duplicate, ListenFault::Reorder].map(|what| Fault::listen(When::Always, what));
        sandbox.world.set_faults(Faults { seed, faults: faults.to_vec() });
        let mut stream = sandbox.listen().await;
        stream.add(all(1, "c")).await;
        let told = stream.snapshot().await.told;
        assert_eq!((told[0].as_str(), told[41].as_str(), told.len()), ("ADD [1]", "CURRENT [1]", 42));
        let mut changes = told[1..41].to_vec();
        orders.push(changes.clone());
        changes.sort_unstable();
        let twice: Vec<String> = (0..40).map(|at| format!("changed c/{:02} [1]", at / 2)).collect();
        assert_eq!(changes, twice);
    }
    assert!(!orders[0].is_sorted());
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
}

#[tokio::test]
async fn a_stream_is_cut_after_its_messages() {
    for end in [CutEnd::Stream, CutEnd::Connection] {
        let mut sandbox = Sandbox::start().await;
        sandbox.seed(&[("c/a", 1), ("c/b", 1)]);
        sandbox.world.add_fault(Fault::call(Method::Listen, When::Next(1), CallFault::Cut { after: 2, end }));
        let mut stream = sandbox.listen().await;
        stream.add(all(1, "c")).await;
        let mut arrived = 0;
        while stream.response().await.is_ok() {
            arrived += 1;
        }
        assert!(arrived <= 2 && (arrived == 2 || end == CutEnd::Connection), "{arrived} arrived");
        let mut stream = sandbox.listen().await;
        stream.add(all(1, "c")).await;
        assert_eq!(stream.snapshot().await.told.len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_stream_has_no_heartbeat() {
    let mut sandbox = Sandbox::in_memory().await;
    sandbox.seed(&[("c/a", 1)]);
    sandbox.world.add_fault(Fault::call(Method::Listen, When::Next(1), CallFault::Stall { after: 4 }));
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "changed c/a [1]", "CURRENT [1]"]);
    sandbox.commit(vec![put("c/a", 2)]).await.unwrap();
    assert!(stream.is_silent_for(Duration::from_secs(3_600)).await);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_too_slowly_is_sent_away() {
    let mut sandbox = Sandbox::in_memory().await;
    let kilobytes = || Value { value_type: Some(ValueType::BytesValue(vec![0; 20_000])) };
    let document = |at| (format!("c/{at}"), HashMap::from([("k".to_owned(), kilobytes())]));
    sandbox.database.seed((0..1_000).map(document));
    let slow = ListenFault::SlowConsumer { buffer: 4, patience: Duration::from_secs(1) };
    sandbox.world.add_fault(Fault::listen(When::Next(1), slow));
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    // The client looks away for longer than the server is patient.
    assert!(timeout(Duration::from_secs(10), std::future::pending::<()>()).await.is_err());
    let mut arrived = 0;
    let end = loop {
        match stream.response().await {
            Ok(_) => arrived += 1,
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::ResourceExhausted);
    assert!((1..1_000).contains(&arrived), "{arrived} arrived");
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    assert_eq!(stream.snapshot().await.told.len(), 1_002, "one that reads is served to the end");
}
