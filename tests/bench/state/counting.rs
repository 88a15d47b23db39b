//! Counting from nothing, after changes, and when nothing changed.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use studio_brain::clock::Clock;
use studio_brain::domain::snapshot::Number;
use studio_brain::domain::vocabulary::Vocabulary;
use studio_brain::jobs::snapshot::{SnapshotSettings, Snapshots};
use studio_brain::store::Store;

use crate::Arguments;
use crate::documents::{document, now, open};

pub(super) async fn count(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let store = open(directory).await?;
    let clock = Clock::manual(now().to_jiff());
    let settings = SnapshotSettings {
        every: Duration::from_secs(900),
        keep: Duration::from_secs(30 * 86_400),
        zone: TimeZone::UTC,
    };
    let mut job = Snapshots::new(store.clone(), clock.clone(), settings);
    store.probe().await?;
    let idle = memory("VmRSS");
    let _ = std::fs::write("/proc/self/clear_refs", "5"); // From here on the peak is ours.
    let mut from_nothing = Vec::new();
    for _ in 0..arguments.rounds.max(1) {
        let mut tx = store.begin_rebuildable().await?;
        tx.facts_restart(Vocabulary::shipped(), now()).await?;
        tx.commit().await?;
        let start = Instant::now();
        let snapshot = job.count().await?;
        from_nothing.push(start.elapsed());
        let counted: i64 = snapshot.diagnostics.source_sample.values().sum();
        anyhow::ensure!(counted == arguments.docs as i64, "{counted} documents were counted");
    }
    let memory_mb = memory("VmHWM") - idle;
    let first = store.snapshots(None, 1).await?[0];
    let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
    for round in 1..=arguments.rounds.max(1) {
        change(&store, arguments, round).await?;
        clock.advance(Duration::from_secs(2));
        let start = Instant::now();
        job.count().await?;
        changed.push(start.elapsed());
        let start = Instant::now();
        job.count().await?;
        unchanged.push(start.elapsed());
    }
    let number: Number = "words/batches/state/LOADED".parse()?;
    let start = Instant::now();
    let behind = store.documents_behind(&number, now(), None, 50).await?;
    let behind_ms = milliseconds(start.elapsed());
    anyhow::ensure!(behind.len() == 50.min(arguments.docs / 40), "{} documents", behind.len());
    let start = Instant::now();
    store.fact_changes((first.id, first.taken), None, clock.now().into()).await?;
    let difference_ms = milliseconds(start.elapsed());
    store.close().await;
    Ok(json!({
        "from_nothing_ms": median(from_nothing), "changed_ms": median(changed), "unchanged_ms": median(unchanged),
        "behind_ms": behind_ms, "difference_ms": difference_ms, "memory_mb": memory_mb,
    }))
}

/// Changes documents all over the collections, as the stream does.
async fn change(store: &Store, arguments: &Arguments, round: usize) -> anyhow::Result<()> {
    let step = (arguments.docs / arguments.changes.max(1)).max(1);
    let mut tx = store.begin_rebuildable().await?;
    for number in (0..arguments.docs).step_by(step).take(arguments.changes) {
        tx.document_put(&document((number + round * 13) % arguments.docs, round), now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn median(mut durations: Vec<Duration>) -> f64 {
    durations.sort_unstable();
    milliseconds(durations[durations.len() / 2])
}

/// What the operating system says of this process's memory, in megabytes.
pub(super) fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1_000.0)
}
