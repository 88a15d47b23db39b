//! Agents: known by their keys, bounded by their owners' delegations, asked again before anything leaves.

use std::time::Duration;

use studio_brain::domain::agent::{AgentScope, KeyPrefix, WantedKey};
use studio_brain::domain::ids::{ProposalId, Uid};
use studio_brain::domain::proposal::GivenReason;
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value;
use studio_brain::gate::circumstances::AgentClaim;
use studio_brain::gate::{GateError, NewProposal};
use studio_brain::identity::agents::{VerifiedAgent, authenticate, new_secret};
use studio_brain::store::audit::AuditQuery;

use super::stage::{NOW, Stage, denied, minutes};

const SCOPE: &str = "capability:reservation.status.set:execute";

fn texts(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| Value::text(*text)).collect())
}

/// A studio with an agent that Mara lets set the status of her reservations.
struct Agents {
    stage: Stage,
    agent: VerifiedAgent,
}

impl Agents {
    async fn open() -> Self {
        let stage = Stage::open().await;
        stage.put("agentClients/agent-clerk", &[("status", Value::text("active"))], NOW).await;
        let reservation = [("status", Value::text("REQUESTED")), ("ownerUid", Value::text("uid_mara"))];
        stage.put("reservations/r-1", &reservation, NOW).await;
        let agent = let_in(&stage, &[SCOPE]).await;
        let agents = Self { stage, agent };
        agents.delegate("d-1", &[]).await;
        agents
    }

    /// Mara's delegation, with other words in some of its fields.
    async fn delegate(&self, id: &str, other: &[(&str, Value)]) {
        let mut fields = vec![
            ("ownerUid", Value::text("uid_mara")),
            ("agentClientId", Value::text("agent-clerk")),
            ("scopes", texts(&[SCOPE])),
            ("resources", texts(&["owner:uid_mara"])),
            ("status", Value::text("active")),
            ("expiresAt", Value::Timestamp(NOW.plus(minutes(600)))),
        ];
        fields.retain(|(name, _)| other.iter().all(|(changed, _)| changed != name));
        fields.extend(other.iter().cloned());
        self.stage.put(&format!("delegations/{id}"), &fields, NOW).await;
    }

    async fn propose(&self, owner: Option<&str>, delegation: Option<&str>) -> Result<ProposalId, Reason> {
        let request = self.stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]);
        let new = NewProposal {
            requests: request.into(),
            reason: "Mara asked the clerk to.".to_owned(),
            finding: None,
            request_key: None,
            agent: Some(AgentClaim {
                key: self.agent.key.clone(),
                scopes: self.agent.scopes.clone(),
                owner: owner.map(|owner| Uid::parse(owner).expect("legal")),
                delegation: delegation.map(str::to_owned),
            }),
        };
        self.stage.gate.propose(&self.agent.actor, new, NOW).await.map(|made| made.id).map_err(denied)
    }

    async fn propose_for_mara(&self) -> Result<ProposalId, Reason> {
        self.propose(Some("uid_mara"), None).await
    }

    async fn approved(&self) -> ProposalId {
        let id = self.propose_for_mara().await.expect("is delegated");
        self.stage.approve(&self.stage.ines, id).await.expect("may be approved");
        assert_eq!(self.may_apply(id).await, Ok(()));
        id
    }

    async fn may_apply(&self, id: ProposalId) -> Result<(), Reason> {
        self.stage.may_apply(id, NOW).await.asked()
    }
}

async fn let_in(stage: &Stage, scopes: &[&str]) -> VerifiedAgent {
    let secret = new_secret().expect("randomness");
    let wanted = WantedKey {
        agent: Uid::parse("agent-clerk").expect("legal"),
        name: "Clerk".to_owned(),
        scopes: scopes.iter().map(|scope| AgentScope::parse(scope).expect("a scope")).collect(),
        lasts: minutes(60 * 24),
    };
    let mut tx = stage.store.begin().await.expect("begins");
    let issued = tx.agent_key_issue(stage.store.studio(), &wanted, &secret, &stage.juno, NOW).await;
    tx.commit().await.expect("commits");
    issued.expect("answers").expect("an admin may");
    authenticate(&stage.store, &secret.reveal(), NOW).await.expect("answers").expect("is good")
}

#[tokio::test]
async fn an_agent_proposes_in_its_owners_name_and_people_approve() {
    let agents = Agents::open().await;
    let id = agents.approved().await;
    let proposal = agents.stage.proposal(id).await;
    assert_eq!((proposal.owner().as_str(), proposal.proposer.to_string().as_str()), ("uid_mara", "agent:agent-clerk"));
    let behalf = proposal.behalf.expect("it is on behalf of somebody");
    assert_eq!((behalf.delegation.as_str(), &behalf.key), ("d-1", &agents.agent.key));
    let created = AuditQuery { action: Some("proposal.created".to_owned()), ..AuditQuery::default() };
    let entries = agents.stage.store.audit_entries(&created, 10).await.expect("reads");
    let details = format!("{:?}", entries[0].event);
    assert!(details.contains("uid_mara") && details.contains("d-1"), "{details}");
}

#[tokio::test]
async fn what_an_agent_says_of_its_rights_counts_for_nothing() {
    let agents = Agents::open().await;
    assert_eq!(agents.propose(None, None).await, Err(Reason::DelegationMissing), "it names no owner");
    assert_eq!(agents.propose(Some("uid_mara"), Some("d-made-up")).await, Err(Reason::DelegationMissing));
    assert_eq!(agents.propose(Some("uid_theo"), None).await, Err(Reason::DelegationOwnerMismatch), "not his document");
    let no_claim = NewProposal {
        requests: agents.stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]).into(),
        reason: "Nobody asked the clerk to.".to_owned(),
        finding: None,
        request_key: None,
        agent: None,
    };
    let answer = agents.stage.gate.propose(&agents.agent.actor, no_claim, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::DelegationMissing, "an agent that omits what it is stays an agent");
}

#[tokio::test]
async fn a_confused_deputy_is_denied_counted_and_traced() {
    let agents = Agents::open().await;
    agents.delegate("d-2", &[("agentClientId", Value::text("agent-other"))]).await;
    assert_eq!(agents.propose(Some("uid_mara"), Some("d-2")).await, Err(Reason::DelegationActorMismatch));
    agents.delegate("d-3", &[("ownerUid", Value::text("uid_theo"))]).await;
    assert_eq!(agents.propose(Some("uid_mara"), Some("d-3")).await, Err(Reason::DelegationOwnerMismatch));
    let traces = agents.stage.store.denial_traces(10).await.expect("reads");
    let suspicions: Vec<Option<&str>> = traces.iter().map(|trace| trace.suspicion.as_deref()).collect();
    assert_eq!(suspicions, [Some("other_owners_delegation"), Some("borrowed_delegation")]);
    assert_eq!(agents.stage.store.denial_suspicions(NOW).await.expect("counts"), 2);
}

#[tokio::test]
async fn each_way_in_which_a_delegation_fails_has_its_own_code() {
    let agents = Agents::open().await;
    let check = async |other: &[(&str, Value)], reason| {
        agents.delegate("d-1", other).await;
        // Each denial counts towards a suspension, which is not the question here.
        let mut tx = agents.stage.store.begin().await.expect("begins");
        let why = GivenReason::parse("Only a test of codes.").expect("a reason");
        let (studio, uid) = (agents.stage.store.studio().clone(), agents.agent.actor.uid().clone());
        tx.agent_resume(&studio, &uid, &agents.stage.juno, &why, NOW).await.expect("answers").expect("may");
        tx.commit().await.expect("commits");
        assert_eq!(agents.propose(Some("uid_mara"), Some("d-1")).await, Err(reason), "{other:?}");
    };
    check(&[("status", Value::text("revoked"))], Reason::DelegationRevoked).await;
    check(&[("revokedAt", Value::Timestamp(NOW))], Reason::DelegationRevoked).await;
    check(&[("expiresAt", Value::Timestamp(NOW))], Reason::DelegationExpired).await;
    check(&[("scopes", texts(&["batches:read"]))], Reason::DelegationScopeMissing).await;
    check(&[("resources", texts(&["reservations/r-9"]))], Reason::DelegationResourceMissing).await;
    check(&[("expiresAt", Value::Null)], Reason::DelegationInvalid).await;
}

#[tokio::test]
async fn a_delegation_that_was_revoked_since_the_approval_stops_the_write() {
    let agents = Agents::open().await;
    let id = agents.approved().await;
    agents.delegate("d-1", &[("status", Value::text("revoked"))]).await;
    assert_eq!(agents.may_apply(id).await, Err(Reason::DelegationRevoked));
    agents.delegate("d-2", &[]).await;
    assert_eq!(agents.may_apply(id).await, Err(Reason::DelegationRevoked), "another one does not stand in for it");
}

#[tokio::test]
async fn delegations_are_relied_on_only_while_their_mirror_is_fresh() {
    let agents = Agents::open().await;
    let id = agents.approved().await;
    let late = NOW.plus(minutes(5)).plus(Duration::from_secs(1));
    let decision = agents.stage.may_apply(id, late).await;
    assert_eq!(decision.asked(), Err(Reason::DelegationStale));
    assert!(decision.passes(), "it waits for the mirror");
}

#[tokio::test]
async fn a_key_that_was_revoked_since_the_approval_stops_the_write() {
    let agents = Agents::open().await;
    let id = agents.approved().await;
    revoke(&agents.stage, &agents.agent.key, NOW).await;
    assert_eq!(agents.may_apply(id).await, Err(Reason::CredentialRefused));
}

#[tokio::test]
async fn an_agent_that_the_cloud_took_out_of_service_waits_or_is_denied() {
    let agents = Agents::open().await;
    let id = agents.approved().await;
    let client = async |status: &str| {
        agents.stage.put("agentClients/agent-clerk", &[("status", Value::text(status))], NOW).await;
    };
    client("suspended").await;
    assert_eq!(agents.may_apply(id).await, Err(Reason::AgentSuspended));
    assert!(agents.stage.may_apply(id, NOW).await.passes(), "a suspension ends");
    client("revoked").await;
    assert_eq!(agents.may_apply(id).await, Err(Reason::CredentialRefused));
}

#[tokio::test]
async fn a_key_never_reaches_further_than_its_own_scopes() {
    let mut agents = Agents::open().await;
    agents.agent = let_in(&agents.stage, &["capability:ops_note.append:execute"]).await;
    assert_eq!(agents.propose_for_mara().await, Err(Reason::DelegationScopeMissing));
}

#[tokio::test]
async fn an_agent_that_is_denied_again_and_again_is_suspended() {
    let agents = Agents::open().await;
    for _ in 0..6 {
        assert_eq!(agents.propose(Some("uid_mara"), Some("d-none")).await, Err(Reason::DelegationMissing));
    }
    assert_eq!(agents.propose_for_mara().await, Err(Reason::AgentSuspended), "even what it might do");
}

#[tokio::test]
async fn an_agent_asks_no_more_often_than_it_may_do() {
    let agents = Agents::open().await;
    for number in 0..30 {
        assert!(agents.propose_for_mara().await.is_ok(), "{number}");
    }
    let request = agents.stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]);
    let claim = AgentClaim {
        key: agents.agent.key.clone(),
        scopes: agents.agent.scopes.clone(),
        owner: Some(Uid::parse("uid_mara").expect("legal")),
        delegation: None,
    };
    let reason = "Mara asked the clerk to.".to_owned();
    let new = NewProposal { requests: request.into(), reason, finding: None, request_key: None, agent: Some(claim) };
    let answer = agents.stage.gate.propose(&agents.agent.actor, new, NOW).await.expect_err("is limited");
    let GateError::Limited(wait) = answer else { panic!("not limited: {answer:?}") };
    assert_eq!(wait.duration(), minutes(2), "thirty in an hour");
    let limited = AuditQuery { action: Some("rate_limit_triggered".to_owned()), ..AuditQuery::default() };
    assert_eq!(agents.stage.store.audit_entries(&limited, 10).await.expect("reads").len(), 1);
}

async fn revoke(stage: &Stage, key: &KeyPrefix, now: Timestamp) {
    let reason = GivenReason::parse("It was seen in a chat.").expect("a reason");
    let mut tx = stage.store.begin().await.expect("begins");
    let revoked = tx.agent_key_revoke(stage.store.studio(), key, &stage.juno, &reason, now).await;
    tx.commit().await.expect("commits");
    revoked.expect("answers").expect("an admin may");
}
