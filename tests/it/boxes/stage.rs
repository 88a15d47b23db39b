//! A made-up cloud, and boxes of one studio with a network each: opened, copied, cut off, started again.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::Target;
use studio_brain::domain::capability::{Request, shipped};
use studio_brain::domain::decision::Lease;
use studio_brain::domain::ids::{CollectionId, DocPath, ProposalId, StudioId};
use studio_brain::domain::lease::Standing;
use studio_brain::domain::proposal::{Choice, Proposal, ProposalState};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value;
use studio_brain::gate::policy::{Policy, PolicyFiles};
use studio_brain::gate::{Decision, Gate, GateSettings, NewProposal, Writes};
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::jobs::push::{Push, PushSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Method, Options, World};
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::Store;

/// Where the studio's lease is.
pub(super) const LEASE: &str = "studioBrainBoxes/monsoon-west";

/// The cloud, and who is there whatever happens to the boxes.
pub(super) struct Cloud {
    pub(super) world: World,
    pub(super) database: Database,
    policy: Arc<Policy>,
}

/// Two members of staff and an admin.
#[derive(Clone)]
pub(super) struct People {
    pub(super) ines: Actor,
    pub(super) dov: Actor,
    pub(super) juno: Actor,
}

/// One box: its directory, what runs there, and its own way to the cloud.
pub(super) struct Edge {
    pub(super) store: Store,
    pub(super) gate: Gate,
    pub(super) push: Push,
    pub(super) directory: TempDir,
    clock: Clock,
    policy: Arc<Policy>,
    writes: Writes,
    authority: Authority,
    world: World,
    address: SocketAddr,
    network: Option<FirestoreServer>,
    mirror: Option<(CancellationToken, TaskTracker)>,
}

pub(super) fn text(text: &str) -> WireValue {
    WireValue { value_type: Some(ValueType::StringValue(text.to_owned())) }
}

fn reservation() -> HashMap<String, WireValue> {
    HashMap::from([("status".to_owned(), text("REQUESTED")), ("ownerUid".to_owned(), text("u"))])
}

/// In memory where that is possible: what a disk would lose without power is not what is tested here.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a directory")
}

/// The shipped rules, for people who do in a minute what others do in a month.
pub(super) fn patient_policy() -> Arc<Policy> {
    let mut files = PolicyFiles::shipped();
    let quotas = |times: u64| {
        let of = |(per, limit): &(&str, u64)| {
            format!("    {{ per = \"{per}\", limit = {}, window = \"1h\" }},\n", limit * times)
        };
        [("actor", 30), ("owner", 60), ("capability", 120)].iter().map(of).collect::<String>()
    };
    assert!(files.registry.text.contains(&quotas(1)), "the registry has other quotas");
    files.registry.text = files.registry.text.replace(&quotas(1), &quotas(1_000));
    Arc::new(Policy::parse(&files).expect("a policy"))
}

impl Cloud {
    /// A cloud with these reservations.
    pub(super) fn with(reservations: &[&str]) -> Self {
        let world = World::new(Options { heartbeat: Duration::from_millis(50), ..Options::default() });
        let database = world.database("projects/demo-studio/databases/(default)");
        let cloud = Self { world, database, policy: patient_policy() };
        cloud.seed(reservations);
        cloud
    }

    pub(super) fn seed(&self, reservations: &[&str]) {
        self.database.seed(reservations.iter().map(|id| (format!("reservations/{id}"), reservation())));
    }

    /// A box with an empty directory, which mirrors.
    pub(super) async fn fresh_box(&self, writes: Writes) -> Edge {
        let mut edge = Edge::open(self, directory(), writes).await;
        edge.run_mirror();
        edge.mirror_shows_now().await;
        edge
    }

    /// A box with a copy of another one's directory, taken while that runs. It does not mirror yet.
    pub(super) async fn copy_of(&self, edge: &Edge) -> Edge {
        let copy = directory();
        let from = format!("sqlite://{}", Store::file_in(edge.directory.path()).display());
        let from = sqlx::SqlitePool::connect(&from).await.expect("opens");
        let to = Store::file_in(copy.path()).display().to_string();
        sqlx::query("vacuum into ?").bind(to).execute(&from).await.expect("copies");
        from.close().await;
        Edge::open(self, copy, edge.writes).await
    }

    pub(super) fn commits(&self) -> u64 {
        self.world.calls(Method::Commit)
    }

    /// Whom the lease names, by the id of its start.
    pub(super) fn holder(&self) -> Option<String> {
        let start = self.database.get(LEASE)?.fields.get("start")?.value_type.clone()?;
        if let ValueType::StringValue(start) = start { Some(start) } else { panic!("{start:?}") }
    }

    /// A reservation's status in the cloud.
    pub(super) fn status(&self, reservation: &str) -> WireValue {
        let document = self.database.get(&format!("reservations/{reservation}")).expect("is there");
        document.fields.get("status").expect("has a status").clone()
    }

    pub(super) fn writes_to(&self, reservation: &str) -> u64 {
        self.database.writes_to(&format!("reservations/{reservation}"))
    }

    pub(super) fn has_receipt(&self, proposal: &Proposal) -> bool {
        self.database.get(&format!("studioBrainReceipts/{}", proposal.write_id(proposal.changes.first()))).is_some()
    }
}

impl Edge {
    async fn open(cloud: &Cloud, directory: TempDir, writes: Writes) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let network = FirestoreServer::serve(anywhere, cloud.world.clone()).await.expect("starts");
        let address = network.address();
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&address.to_string()).expect("an endpoint")),
            project: "demo-studio".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(5),
        });
        let clock = Clock::system();
        let (store, gate, push) = start(directory.path(), &clock, &cloud.policy, writes, &authority).await;
        let (world, policy) = (cloud.world.clone(), Arc::clone(&cloud.policy));
        let network = Some(network);
        Self { store, gate, push, directory, clock, policy, writes, authority, world, address, network, mirror: None }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of this start.
    pub(super) fn me(&self) -> String {
        self.store.me().expect("it writes").start.clone()
    }

    pub(super) async fn standing(&self) -> Standing {
        self.store.lease().await.expect("reads").standing
    }

    pub(super) async fn answer(&self) -> Lease {
        self.store.lease_answer().await
    }

    pub(super) fn run_mirror(&mut self) {
        let collections = ["reservations", "studioBrainReceipts"];
        let collections = collections.map(|name| CollectionId::parse(name).expect("legal")).to_vec();
        let settings = MirrorSettings {
            heartbeat_every: Duration::ZERO,
            retry_first: Duration::from_millis(10),
            retry_most: Duration::from_millis(50),
            ..MirrorSettings::for_collections(collections)
        };
        let hands = self.clock.clone();
        let now = Arc::new(move || Timestamp::from(hands.now()));
        let mirror = Mirror::new(self.store.clone(), self.authority.clone(), settings, now);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(mirror.run(stop.clone()));
        self.mirror = Some((stop, tasks));
    }

    /// Waits until the mirror shows this moment.
    pub(super) async fn mirror_shows_now(&self) {
        let reached = self.store.targets_reach(self.now());
        tokio::time::timeout(Duration::from_secs(30), reached).await.expect("in time").expect("reads");
    }

    async fn stop_mirror(&mut self) {
        if let Some((stop, tasks)) = self.mirror.take() {
            stop.cancel();
            tasks.close();
            tasks.wait().await;
        }
    }

    /// The process ends, and another one starts in its place.
    pub(super) async fn restart(&mut self) {
        let mirrored = self.mirror.is_some();
        self.stop_mirror().await;
        self.store.close().await;
        let started = start(self.directory.path(), &self.clock, &self.policy, self.writes, &self.authority).await;
        (self.store, self.gate, self.push) = started;
        if mirrored {
            self.run_mirror();
        }
    }

    /// Another process in the same directory of the same machine, as of a cloned machine.
    pub(super) async fn clone_of_the_machine(&self) -> (Store, Gate, Push) {
        start(self.directory.path(), &self.clock, &self.policy, self.writes, &self.authority).await
    }

    pub(super) async fn cut_off(&mut self) {
        if let Some(network) = self.network.take() {
            network.stop().await;
        }
    }

    pub(super) async fn reconnect(&mut self) {
        if self.network.is_none() {
            let network = FirestoreServer::serve(self.address, self.world.clone()).await;
            self.network = Some(network.expect("the same port again"));
        }
    }

    /// An approved proposal to set a reservation's status.
    pub(super) async fn approved(&self, people: &People, reservation: &str, status: &str) -> ProposalId {
        let capability = self.gate.registry().find(shipped::RESERVATION_STATUS_SET).expect("the registry has it");
        let inputs = [("status".to_owned(), Value::text(status))].into();
        let request = Request::parse(capability, reservation, &inputs).expect("parses");
        let reason = "The member asked at the desk.".to_owned();
        let new = NewProposal { requests: request.into(), reason, finding: None, request_key: None, agent: None };
        let proposal = self.gate.propose(&people.ines, new, self.now()).await.expect("may be proposed").id;
        let content_hash = self.proposal(proposal).await.content_hash();
        let reason = "Seen and agreed with her.".to_owned();
        let decision = Decision { proposal, choice: Choice::Approve, code: None, reason, content_hash };
        let state = self.gate.decide(&people.dov, decision, self.now()).await.expect("may be approved");
        assert_eq!(state, ProposalState::Approved);
        proposal
    }

    /// The admin decides that this box writes.
    pub(super) async fn take(&self, people: &People) {
        self.gate.take_lease(&people.juno, "The other box is broken.", self.now()).await.expect("an admin may");
    }

    pub(super) async fn pass(&mut self) {
        self.push.pass().await.expect("passes");
    }

    /// Is there nothing that it still means to send?
    pub(super) async fn is_through(&self) -> bool {
        let ready = self.store.proposals_ready(self.now(), 1).await.expect("reads");
        ready.is_empty() && self.store.writes_open(1).await.expect("reads").is_empty()
    }

    pub(super) async fn proposal(&self, id: ProposalId) -> Proposal {
        self.store.proposal(id).await.expect("reads").expect("is there")
    }

    /// The actions and reasons that the audit log has about the lease, oldest first.
    pub(super) async fn audited(&self) -> Vec<(&'static str, &'static str)> {
        let about = Target::Document(DocPath::parse(LEASE).expect("a path"));
        let entries = self.store.audit_about(&about).await.expect("reads");
        entries.iter().map(|entry| (entry.event.action.word(), entry.event.reason.code())).collect()
    }

    pub(super) async fn close(mut self) {
        self.stop_mirror().await;
        self.cut_off().await;
        self.store.close().await;
    }

    /// Two members of staff and an admin, through real tokens and real sessions.
    pub(super) async fn people(&self) -> People {
        let provider = SandboxIdentity::start("demo-studio").expect("a provider");
        let verifier = Verifier::new(vec![provider.trusted()]);
        let audit = Arc::new(AuditedSessions);
        let studio = self.store.studio().clone();
        let sessions = Sessions::new(studio, SessionRules::default(), StaffList::default(), audit);
        let mut actors = Vec::new();
        for uid in ["uid_staff_ines", "uid_staff_dov", "uid_admin_juno"] {
            let token = provider.token_for(uid, self.now()).expect("a token");
            let identity = verifier.verify(&token, self.now()).await.expect("is genuine");
            let mut tx = self.store.begin().await.expect("begins");
            let started = sessions.start(&mut tx, &identity, None, self.now()).await.expect("stores");
            actors.push(started.expect("may come in").actor);
            tx.commit().await.expect("commits");
        }
        let [ines, dov, juno] = actors.try_into().expect("three");
        People { ines, dov, juno }
    }
}

pub(super) async fn start(
    directory: &Path,
    clock: &Clock,
    policy: &Arc<Policy>,
    writes: Writes,
    authority: &Authority,
) -> (Store, Gate, Push) {
    let studio = StudioId::parse("monsoon-west").expect("legal");
    let store = Store::open(directory, &studio, clock.now().into()).await.expect("opens");
    let settings = GateSettings { writes, lifetime: Duration::from_secs(3_600) };
    let gate = Gate::new(store.clone(), settings).with_policy(Arc::clone(policy));
    let push = push(&store, authority, clock, &gate);
    (store, gate, push)
}

pub(super) fn push(store: &Store, authority: &Authority, clock: &Clock, gate: &Gate) -> Push {
    let settings =
        PushSettings { batch: 20, unknown_retry_after: Duration::ZERO, start_rate: std::num::NonZeroU32::MAX };
    Push::new(store.clone(), authority.clone(), clock.clone(), gate.clone(), settings)
}
