//! What is counted, what is exempt, and what needs a person's look first.

use std::time::Duration;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::decision::Act;
use studio_brain::domain::exemption::{Exemptible, Wanted};
use studio_brain::domain::ids::ProposalId;
use studio_brain::domain::intake::ReviewCode;
use studio_brain::domain::proposal::{GivenReason, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::gate::{GateError, NewProposal};
use studio_brain::store::IntakeReview;
use studio_brain::store::audit::AuditQuery;

use super::stage::{NOW, Stage, denied, minutes, policy_with};

const HOUR: Duration = Duration::from_secs(3_600);

fn why(text: &str) -> GivenReason {
    GivenReason::parse(text).expect("a reason")
}

async fn exempt(stage: &Stage, by: &Actor, capability: &str) -> Result<(), Reason> {
    let exemptible = Exemptible::Yes;
    let wanted = Wanted {
        capability: capability.to_owned(),
        exemptible,
        owner: stage.ines.uid().clone(),
        resource: None,
        beneficiary: stage.ines.uid().clone(),
        justification: why("The kiln is full and she is alone today."),
        lasts: HOUR,
    };
    let mut tx = stage.store.begin().await.expect("begins");
    let granted = tx.exemption_grant(stage.store.studio(), wanted, by, NOW).await.expect("answers");
    tx.commit().await.expect("commits");
    granted.map(|_| ())
}

#[tokio::test]
async fn an_exemption_stands_in_for_approvals_of_its_own_capability_and_owner_only() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::ApprovalRequired));
    exempt(&stage, &stage.juno, "ops_note.append").await.expect("may be granted");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::ApprovalRequired), "of another capability");
    exempt(&stage, &stage.juno, "reservation.status.set").await.expect("may be granted");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Ok(()));
    assert_eq!(stage.store.proposals_ready(NOW, 10).await.expect("lists"), [id]);
    let over = NOW.plus(HOUR);
    stage.read_at(over).await;
    assert_eq!(stage.may_apply(id, over).await.asked(), Err(Reason::ApprovalRequired), "its hour is over");
    assert_eq!(stage.store.proposals_ready(over, 10).await.expect("lists"), []);
    let request = stage.request("reservation.status.set", "r-1", &[("status", "CANCELLED")]);
    let others = stage.propose_as(&stage.dov, request, NOW).await.expect("may be proposed");
    assert_eq!(stage.may_apply(others, NOW).await.asked(), Err(Reason::ApprovalRequired), "of another owner");
}

#[tokio::test]
async fn no_exemption_stands_in_where_the_harm_is_critical() {
    let mut stage = Stage::open().await;
    let critical = "id = \"reservation.status.set\"\ntitle = \"Set a reservation's status\"\nsummary = \"Set reservation {id} from {from.status} to {status}\"\naccess = \"write\"\nexecutor = \"field_update\"\ntargets = [\"reservations/{id}\"]\nrisk = ";
    let policy = policy_with(
        &format!("{critical}\"medium\"\napprovals = {{ count = 1, admins = 0 }}"),
        &format!("{critical}\"critical\"\napprovals = {{ count = 2, admins = 1 }}"),
    );
    stage.gate = stage.gate.with_policy(policy);
    let id = stage.propose().await;
    exempt(&stage, &stage.juno, "reservation.status.set").await.expect("was granted while it was none");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::ApprovalRequired));
}

async fn ask_again(stage: &Stage) -> Result<ProposalId, GateError> {
    let request = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
    stage.propose_as(&stage.ines, request, NOW).await
}

#[tokio::test]
async fn asking_is_counted_like_doing_and_denials_cost_nothing() {
    let stage = Stage::open().await;
    let bad = stage.request("reservation.status.set", "r-1", &[("status", "LOADED")]);
    for _ in 0..40 {
        assert!(stage.propose_as(&stage.ines, bad.clone(), NOW).await.is_err());
    }
    for _ in 0..5 {
        ask_again(&stage).await.expect("five in an hour");
    }
    let GateError::Limited(wait) = ask_again(&stage).await.expect_err("not a sixth") else { panic!("not limited") };
    assert_eq!(wait.duration(), minutes(12));
    let request = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
    assert!(stage.propose_as(&stage.dov, request.clone(), NOW).await.is_ok(), "others have their own");
    assert!(stage.propose_as(&stage.ines, request, NOW.plus(minutes(12))).await.is_err(), "the mirror is too old then");
}

#[tokio::test]
async fn the_same_request_sent_again_is_the_same_proposal_and_costs_no_second_share() {
    let stage = Stage::open().await;
    let mut first = None;
    for _ in 0..20 {
        let request = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
        let reason = "The member picked it up.".to_owned();
        let request_key = Some("one".to_owned());
        let new = NewProposal { requests: request.into(), reason, finding: None, request_key, agent: None };
        let made = stage.gate.propose(&stage.ines, new, NOW).await.expect("is let in").id;
        assert_eq!(*first.get_or_insert(made), made);
    }
}

async fn review(stage: &Stage, by: &Actor, code: ReviewCode) -> Result<(), Reason> {
    let item = match stage.store.intake_queue(10).await.expect("reads").first() {
        Some(item) => item.id,
        None => stage.store.intake_reviewed(10).await.expect("reads")[0].id,
    };
    let reason = why("Asked the member what it is for.");
    let mut tx = stage.store.begin().await.expect("begins");
    let review = IntakeReview { item, by, code, reason: &reason };
    let done = tx.intake_review(stage.store.studio(), &review, NOW).await.expect("answers");
    tx.commit().await.expect("commits");
    done
}

#[tokio::test]
async fn what_the_intake_sends_to_review_is_neither_approved_nor_sent_until_staff_let_it_pass() {
    let stage = Stage::open().await;
    for hidden in ["gh0st gun", "g h o s t  g u n", "gho\u{200b}st gun"] {
        let note = stage.request("ops_note.append", "b-1", &[("note", &format!("Please glaze the {hidden} parts."))]);
        let id = stage.propose_as(&stage.ines, note, NOW).await.expect("may be proposed");
        assert_eq!(stage.approve(&stage.dov, id).await, Err(Reason::BlockedByIntake), "{hidden}");
    }
    let queue = stage.store.intake_queue(10).await.expect("reads");
    assert_eq!(queue.len(), 3);
    assert!(queue.iter().all(|item| item.excerpt.len() < 160));
}

#[tokio::test]
async fn a_later_denial_beats_an_earlier_grant_also_between_approval_and_push() {
    let stage = Stage::open().await;
    let note = stage.request("ops_note.append", "b-1", &[("note", "A silencer of clay for the kiln fan.")]);
    let id = stage.propose_as(&stage.ines, note, NOW).await.expect("may be proposed");
    assert_eq!(review(&stage, &stage.ines, ReviewCode::ContextVerified).await, Err(Reason::SelfApproval));
    review(&stage, &stage.dov, ReviewCode::ContextVerified).await.expect("may be granted");
    assert_eq!(stage.approve(&stage.dov, id).await, Ok(ProposalState::Approved));
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Ok(()));
    review(&stage, &stage.juno, ReviewCode::ConfirmedBlock).await.expect("may be denied");
    assert_eq!(stage.may_apply(id, NOW).await.asked(), Err(Reason::BlockedByIntake));
}

#[tokio::test]
async fn staff_are_read_like_everybody_else_and_harmless_words_pass() {
    let stage = Stage::open().await;
    for (number, harmless) in
        ["do not forget to close the batch", "a marvelous vase", "laundered aprons", "slurry and shipping, whatever"]
            .into_iter()
            .enumerate()
    {
        let note = stage.request("ops_note.append", "b-1", &[("note", harmless)]);
        let id = stage.propose_as(&stage.ines, note, NOW).await.expect("may be proposed");
        assert_eq!(stage.may(&stage.dov, Act::Approve, id, NOW).await.asked(), Ok(()), "{number}: {harmless}");
    }
    assert!(stage.store.intake_queue(10).await.expect("reads").is_empty());
}

#[tokio::test]
async fn every_denial_of_a_limit_is_counted_and_only_some_are_logged() {
    let stage = Stage::open().await;
    for _ in 0..5 {
        ask_again(&stage).await.expect("five in an hour");
    }
    for _ in 0..50 {
        assert!(matches!(ask_again(&stage).await, Err(GateError::Limited(_))));
    }
    let logged = AuditQuery { action: Some("rate_limit_triggered".to_owned()), ..AuditQuery::default() };
    assert_eq!(stage.store.audit_entries(&logged, 100).await.expect("reads").len(), 1);
    let top = stage.store.quota_top_limited(NOW, 10).await.expect("reads");
    assert_eq!(top.iter().map(|limited| limited.denied).sum::<u64>(), 50);
    let request = stage.request("reservation.status.set", "r-1", &[("status", "LOADED")]);
    let answer = stage.propose_as(&stage.ines, request, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::TransitionNotAllowed, "other capabilities have their own limits");
}
