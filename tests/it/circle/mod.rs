//! See → keep → compare → propose → decide → push → see again: the whole circle, against a real Firestore protocol.

mod stage;

/// Members' and agents' requests.
mod requests;

/// What must not reach Firestore.
mod stopped;

/// Having an earlier version back.
mod restore;

/// What it costs.
mod reads;

/// Killed anywhere.
mod killed;

/// Several documents in one proposal.
mod several;

/// The ledger, made again.
mod rebuilt;

/// Taking writes back after others have written.
mod undos;

use studio_brain::domain::audit::Target;
use studio_brain::domain::finding::FindingKind;
use studio_brain::domain::ledger::WriteState;
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::value::Value;
use studio_brain::gate::{GateError, NewProposal, NewUndo, Writes};
use studio_brain::jobs::drive::Job as _;
use studio_brain::store::audit::ChainState;
use studio_brain::store::findings::CheckOutcome;

use stage::{Stage, path, text, whole};

#[tokio::test]
async fn an_approved_fix_lands_is_observed_and_can_be_undone_byte_for_byte() {
    let mut stage = Stage::open().await;
    let before = stage.mirrored("reservations/r-1").await.expect("is mirrored");
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;

    let write = stage.write_of(id).await;
    assert!(matches!(write.state, WriteState::Observed { .. }), "{:?}", write.state);
    let after = stage.mirrored("reservations/r-1").await.expect("is mirrored");
    assert_eq!(after.fields.get("status"), Some(&Value::text("CONFIRMED")));
    let receipt = stage.cloud.get(&format!("studioBrainReceipts/{}", write.id)).expect("a receipt");
    assert!(receipt.fields.contains_key("before"), "the receipt holds the before-image");

    let undo = stage.approved_undo(write.id).await;
    stage.push_and_observe().await;
    assert!(matches!(stage.write_of(undo).await.state, WriteState::Observed { .. }));
    let restored = stage.mirrored("reservations/r-1").await.expect("is mirrored");
    assert_eq!(restored.hash(), before.hash(), "byte for byte as it was");
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 3, "the seed, the write and its undo");

    let audited = stage.audited(Target::Write(write.id)).await;
    assert_eq!(audited, [("write.intended", "OK"), ("write.landed", "OK"), ("write.observed", "OK")]);
    let chain = stage.store.audit_chain().await.expect("walks");
    assert!(matches!(chain, ChainState::Holds { entries, .. } if entries >= 10), "{chain:?}");
    stage.close().await;
}

#[tokio::test]
async fn a_note_is_created_with_its_receipt_and_its_undo_removes_it() {
    let mut stage = Stage::open().await;
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases, keep apart.")]);
    let id = stage.propose_request(note.expect("parses")).await.expect("may be proposed");
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    let write = stage.write_of(id).await;
    let place = write.write.path().to_string();
    assert!(stage.cloud.get(&place).is_some());
    stage.approved_undo(write.id).await;
    stage.push_and_observe().await;
    assert!(stage.cloud.get(&place).is_none());
    assert!(stage.mirrored(&place).await.is_none());
    stage.close().await;
}

#[tokio::test]
async fn nobody_approves_their_own_proposal_and_the_denial_is_audited() {
    let mut stage = Stage::open().await;
    let id = stage.propose("r-1", "CONFIRMED").await.expect("may be proposed");
    let denied = stage.decide(&stage.ines, id, Choice::Approve).await.expect_err("is denied");
    assert!(matches!(denied, GateError::Denied(Reason::SelfApproval)), "{denied:?}");
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Waiting);
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 1, "only the seed");
    let audited = stage.audited(Target::Proposal(id)).await;
    assert_eq!(audited, [("proposal.created", "OK"), ("proposal.approved", "SELF_APPROVAL")]);
    stage.close().await;
}

#[tokio::test]
async fn an_approval_is_spent_once_and_covers_only_what_was_seen() {
    let mut stage = Stage::open().await;
    let id = stage.propose("r-1", "CONFIRMED").await.expect("may be proposed");
    let other = stage.propose("r-2", "WAITLISTED").await.expect("may be proposed");
    let decision = studio_brain::gate::Decision {
        proposal: id,
        choice: Choice::Approve,
        code: None,
        reason: "Seen and agreed with her.".to_owned(),
        content_hash: stage.proposal(other).await.content_hash(),
    };
    let denied = stage.gate.decide(&stage.dov, decision, stage.now()).await.expect_err("is denied");
    assert!(matches!(denied, GateError::Denied(Reason::ContentChanged)), "{denied:?}");
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    for _ in 0..3 {
        stage.push_and_observe().await;
    }
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 2, "the seed and one write");
    stage.close().await;
}

#[tokio::test]
async fn a_document_that_moved_since_is_left_alone() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.cloud.merge("reservations/r-1", [("staffNotes".to_owned(), text("Called."))].into());
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Stale);
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 2, "the seed and the colleague's change");
    let audited = stage.audited(Target::Proposal(id)).await;
    assert_eq!(audited.last(), Some(&("push.denied", "STALE_BASE")));
    stage.close().await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_the_write_exists_once() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.world.lose_next_commit_reply();
    stage.push_and_observe().await;
    let write = stage.write_of(id).await;
    assert!(matches!(write.state, WriteState::Observed { .. }), "{:?}", write.state);
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 2, "the seed and one write");
    let audited = stage.audited(Target::Write(write.id)).await;
    let expected = [
        ("write.intended", "OK"),
        ("write.unknown", "ANSWER_LOST"),
        ("write.landed", "RECEIPT_FOUND"),
        ("write.observed", "OK"),
    ];
    assert_eq!(audited, expected);
    stage.close().await;
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_sent_again_with_the_same_key() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.world.fail_next("Commit", tonic::Status::unavailable("the line broke"));
    stage.push.pass().await.expect("passes");
    assert!(matches!(stage.write_of(id).await.state, WriteState::Unknown { .. }));
    stage.push_and_observe().await;
    assert!(matches!(stage.write_of(id).await.state, WriteState::Observed { .. }));
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 2, "the seed and one write");
    stage.close().await;
}

#[tokio::test]
async fn what_firestore_refuses_is_refused_for_good_and_says_why() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.world.fail_next("Commit", tonic::Status::permission_denied("rules"));
    stage.push_and_observe().await;
    let write = stage.write_of(id).await;
    assert!(matches!(write.state, WriteState::Refused { reason: Reason::RefusedByServer, .. }), "{:?}", write.state);
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 1, "only the seed");
    stage.close().await;
}

#[tokio::test]
async fn nothing_is_sent_while_writes_are_off() {
    let mut stage = Stage::with(Writes::Off).await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Approved, "it waits");
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 1, "only the seed");
    stage.close().await;
}

#[tokio::test]
async fn an_approved_write_waits_out_its_delay_and_can_be_stopped_by_anyone() {
    let mut stage = Stage::open().await;
    stage.cloud.merge("batches/b-1", [("state".to_owned(), text("READY_FOR_PICKUP"))].into());
    stage.mirror_shows_now().await;
    let close = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]).expect("parses");
    let id = stage.propose_request(close).await.expect("may be proposed");
    let one = stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    assert_eq!(one, ProposalState::Waiting, "it needs two");
    let two = stage.decide(&stage.juno, id, Choice::Approve).await.expect("may be approved");
    assert_eq!(two, ProposalState::Approved);
    for _ in 0..3 {
        stage.push.pass().await.expect("passes");
    }
    let held = stage.proposal(id).await;
    assert_eq!((held.state, held.held), (ProposalState::Approved, Some(Reason::DelayRunning)));
    stage.gate.stop(&stage.ines, id, "He has not come after all.", stage.now()).await.expect("may be stopped");
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Rejected);
    assert_eq!(stage.cloud.writes_to("batches/b-1"), 2, "the seed and the colleague's change");
    let audited = stage.audited(Target::Proposal(id)).await;
    let told = audited.iter().filter(|entry| **entry == ("push.denied", "DELAY_RUNNING")).count();
    assert_eq!(told, 1, "a hold is told once: {audited:?}");
    assert_eq!(audited.last(), Some(&("proposal.stopped", "OK")));
    stage.close().await;
}

#[tokio::test]
async fn a_field_update_that_is_only_in_the_registry_is_proposed_and_kept_from_the_wrong_people() {
    let stage = Stage::open().await;
    stage.cloud.put("studioBrainDrills/d-1", [("kept".to_owned(), text("as it is"))].into());
    stage.mirror_shows_now().await;
    let before = stage.mirrored("studioBrainDrills/d-1").await.expect("is mirrored");
    let step = stage.request("drill.step.set", "d-1", &[("step", "planned")]).expect("parses");
    let new = NewProposal {
        requests: step.into(),
        reason: "A rehearsal of the registry.".to_owned(),
        finding: None,
        request_key: None,
        agent: None,
    };
    let id = stage.gate.propose(&stage.juno, new, stage.now()).await.expect("may be proposed").id;
    let own = stage.decide(&stage.juno, id, Choice::Approve).await.expect_err("is denied");
    assert!(matches!(own, GateError::Denied(Reason::SelfApproval)), "{own:?}");
    let staff = stage.decide(&stage.dov, id, Choice::Approve).await.expect_err("is denied");
    assert!(matches!(staff, GateError::Denied(Reason::RoleMissing)), "{staff:?}");
    assert_eq!(stage.mirrored("studioBrainDrills/d-1").await.expect("is mirrored").hash(), before.hash());
    stage.close().await;
}

#[tokio::test]
async fn an_undo_would_not_lose_what_somebody_wrote_after_us() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    let write = stage.write_of(id).await.id;
    stage.cloud.merge("reservations/r-1", [("status".to_owned(), text("CANCELLED"))].into());
    stage.mirror_shows_now().await;
    let new = NewUndo {
        undone: studio_brain::gate::Undone::Write(write),
        reason: "It was the wrong one.".to_owned(),
        request_key: None,
    };
    let denied = stage.gate.undo(&stage.ines, new, stage.now()).await.expect_err("is denied");
    let GateError::Overwritten(overwritten) = denied else { panic!("{denied:?}") };
    let conflict = &overwritten[0].conflict;
    assert_eq!(conflict.field.as_ref().map(ToString::to_string).as_deref(), Some("status"));
    let values = [&conflict.before, &conflict.ours, &conflict.theirs].map(|value| value.clone().expect("is there"));
    assert_eq!(values, ["REQUESTED", "CONFIRMED", "CANCELLED"].map(Value::text));
    stage.close().await;
}

#[tokio::test]
async fn drift_is_found_with_its_fields_and_is_gone_when_it_is_gone() {
    let mut stage = Stage::open().await;
    assert_eq!(stage.look().await, CheckOutcome::Same);

    stage.cloud.merge_silently("reservations/r-1", [("staffNotes".to_owned(), text("Lost."))].into());
    stage.cloud.put_silently("batches/b-lost", whole([("state", text("DRAFT"))]));
    stage.cloud.delete_silently("reservations/r-2");
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let found = |known: &studio_brain::domain::finding::KnownFinding| {
        (known.finding.kind, known.finding.path.clone().expect("a document").to_string())
    };
    // The numbers of what was lost differ, too, and are about no single document.
    let mut known = stage.store.findings(false, 10).await.expect("reads");
    known.retain(|known| known.finding.path.is_some());
    let mut seen: Vec<_> = known.iter().map(found).collect();
    seen.sort_by_key(|(_, place)| place.clone());
    let expected = [
        (FindingKind::MissingInMirror, "batches/b-lost".to_owned()),
        (FindingKind::MirrorDiffers, "reservations/r-1".to_owned()),
        (FindingKind::ExtraInMirror, "reservations/r-2".to_owned()),
    ];
    assert_eq!(seen, expected);
    for known in stage.store.findings(false, 10).await.expect("reads") {
        assert!(!known.finding.changes.is_empty(), "a verdict always says in which field");
    }

    // The cloud's app touches them again, and this time the mirror hears of it.
    stage.cloud.merge("reservations/r-1", [("staffNotes".to_owned(), text("Found."))].into());
    stage.cloud.merge("batches/b-lost", [("state".to_owned(), text("SUBMITTED"))].into());
    stage.cloud.put("reservations/r-2", whole([("status", text("CONFIRMED"))]));
    assert_eq!(stage.look().await, CheckOutcome::Same);
    assert_eq!(stage.store.finding_count().await.expect("counts"), 0);
    stage.close().await;
}

#[tokio::test]
async fn a_write_that_somebody_overwrote_is_found_with_who_has_what() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    assert_eq!(stage.look().await, CheckOutcome::Same);
    stage.cloud.merge("reservations/r-1", [("status".to_owned(), text("CANCELLED"))].into());
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let known = stage.store.findings(false, 10).await.expect("reads").pop().expect("one");
    assert_eq!(known.finding.kind, FindingKind::WriteOverwritten);
    assert_eq!(known.finding.write, Some(stage.write_of(id).await.id));
    let change = &known.finding.changes[0];
    assert_eq!(
        (change.before.clone(), change.after.clone()),
        (Some(Value::text("CONFIRMED")), Some(Value::text("CANCELLED")))
    );
    assert_eq!(known.finding.path, Some(path("reservations/r-1")));
    stage.cloud.merge("reservations/r-1", [("status".to_owned(), text("CONFIRMED"))].into());
    assert_eq!(stage.look().await, CheckOutcome::Same, "what we wrote stands again");
    assert_eq!(stage.store.finding_count().await.expect("counts"), 0);
    stage.close().await;
}

#[tokio::test]
async fn a_look_that_reaches_nobody_can_not_tell() {
    let mut stage = Stage::open().await;
    let mut tx = stage.store.begin().await.expect("begins");
    tx.check_request(Some("staff:ines"), stage.now()).await.expect("asks");
    tx.commit().await.expect("commits");
    stage.mirror_shows_now().await;
    for _ in 0..3 {
        stage.world.fail_next("RunQuery", tonic::Status::unavailable("the line broke"));
    }
    assert!(stage.drift.pass().await.is_err(), "a failure is never `same`");
    assert!(stage.store.check_last().await.expect("reads").is_none(), "the look is still to be taken");
    stage.drift.pass().await.expect_err("still out of reach");
    stage.drift.pass().await.expect_err("still out of reach");
    stage.drift.pass().await.expect("reached again");
    let check = stage.store.check_last().await.expect("reads").expect("was taken");
    assert_eq!(check.finished.expect("has ended").1, CheckOutcome::Same);
    stage.close().await;
}
