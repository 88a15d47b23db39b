//! Taking back thousands of writes on paper, in the time that an operator waits.

use std::collections::{BTreeMap, HashMap};

use gcloud_sdk::google::firestore::v1::Value as Sent;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use serde_json::{Value, json};
use uuid::Uuid;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::capability::CapabilityId;
use studio_brain::domain::change::{Change, Changes};
use studio_brain::domain::ids::{DocPath, ProposalId, StudioId};
use studio_brain::domain::ledger::{Landing, WriteRecord, WriteState};
use studio_brain::domain::proposal::{GivenReason, Proposal, ProposalState};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Fields, Value as Field};
use studio_brain::domain::write::Write;
use studio_brain::store::Store;

use super::service::Stage;

/// Without optimisation a fifth of them has to do.
const WRITES: usize = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

/// The most that they may take.
const AT_MOST_MS: u64 = 10_000;

fn path(number: usize) -> DocPath {
    DocPath::parse(format!("batches/w-{number:05}")).expect("a legal path")
}

/// The proposal and the landed write that left the document as it is.
fn written(studio: &StudioId, number: usize, update_time: Timestamp) -> (Proposal, WriteRecord) {
    let path = path(number);
    let changes = BTreeMap::from([(FieldPath::top("status"), Some(Field::text("SHELVED")))]);
    let write =
        Write::Update { path: path.clone(), changes, base: update_time.minus(std::time::Duration::from_secs(9)) };
    let id = ProposalId::from_uuid(Uuid::now_v7());
    let proposal = Proposal {
        id,
        capability: CapabilityId::parse("batch.status.set").expect("legal"),
        changes: Changes::one(Change { subject: path, write: write.clone(), undoes: None }),
        summary: format!("Write {number}"),
        reason: GivenReason::parse("It was shelved on Tuesday.").expect("legal"),
        proposer: Actor::system(studio, "drill").person(),
        behalf: None,
        created: update_time,
        expires: update_time,
        finding: None,
        state: ProposalState::Sent,
        state_since: update_time,
        round: 1,
        held: None,
    };
    let landing = Landing { at: update_time, update_time };
    let before = Fields::from([("status".to_owned(), Field::text("FIRED"))]);
    let mut record = WriteRecord::intended(id, (1, write), proposal.content_hash(), Some(before), update_time);
    record.state = WriteState::Observed { landing, at: update_time };
    (proposal, record)
}

#[tokio::test]
async fn thousands_of_writes_are_rehearsed_while_an_operator_waits() {
    let stage = Stage::open().await;
    let status = Sent { value_type: Some(ValueType::StringValue("SHELVED".to_owned())) };
    let fields = HashMap::from([("status".to_owned(), status)]);
    stage.cloud.seed((0..WRITES).map(|number| (path(number).to_string(), fields.clone())));
    let seeded = stage.cloud.get(path(0).as_str()).and_then(|document| document.update_time).expect("is there");
    let update_time = Timestamp::from_parts(seeded.seconds, seeded.nanos);
    let studio = StudioId::parse("monsoon-west").expect("legal");
    let store = Store::open(&stage.data(), &studio, update_time).await.expect("opens");
    let mut tx = store.begin().await.expect("begins");
    for number in 0..WRITES {
        let (proposal, record) = written(&studio, number, update_time);
        tx.proposal_insert(&proposal, None).await.expect("stores");
        tx.writes_intend(&[&record]).await.expect("stores");
    }
    tx.commit().await.expect("commits");
    store.close().await;

    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    stage.cloud.delete(path(7).as_str());
    stage.wait_for(&format!("/api/v1/documents/{}", path(7)), |status, _| status == 404).await;
    let (status, held) = stage.ask("POST", "/api/v1/drills/rehearse", &json!({})).await;
    assert_eq!(status, 200, "{held}");
    let took = held["took_ms"].as_u64().expect("a time");
    println!("{WRITES} writes rehearsed in {took} ms");
    assert!(took <= AT_MOST_MS, "{took} ms");
    let counts =
        ["standing", "clean", "conflicting", "impossible", "unknown", "left_off"].map(|name| held[name].as_u64());
    let all = WRITES as u64;
    assert_eq!(counts, [all, all - 1, 1, 0, 0, 0].map(Some));
    let (first, listed): (&Value, _) = (&held["writes"][0], held["writes"].as_array().map(Vec::len));
    assert_eq!((&first["document"], listed), (&path(7).as_str().into(), Some(WRITES)), "what is not clean comes first");
    assert!(service.stop().await.success());
}
