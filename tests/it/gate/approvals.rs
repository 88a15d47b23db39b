//! Approving, rejecting, stopping, opening again.

use studio_brain::domain::decision::Act;
use studio_brain::domain::ids::Hash;
use studio_brain::domain::proposal::{Choice, ProposalState, RejectionCode};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::value::Value;
use studio_brain::gate::Decision;

use super::stage::{NOW, Stage, denied, minutes, policy_with};

#[tokio::test]
async fn the_proposer_never_approves_not_even_as_an_admin() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    assert_eq!(stage.approve(&stage.ines, id).await, Err(Reason::SelfApproval));
    let request = stage.request("batch.state.correct", "b-1", &[("state", "SHELVED")]);
    let own = stage.propose_as(&stage.juno, request, NOW).await.expect("may be proposed");
    assert_eq!(stage.approve(&stage.juno, own).await, Err(Reason::SelfApproval));
    assert_eq!(stage.proposal(own).await.state, ProposalState::Waiting);
    let audited = stage.audited(own).await;
    assert_eq!(audited, [("proposal.created", "OK"), ("proposal.approved", "SELF_APPROVAL")]);
}

#[tokio::test]
async fn approving_after_a_content_change_is_denied() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    let decision = Decision {
        proposal: id,
        choice: Choice::Approve,
        code: None,
        reason: "Seen and agreed with her.".to_owned(),
        content_hash: Hash::of("what I saw before"),
    };
    let answer = stage.gate.decide(&stage.dov, decision, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::ContentChanged);
}

#[tokio::test]
async fn approving_after_the_document_moved_is_denied() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    stage.put("reservations/r-1", &[("status", Value::text("WAITLISTED"))], NOW.plus(minutes(1))).await;
    assert_eq!(stage.approve(&stage.dov, id).await, Err(Reason::StaleBase));
    assert_eq!(stage.decide(&stage.dov, id, Choice::Reject, NOW).await, Ok(ProposalState::Rejected));
    assert_eq!(
        stage.gate.reopen(&stage.juno, id, "Let us try it again.", NOW).await.map_err(denied),
        Err(Reason::StaleBase)
    );
}

#[tokio::test]
async fn an_approval_can_not_be_replayed_and_is_spent_once() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Approved));
    assert_eq!(stage.approve(&stage.dov, id).await, Err(Reason::AlreadyDecided));
    assert_eq!(stage.approve(&stage.juno, id).await, Err(Reason::NotWaiting));
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Ok(()));
    let mut tx = stage.store.begin().await.expect("begins");
    tx.proposal_move(id, ProposalState::Sent, NOW).await.expect("moves");
    tx.commit().await.expect("commits");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::NotWaiting));
}

#[tokio::test]
async fn five_people_at_once_approve_once() {
    let stage = Stage::open().await;
    let id = stage.propose_close().await;
    let five = [&stage.dov; 5].map(|who| stage.approve(who, id));
    let answers = futures_util::future::join_all(five).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(ProposalState::Waiting)).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Err(Reason::AlreadyDecided)).count(), 4, "{answers:?}");
    assert_eq!(stage.store.verdicts(id).await.expect("reads").len(), 1);
}

#[tokio::test]
async fn only_the_newest_verdict_of_each_person_counts_and_only_of_this_round() {
    let stage = Stage::open().await;
    let id = stage.propose_close().await;
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Waiting));
    assert_eq!(stage.decide(&stage.juno, id, Choice::Reject, NOW).await, Ok(ProposalState::Rejected));
    assert_eq!(
        stage.gate.reopen(&stage.dov, id, "Let us try it again.", NOW).await.map_err(denied),
        Err(Reason::RoleMissing)
    );
    stage.gate.reopen(&stage.juno, id, "He came back for it.", NOW).await.expect("may be opened again");
    assert_eq!(stage.approve(&stage.juno, id).await, Ok(ProposalState::Waiting), "Dov's approval was of another round");
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Approved));
    let audited = stage.audited(id).await;
    assert!(audited.contains(&("proposal.reopened", "ROLE_MISSING")) && audited.contains(&("proposal.reopened", "OK")));
}

#[tokio::test]
async fn who_approved_may_still_reject_while_it_waits() {
    let stage = Stage::open().await;
    let id = stage.propose_close().await;
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Waiting));
    let content_hash = stage.proposal(id).await.content_hash();
    let decision = Decision {
        proposal: id,
        choice: Choice::Reject,
        code: Some(RejectionCode::NotNeeded),
        reason: "It was closed by hand.".to_owned(),
        content_hash,
    };
    assert_eq!(stage.gate.decide(&stage.dov, decision, NOW).await.expect("may be rejected"), ProposalState::Rejected);
    let verdicts = stage.store.verdicts(id).await.expect("reads");
    assert_eq!(verdicts.last().and_then(|verdict| verdict.code), Some(RejectionCode::NotNeeded));
    assert_eq!(stage.gate.approvals(&stage.proposal(id).await, &verdicts).0.people, 0);
}

#[tokio::test]
async fn critical_needs_two_people_and_an_admin_among_them() {
    let mut stage = Stage::open().await;
    let policy = policy_with(
        "risk = \"high\"\napprovals = { count = 2, admins = 0 }",
        "risk = \"critical\"\napprovals = { count = 2, admins = 1 }",
    );
    stage.gate = stage.gate.with_policy(policy);
    let request = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
    let id = stage.propose_as(&stage.ines, request, NOW).await.expect("may be proposed");
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Waiting));
    let missing = stage.may_apply(id, NOW).await.missing;
    let missing: Vec<Reason> = missing.iter().map(|missing| missing.reason).collect();
    assert_eq!(missing, [Reason::ApprovalRequired, Reason::AdminApprovalRequired]);
    assert_eq!(stage.approve(&stage.juno, id).await, Ok(ProposalState::Approved));
}

#[tokio::test]
async fn an_approval_expires_with_its_capability() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Approved));
    assert_eq!(stage.proposal(id).await.expires, NOW.plus(minutes(60)));
    stage.read_at(NOW.plus(minutes(61))).await;
    assert_eq!(stage.may_apply(id, NOW.plus(minutes(59))).await.asked(), Ok(()));
    assert_eq!(stage.may_apply(id, NOW.plus(minutes(60))).await.asked(), Err(Reason::Expired));
}

#[tokio::test]
async fn an_approved_proposal_waits_out_its_delay_and_anyone_may_stop_it() {
    let stage = Stage::open().await;
    let id = stage.propose_close().await;
    let early = stage.gate.stop(&stage.ines, id, "He has not come after all.", NOW).await.map_err(denied);
    assert_eq!(early, Err(Reason::NotWaiting), "what is not approved is rejected, not stopped");
    stage.approve(&stage.dov, id).await.expect("may be approved");
    stage.approve(&stage.juno, id).await.expect("may be approved");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::DelayRunning));
    assert_eq!(stage.may_apply(id, NOW.plus(minutes(1))).await.asked(), Ok(()));
    stage.gate.stop(&stage.ines, id, "He has not come after all.", NOW).await.expect("may be stopped");
    assert_eq!(stage.may_apply(id, NOW.plus(minutes(1))).await.asked(), Err(Reason::NotWaiting));
}

#[tokio::test]
async fn approving_and_applying_are_two_permissions() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    for who in [&stage.ines, &stage.dov, &stage.juno] {
        assert_eq!(stage.may(who, Act::Apply, id, NOW).await.asked(), Err(Reason::RoleMissing));
        assert_eq!(stage.may(who, Act::Send, id, NOW).await.asked(), Err(Reason::RoleMissing));
    }
}

#[tokio::test]
async fn a_reason_has_to_say_something() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    assert_eq!(stage.gate.stop(&stage.ines, id, "no", NOW).await.map_err(denied), Err(Reason::ReasonTooShort));
    assert_eq!(stage.proposal(id).await.state, ProposalState::Approved);
}
