//! What must not reach Firestore: the sandbox counts the commits that come in.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, Value as WireValue};
use tokio::task::JoinSet;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::agent::{AgentScope, WantedKey};
use studio_brain::domain::audit::Target;
use studio_brain::domain::exemption::{Exemptible, Wanted};
use studio_brain::domain::ids::Uid;
use studio_brain::domain::kill_switch::SwitchScope;
use studio_brain::domain::ledger::WriteState;
use studio_brain::domain::proposal::{Choice, GivenReason, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::gate::circumstances::AgentClaim;
use studio_brain::gate::{GateError, NewProposal};
use studio_brain::identity::agents::{authenticate, new_secret};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::push::{Push, PushSettings};
use studio_brain::jobs::seal::{KeyFiles, Seal};
use studio_brain::sandbox::firestore::{CallFault, Fault, Latency, Method, When};

use super::stage::{Stage, text};

const WHY: &str = "The kiln room is on fire alarm.";

fn wire(value: ValueType) -> WireValue {
    WireValue { value_type: Some(value) }
}

impl Stage {
    pub(super) fn commits(&self) -> u64 {
        self.world.calls(Method::Commit) + self.world.calls(Method::BatchWrite)
    }

    /// Another process's push job, as far as the database can tell.
    pub(super) fn another_push(&self) -> Push {
        let settings = PushSettings { batch: 20, unknown_retry_after: Duration::ZERO, start_rate: NonZeroU32::MAX };
        Push::new(self.store.clone(), self.authority.clone(), self.clock.clone(), self.gate.clone(), settings)
    }

    pub(super) fn another_seal(&self) -> Seal {
        let (store, authority, clock) = (self.store.clone(), self.authority.clone(), self.clock.clone());
        Seal::new(store, authority, clock, self.gate.clone(), KeyFiles::in_directory(self.directory.path()))
    }

    async fn resume(&self) {
        self.gate.request_resume(&self.ines, SwitchScope::Studio, WHY, self.now()).await.expect("asks");
        let alone = self.gate.confirm_resume(&self.ines, SwitchScope::Studio, WHY, self.now()).await;
        assert!(matches!(alone, Err(GateError::Denied(Reason::SecondPersonRequired))), "{alone:?}");
        self.gate.confirm_resume(&self.juno, SwitchScope::Studio, WHY, self.now()).await.expect("confirms");
    }
}

#[tokio::test]
async fn with_the_kill_switch_on_nothing_reaches_firestore_by_any_path() {
    let mut stage = Stage::open().await;
    // A claimed undo, an approved write, and one that needs no approval.
    let landed = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    let claimed = stage.approved_undo(stage.write_of(landed).await.id).await;
    stage.world.fail_next("Commit", tonic::Status::aborted("contention"));
    stage.push.pass().await.expect_err("is tried again later");
    let approved = stage.approved("r-2", "CANCELLED").await;
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases, keep apart.")]).expect("parses");
    let exempt = stage.propose_request(note).await.expect("may be proposed");
    let wanted = Wanted {
        capability: "ops_note.append".to_owned(),
        exemptible: Exemptible::Yes,
        owner: stage.ines.uid().clone(),
        resource: None,
        beneficiary: stage.ines.uid().clone(),
        justification: GivenReason::parse("She is alone today and writes notes.").expect("a reason"),
        lasts: Duration::from_secs(3_600),
    };
    let mut tx = stage.store.begin().await.expect("begins");
    let granted = tx.exemption_grant(stage.store.studio(), wanted, &stage.juno, stage.now()).await;
    tx.commit().await.expect("commits");
    granted.expect("answers").expect("may be granted");

    let stopped = stage.gate.stop_all(&stage.dov, SwitchScope::Studio, WHY, stage.now()).await.expect("stops");
    assert!(stopped.at_rest);
    let before = stage.commits();
    let mut attempts = JoinSet::new();
    for _ in 0..200 {
        let mut push = stage.another_push();
        attempts.spawn(async move { push.pass().await.map(|_| ()) });
    }
    while let Some(attempt) = attempts.join_next().await {
        attempt.expect("ends").expect("passes");
    }
    assert_eq!(stage.commits(), before, "not one");
    let answer = stage.decide(&stage.dov, exempt, Choice::Approve).await;
    assert!(matches!(answer, Err(GateError::Denied(Reason::KillSwitchOn))), "nothing is approved either: {answer:?}");

    stage.resume().await;
    stage.push_and_observe().await;
    for id in [claimed, approved, exempt] {
        let state = stage.write_of(id).await.state;
        assert!(matches!(state, WriteState::Observed { .. }), "it goes on: {state:?}");
    }
    stage.close().await;
}

#[tokio::test]
async fn a_stop_answers_only_when_what_was_under_way_has_been_answered() {
    let stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    let before = stage.commits();
    let slow = CallFault::Delay(Latency::fixed(Duration::from_millis(300)));
    stage.world.add_fault(Fault::call(Method::Commit, When::Next(1), slow));
    let mut push = stage.another_push();
    let mut pushing = JoinSet::new();
    pushing.spawn(async move { push.pass().await.map(|_| ()) });
    while stage.commits() == before {
        tokio::task::yield_now().await;
    }
    let stopped = stage.gate.stop_all(&stage.dov, SwitchScope::Global, WHY, stage.now()).await.expect("stops");
    assert!(stopped.at_rest);
    let landed = stage.cloud.get("reservations/r-1").expect("is there");
    assert_eq!(landed.fields.get("status"), Some(&text("CONFIRMED")), "what had left has arrived before the answer");
    pushing.join_next().await.expect("is there").expect("ends").expect("passes");
    let state = stage.write_of(id).await.state;
    assert!(
        matches!(state, WriteState::Landed(_) | WriteState::Observed { .. }),
        "the mirror may have shown it: {state:?}"
    );
    stage.close().await;
}

#[tokio::test]
async fn five_parallel_executions_of_one_approval_are_one_commit() {
    let stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    let before = stage.commits();
    let mut attempts = JoinSet::new();
    for _ in 0..5 {
        let mut push = stage.another_push();
        attempts.spawn(async move { push.pass().await.map(|_| ()) });
    }
    while let Some(attempt) = attempts.join_next().await {
        attempt.expect("ends").expect("passes");
    }
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 2, "the seed and one write");
    assert!(stage.commits() > before);
    assert_eq!(stage.proposal(id).await.state, ProposalState::Sent);
    stage.close().await;
}

/// Whom the clerk acts for.
const OWNER: &str = "u";

/// How far the clerk may go.
const SCOPE: &str = "capability:reservation.status.set:execute";

/// The owner's delegation to the clerk.
fn delegation(status: &str, now: Timestamp) -> HashMap<String, WireValue> {
    let expires = gcloud_sdk::prost_types::Timestamp { seconds: now.micros() / 1_000_000 + 3_600, nanos: 0 };
    HashMap::from([
        ("ownerUid".to_owned(), text(OWNER)),
        ("agentClientId".to_owned(), text("agent-clerk")),
        ("scopes".to_owned(), wire(ValueType::ArrayValue(ArrayValue { values: vec![text(SCOPE)] }))),
        ("status".to_owned(), text(status)),
        ("expiresAt".to_owned(), wire(ValueType::TimestampValue(expires))),
    ])
}

/// An agent whom an owner has let act, and what it brings along.
pub(super) async fn clerk(stage: &Stage) -> (Actor, AgentClaim) {
    let now = stage.now();
    stage.cloud.put("agentClients/agent-clerk", [("status".to_owned(), text("active"))].into());
    stage.cloud.put("delegations/d-1", delegation("active", now));
    stage.mirror_shows_now().await;
    let secret = new_secret().expect("randomness");
    let wanted = WantedKey {
        agent: Uid::parse("agent-clerk").expect("legal"),
        name: "Clerk".to_owned(),
        scopes: vec![AgentScope::parse(SCOPE).expect("a scope")],
        lasts: Duration::from_secs(3_600),
    };
    let mut tx = stage.store.begin().await.expect("begins");
    let issued = tx.agent_key_issue(stage.store.studio(), &wanted, &secret, &stage.juno, now).await;
    tx.commit().await.expect("commits");
    issued.expect("answers").expect("an admin may");
    let agent = authenticate(&stage.store, &secret.reveal(), now).await.expect("answers").expect("is good");
    let claim = AgentClaim {
        key: agent.key,
        scopes: agent.scopes,
        owner: Some(Uid::parse(OWNER).expect("legal")),
        delegation: None,
    };
    (agent.actor, claim)
}

#[tokio::test]
async fn a_delegation_that_is_revoked_between_approval_and_push_writes_nothing() {
    let mut stage = Stage::open().await;
    let (agent, claim) = clerk(&stage).await;
    let request = stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]).expect("parses");
    let reason = "The owner asked the clerk to.".to_owned();
    let new = NewProposal { requests: request.into(), reason, finding: None, request_key: None, agent: Some(claim) };
    let id = stage.gate.propose(&agent, new, stage.now()).await.expect("is delegated").id;
    stage.decide(&stage.dov, id, Choice::Approve).await.expect("may be approved");

    stage.cloud.put("delegations/d-1", delegation("revoked", stage.now()));
    stage.mirror_shows_now().await;
    let before = stage.commits();
    stage.push.pass().await.expect("passes");
    assert_eq!(stage.proposal(id).await.state, ProposalState::Denied(Reason::DelegationRevoked));
    assert_eq!(stage.commits(), before);
    assert_eq!(stage.cloud.writes_to("reservations/r-1"), 1, "the seed");
    let audited = stage.audited(Target::Proposal(id)).await;
    assert_eq!(audited.last(), Some(&("push.denied", "DELEGATION_REVOKED")));
    stage.close().await;
}
