//! Listen: snapshots, resuming, silence.

use std::time::Duration;

use gcloud_sdk::google::firestore::v1::listen_request::TargetChange as Change;
use gcloud_sdk::google::firestore::v1::listen_response::ResponseType;
use gcloud_sdk::google::firestore::v1::structured_query::{CollectionSelector, field_filter};
use gcloud_sdk::google::firestore::v1::target::{DocumentsTarget, ResumeType, TargetType};
use gcloud_sdk::google::firestore::v1::{StructuredQuery, Target};
use studio_brain::sandbox::firestore::{Options, ResumedRemovals};
use tonic::Code;

use super::harness::{DATABASE, Sandbox, collection, fields, integer, name, number, put, target, wherever, words};

#[tokio::test]
async fn two_targets_share_every_snapshot() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("orders/o-1", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "changed batches/b-1 [1]", "CURRENT [1]"]);
    stream.add(target(2, collection("orders"), None)).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [2]", "changed orders/o-1 [2]", "CURRENT [2]"]);

    let committed = sandbox.commit(vec![put("orders/o-1", 2), put("batches/b-2", 2)]).await.unwrap();
    let snapshot = stream.snapshot().await;
    assert_eq!(snapshot.told, ["changed batches/b-2 [1]", "changed orders/o-1 [2]"]);
    let (read, commit) = (snapshot.boundary.read_time.unwrap(), committed.commit_time.unwrap());
    assert!((read.seconds, read.nanos) >= (commit.seconds, commit.nanos));
}

#[tokio::test]
async fn what_leaves_a_target_is_removed_and_what_is_deleted_is_deleted() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1), ("batches/b-3", 1)]);
    let mut stream = sandbox.listen().await;
    let ones = wherever(collection("batches"), "n", field_filter::Operator::Equal, integer(1));
    stream.add(target(1, collection("batches"), None)).await;
    stream.snapshot().await;
    stream.add(target(2, ones.clone(), None)).await;
    stream.snapshot().await;
    sandbox.database.put("batches/b-1", fields(2));
    assert_eq!(stream.snapshot().await.told, ["changed batches/b-1 [1] gone [2]"]);
    sandbox.database.delete("batches/b-2");
    assert_eq!(stream.snapshot().await.told, ["deleted batches/b-2 [1, 2]"]);
    stream.request(Change::RemoveTarget(1)).await;
    sandbox.database.put("batches/b-3", fields(2));
    let told = stream.snapshot().await.told;
    assert!(
        told == ["REMOVE [1]", "removed batches/b-3 [2]"] || told == ["changed batches/b-3 [1] gone [2]"],
        "{told:?}"
    );
}

#[tokio::test]
async fn resuming_tells_only_what_changed_since_and_costs_only_that() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1), ("batches/b-3", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    let token = stream.snapshot().await.boundary.resume_token;
    assert_eq!(sandbox.database.reads(), 3);
    stream.close().await;

    sandbox.database.reset_reads();
    let resume = || Some(ResumeType::ResumeToken(token.clone()));
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), resume())).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "filter 1 counts 3", "CURRENT [1]"]);
    assert_eq!(sandbox.database.reads(), 0, "unchanged data is not read again");
    stream.close().await;

    sandbox.database.put("batches/b-1", fields(2));
    sandbox.database.delete("batches/b-2");
    let mut stream = sandbox.listen().await;
    let counting = Target { expected_count: Some(3), ..target(1, collection("batches"), resume()) };
    stream.add(counting).await;
    assert_eq!(
        stream.snapshot().await.told,
        ["ADD [1]", "changed batches/b-1 [1]", "filter 1 counts 2 with names", "CURRENT [1]"]
    );
    assert_eq!(sandbox.database.reads(), 1, "deletions are free");
}

#[tokio::test]
async fn a_resumed_target_can_hear_of_removals_one_by_one() {
    let options = Options { resumed_removals: ResumedRemovals::Told, ..Options::default() };
    let mut sandbox = Sandbox::with(options).await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1), ("batches/b-3", 1)]);
    let ones = wherever(collection("batches"), "n", field_filter::Operator::Equal, integer(1));
    let mut stream = sandbox.listen().await;
    stream.add(target(1, ones.clone(), None)).await;
    let token = stream.snapshot().await.boundary.resume_token;
    stream.close().await;
    sandbox.database.put("batches/b-1", fields(2));
    sandbox.database.delete("batches/b-2");
    let mut stream = sandbox.listen().await;
    stream.add(target(1, ones, Some(ResumeType::ResumeToken(token)))).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told[1..4], ["removed batches/b-1 [1]", "deleted batches/b-2 [1]", "filter 1 counts 1"]);
}

#[tokio::test]
async fn the_filter_counts_what_is_there_even_if_nobody_heard_of_it() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    let token = stream.snapshot().await.boundary.resume_token;
    sandbox.database.delete_silently("batches/b-2");
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), Some(ResumeType::ResumeToken(token)))).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "filter 1 counts 1", "CURRENT [1]"]);
}

#[tokio::test]
async fn a_listen_can_start_at_the_read_time_of_a_backfill() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let mut answers =
        sandbox.client.run_query(super::harness::run_query(collection("batches"))).await.unwrap().into_inner();
    let read_time = answers.message().await.unwrap().unwrap().read_time.unwrap();
    sandbox.database.put("batches/b-2", fields(1));
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), Some(ResumeType::ReadTime(read_time)))).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["ADD [1]", "changed batches/b-2 [1]", "filter 1 counts 2", "CURRENT [1]"]);
}

#[tokio::test]
async fn a_token_that_is_too_old_resets_the_target() {
    let options = Options { resume_window: Duration::ZERO, ..Options::default() };
    let mut sandbox = Sandbox::with(options).await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    let token = stream.snapshot().await.boundary.resume_token;
    sandbox.database.delete("batches/b-1");
    sandbox.database.put("batches/b-2", fields(1));
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), Some(ResumeType::ResumeToken(token)))).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "RESET [1]", "changed batches/b-2 [1]", "CURRENT [1]"]);
}

#[tokio::test]
async fn nobody_hears_of_a_silent_change() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    let token = stream.snapshot().await.boundary.resume_token;
    sandbox.database.merge_silently("batches/b-1", fields(2));
    sandbox.database.delete_silently("batches/b-2");
    sandbox.database.put("batches/b-3", fields(1));
    assert_eq!(stream.snapshot().await.told, ["changed batches/b-3 [1]"]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), Some(ResumeType::ResumeToken(token)))).await;
    assert_eq!(stream.snapshot().await.told[1], "changed batches/b-3 [1]");
    assert_eq!(sandbox.query(collection("batches")).await.unwrap(), ["batches/b-1", "batches/b-3"]);
    assert_eq!(sandbox.database.get("batches/b-1").unwrap().fields, fields(2));
}

#[tokio::test]
async fn a_write_that_changes_nothing_is_not_told() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1)]);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    stream.snapshot().await;
    sandbox.commit(vec![put("batches/b-1", 1)]).await.unwrap();
    sandbox.commit(vec![put("batches/b-2", 1)]).await.unwrap();
    assert_eq!(stream.snapshot().await.told, ["changed batches/b-2 [1]"]);
}

#[tokio::test]
async fn once_ends_the_target_and_the_server_may_choose_ids() {
    let mut sandbox = Sandbox::start().await;
    let mut stream = sandbox.listen().await;
    stream.add(Target { once: true, ..target(0, collection("batches"), None) }).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "CURRENT [1]"]);
    stream.add(target(5, collection("batches"), None)).await;
    stream.add(target(0, collection("orders"), None)).await;
    assert_eq!(stream.snapshot().await.told, ["REMOVE [1]", "REMOVE [5] because 3", "ADD [1]", "CURRENT [1]"]);
}

#[tokio::test]
async fn a_target_that_cannot_be_served_is_removed_with_its_cause() {
    let mut sandbox = Sandbox::start().await;
    let mut stream = sandbox.listen().await;
    let garbage = Some(ResumeType::ResumeToken(b"garbage".to_vec()));
    let mut everything = collection("");
    everything.from = vec![CollectionSelector { collection_id: String::new(), all_descendants: true }];
    for unserved in [
        target(7, collection("batches"), garbage),
        target(7, everything, None),
        Target { target_id: 7, ..Target::default() },
    ] {
        stream.add(unserved).await;
        let response = stream.response().await.unwrap().unwrap();
        assert_eq!(words(response.response_type.unwrap()), "REMOVE [7] because 3");
    }
    stream.request(Change::RemoveTarget(9)).await;
    assert_eq!(stream.response().await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn streams_break_and_fall_silent_on_demand() {
    let options = Options { heartbeat: Duration::from_millis(5), ..Options::default() };
    let mut sandbox = Sandbox::with(options).await;
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    stream.snapshot().await;
    let beat = stream.snapshot().await;
    assert!(beat.told.is_empty() && !beat.boundary.resume_token.is_empty(), "a heartbeat is a boundary of its own");

    sandbox.world.hold_streams(true);
    sandbox.database.put("batches/b-1", fields(1));
    sandbox.world.break_streams();
    let end = loop {
        if let Err(status) = stream.response().await {
            break status;
        }
    };
    assert_eq!(end.code(), Code::Unavailable);
    sandbox.world.hold_streams(false);
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "changed batches/b-1 [1]", "CURRENT [1]"]);
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams_and_its_world_goes_on() {
    let mut sandbox = Sandbox::start().await;
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    stream.snapshot().await;
    let world = sandbox.world.clone();
    sandbox.stop().await;
    assert_eq!(stream.response().await.unwrap_err().code(), Code::Unavailable);

    world.database(DATABASE).put("batches/b-1", fields(1));
    let mut sandbox = Sandbox::serve(world).await;
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("batches"), None)).await;
    assert_eq!(stream.snapshot().await.told, ["ADD [1]", "changed batches/b-1 [1]", "CURRENT [1]"]);
}

#[tokio::test]
async fn named_documents_are_told_whether_they_are_there_or_not() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-3", 1)]);
    let documents = vec![name("batches/b-1"), name("batches/b-2")];
    let target_type = Some(TargetType::Documents(DocumentsTarget { documents }));
    let mut stream = sandbox.listen().await;
    stream.add(Target { target_id: 3, target_type, ..Target::default() }).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["ADD [3]", "changed batches/b-1 [3]", "deleted batches/b-2 [3]", "CURRENT [3]"]);
    sandbox.database.put("batches/b-3", fields(2));
    sandbox.database.put("batches/b-2", fields(2));
    assert_eq!(stream.snapshot().await.told, ["changed batches/b-2 [3]"]);
}

#[tokio::test]
async fn a_limited_target_lets_the_next_document_in() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("batches/b-1", 1), ("batches/b-2", 1), ("batches/b-3", 1)]);
    let two = StructuredQuery { limit: Some(2), ..collection("batches") };
    let mut stream = sandbox.listen().await;
    stream.add(target(1, two, None)).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["ADD [1]", "changed batches/b-1 [1]", "changed batches/b-2 [1]", "CURRENT [1]"]);
    sandbox.database.delete("batches/b-1");
    assert_eq!(stream.snapshot().await.told, ["deleted batches/b-1 [1]", "changed batches/b-3 [1]"]);
    sandbox.database.put("batches/b-0", fields(1));
    assert_eq!(stream.snapshot().await.told, ["changed batches/b-0 [1]", "removed batches/b-3 [1]"]);
}

#[tokio::test]
async fn no_snapshot_holds_half_a_commit() {
    const COMMITS: i64 = 200;
    let mut sandbox = Sandbox::start().await;
    let mut stream = sandbox.listen().await;
    for (id, half) in [(1, "left"), (2, "right")] {
        stream.add(target(id, collection(half), None)).await;
        stream.snapshot().await;
    }
    let write = async {
        for n in 1..=COMMITS {
            sandbox.commit(vec![put("left/one", n), put("right/one", n)]).await.unwrap();
        }
    };
    let watch = async {
        let mut times = Vec::new();
        let mut halves = [0, 0];
        while halves != [COMMITS, COMMITS] {
            for response in stream.until_boundary().await {
                match response {
                    ResponseType::DocumentChange(change) => {
                        let half = usize::from(change.target_ids == [2]);
                        halves[half] = number(&change.document.unwrap().fields["n"]);
                    }
                    ResponseType::TargetChange(boundary) => times.push(boundary.read_time.unwrap()),
                    other @ (ResponseType::DocumentDelete(_)
                    | ResponseType::DocumentRemove(_)
                    | ResponseType::Filter(_)) => unreachable!("{other:?}"),
                }
            }
            assert_eq!(halves[0], halves[1]);
        }
        assert!(times.is_sorted_by_key(|time| (time.seconds, time.nanos)));
    };
    tokio::join!(write, watch);
}
