use studio_brain::domain::actor::Actor;
use studio_brain::domain::ids::{ProposalId, WriteId};
use studio_brain::domain::ledger::WriteState;
use studio_brain::domain::proposal::Choice;
use studio_brain::domain::reason::Reason;
use studio_brain::domain::value::Value;
use studio_brain::domain::write::Write;
use studio_brain::gate::{Author, GateError, NewProposal, NewUndo, Proposed, Undone};

use super::stage::{Stage, text};
use super::stopped::clerk;

async fn undo(stage: &Stage, write: WriteId) -> Result<Proposed, GateError> {
    undo_as(stage, &stage.ines, write).await
}

async fn undo_as(stage: &Stage, who: &Actor, write: WriteId) -> Result<Proposed, GateError> {
    let reason = "It was the wrong one.".to_owned();
    let new = NewUndo { undone: Undone::Write(write), reason, request_key: None };
    stage.gate.undo(who, new, stage.now()).await
}

/// The write of a confirmed reservation.
async fn confirmed(stage: &mut Stage) -> WriteId {
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    stage.write_of(id).await.id
}

#[tokio::test]
async fn an_undo_leaves_alone_what_others_wrote_elsewhere_in_the_document() {
    let mut stage = Stage::open().await;
    let write = confirmed(&mut stage).await;
    stage.cloud.merge("reservations/r-1", [("staffNotes".to_owned(), text("Called."))].into());
    stage.mirror_shows_now().await;
    let id = undo(&stage, write).await.expect("merges").id;
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    let after = stage.mirrored("reservations/r-1").await.expect("is mirrored");
    assert_eq!(after.fields.get("status"), Some(&Value::text("REQUESTED")), "ours came back");
    assert_eq!(after.fields.get("staffNotes"), Some(&Value::text("Called.")), "theirs stayed");
    stage.close().await;
}

#[tokio::test]
async fn a_conflict_names_the_field_the_values_and_who() {
    let mut stage = Stage::open().await;
    let write = confirmed(&mut stage).await;
    let theirs = [("status".to_owned(), text("CANCELLED")), ("updatedByUid".to_owned(), text("uid_member_theo"))];
    stage.cloud.merge("reservations/r-1", theirs.into());
    stage.mirror_shows_now().await;
    let refused = undo(&stage, write).await.expect_err("is refused");
    let GateError::Overwritten(overwritten) = refused else { panic!("{refused:?}") };
    assert_eq!(overwritten[0].by, Author::Named("uid_member_theo".to_owned()));
    assert_eq!(overwritten[0].document.as_str(), "reservations/r-1");
    stage.close().await;
}

#[tokio::test]
async fn a_later_write_of_ours_is_named_as_what_stands_in_the_way() {
    let mut stage = Stage::open().await;
    let first = confirmed(&mut stage).await;
    let second = stage.approved("r-1", "CANCELLED").await;
    stage.push_and_observe().await;
    let second = stage.write_of(second).await.id;
    let refused = undo(&stage, first).await.expect_err("is refused");
    let GateError::Overwritten(overwritten) = refused else { panic!("{refused:?}") };
    assert_eq!(overwritten[0].by, Author::Write(second));
    stage.close().await;
}

#[tokio::test]
async fn a_field_that_was_removed_comes_back_and_one_that_was_added_goes() {
    let mut stage = Stage::open().await;
    stage.cloud.put("studioBrainDrills/d-1", [("kept".to_owned(), text("as it is"))].into());
    stage.mirror_shows_now().await;
    let before = stage.mirrored("studioBrainDrills/d-1").await.expect("is mirrored");
    let drill = Actor::system(stage.store.studio(), "drill");
    let mark = stage.request("drill.document.set", "d-1", &[("note", "A rollback drill was here.")]).expect("parses");
    let id = stage.propose_as(&drill, mark).await.expect("may be proposed");
    stage.decide(&stage.juno, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    let write = stage.write_of(id).await;
    assert!(matches!(write.state, WriteState::Observed { .. }), "{:?}", write.state);
    let id = undo_as(&stage, &drill, write.id).await.expect("may be proposed").id;
    let Write::Update { changes, .. } = &stage.proposal(id).await.changes.first().write.clone() else {
        panic!("an update")
    };
    assert!(changes.values().all(Option::is_none), "what was added is removed: {changes:?}");
    stage.decide(&stage.juno, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    assert_eq!(stage.mirrored("studioBrainDrills/d-1").await.expect("is mirrored").hash(), before.hash());
    stage.close().await;
}

#[tokio::test]
async fn what_people_took_back_no_program_proposes_again() {
    let mut stage = Stage::open().await;
    let (agent, claim) = clerk(&stage).await;
    let write = confirmed(&mut stage).await;
    let id: ProposalId = undo(&stage, write).await.expect("may be proposed").id;
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    let request = || stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]).expect("parses");
    let new = NewProposal {
        requests: request().into(),
        reason: "The owner asked the clerk to.".to_owned(),
        finding: None,
        request_key: None,
        agent: Some(claim),
    };
    let denied = stage.gate.propose(&agent, new, stage.now()).await.expect_err("is denied");
    assert!(matches!(denied, GateError::Denied(Reason::RolledBack)), "{denied:?}");
    stage.propose_request(request()).await.expect("a person may change their mind");
    stage.close().await;
}
