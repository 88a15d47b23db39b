use studio_brain::domain::capability::Requests;
use studio_brain::domain::ledger::{Step, WriteState};
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::value::Value;
use studio_brain::gate::{GateError, NewProposal, NewUndo, Undone};
use studio_brain::jobs::drive::Job as _;

use super::stage::{Stage, text};
use studio_brain::domain::ids::ProposalId;

/// Reservations to move together.
async fn stage_with(count: usize) -> (Stage, Vec<String>) {
    let stage = Stage::open().await;
    let names: Vec<String> = (0..count).map(|number| format!("many-{number}")).collect();
    for name in &names {
        stage.cloud.put(&format!("reservations/{name}"), [("status".to_owned(), text("REQUESTED"))].into());
    }
    stage.mirror_shows_now().await;
    (stage, names)
}

async fn proposed(stage: &Stage, names: &[String]) -> Result<ProposalId, GateError> {
    let capability = stage.gate.registry().find("reservation.status.set").expect("is there");
    let inputs = [("status".to_owned(), Value::text("CONFIRMED"))].into();
    let new = NewProposal {
        requests: Requests::parse(capability, names, &inputs).expect("parses"),
        reason: "They all paid at the desk.".to_owned(),
        finding: None,
        request_key: None,
        agent: None,
    };
    stage.gate.propose(&stage.ines, new, stage.now()).await.map(|proposed| proposed.id)
}

#[tokio::test]
async fn several_documents_land_in_one_commit_and_are_taken_back_in_one() {
    let (mut stage, names) = stage_with(5).await;
    let id = proposed(&stage, &names).await.expect("may be proposed");
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    let commits = stage.commits();
    stage.push_and_observe().await;
    assert_eq!(stage.commits() - commits, 1, "one commit");
    let records = stage.store.writes_of(id).await.expect("reads");
    assert_eq!(records.len(), 5);
    let landed: std::collections::BTreeSet<_> =
        records.iter().map(|record| record.state.landing().expect("landed").update_time).collect();
    assert_eq!(landed.len(), 1, "documents of one commit share their update time");
    for record in &records {
        assert!(matches!(record.state, WriteState::Observed { .. }), "{:?}", record.state);
        let steps: Vec<Step> = record.steps().into_iter().map(|(step, _)| step).collect();
        assert_eq!(steps, [Step::Claimed, Step::Intended, Step::Sent, Step::Landed, Step::Observed]);
        assert!(record.steps().is_sorted_by_key(|(_, at)| *at), "{:?}", record.steps());
        assert!(stage.cloud.get(&format!("studioBrainReceipts/{}", record.id)).is_some(), "each has its receipt");
    }

    let new = NewUndo { undone: Undone::Proposal(id), reason: "It was the wrong list.".to_owned(), request_key: None };
    let undo = stage.gate.undo(&stage.ines, new, stage.now()).await.expect("may be undone").id;
    let order: Vec<_> = stage.proposal(undo).await.changes.iter().map(|change| change.undoes).collect();
    let expected: Vec<_> = records.iter().rev().map(|record| Some(record.id)).collect();
    assert_eq!(order, expected, "the last write is taken back first");
    stage.decide(&stage.dov, undo, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    for name in &names {
        let status = stage.mirrored(&format!("reservations/{name}")).await.expect("is mirrored");
        assert_eq!(status.fields.get("status"), Some(&Value::text("REQUESTED")));
    }
    stage.close().await;
}

#[tokio::test]
async fn one_document_that_moved_keeps_all_of_them_from_landing() {
    let (mut stage, names) = stage_with(3).await;
    let id = proposed(&stage, &names).await.expect("may be proposed");
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    stage.cloud.merge("reservations/many-1", [("staffNotes".to_owned(), text("Called."))].into());
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Stale);
    for name in ["many-0", "many-2"] {
        assert_eq!(stage.cloud.writes_to(&format!("reservations/{name}")), 1, "only the seed");
    }
    stage.close().await;
}

#[tokio::test]
async fn a_lost_answer_of_many_is_one_look_up_and_one_landing() {
    let (mut stage, names) = stage_with(4).await;
    let id = proposed(&stage, &names).await.expect("may be proposed");
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");
    stage.world.lose_next_commit_reply();
    stage.push_and_observe().await;
    for record in stage.store.writes_of(id).await.expect("reads") {
        assert!(matches!(record.state, WriteState::Observed { .. }), "{:?}", record.state);
        assert!(record.lost.is_some(), "the ledger remembers that the answer was lost");
        assert_eq!(stage.cloud.writes_to(record.write.path().as_str()), 2, "the seed and one write");
    }
    stage.close().await;
}

#[tokio::test]
async fn one_forbidden_document_denies_the_whole_proposal() {
    let (stage, mut names) = stage_with(2).await;
    stage.cloud.put("reservations/over", [("status".to_owned(), text("CANCELLED"))].into());
    stage.mirror_shows_now().await;
    names.push("over".to_owned());
    let denied = proposed(&stage, &names).await.expect_err("is denied");
    assert!(matches!(denied, GateError::Denied(Reason::TransitionNotAllowed)), "{denied:?}");
    names[2] = names[0].clone();
    let twice = proposed(&stage, &names).await.expect_err("is denied");
    assert!(matches!(twice, GateError::Denied(Reason::DocumentTwice)), "{twice:?}");
    stage.close().await;
}
