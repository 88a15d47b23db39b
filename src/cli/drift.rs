//! `drift`: is there drift, what is it, and what of it does not matter for now?

use clap::{Args, Subcommand};
use uuid::Uuid;

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::checks::{Check, CheckAsked, CheckOutcome, Drift as Standing};
use crate::web::api::drift::{Finding, Findings};
use crate::web::api::ignores::{IgnoreRequest, IgnoreRule};

/// Compare the mirror with the cloud, and the studio's documents with each other.
#[derive(Debug, Subcommand)]
pub(super) enum Drift {
    /// Re-read every mirrored document and say what differs: exit 0 same, 1 drift, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain drift check --data /var/lib/studio-brain\n  studio-brain drift check --demo --json"
    )]
    Check,
    /// Show where each question stands, or one finding with its evidence
    #[command(
        after_help = "Example:\n  studio-brain drift show\n  studio-brain drift show 5f0c7c1e-… --json\nExit 1 when a question has open findings."
    )]
    Show {
        /// The finding's id
        #[arg(value_parser = id)]
        finding: Option<Uuid>,
    },
    /// Ignore a finding for a while, with a reason that is kept in the audit log
    #[command(
        after_help = "Example:\n  studio-brain drift ignore 5f0c7c1e-… --days 7 --reason \"The refund is on its way.\"\n  studio-brain drift ignore 5f0c7c1e-… --alike --days 30 --reason \"Known: the import of last year.\""
    )]
    Ignore(Ignore),
}

/// What is not to be told of for a while.
#[derive(Debug, Args)]
pub(super) struct Ignore {
    /// The finding's id
    #[arg(value_parser = id)]
    finding: Uuid,
    /// Also all others of the same kind and rule in the same collection
    #[arg(long)]
    alike: bool,
    /// For how many days: 1 to 90
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=90))]
    days: u32,
    /// Why it does not matter: 10 to 1,000 characters
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::try_parse(text).map_err(|_| "a finding's id is a UUID: `drift show --json` lists them".to_owned())
}

impl Drift {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::Check => check(global).await,
            Self::Show { finding: Some(id) } => {
                let finding: Finding = client.get(&format!("/api/v1/findings/{id}")).await?;
                if global.json {
                    print_json(&finding)?;
                } else {
                    print_finding(&finding);
                }
                Ok(Exit::Yes)
            }
            Self::Show { finding: None } => show(global, &client).await,
            Self::Ignore(ignore) => {
                let request = IgnoreRequest {
                    alike: ignore.alike,
                    reason: ignore.reason.clone(),
                    lasts_minutes: ignore.days * 1_440,
                };
                let rule: IgnoreRule =
                    client.post(&format!("/api/v1/findings/{}/ignore", ignore.finding), &request).await?;
                if global.json {
                    print_json(&rule)?;
                } else {
                    println!("Ignored until {}: rule {}", rule.expires, rule.id);
                }
                Ok(Exit::Yes)
            }
        }
    }
}

/// Where everything stands.
#[derive(Debug, serde::Serialize)]
struct Shown {
    drift: Standing,
    findings: Findings,
}

async fn show(global: &Global, client: &Client) -> anyhow::Result<Exit> {
    let shown = Shown { drift: client.get("/api/v1/drift").await?, findings: client.get("/api/v1/findings").await? };
    if global.json {
        print_json(&shown)?;
    } else {
        let question = |one: &crate::web::api::checks::Question| {
            let open = one.open.map_or_else(|| "unknown".to_owned(), |open| open.to_string());
            let looked = one.looked.map_or_else(|| "never".to_owned(), age);
            [one.family.clone(), one.state.clone(), open, looked, one.why.clone().unwrap_or_default()]
        };
        let rows: Vec<_> = shown.drift.questions.iter().map(question).collect();
        table::print(["QUESTION", "STATE", "OPEN", "LOOKED", "COULD NOT TELL"], &rows, "There are no questions.");
        println!();
        let finding = |one: &Finding| {
            let place = one.document.as_ref().map_or_else(|| one.collection.to_string(), ToString::to_string);
            [one.id.to_string(), one.state.clone(), place, age(one.since), one.summary.clone()]
        };
        let rows: Vec<_> = shown.findings.findings.iter().map(finding).collect();
        table::print(["ID", "STATE", "PLACE", "SINCE", "WHAT"], &rows, "There are no open findings.");
    }
    let drifted = shown.drift.questions.iter().any(|one| one.open.is_some_and(|open| open > 0));
    let unknown = shown.drift.questions.iter().any(|one| one.open.is_none());
    Ok(match (drifted, unknown) {
        (true, _) => Exit::No,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Yes,
    })
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
        print_finding(finding);
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

fn print_finding(finding: &Finding) {
    let place = finding.document.as_ref().map_or_else(|| finding.collection.to_string(), ToString::to_string);
    println!("{place}");
    println!("  {} (since {}, {})", finding.summary, finding.since, finding.state);
    for change in &finding.changes {
        let text = |value: &Option<serde_json::Value>| {
            value.as_ref().map_or_else(|| "missing".to_owned(), ToString::to_string)
        };
        if change.ours == change.theirs {
            println!("  {} is {}", change.path, text(&change.ours));
        } else {
            println!("  {}: {} → {}", change.path, text(&change.ours), text(&change.theirs));
        }
    }
    for path in &finding.evidence {
        println!("  see {path}");
    }
}
