//! `snapshot show`, `snapshot list`, `snapshot diff` and `snapshot run`: the state as it was, and what changed since.

use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::state::{exit_of, print_snapshot, shown};
use crate::cli::table::{age, print};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::snapshots::{SnapshotAsked, SnapshotDiff, SnapshotRequest, SnapshotRun, Snapshots};

/// The state as it was, and what changed since.
#[derive(Debug, Subcommand)]
pub(super) enum SnapshotCommand {
    /// List the snapshots that are kept, newest first
    #[command(after_help = "Example:\n  studio-brain snapshot list --data /var/lib/studio-brain")]
    List {
        /// Only snapshots before this one
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
    },
    /// Show a snapshot: exit 0 everything was known, 2 not everything was
    #[command(
        after_help = "Example:\n  studio-brain snapshot show yesterday --json\n  studio-brain snapshot show 2026-03-18"
    )]
    Show {
        /// Its number, a day such as 2026-03-18 (the last of it), or yesterday
        snapshot: String,
    },
    /// Say which numbers differ, with the documents behind them: exit 0 none, 1 some
    #[command(
        after_help = "Example:\n  studio-brain snapshot diff yesterday\n  studio-brain snapshot diff 17 23 --documents 100"
    )]
    Diff {
        /// The earlier one: its number, a day, or yesterday
        from: String,
        /// The later one; without it the state as it is now
        to: Option<String>,
        /// Most documents to name for each number
        #[arg(long, default_value_t = 20, value_name = "COUNT")]
        documents: u32,
    },
    /// Take and keep a snapshot now: exit 0 done, 1 counting again came to something else
    #[command(after_help = "Example:\n  studio-brain snapshot run\n  studio-brain snapshot run --from-nothing --demo")]
    Run {
        /// Count everything again, and compare with what was counted before
        #[arg(long)]
        from_nothing: bool,
    },
}

impl SnapshotCommand {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::List { before } => list(global, &client, *before).await,
            Self::Show { snapshot } => show(global, &client, snapshot).await,
            Self::Diff { from, to, documents } => diff(global, &client, from, (to.as_deref(), *documents)).await,
            Self::Run { from_nothing } => run(global, &client, *from_nothing).await,
        }
    }
}

/// A name as a part of an address.
fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

async fn list(global: &Global, client: &Client, before: Option<i64>) -> anyhow::Result<Exit> {
    let before = before.map(|before| format!("?before={before}")).unwrap_or_default();
    let found: Snapshots = client.get(&format!("/api/v1/snapshots{before}")).await?;
    if global.json {
        print_json(&found)?;
    } else {
        let rows: Vec<[String; 3]> =
            found.snapshots.iter().map(|title| [shown(title.id), title.day.clone(), age(title.taken)]).collect();
        print(["NUMBER", "DAY", "TAKEN"], &rows, "No snapshot is kept.");
        if let Some(next) = found.next {
            println!("There are older ones: --before {next}");
        }
    }
    Ok(Exit::Yes)
}

async fn show(global: &Global, client: &Client, name: &str) -> anyhow::Result<Exit> {
    let document: serde_json::Value = client.get(&format!("/api/v1/snapshots/{}", segment(name))).await?;
    let snapshot = serde_json::from_value(document)?;
    if global.json {
        print_json(&snapshot)?;
    } else {
        print_snapshot(&snapshot);
    }
    Ok(exit_of(&snapshot))
}

async fn diff(
    global: &Global,
    client: &Client,
    from: &str,
    (to, documents): (Option<&str>, u32),
) -> anyhow::Result<Exit> {
    let to = to.map(|to| format!("&to={}", segment(to))).unwrap_or_default();
    let found: SnapshotDiff =
        client.get(&format!("/api/v1/snapshots/{}/diff?limit={documents}{to}", segment(from))).await?;
    if global.json {
        print_json(&found)?;
    } else {
        println!("From {} to {}", found.from.taken, found.to.taken);
        for change in &found.changes {
            println!("{}: {} → {}", change.number, shown(change.before), shown(change.after));
            for one in &change.documents {
                println!("  {:+} {}", one.share, one.document);
            }
            match (change.documents_total, &change.documents_unknown) {
                (Some(total), _) if total > change.documents.len() as u64 => {
                    println!("  and {} more", total - change.documents.len() as u64);
                }
                (_, Some(why)) => println!("  {why}"),
                (_, None) => {}
            }
        }
        if found.changes.is_empty() {
            println!("Every number is the same.");
        }
    }
    Ok(if found.changes.is_empty() { Exit::Yes } else { Exit::No })
}

/// Asks the service for a snapshot now, and waits until it is kept.
pub(super) async fn take(client: &Client, from_nothing: bool) -> anyhow::Result<SnapshotRun> {
    let asked: SnapshotAsked = client.post("/api/v1/snapshots", &SnapshotRequest { from_nothing }).await?;
    let place = format!("/api/v1/snapshots/runs/{}", asked.id);
    client.wait_for(&place, |run: &SnapshotRun| run.finished.is_some()).await
}

async fn run(global: &Global, client: &Client, from_nothing: bool) -> anyhow::Result<Exit> {
    let run = take(client, from_nothing).await?;
    if global.json {
        print_json(&run)?;
    } else {
        println!("Kept as snapshot {}.", shown(run.snapshot));
        match run.same {
            Some(true) => println!("Counting everything again came to the same."),
            Some(false) => {
                println!("Counting everything again came to something else: what was counted before was wrong.")
            }
            None => {}
        }
    }
    Ok(if run.same == Some(false) { Exit::No } else { Exit::Yes })
}
