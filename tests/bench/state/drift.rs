//! A look at everything, on equal documents: what it reads and how long it takes.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gcloud_sdk::google::firestore::v1::Value as WireValue;
use serde_json::{Value as Json, json};
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::jobs::drift::{Drift, DriftBounds, DriftSettings};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::mirror::{Mirror, MirrorSettings};
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use studio_brain::sandbox::studio::{self, monsoon_west};
use studio_brain::store::Store;
use studio_brain::store::findings::CheckOutcome;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Arguments;

const PROJECT: &str = "bench";

/// Collections whose documents may stand beside copies of themselves: nothing adds them up or lets them overlap.
const COLLECTIONS: [&str; 5] = ["batches", "libraryItems", "notificationJobs", "supportRequests", "users"];

/// Longer than any part takes.
const PATIENCE: Duration = Duration::from_secs(900);

/// Documents of the sample studio with which nothing is wrong, and copies of them until there are enough.
fn documents(count: usize) -> Vec<(String, HashMap<String, WireValue>)> {
    let edge: BTreeSet<String> = studio::edge_cases().into_iter().flat_map(|case| case.paths).collect();
    let sample = monsoon_west(1).into_iter().filter(|document| !edge.contains(&document.path));
    let is_here =
        |path: &str| path.split_once('/').is_some_and(|(name, id)| COLLECTIONS.contains(&name) && !id.contains('/'));
    let healthy: Vec<_> = sample.filter(|document| is_here(&document.path)).collect();
    let copy = |number: usize| {
        let original = &healthy[number % healthy.len()];
        let path = match number / healthy.len() {
            0 => original.path.clone(),
            turn => format!("{}-copy-{turn:06}", original.path),
        };
        (path, original.fields.clone())
    };
    (0..count).map(copy).collect()
}

/// Holds the documents until nobody asks any more.
pub(super) async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), Options::default()).await?;
    server.world().database("projects/bench/databases/(default)").seed(documents(arguments.docs));
    println!("{}", server.address());
    let mut questions = BufReader::new(tokio::io::stdin()).lines();
    while questions.next_line().await?.is_some() {}
    server.stop().await;
    Ok(())
}

/// Mirrors what the server holds, looks as a look that is due does, and as one that somebody asked for.
pub(super) async fn look(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    // The sample's deadlines are not over at the moment that it was made for.
    let clock = Clock::manual(studio::NOW);
    let store = Store::open(directory, &StudioId::parse("bench")?, clock.now().into()).await?;
    let authority = Authority::new(Settings {
        connect: Connect::Plain(PlainEndpoint::parse(&arguments.server)?),
        project: PROJECT.to_owned(),
        database: "(default)".to_owned(),
        request_timeout: Duration::from_secs(60),
    });
    let collections: Vec<CollectionId> = COLLECTIONS.into_iter().map(CollectionId::parse).collect::<Result<_, _>>()?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let real = Clock::system();
    let now = Arc::new(move || real.now().into());
    let settings = MirrorSettings::for_collections(collections.clone());
    tasks.spawn(Mirror::new(store.clone(), authority.clone(), settings, now).run(stop.clone()));
    let server_time = authority.server_time().await?;
    tokio::time::timeout(PATIENCE, store.targets_reach(server_time)).await.context("the mirror never got there")??;
    let began = Instant::now();
    let mut plain = 0;
    for collection in &collections {
        let mut after = None;
        loop {
            let page = authority.page(collection, after.as_ref(), 300, None).await?;
            let Some(last) = page.documents.last() else { break };
            after = Some(last.path().clone());
            plain += page.documents.len();
        }
    }
    let plain_seconds = began.elapsed().as_secs_f64();
    anyhow::ensure!(plain == arguments.docs, "{plain} documents were read");
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    let settings = DriftSettings { period: Duration::from_secs(900), sample: 50, budget: u32::MAX };
    // The sample stands in another year than the server's clock.
    let bounds = DriftBounds { clock: Duration::from_secs(100 * 365 * 86_400), ..DriftBounds::default() };
    let mut drift = Drift::new(store.clone(), authority.clone(), clock, settings).bounded(bounds);
    let mut answer = json!({ "plain_seconds": plain_seconds });
    let idle = crate::counting::memory("VmRSS");
    for (name, somebody) in [("due", None), ("asked", Some("bench"))] {
        let mut tx = store.begin().await?;
        tx.check_request(somebody, studio::NOW.into()).await?;
        tx.commit().await?;
        authority.reads_take();
        let _ = std::fs::write("/proc/self/clear_refs", "5"); // From here on the peak is ours.
        let began = Instant::now();
        drift.pass().await?;
        let seconds = began.elapsed().as_secs_f64();
        let check = store.check_last().await?.context("no look was taken")?;
        let outcome = check.finished.context("the look has not ended")?.1;
        let found = store.findings_open().await?;
        let some: Vec<&str> = found.iter().take(3).map(|known| known.finding.summary.as_str()).collect();
        anyhow::ensure!(outcome == CheckOutcome::Same, "{outcome:?}: {} findings, such as {some:?}", found.len());
        let reads: u64 = authority.reads_take().iter().map(|taken| taken.reads).sum();
        answer[name] =
            json!({ "seconds": seconds, "reads": reads, "memory_mb": crate::counting::memory("VmHWM") - idle });
    }
    store.close().await;
    Ok(answer)
}
