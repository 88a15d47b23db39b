//! The fault injector, seen from a client that reads and writes.

use std::num::NonZeroU64;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::{CreateDocumentRequest, Document, GetDocumentRequest};
use studio_brain::sandbox::firestore::{CallFault, Chance, CutEnd, Fault, Faults, Latency, Method, When};
use tokio::time::{Instant, timeout};
use tonic::{Code, Status};

use super::harness::{DATABASE, Sandbox, collection, fields, name, put, relative, run_query};

fn unavailable() -> CallFault {
    CallFault::Fail { code: Code::Unavailable, message: "made up".to_owned() }
}

async fn get(sandbox: &mut Sandbox) -> Result<(), Status> {
    let request = GetDocumentRequest { name: name("c/a"), ..GetDocumentRequest::default() };
    sandbox.client.get_document(request).await.map(drop)
}

/// On which of `calls` reads the client is refused.
async fn refusals(sandbox: &mut Sandbox, calls: usize) -> Vec<usize> {
    let mut refused = Vec::new();
    for call in 1..=calls {
        if let Err(status) = get(sandbox).await {
            assert_eq!(status.code(), Code::Unavailable);
            refused.push(call);
        }
    }
    refused
}

#[tokio::test]
async fn calls_fail_as_often_as_the_plan_says() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1)]);
    sandbox.world.add_fault(Fault::call(Method::Commit, When::Always, unavailable()));
    assert!(refusals(&mut sandbox, 3).await.is_empty(), "another method's fault is not ours");
    let every = When::Every(NonZeroU64::new(4).unwrap());
    sandbox.world.add_fault(Fault::call(Method::GetDocument, every, unavailable()));
    assert_eq!(refusals(&mut sandbox, 9).await, [4, 8]);
    sandbox.world.set_faults(Faults::default());
    assert!(refusals(&mut sandbox, 9).await.is_empty());
    assert!(sandbox.commit(vec![put("c/a", 2)]).await.is_ok(), "a new plan takes the place of the old one");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_faults() {
    let mut seen = Vec::new();
    for seed in [3, 3, 4] {
        let mut sandbox = Sandbox::start().await;
        sandbox.seed(&[("c/a", 1)]);
        let chance = When::Chance(Chance::parse(0.4).unwrap());
        let faults = vec![Fault::Call { method: None, when: chance, what: unavailable() }];
        sandbox.world.set_faults(Faults { seed, faults });
        seen.push(refusals(&mut sandbox, 40).await);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
    assert!((5..30).contains(&seen[0].len()), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn latency_is_fixed_or_drawn_from_the_seed() {
    let mut sandbox = Sandbox::in_memory().await;
    sandbox.seed(&[("c/a", 1)]);
    let delay = |latency| Fault::call(Method::GetDocument, When::Always, CallFault::Delay(latency));
    sandbox.world.add_fault(delay(Latency::fixed(Duration::from_millis(250))));
    let began = Instant::now();
    get(&mut sandbox).await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 250);

    let (least, most) = (Duration::from_millis(5), Duration::from_millis(500));
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let faults = vec![delay(Latency::between(least, most).unwrap())];
        sandbox.world.set_faults(Faults { seed, faults });
        let mut waits = Vec::new();
        for _ in 0..8 {
            let began = Instant::now();
            get(&mut sandbox).await.unwrap();
            assert!((5..=501).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
            waits.push(began.elapsed());
        }
        runs.push(waits);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_reply_is_lost_and_the_work_is_done() {
    let mut sandbox = Sandbox::start().await;
    sandbox.world.add_fault(Fault::call(Method::CreateDocument, When::Next(1), CallFault::LoseReply));
    let create = || CreateDocumentRequest {
        parent: format!("{DATABASE}/documents"),
        collection_id: "c".to_owned(),
        document_id: "a".to_owned(),
        document: Some(Document { fields: fields(1), ..Document::default() }),
        ..CreateDocumentRequest::default()
    };
    assert_eq!(sandbox.client.create_document(create()).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(sandbox.database.writes_to("c/a"), 1);
    assert_eq!(sandbox.client.create_document(create()).await.unwrap_err().code(), Code::AlreadyExists);
}

/// What arrives of a query, and how it ends.
async fn partial(sandbox: &mut Sandbox) -> (Vec<String>, Option<Status>) {
    let mut answers = match sandbox.client.run_query(run_query(collection("c"))).await {
        Ok(answers) => answers.into_inner(),
        Err(status) => return (Vec::new(), Some(status)),
    };
    let mut arrived = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => arrived.extend(answer.document.map(|document| relative(&document.name))),
            Ok(None) => return (arrived, None),
            Err(status) => return (arrived, Some(status)),
        }
    }
}

#[tokio::test]
async fn a_query_is_cut_in_the_middle() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 1), ("c/c", 1)]);
    let cut = |end| Fault::call(Method::RunQuery, When::Next(1), CallFault::Cut { after: 2, end });
    sandbox.world.add_fault(cut(CutEnd::Stream));
    let (arrived, end) = partial(&mut sandbox).await;
    assert_eq!((arrived.len(), end.unwrap().code()), (2, Code::Unavailable));
    sandbox.world.add_fault(cut(CutEnd::Connection));
    let (arrived, end) = partial(&mut sandbox).await;
    assert!(arrived.len() <= 2 && end.is_some(), "{arrived:?} {end:?}");
    let (arrived, end) = partial(&mut sandbox).await;
    assert!(arrived.len() == 3 && end.is_none(), "a new connection is whole: {end:?}");
}

#[tokio::test]
async fn a_cut_connection_takes_every_call_on_it_along() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(super::harness::all(1, "c")).await;
    stream.snapshot().await;
    let cut = CallFault::Cut { after: 0, end: CutEnd::Connection };
    sandbox.world.add_fault(Fault::call(Method::Commit, When::Next(1), cut));
    assert!(sandbox.commit(vec![put("c/b", 1)]).await.is_err());
    assert_eq!(sandbox.database.document_count(), 1, "a call that is cut did nothing");
    assert!(stream.response().await.is_err());
    sandbox.commit(vec![put("c/b", 1)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stalled_call_says_nothing_and_stays_open() {
    let mut sandbox = Sandbox::in_memory().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 1)]);
    for (method, after) in [(Method::Commit, 0), (Method::RunQuery, 1)] {
        sandbox.world.add_fault(Fault::call(method, When::Next(1), CallFault::Stall { after }));
    }
    let hour = Duration::from_secs(3_600);
    assert!(timeout(hour, sandbox.commit(vec![put("c/c", 1)])).await.is_err());
    assert_eq!(sandbox.database.document_count(), 2);
    let mut answers = sandbox.client.run_query(run_query(collection("c"))).await.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_some());
    assert!(timeout(hour, answers.message()).await.is_err());
    drop(answers);
    assert_eq!(sandbox.query(collection("c")).await.unwrap().len(), 2, "one stalled, the next does not");
}
