//! What the tests of the circle share: a made-up cloud, the real mirror, gate, push and drift, and two colleagues.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::Target;
use studio_brain::domain::capability::{BadInput, Request, shipped};
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, ProposalId, StudioId, WriteId};
use studio_brain::domain::ledger::WriteRecord;
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value;
use studio_brain::gate::policy::{Policy, PolicyFiles};
use studio_brain::gate::{Decision, Gate, GateError, GateSettings, NewProposal, NewUndo, Writes};
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::jobs::drift::{Drift, DriftSettings};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::jobs::push::{Push, PushSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::Store;
use studio_brain::store::findings::CheckOutcome;

/// The collections that are mirrored here.
const COLLECTIONS: [&str; 8] = [
    "reservations",
    "batches",
    "studioBrainOpsNotes",
    "studioBrainReceipts",
    "studioBrainDrills",
    "delegations",
    "agentClients",
    "agentRequests",
];

/// A studio with a cloud of its own.
pub(super) struct Stage {
    pub(super) cloud: Database,
    pub(super) world: World,
    pub(super) store: Store,
    pub(super) gate: Gate,
    policy: Arc<Policy>,
    pub(super) push: Push,
    pub(super) drift: Drift,
    pub(super) ines: Actor,
    pub(super) dov: Actor,
    /// The admin among them.
    pub(super) juno: Actor,
    pub(super) authority: Authority,
    pub(super) clock: Clock,
    stop: CancellationToken,
    mirror: TaskTracker,
    _server: FirestoreServer,
    pub(super) directory: tempfile::TempDir,
}

pub(super) fn text(text: &str) -> WireValue {
    WireValue { value_type: Some(ValueType::StringValue(text.to_owned())) }
}

/// What every reservation and batch has to have, and these fields.
pub(super) fn whole<const N: usize>(fields: [(&str, WireValue); N]) -> HashMap<String, WireValue> {
    let moment = WireValue { value_type: Some(ValueType::TimestampValue(prost_types::Timestamp::default())) };
    let open = WireValue { value_type: Some(ValueType::BooleanValue(false)) };
    let given = fields.map(|(name, value)| (name.to_owned(), value));
    [("ownerUid", text("u")), ("createdAt", moment.clone()), ("updatedAt", moment)]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .chain(given.iter().any(|(name, _)| name == "state").then(|| ("isClosed".to_owned(), open)))
        .chain(given)
        .collect()
}

pub(super) fn path(text: &str) -> DocPath {
    DocPath::parse(text).expect("a legal path")
}

impl Stage {
    pub(super) async fn open() -> Self {
        Self::with(Writes::On).await
    }

    /// A studio whose limits nobody reaches.
    pub(super) async fn generous() -> Self {
        let mut files = PolicyFiles::shipped();
        files.registry.text = files.registry.text.replace("limit = ", "limit = 99");
        let (policy, mut stage) = (Arc::new(Policy::parse(&files).expect("is legal")), Self::open().await);
        stage.gate = stage.gate.with_policy(Arc::clone(&policy));
        stage.policy = policy;
        stage.push = stage.another_push();
        stage
    }

    /// A studio whose reads for the day are spent from the start.
    pub(super) async fn braked() -> Self {
        let stage = Self::open().await;
        Self { drift: stage.drift.within(1), ..stage }
    }

    pub(super) async fn with(writes: Writes) -> Self {
        let options = Options { heartbeat: Duration::from_millis(50), ..Options::default() };
        let server = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await.expect("starts");
        let cloud = server.world().database("projects/demo-studio/databases/(default)");
        let document = |status: &str| whole([("status", text(status))]);
        cloud.seed([
            ("reservations/r-1".to_owned(), document("REQUESTED")),
            ("reservations/r-2".to_owned(), document("CONFIRMED")),
            ("batches/b-1".to_owned(), whole([("state", text("SHELVED"))])),
        ]);
        let clock = Clock::system();
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("monsoon-west").expect("legal");
        let store = Store::open(directory.path(), &studio, clock.now().into()).await.expect("opens");
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&server.address().to_string()).expect("an endpoint")),
            project: "demo-studio".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(5),
        });
        let gate_settings = GateSettings { writes, lifetime: Duration::from_secs(3_600) };
        let [ines, dov, juno] = people(&store, &clock).await;
        let (stop, tasks) = mirroring(&store, &authority, &clock);
        let settings = PushSettings { batch: 20, unknown_retry_after: Duration::ZERO, start_rate: NonZeroU32::MAX };
        let drift_settings = DriftSettings { period: Duration::from_secs(900), sample: 10, budget: 1_000 };
        let (gate, policy) = (Gate::new(store.clone(), gate_settings), Policy::shipped());
        let mut stage = Self {
            world: server.world(),
            push: Push::new(store.clone(), authority.clone(), clock.clone(), gate.clone(), settings),
            gate,
            policy,
            drift: Drift::new(store.clone(), authority.clone(), clock.clone(), drift_settings),
            cloud,
            store,
            ines,
            dov,
            juno,
            authority,
            clock,
            stop,
            mirror: tasks,
            _server: server,
            directory,
        };
        stage.mirror_shows_now().await;
        // As at every start, the lease comes first: what a test counts and breaks later is not its claim.
        stage.push.pass().await.expect("passes");
        stage
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Waits until the mirror shows this moment.
    pub(super) async fn mirror_shows_now(&self) {
        let reached = self.store.targets_reach(self.now());
        tokio::time::timeout(Duration::from_secs(30), reached).await.expect("in time").expect("reads");
    }

    /// Asks for a reservation's next status, as Ines.
    pub(super) async fn propose(&self, reservation: &str, status: &str) -> Result<ProposalId, GateError> {
        let request = self.request(shipped::RESERVATION_STATUS_SET, reservation, &[("status", status)]);
        self.propose_request(request.expect("parses")).await
    }

    /// A request with these inputs.
    pub(super) fn request(&self, id: &str, document: &str, inputs: &[(&str, &str)]) -> Result<Request, BadInput> {
        let capability = self.gate.registry().find(id).expect("the registry has it");
        let inputs = inputs.iter().map(|(name, text)| ((*name).to_owned(), Value::text(*text))).collect();
        Request::parse(capability, document, &inputs)
    }

    /// Makes a proposal, as Ines.
    pub(super) async fn propose_request(&self, request: Request) -> Result<ProposalId, GateError> {
        self.propose_as(&self.ines, request).await
    }

    /// Makes a proposal.
    pub(super) async fn propose_as(&self, who: &Actor, request: Request) -> Result<ProposalId, GateError> {
        let reason = "The member asked at the desk.".to_owned();
        let new = NewProposal { requests: request.into(), reason, finding: None, request_key: None, agent: None };
        Ok(self.gate.propose(who, new, self.now()).await?.id)
    }

    /// Decides about the content as it is.
    pub(super) async fn decide(&self, who: &Actor, id: ProposalId, choice: Choice) -> Result<ProposalState, GateError> {
        let content_hash = self.proposal(id).await.content_hash();
        let reason = "Seen and agreed with her.".to_owned();
        self.gate.decide(who, Decision { proposal: id, choice, code: None, reason, content_hash }, self.now()).await
    }

    /// An approved proposal to set a reservation's status.
    pub(super) async fn approved(&self, reservation: &str, status: &str) -> ProposalId {
        let id = self.propose(reservation, status).await.expect("may be proposed");
        let state = self.decide(&self.dov, id, Choice::Approve).await.expect("may be approved");
        assert_eq!(state, ProposalState::Approved);
        id
    }

    /// Proposes and approves to take a write back.
    pub(super) async fn approved_undo(&self, write: WriteId) -> ProposalId {
        let new = NewUndo {
            undone: studio_brain::gate::Undone::Write(write),
            reason: "It was the wrong one.".to_owned(),
            request_key: None,
        };
        let id = self.gate.undo(&self.dov, new, self.now()).await.expect("may be undone").id;
        self.decide(&self.ines, id, Choice::Approve).await.expect("may be approved");
        id
    }

    pub(super) async fn proposal(&self, id: ProposalId) -> studio_brain::domain::proposal::Proposal {
        self.store.proposal(id).await.expect("reads").expect("is there")
    }

    pub(super) async fn write_of(&self, id: ProposalId) -> WriteRecord {
        self.store.writes_of(id).await.expect("reads").pop().expect("was intended")
    }

    /// One pass of the push job, then what the mirror has seen of it.
    pub(super) async fn push_and_observe(&mut self) {
        self.push.pass().await.expect("passes");
        self.mirror_shows_now().await;
        self.push.pass().await.expect("passes");
    }

    /// Asks for a look at the cloud and takes it.
    pub(super) async fn look(&mut self) -> CheckOutcome {
        let mut tx = self.store.begin().await.expect("begins");
        tx.check_request(Some("staff:ines"), self.now()).await.expect("asks");
        tx.commit().await.expect("commits");
        self.mirror_shows_now().await;
        self.drift.pass().await.expect("passes");
        let check = self.store.check_last().await.expect("reads").expect("was taken");
        check.finished.expect("has ended").1
    }

    pub(super) async fn mirrored(&self, document: &str) -> Option<Document> {
        self.store.document(&path(document)).await.expect("reads").map(|mirrored| mirrored.document)
    }

    /// The actions and reasons that the audit log has about something, oldest first.
    pub(super) async fn audited(&self, target: Target) -> Vec<(&'static str, &'static str)> {
        let entries = self.store.audit_about(&target).await.expect("reads");
        entries.iter().map(|entry| (entry.event.action.word(), entry.event.reason.code())).collect()
    }

    /// Loses everything that is only in memory, and starts again from the data directory.
    pub(super) async fn restart(mut self) -> Self {
        self.stop.cancel();
        self.mirror.close();
        self.mirror.wait().await;
        self.store.close().await;
        let settings = self.gate.settings();
        self.store = Store::open(self.directory.path(), self.store.studio(), self.now()).await.expect("opens again");
        self.gate = Gate::new(self.store.clone(), settings).with_policy(Arc::clone(&self.policy));
        self.push = self.another_push();
        (self.stop, self.mirror) = mirroring(&self.store, &self.authority, &self.clock);
        self
    }

    /// Stops the mirror and waits until it is at rest.
    pub(super) async fn close(self) {
        self.stop.cancel();
        self.mirror.close();
        self.mirror.wait().await;
        self.store.close().await;
    }
}

/// Starts the mirror.
fn mirroring(store: &Store, authority: &Authority, clock: &Clock) -> (CancellationToken, TaskTracker) {
    let collections = COLLECTIONS.iter().map(|name| CollectionId::parse(*name).expect("legal")).collect();
    let settings = MirrorSettings {
        heartbeat_every: Duration::ZERO,
        retry_first: Duration::from_millis(10),
        ..MirrorSettings::for_collections(collections)
    };
    let hands = clock.clone();
    let now = Arc::new(move || Timestamp::from(hands.now()));
    let mirror = Mirror::new(store.clone(), authority.clone(), settings, now);
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(mirror.run(stop.clone()));
    (stop, tasks)
}

/// Two members of staff and an admin, through real tokens and real sessions.
async fn people(store: &Store, clock: &Clock) -> [Actor; 3] {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let verifier = Verifier::new(vec![provider.trusted()]);
    let audit = Arc::new(AuditedSessions);
    let sessions = Sessions::new(store.studio().clone(), SessionRules::default(), StaffList::default(), audit);
    let mut actors = Vec::new();
    for uid in ["uid_staff_ines", "uid_staff_dov", "uid_admin_juno"] {
        let now: Timestamp = clock.now().into();
        let token = provider.token_for(uid, now).expect("a token");
        let identity = verifier.verify(&token, now).await.expect("is genuine");
        let mut tx = store.begin().await.expect("begins");
        actors.push(sessions.start(&mut tx, &identity, None, now).await.expect("stores").expect("may come in").actor);
        tx.commit().await.expect("commits");
    }
    actors.try_into().expect("three")
}
