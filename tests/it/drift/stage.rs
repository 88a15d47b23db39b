//! A made-up cloud with the sample studio, the real mirror, and the drift job.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::actor::Actor;
use studio_brain::domain::finding::{Family, FindingKind, KnownFinding};
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::domain::time::Timestamp;
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::jobs::drift::{Drift, DriftBounds, DriftSettings};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::sandbox::studio::{self, monsoon_west};
use studio_brain::store::Store;
use studio_brain::store::findings::CheckOutcome;

/// What is mirrored here.
const COLLECTIONS: [&str; 24] = [
    "batches",
    "reservations",
    "kilns",
    "kilnFirings",
    "communityReports",
    "communityReportAppeals",
    "agentRequests",
    "materialsOrders",
    "materialsProducts",
    "users",
    "profiles",
    "delegations",
    "agentClients",
    "agentAccounts",
    "events",
    "eventSignups",
    "eventCharges",
    "payments",
    "stripeWebhookEvents",
    "supportRequests",
    "libraryItems",
    "libraryLoans",
    "libraryRequests",
    "notificationJobs",
];

/// A studio, its mirror and its drift job.
pub(super) struct Stage {
    pub(super) cloud: Database,
    pub(super) world: World,
    pub(super) store: Store,
    pub(super) drift: Drift,
    pub(super) clock: Clock,
    pub(super) authority: Authority,
    stop: CancellationToken,
    mirror: TaskTracker,
    _server: FirestoreServer,
    _directory: tempfile::TempDir,
}

impl Stage {
    /// The sample studio, at the moment that it was made for.
    pub(super) async fn sample() -> Self {
        Self::of(monsoon_west(1).into_iter().map(|document| (document.path, document.fields)).collect(), &[]).await
    }

    /// The sample studio without the documents that show an edge case: nothing is wrong with it.
    pub(super) async fn healthy() -> Self {
        let edge: BTreeSet<String> = studio::edge_cases().into_iter().flat_map(|case| case.paths).collect();
        let kept = monsoon_west(1).into_iter().filter(|document| !edge.contains(&document.path));
        // The account of an edge case has a ledger below it.
        let kept = kept.filter(|document| !document.path.starts_with("agentAccounts/agent-glaze-scout"));
        Self::of(kept.map(|document| (document.path, document.fields)).collect(), &[]).await
    }

    async fn of(documents: Vec<(String, HashMap<String, WireValue>)>, left_out: &[&str]) -> Self {
        let options = Options { heartbeat: Duration::from_millis(50), ..Options::default() };
        let server = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await.expect("starts");
        let world = server.world();
        let cloud = world.database("projects/demo-studio/databases/(default)");
        cloud.seed(documents);
        let clock = Clock::manual(studio::NOW);
        let directory = tempfile::tempdir().expect("a directory");
        let id = StudioId::parse("monsoon-west").expect("legal");
        let store = Store::open(directory.path(), &id, clock.now().into()).await.expect("opens");
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&server.address().to_string()).expect("an endpoint")),
            project: "demo-studio".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(20),
        });
        let names = COLLECTIONS.into_iter().filter(|name| !left_out.contains(name));
        let collections = names.map(|name| CollectionId::parse(name).expect("legal")).collect();
        let settings = MirrorSettings {
            heartbeat_every: Duration::ZERO,
            retry_first: Duration::from_millis(10),
            retry_most: Duration::from_millis(50),
            ..MirrorSettings::for_collections(collections)
        };
        let real = Clock::system();
        let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(move || real.now().into());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(Mirror::new(store.clone(), authority.clone(), settings, now).run(stop.clone()));
        let settings = DriftSettings { period: Duration::from_secs(900), sample: 50, budget: 100_000 };
        // The sample stands in another year than the sandbox's clock.
        let bounds = DriftBounds { clock: Duration::from_secs(100 * 365 * 86_400), ..DriftBounds::default() };
        let drift = Drift::new(store.clone(), authority.clone(), clock.clone(), settings).bounded(bounds);
        let stage = Self {
            cloud,
            world,
            store,
            drift,
            clock,
            authority,
            stop,
            mirror: tasks,
            _server: server,
            _directory: directory,
        };
        stage.mirror_shows_now().await;
        stage
    }

    /// Waits until the mirror shows what the cloud holds now.
    pub(super) async fn mirror_shows_now(&self) {
        let now = self.authority.server_time().await.expect("the server answers");
        let reached = tokio::time::timeout(Duration::from_secs(60), self.store.targets_reach(now)).await;
        reached.expect("the mirror gets there").expect("reads");
    }

    /// Asks for a look at everything and takes it.
    pub(super) async fn look(&mut self) -> CheckOutcome {
        self.mirror_shows_now().await;
        self.look_at_what_is_shown().await
    }

    /// The same, with the mirror as it is.
    pub(super) async fn look_at_what_is_shown(&mut self) -> CheckOutcome {
        self.look_for(Some("staff:ines")).await
    }

    /// A look that is merely due: it counts, and reads a sample.
    pub(super) async fn look_as_due(&mut self) -> CheckOutcome {
        self.look_for(None).await
    }

    async fn look_for(&mut self, somebody: Option<&str>) -> CheckOutcome {
        let mut tx = self.store.begin().await.expect("begins");
        tx.check_request(somebody, self.clock.now().into()).await.expect("asks");
        tx.commit().await.expect("commits");
        self.drift.pass().await.expect("passes");
        let check = self.store.check_last().await.expect("reads").expect("was taken");
        check.finished.expect("has ended").1
    }

    /// Every open finding: kind, rule, and all documents that it names.
    pub(super) async fn open(&self) -> Vec<Found> {
        self.store.findings_open().await.expect("reads").iter().map(Found::of).collect()
    }

    /// How many findings each question has open.
    pub(super) async fn questions(&self) -> BTreeMap<Family, (u64, Option<String>)> {
        let answers = self.store.drift_answers().await.expect("reads");
        answers.into_iter().map(|(family, answer)| (family, (answer.open, answer.untold))).collect()
    }

    /// Somebody of the staff.
    pub(super) async fn ines(&self) -> Actor {
        let provider = SandboxIdentity::start("demo-studio").expect("a provider");
        let verifier = Verifier::new(vec![provider.trusted()]);
        let audit = Arc::new(AuditedSessions);
        let rules = SessionRules::default();
        let sessions = Sessions::new(self.store.studio().clone(), rules, StaffList::default(), audit);
        let now: Timestamp = self.clock.now().into();
        let token = provider.token_for("uid_staff_ines", now).expect("a token");
        let identity = verifier.verify(&token, now).await.expect("is genuine");
        let mut tx = self.store.begin().await.expect("begins");
        let session = sessions.start(&mut tx, &identity, None, now).await.expect("stores").expect("may come in");
        tx.commit().await.expect("commits");
        session.actor
    }

    pub(super) async fn close(self) {
        self.stop.cancel();
        self.mirror.close();
        self.mirror.wait().await;
        self.store.close().await;
    }
}

/// A finding, as tests compare them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) kind: &'static str,
    pub(super) rule: String,
    pub(super) documents: BTreeSet<String>,
}

impl Found {
    fn of(known: &KnownFinding) -> Self {
        let documents = known.finding.documents().map(ToString::to_string).collect();
        Self { kind: known.finding.kind.word(), rule: known.finding.rule.clone().unwrap_or_default(), documents }
    }

    pub(super) fn new(kind: FindingKind, rule: &str, documents: &[&str]) -> Self {
        let documents = documents.iter().map(|path| (*path).to_owned()).collect();
        Self { kind: kind.word(), rule: rule.to_owned(), documents }
    }
}

pub(super) fn text(text: &str) -> WireValue {
    WireValue { value_type: Some(ValueType::StringValue(text.to_owned())) }
}

pub(super) fn number(number: i64) -> WireValue {
    WireValue { value_type: Some(ValueType::IntegerValue(number)) }
}
