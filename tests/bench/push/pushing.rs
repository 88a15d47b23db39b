//! How fast approved writes go out, beside the same writes as bare commits by the same client, and how long one takes from
//! its approval until the mirror has seen it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::stream::{self, TryStreamExt as _};
use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::actor::Actor;
use studio_brain::domain::change::{Change, Changes};
use studio_brain::domain::ids::{CollectionId, DocPath, ProposalId, StudioId};
use studio_brain::domain::ledger::WriteState;
use studio_brain::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, Verdict};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Value};
use studio_brain::domain::write::Write;
use studio_brain::gate::policy::{Policy, PolicyFiles};
use studio_brain::gate::{Gate, GateSettings, Writes};
use studio_brain::jobs::drive::{Job as _, drive};
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::jobs::push::{Push, PushSettings};
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options};
use studio_brain::store::Store;
use studio_brain::telemetry::JobBoard;

use crate::line;
use crate::people::people;

const PROJECT: &str = "bench";
const CAPABILITY: &str = "firing.unloaded.mark";
const COLLECTION: &str = "kilnFirings";

/// As many bare commits are under way at a time as the push job has.
const ABREAST: usize = 16;

/// The most proposals that one pass takes.
const BATCH: u16 = 500;

struct World {
    server: FirestoreServer,
    cloud: Database,
    authority: Authority,
    store: Store,
    gate: Gate,
    clock: Clock,
    staff: Actor,
    colleague: Actor,
    _directory: tempfile::TempDir,
}

pub(crate) async fn measure(writes: usize, rounds: usize) -> anyhow::Result<()> {
    let world = World::start(writes).await?;
    let bare = world.bare(writes).await?;
    let ours = world.pushed(writes).await?;
    let per_second = |took: Duration| writes as f64 / took.as_secs_f64();
    line("approved writes pushed per second", per_second(ours), "1/s", Some(per_second(bare)));
    line(&format!("push of {writes} approved writes"), ours.as_secs_f64(), "s", Some(bare.as_secs_f64()));
    let mut took = world.observed(rounds).await?;
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1_000.0;
    line("approve to observed, p50", at(0.5), "ms", None);
    line("approve to observed, p99", at(0.99), "ms", None);
    world.store.close().await;
    world.server.stop().await;
    Ok(())
}

impl World {
    /// A cloud with as many firings for each measure, and a studio whose limits nobody reaches.
    async fn start(writes: usize) -> anyhow::Result<Self> {
        let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), Options::default()).await?;
        let cloud = server.world().database(&format!("projects/{PROJECT}/databases/(default)"));
        cloud.seed(
            (0..writes)
                .flat_map(|number| ["bare", "ours"].map(|whose| (format!("{COLLECTION}/{whose}-{number}"), firing()))),
        );
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse(&server.address().to_string())?),
            project: PROJECT.to_owned(),
            database: "(default)".to_owned(),
            request_timeout: Duration::from_secs(30),
        });
        let (clock, directory) = (Clock::system(), tempfile::tempdir()?);
        let studio = StudioId::parse("monsoon-west")?;
        let store = Store::open(directory.path(), &studio, clock.now().into()).await?;
        let mut files = PolicyFiles::shipped();
        files.registry.text = files.registry.text.replace("limit = ", "limit = 99");
        let gate = Gate::new(store.clone(), GateSettings { writes: Writes::On, lifetime: Duration::from_secs(3_600) })
            .with_policy(Arc::new(Policy::parse(&files)?));
        let [staff, colleague, _] = people(&store, clock.now().into()).await?;
        Ok(Self { server, cloud, authority, store, gate, clock, staff, colleague, _directory: directory })
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// The write of one firing, as Firestore has it now.
    fn write(&self, id: &str) -> anyhow::Result<Write> {
        let path = format!("{COLLECTION}/{id}");
        let base = self.cloud.get(&path).context("is seeded")?.update_time.context("has a time")?;
        let base = Timestamp::from_micros(base.seconds * 1_000_000 + i64::from(base.nanos) / 1_000);
        let now = Value::Timestamp(self.now());
        let changes = [("unloadedAt", now), ("unloadedByUid", Value::text("uid_staff_ines"))];
        let changes = changes.map(|(name, value)| (FieldPath::top(name), Some(value))).into();
        Ok(Write::Update { path: DocPath::parse(path)?, changes, base })
    }

    /// The baseline: each write as a commit of its own, by the same client, without intent, receipt or audit.
    async fn bare(&self, writes: usize) -> anyhow::Result<Duration> {
        let all = (0..writes).map(|number| self.write(&format!("bare-{number}"))).collect::<Result<Vec<_>, _>>()?;
        let started = Instant::now();
        stream::iter(all.iter().map(Ok))
            .try_for_each_concurrent(ABREAST, async |write| {
                self.authority.commit(std::slice::from_ref(write)).await.map(|_| ()).context("could not commit")
            })
            .await?;
        Ok(started.elapsed())
    }

    /// A proposal as the gate would have made it, for a document that the mirror has.
    fn proposal(&self, id: &str) -> anyhow::Result<Proposal> {
        let write = self.write(id)?;
        let now = self.now();
        let capability = self.gate.registry().find(CAPABILITY).context("is in the registry")?.id.clone();
        Ok(Proposal {
            id: ProposalId::from_uuid(uuid::Uuid::now_v7()),
            capability,
            changes: Changes::one(Change { subject: write.path().clone(), write, undoes: None }),
            summary: "Mark a firing as unloaded".to_owned(),
            reason: GivenReason::parse("The kiln was empty at noon.").map_err(|reason| anyhow::anyhow!(reason))?,
            proposer: self.staff.person(),
            behalf: None,
            created: now,
            expires: now.plus(Duration::from_secs(3_600)),
            finding: None,
            state: ProposalState::Approved,
            state_since: now,
            round: 1,
            held: None,
        })
    }

    fn push(&self) -> Push {
        let settings =
            PushSettings { batch: BATCH, unknown_retry_after: Duration::from_secs(30), start_rate: NonZeroU32::MAX };
        Push::new(self.store.clone(), self.authority.clone(), self.clock.clone(), self.gate.clone(), settings)
    }

    /// Approved proposals through the push job, until each has landed.
    async fn pushed(&self, writes: usize) -> anyhow::Result<Duration> {
        let collection = CollectionId::parse(COLLECTION)?;
        self.store.targets_declare(std::slice::from_ref(&collection)).await?;
        let mut push = self.push();
        push.pass().await?;
        let mut tx = self.store.begin().await?;
        for target in self.store.targets().await? {
            tx.targets_advance([(target.id, None)], self.now(), self.now()).await?;
        }
        for number in 0..writes {
            let proposal = self.proposal(&format!("ours-{number}"))?;
            tx.proposal_insert(&proposal, None).await?;
            let verdict = Verdict {
                by: self.colleague.person(),
                choice: Choice::Approve,
                code: None,
                reason: proposal.reason.clone(),
                content_hash: proposal.content_hash(),
                at: self.now(),
                round: 1,
            };
            tx.verdict_insert(proposal.id, &verdict).await?;
        }
        tx.commit().await?;
        let started = Instant::now();
        while !self.store.proposals_ready(self.now(), 1).await?.is_empty() {
            push.pass().await?;
        }
        let took = started.elapsed();
        let landed = self.store.writes_unobserved(u16::MAX).await?.len();
        anyhow::ensure!(landed == writes.min(usize::from(u16::MAX)), "{landed} of {writes} landed");
        Ok(took)
    }

    /// One after the other: approved, pushed by the running job, and seen by the running mirror.
    async fn observed(&self, rounds: usize) -> anyhow::Result<Vec<Duration>> {
        self.cloud.seed((0..rounds).map(|number| (format!("{COLLECTION}/one-{number}"), firing())));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let settings = MirrorSettings::for_collections([CollectionId::parse(COLLECTION)?].into());
        let hands = self.clock.clone();
        let now = Arc::new(move || Timestamp::from(hands.now()));
        let mirror = Mirror::new(self.store.clone(), self.authority.clone(), settings, now);
        tasks.spawn(mirror.run(stop.clone()));
        tasks.spawn(drive(self.push(), self.store.changed(), stop.clone(), self.clock.clone(), JobBoard::default()));
        let (mut changed, mut took) = (self.store.changed(), Vec::with_capacity(rounds));
        self.store.targets_reach(self.now()).await?;
        for number in 0..rounds {
            let mut proposal = self.proposal(&format!("one-{number}"))?;
            proposal.state = ProposalState::Waiting;
            let mut tx = self.store.begin().await?;
            tx.proposal_insert(&proposal, None).await?;
            tx.commit().await?;
            let started = Instant::now();
            let decision = studio_brain::gate::Decision {
                proposal: proposal.id,
                choice: Choice::Approve,
                code: None,
                reason: "Seen and agreed with her.".to_owned(),
                content_hash: proposal.content_hash(),
            };
            self.gate.decide(&self.colleague, decision, self.now()).await?;
            loop {
                changed.borrow_and_update();
                let records = self.store.writes_of(proposal.id).await?;
                if records.iter().any(|record| matches!(record.state, WriteState::Observed { .. })) {
                    break;
                }
                changed.changed().await?;
            }
            took.push(started.elapsed());
        }
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        Ok(took)
    }
}

fn firing() -> HashMap<String, WireValue> {
    let text = |text: &str| WireValue { value_type: Some(ValueType::StringValue(text.to_owned())) };
    HashMap::from([("status".to_owned(), text("completed")), ("kilnId".to_owned(), text("kiln-1"))])
}
