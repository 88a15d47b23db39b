//! Having an earlier version back is a proposal like any other: decided by an admin, conditional, and undoable.

use studio_brain::domain::capability::{BadInput, Request};
use studio_brain::domain::history::Version;
use studio_brain::domain::ids::ProposalId;
use studio_brain::domain::ledger::WriteState;
use studio_brain::domain::proposal::Choice;
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::gate::GateError;

use super::stage::{Stage, path, text};

async fn versions(stage: &Stage, document: &str) -> Vec<Version> {
    stage.store.versions(&path(document), None, 50).await.expect("reads")
}

async fn restore(stage: &Stage, document: &str, at: Timestamp) -> Result<ProposalId, GateError> {
    stage.propose_request(parsed(stage, document, &at.to_string()).expect("parses")).await
}

fn parsed(stage: &Stage, document: &str, at: &str) -> Result<Request, BadInput> {
    stage.request("document.restore", document, &[("at", at)])
}

#[track_caller]
fn denied(answer: Result<ProposalId, GateError>, expect: Reason) {
    let denied = answer.expect_err("is denied");
    assert!(matches!(denied, GateError::Denied(reason) if reason == expect), "{denied:?}");
}

#[tokio::test]
async fn an_earlier_version_comes_back_byte_for_byte_and_an_undo_takes_it_back_again() {
    let mut stage = Stage::open().await;
    let place = "reservations/r-2";
    let before = stage.mirrored(place).await.expect("is mirrored");
    stage.cloud.merge(place, [("status".to_owned(), text("WAITLISTED")), ("note".to_owned(), text("Moved."))].into());
    stage.mirror_shows_now().await;
    let changed = stage.mirrored(place).await.expect("is mirrored");
    let seen = versions(&stage, place).await;
    let id = restore(&stage, place, seen[1].began()).await.expect("may be proposed");
    let staff = stage.decide(&stage.dov, id, Choice::Approve).await.expect_err("is denied");
    assert!(matches!(staff, GateError::Denied(Reason::RoleMissing)), "an admin decides: {staff:?}");
    stage.decide(&stage.juno, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    let write = stage.write_of(id).await;
    assert!(matches!(write.state, WriteState::Observed { .. }), "{:?}", write.state);
    assert_eq!(stage.mirrored(place).await.expect("is mirrored").hash(), before.hash());
    assert_eq!(versions(&stage, place).await.len(), 3, "the version that was restored is a new one");

    let new = studio_brain::gate::NewUndo {
        undone: studio_brain::gate::Undone::Write(write.id),
        reason: "It was the wrong version.".to_owned(),
        request_key: None,
    };
    let undo = stage.gate.undo(&stage.ines, new, stage.now()).await.expect("may be undone").id;
    stage.decide(&stage.juno, undo, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    assert_eq!(stage.mirrored(place).await.expect("is mirrored").hash(), changed.hash());
    stage.close().await;
}

#[tokio::test]
async fn a_document_that_was_deleted_is_made_again_as_it_was() {
    let mut stage = Stage::open().await;
    let place = "reservations/r-1";
    let before = stage.mirrored(place).await.expect("is mirrored");
    stage.cloud.delete(place);
    stage.mirror_shows_now().await;
    let seen = versions(&stage, place).await;
    denied(restore(&stage, place, seen[0].began()).await, Reason::VersionUnknown);
    let id = restore(&stage, place, seen[1].began()).await.expect("may be proposed");
    stage.decide(&stage.juno, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    assert_eq!(stage.mirrored(place).await.expect("is back").hash(), before.hash());
    stage.close().await;
}

#[tokio::test]
async fn what_is_not_known_not_allowed_or_not_ours_to_write_does_not_come_back() {
    let stage = Stage::open().await;
    let place = "reservations/r-2";
    stage.cloud.merge(place, [("status".to_owned(), text("CANCELLED"))].into());
    stage.mirror_shows_now().await;
    let seen = versions(&stage, place).await;
    denied(restore(&stage, place, seen[1].began()).await, Reason::TransitionNotAllowed);
    denied(restore(&stage, place, seen[0].began()).await, Reason::AlreadySo);
    denied(restore(&stage, place, Timestamp::from_micros(1)).await, Reason::VersionUnknown);
    denied(restore(&stage, "reservations/never", stage.now()).await, Reason::VersionUnknown);
    for elsewhere in ["batches/b-1", "reservations/r-2/notes/n-1", "studioBrainReceipts/x"] {
        let bad = parsed(&stage, elsewhere, &stage.now().to_string()).expect_err("is refused");
        assert_eq!(bad.field, "document", "{elsewhere}");
    }
    assert_eq!(parsed(&stage, place, "yesterday").expect_err("is refused").field, "at");
    stage.close().await;
}
