//! `drift check`: is there drift?

use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::web::api::drift::{Check, CheckAsked, CheckOutcome, Findings};

/// Compare the mirror with the cloud.
#[derive(Debug, Subcommand)]
pub(super) enum Drift {
    /// Re-read every mirrored document and say what differs: exit 0 same, 1 drift, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain drift check --data /var/lib/studio-brain\n  studio-brain drift check --demo --json"
    )]
    Check,
}

impl Drift {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Check => check(global).await,
        }
    }
}

/// A look at the cloud that has ended.
#[derive(Debug, serde::Serialize)]
pub(super) struct Looked {
    /// How it ended.
    pub(super) check: Check,
    /// What is open after it.
    pub(super) findings: Findings,
}

/// Asks the service for a look at the cloud, and waits until it has ended.
pub(super) async fn look_now(client: &Client) -> anyhow::Result<Looked> {
    let asked: CheckAsked = client.post("/api/v1/drift/checks", &serde_json::json!({})).await?;
    let place = format!("/api/v1/drift/checks/{}", asked.id);
    let check = client.wait_for(&place, |check: &Check| check.finished.is_some()).await?;
    Ok(Looked { check, findings: client.get("/api/v1/findings").await? })
}

async fn check(global: &Global) -> anyhow::Result<Exit> {
    let client = Client::of(&global.data_directory()?);
    let looked = look_now(&client).await?;
    if global.json {
        print_json(&looked)?;
    } else {
        print(&looked);
    }
    Ok(match looked.check.outcome {
        Some(CheckOutcome::Same) => Exit::Yes,
        Some(CheckOutcome::Drift) => Exit::No,
        Some(CheckOutcome::Unknown) | None => Exit::Unknown,
    })
}

fn print(looked: &Looked) {
    for finding in &looked.findings.findings {
        let place = finding.document.as_ref().map_or_else(|| finding.collection.to_string(), ToString::to_string);
        println!("{place}");
        println!("  {} (since {})", finding.summary, finding.since);
        for change in &finding.changes {
            let text = |value: &Option<serde_json::Value>| {
                value.as_ref().map_or_else(|| "missing".to_owned(), ToString::to_string)
            };
            println!("  {}: {} → {}", change.path, text(&change.ours), text(&change.theirs));
        }
    }
    let read = looked.check.documents_read;
    match looked.check.outcome {
        Some(CheckOutcome::Same) => println!("The same: {read} documents were read again."),
        Some(CheckOutcome::Drift) => {
            println!("{} findings; {read} documents were read again.", looked.findings.findings.len());
        }
        Some(CheckOutcome::Unknown) | None => {
            println!("Could not tell: {}", looked.check.why.as_deref().unwrap_or("the look has not ended"));
        }
    }
}
