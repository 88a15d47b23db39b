//! `mirror status`: how fresh the mirror is, read from the database alone.

use clap::Subcommand;
use serde::Serialize;

use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::store::{Backfill, Store, Target, TargetState};

/// Look at the mirror.
#[derive(Debug, Subcommand)]
pub(super) enum Mirror {
    /// Say what is mirrored and as of when: exit 0 all current, 1 something is behind, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain mirror status --data /var/lib/studio-brain\n  studio-brain mirror status --demo --json"
    )]
    Status,
}

/// The mirror of one collection.
#[derive(Debug, Serialize)]
struct Line {
    collection: String,
    state: &'static str,
    /// Unknown when the collection was never read.
    documents: Option<u64>,
    unreadable: u64,
    as_of: Option<Timestamp>,
    heard: Option<Timestamp>,
    error: Option<String>,
    /// Only while the collection is read as a whole.
    backfill: Option<Progress>,
}

/// How far a backfill is.
#[derive(Debug, Serialize)]
struct Progress {
    documents: u64,
    /// Unknown before the server has counted.
    expected: Option<u64>,
    per_second: Option<f64>,
    seconds_left: Option<u64>,
}

impl Progress {
    fn of(target: &Target, now: Timestamp) -> Option<Self> {
        let Backfill { documents, expected, started, .. } = target.backfill;
        let under_way = target.state == TargetState::Backfilling;
        let seconds = started.map(|started| now.since(started).as_secs_f64()).filter(|seconds| *seconds > 0.0);
        let per_second = seconds.map(|seconds| documents as f64 / seconds).filter(|rate| *rate > 0.0);
        let left = expected.map(|expected| expected.saturating_sub(documents));
        let seconds_left = left.zip(per_second).map(|(left, rate)| (left as f64 / rate).ceil() as u64);
        under_way.then_some(Self { documents, expected, per_second, seconds_left })
    }

    fn print(&self) {
        let expected = self.expected.map_or_else(|| "an unknown number".to_owned(), |expected| expected.to_string());
        let rate = self.per_second.map_or_else(String::new, |rate| format!(", {rate:.0} per second"));
        let left = self.seconds_left.map_or_else(String::new, |left| format!(", about {left} s left"));
        println!("{:<24} {} of {expected} documents read{rate}{left}", "", self.documents);
    }
}

impl Mirror {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Status => status(global).await,
        }
    }
}

async fn status(global: &Global) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let now: Timestamp = Clock::system().now().into();
    let (targets, held) = (store.targets().await?, store.documents_held().await?);
    let current = !targets.is_empty() && targets.iter().all(|target| target.state == TargetState::Current);
    let line = |target: &Target| {
        let held = held.get(&target.collection).copied().unwrap_or_default();
        Line {
            collection: target.collection.to_string(),
            state: target.state.as_str(),
            documents: target.read_time.map(|_| held.documents),
            unreadable: held.unreadable,
            as_of: target.read_time,
            heard: target.heard,
            error: target.error.as_ref().map(|(_, text)| text.clone()),
            backfill: Progress::of(target, now),
        }
    };
    let lines: Vec<Line> = targets.iter().map(line).collect();
    let unmirrored: Vec<String> =
        store.collections_found().await?.into_iter().map(|found| found.collection.to_string()).collect();
    if global.json {
        print_json(&serde_json::json!({
            "studio": store.studio(), "current": current, "collections": lines, "not_mirrored": unmirrored,
        }))?;
    } else {
        print(&lines, now);
        if !unmirrored.is_empty() {
            println!("Not mirrored, because nobody configured them: {}", unmirrored.join(", "));
        }
    }
    Ok(if current { Exit::Yes } else { Exit::No })
}

fn print(lines: &[Line], now: Timestamp) {
    if lines.is_empty() {
        println!("Nothing is mirrored yet: start the service.");
        return;
    }
    println!("{:<24} {:<13} {:>9}  derived from cloud, as of", "collection", "state", "documents");
    for line in lines {
        let documents = line.documents.map_or_else(|| "unknown".to_owned(), |documents| documents.to_string());
        let as_of = line
            .as_of
            .map_or_else(|| "never read".to_owned(), |as_of| format!("{as_of} ({} s ago)", now.since(as_of).as_secs()));
        println!("{:<24} {:<13} {documents:>9}  {as_of}", line.collection, line.state);
        if let Some(progress) = &line.backfill {
            progress.print();
        }
        if line.unreadable > 0 {
            println!("{:<24} {} documents can't be kept", "", line.unreadable);
        }
        if let Some(error) = &line.error {
            println!("{:<24} last trouble: {error}", "");
        }
    }
    let total: u64 = lines.iter().filter_map(|line| line.documents).sum();
    println!("{:<24} {:<13} {total:>9}", "all", "");
}
