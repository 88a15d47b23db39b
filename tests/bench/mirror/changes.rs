//! Changes as they happen: how many per second, and how long until each is seen.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gcloud_sdk::google::firestore::v1 as wire;
use serde_json::{Value as Json, json};
use studio_brain::clock::Clock;
use studio_brain::domain::time::Timestamp;
use studio_brain::store::Store;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Channel;
use wire::firestore_client::FirestoreClient;
use wire::write::Operation;

use crate::mirrored::Running;
use crate::server::{DATABASE, fields, path};
use crate::{Arguments, drain, peak_mb};

/// Documents per commit while as many changes as possible are made.
const PER_COMMIT: u64 = 50;

/// Commits that are under way at the same time.
const COMMITS: usize = 4;

/// The pace at which one document per commit is written.
const PER_SECOND: u64 = 500;

/// The most documents that one look at what is new takes in.
const LOOK: u32 = 100_000;

type Client = FirestoreClient<Channel>;

/// Makes the changes, and waits until the mirror has them all.
pub(super) async fn apply(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let running = Running::start(arguments, directory).await?;
    let client = drain::client(&arguments.server).await?;
    running.reaches(running.authority.server_time().await?).await?;

    let began = Instant::now();
    let batches = (0..arguments.changes.div_ceil(PER_COMMIT)).map(|batch| {
        let numbers: Vec<u64> = (batch * PER_COMMIT..((batch + 1) * PER_COMMIT).min(arguments.changes)).collect();
        write(client.clone(), arguments, numbers, 1)
    });
    let last: Timestamp = stream::iter(batches)
        .buffer_unordered(COMMITS)
        .try_fold(Timestamp::default(), async |a, b| Ok(a.max(b)))
        .await?;
    let written = began.elapsed().as_secs_f64();
    running.reaches(last).await?;
    let applied = began.elapsed().as_secs_f64();

    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let watcher = tasks.spawn(watch(running.store.clone(), last, stop.clone()));
    let mut pace = interval(Duration::from_micros(1_000_000 / PER_SECOND));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (began, mut writes) = (Instant::now(), Vec::new());
    for number in 0..arguments.seconds * PER_SECOND {
        pace.tick().await;
        writes.push(tasks.spawn(write(client.clone(), arguments, vec![number % arguments.docs], 2 + number)));
    }
    let paced = writes.len() as f64 / began.elapsed().as_secs_f64();
    let mut last = Timestamp::default();
    for written in writes {
        last = last.max(written.await??);
    }
    running.reaches(last).await?;
    stop.cancel();
    let mut delays = watcher.await??;
    delays.sort_unstable();
    anyhow::ensure!(!delays.is_empty(), "no change was ever seen");
    let percentile = |part: f64| delays[((delays.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1_000.0;
    running.stop().await;
    Ok(json!({
        "per_second": arguments.changes as f64 / applied,
        "written_per_second": arguments.changes as f64 / written,
        "paced_per_second": paced,
        "p50_ms": percentile(0.5), "p99_ms": percentile(0.99), "seen": delays.len(), "peak_mb": peak_mb(),
    }))
}

/// Writes documents in one commit, and says when that was.
fn write(
    mut client: Client,
    arguments: &Arguments,
    numbers: Vec<u64>,
    revision: u64,
) -> impl Future<Output = anyhow::Result<Timestamp>> + Send + use<> {
    let write = |number: u64| {
        let name = format!("{DATABASE}/documents/{}", path(arguments.collections, number));
        let document = wire::Document { name, fields: fields(number, revision), ..Default::default() };
        wire::Write { operation: Some(Operation::Update(document)), ..Default::default() }
    };
    let writes = numbers.into_iter().map(write).collect();
    async move {
        let request = wire::CommitRequest { database: DATABASE.to_owned(), writes, ..Default::default() };
        let at = client.commit(request).await?.into_inner().commit_time.unwrap_or_default();
        Ok(Timestamp::from_parts(at.seconds, at.nanos))
    }
}

/// How long after its commit each change was first seen in the mirror, by the one clock of this machine.
async fn watch(store: Store, since: Timestamp, stop: CancellationToken) -> anyhow::Result<Vec<Duration>> {
    let (clock, mut changed) = (Clock::system(), store.changed());
    let (mut seen, mut delays) = (since, Vec::new());
    loop {
        let documents = store.documents_since(seen, LOOK).await?;
        let now: Timestamp = clock.now().into();
        for mirrored in documents {
            seen = seen.max(mirrored.read_time);
            if mirrored.document.update_time > since {
                delays.push(now.since(mirrored.document.update_time)); // What came before may share the snapshot.
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(delays),
            changed = changed.changed() => changed?,
        }
    }
}
