//! A studio's database with a mirror, and people with real sessions. There is no cloud here, and time is an argument.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::Target;
use studio_brain::domain::capability::Request;
use studio_brain::domain::decision::{Act, Base, Decision as Answer};
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, ProposalId, StudioId};
use studio_brain::domain::lease::{Claim, Standing};
use studio_brain::domain::proposal::{Choice, Proposal, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::gate::policy::{Policy, PolicyFiles};
use studio_brain::gate::{Decision, Gate, GateError, GateSettings, NewProposal, Writes};
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::Store;

const COLLECTIONS: [&str; 10] = [
    "reservations",
    "batches",
    "materialsOrders",
    "kilnFirings",
    "communityReports",
    "studioBrainDrills",
    "studioBrainOpsNotes",
    "delegations",
    "agentClients",
    "agentRequests",
];

/// A Wednesday morning.
pub(super) const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

/// A studio.
pub(super) struct Stage {
    pub(super) store: Store,
    pub(super) gate: Gate,
    pub(super) ines: Actor,
    pub(super) dov: Actor,
    /// The admin among them.
    pub(super) juno: Actor,
    _directory: tempfile::TempDir,
}

pub(super) fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// The shipped policy with something changed in its registry.
pub(super) fn policy_with(from: &str, to: &str) -> Arc<Policy> {
    let mut files = PolicyFiles::shipped();
    assert!(files.registry.text.contains(from), "the registry has no `{from}`");
    files.registry.text = files.registry.text.replace(from, to);
    Arc::new(Policy::parse(&files).expect("a policy"))
}

impl Stage {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("monsoon-west").expect("legal");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        let ids = COLLECTIONS.map(|id| CollectionId::parse(id).expect("legal"));
        store.targets_declare(&ids).await.expect("declares");
        let settings = GateSettings { writes: Writes::On, lifetime: minutes(24 * 60) };
        let gate = Gate::new(store.clone(), settings);
        let [ines, dov, juno] = people(&store).await;
        let stage = Self { store, gate, ines, dov, juno, _directory: directory };
        stage.has_the_lease().await;
        stage.put("reservations/r-1", &[("status", Value::text("REQUESTED"))], NOW).await;
        stage.put("batches/b-1", &[("state", Value::text("READY_FOR_PICKUP"))], NOW).await;
        stage.read_at(NOW).await;
        stage
    }

    /// Puts a document into the mirror, changed at this moment.
    pub(super) async fn put(&self, path: &str, fields: &[(&str, Value)], at: Timestamp) {
        let fields: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let path = DocPath::parse(path).expect("legal");
        let document = Document { path, fields, create_time: NOW, update_time: at };
        let mut tx = self.store.begin().await.expect("begins");
        tx.document_put(&document, at).await.expect("puts");
        tx.commit().await.expect("commits");
    }

    /// This box is the one that writes.
    async fn has_the_lease(&self) {
        let me = self.store.me().expect("it writes");
        let claim = Claim { holder: me.clone(), claimed: Some(NOW), taken: None, base: NOW };
        let mut tx = self.store.begin().await.expect("begins");
        tx.lease_put(me, &Standing::Ours(claim), NOW).await.expect("stores");
        tx.commit().await.expect("commits");
    }

    /// The whole mirror is as of this moment.
    pub(super) async fn read_at(&self, at: Timestamp) {
        let mut tx = self.store.begin().await.expect("begins");
        for target in self.store.targets().await.expect("targets") {
            tx.targets_advance([(target.id, None)], at, at).await.expect("advances");
        }
        tx.commit().await.expect("commits");
    }

    pub(super) fn request(&self, capability: &str, document: &str, inputs: &[(&str, &str)]) -> Request {
        let capability = self.gate.registry().find(capability).expect("the registry has it");
        let inputs: BTreeMap<String, Value> =
            inputs.iter().map(|(name, text)| ((*name).to_owned(), Value::text(*text))).collect();
        Request::parse(capability, document, &inputs).expect("parses")
    }

    pub(super) async fn propose_as(
        &self,
        who: &Actor,
        request: Request,
        now: Timestamp,
    ) -> Result<ProposalId, GateError> {
        let reason = "The member asked at the desk.".to_owned();
        let new = NewProposal { requests: request.into(), reason, finding: None, request_key: None, agent: None };
        Ok(self.gate.propose(who, new, now).await?.id)
    }

    /// Asks for the confirmation of the reservation, as Ines.
    pub(super) async fn propose(&self) -> ProposalId {
        let request = self.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]);
        self.propose_as(&self.ines, request, NOW).await.expect("may be proposed")
    }

    /// Asks for the batch to be closed, as Ines: that needs two.
    pub(super) async fn propose_close(&self) -> ProposalId {
        let request = self.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
        self.propose_as(&self.ines, request, NOW).await.expect("may be proposed")
    }

    pub(super) async fn decide(
        &self,
        who: &Actor,
        id: ProposalId,
        choice: Choice,
        now: Timestamp,
    ) -> Result<ProposalState, Reason> {
        let content_hash = self.proposal(id).await.content_hash();
        let reason = "Seen and agreed with her.".to_owned();
        let decision = Decision { proposal: id, choice, code: None, reason, content_hash };
        self.gate.decide(who, decision, now).await.map_err(denied)
    }

    pub(super) async fn approve(&self, who: &Actor, id: ProposalId) -> Result<ProposalState, Reason> {
        self.decide(who, id, Choice::Approve, NOW).await
    }

    pub(super) async fn proposal(&self, id: ProposalId) -> Proposal {
        self.store.proposal(id).await.expect("reads").expect("is there")
    }

    /// What the push job would be told at this moment, with the document unchanged.
    pub(super) async fn may_apply(&self, id: ProposalId, now: Timestamp) -> Answer {
        self.may(&Actor::system(self.store.studio(), "push"), Act::Apply, id, now).await
    }

    pub(super) async fn may(&self, who: &Actor, act: Act, id: ProposalId, now: Timestamp) -> Answer {
        let (proposal, verdicts) = (self.proposal(id).await, self.store.verdicts(id).await.expect("reads"));
        let around = self.gate.around(now).await.expect("reads");
        self.gate.may(who, act, (&proposal, &verdicts), (Base::Current, None), &around).await.expect("reads")
    }

    /// The actions and reasons that the audit log has about a proposal, oldest first.
    pub(super) async fn audited(&self, id: ProposalId) -> Vec<(&'static str, &'static str)> {
        let entries = self.store.audit_about(&Target::Proposal(id)).await.expect("reads");
        entries.iter().map(|entry| (entry.event.action.word(), entry.event.reason.code())).collect()
    }
}

/// Why the gate said no.
pub(super) fn denied(error: GateError) -> Reason {
    match error {
        GateError::Denied(reason) => reason,
        GateError::Overwritten(_)
        | GateError::Limited(_)
        | GateError::Input(_)
        | GateError::Missing { .. }
        | GateError::Store(_) => {
            panic!("not a denial: {error:?}")
        }
    }
}

/// Two members of staff and an admin, through real tokens and real sessions.
async fn people(store: &Store) -> [Actor; 3] {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let verifier = Verifier::new(vec![provider.trusted()]);
    let audit = Arc::new(AuditedSessions);
    let sessions = Sessions::new(store.studio().clone(), SessionRules::default(), StaffList::default(), audit);
    let mut actors = Vec::new();
    for uid in ["uid_staff_ines", "uid_staff_dov", "uid_admin_juno"] {
        let token = provider.token_for(uid, NOW).expect("a token");
        let identity = verifier.verify(&token, NOW).await.expect("is genuine");
        let mut tx = store.begin().await.expect("begins");
        actors.push(sessions.start(&mut tx, &identity, None, NOW).await.expect("stores").expect("may come in").actor);
        tx.commit().await.expect("commits");
    }
    actors.try_into().expect("three")
}
