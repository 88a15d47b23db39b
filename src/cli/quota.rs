//! `quota`: who was told to wait, what is counted, and filling a counter up.

use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::quotas as api;

const PLACE: &str = "/api/v1/quotas";

/// Look at who was told to wait, and fill a counter up.
#[derive(Debug, Subcommand)]
pub(super) enum Quota {
    /// List who was told to wait in the last 7 days, the counters, and counters that something else has changed
    #[command(
        after_help = "Example:\n  studio-brain quota list\n  studio-brain quota list --json\nExit 1 when something else has changed a counter."
    )]
    List,
    /// Fill a counter up
    #[command(
        after_help = "Example:\n  studio-brain quota reset \"actor ops_note.append 3600s agent:agent-glaze-scout\" \\\n    --reason \"The import was agreed with Juno.\"\nExit 1 when there is no such counter."
    )]
    Reset {
        /// The counter's name, as it is listed
        bucket: String,
        /// Why: 10 to 1,000 characters, for the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl Quota {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::List => {
                let found: api::Quotas = client.get(PLACE).await?;
                if global.json {
                    print_json(&found)?;
                } else {
                    print(&found);
                }
                Ok(if found.faults.is_empty() { Exit::Yes } else { Exit::No })
            }
            Self::Reset { bucket, reason } => {
                let reset = api::QuotaReset { bucket: bucket.clone(), reason: reason.clone() };
                client.tell(&format!("{PLACE}/reset"), &reset).await?;
                if !global.json {
                    println!("The counter is full again.");
                }
                Ok(Exit::Yes)
            }
        }
    }
}

fn print(found: &api::Quotas) {
    let row = |one: &api::Limited| [one.denied.to_string(), one.actor.label.clone(), one.capability.clone()];
    let rows: Vec<_> = found.most_limited.iter().map(row).collect();
    table::print(["DENIED", "ACTOR", "CAPABILITY"], &rows, "Nobody was told to wait in the last 7 days.");
    println!();
    let number = |number: Option<u32>| number.map_or_else(|| "no limit now".to_owned(), |number| number.to_string());
    let row = |one: &api::Counter| [number(one.remaining), number(one.limit), age(one.full), one.bucket.clone()];
    let rows: Vec<_> = found.counters.iter().map(row).collect();
    table::print(["LEFT", "OF", "FULL", "COUNTER"], &rows, "Nothing was counted yet.");
    for fault in &found.faults {
        let what = match fault.kind {
            api::FaultKind::Changed => "something else has changed",
            api::FaultKind::Missing => "something else has removed",
            api::FaultKind::Unrecorded => "something else has made",
        };
        println!("FAULT: {what} `{}`", fault.bucket);
    }
}
