//! `mirror status`: how fresh the mirror is, read from the database alone.

use clap::Subcommand;
use serde::Serialize;

use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::store::{Store, Target, TargetState};

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
        }
    };
    let lines: Vec<Line> = targets.iter().map(line).collect();
    if global.json {
        print_json(&serde_json::json!({ "studio": store.studio(), "current": current, "collections": lines }))?;
    } else {
        print(&lines, now);
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
