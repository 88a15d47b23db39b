//! `state`: how many of what there is, and which documents these are.

use clap::Args;
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::snapshot::take;
use crate::cli::table::{age, print};
use crate::cli::{Exit, Global, print_json};
use crate::domain::snapshot::{Completeness, Snapshot};
use crate::web::api::state::DocumentsBehind;

/// How many of what there is, and which documents these are.
#[derive(Debug, Args)]
pub(super) struct State {
    /// List the documents behind this number, such as figures/batchesActive or words/batches/state/LOADED
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Only documents after this path
    #[arg(long, value_name = "PATH", requires = "number")]
    after: Option<String>,
}

impl State {
    /// Exit 0: everything is known; 2: not everything is.
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        if global.demo_runs() {
            take(&client, false).await?; // A service that has just begun may not have counted yet.
        }
        if let Some(number) = &self.number {
            return self.documents(global, &client, number).await;
        }
        let document: Value = client.get("/api/v1/state").await?;
        let snapshot: Snapshot = serde_json::from_value(document)?;
        if global.json {
            print_json(&snapshot)?;
        } else {
            print_snapshot(&snapshot);
        }
        Ok(exit_of(&snapshot))
    }

    async fn documents(&self, global: &Global, client: &Client, number: &str) -> anyhow::Result<Exit> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("number", number).append_pair("limit", "1000");
        if let Some(after) = &self.after {
            query.append_pair("after", after);
        }
        let behind: DocumentsBehind = client.get(&format!("/api/v1/state/documents?{}", query.finish())).await?;
        if global.json {
            print_json(&behind)?;
        } else {
            println!("{}: {}", behind.number, shown(behind.value));
            for one in &behind.documents {
                let due = one.due.map(|due| format!("  due {}", age(due))).unwrap_or_default();
                println!("{}{due}", one.document);
            }
            if let Some(next) = &behind.next {
                println!("There are more: --after {next:?}");
            }
        }
        Ok(if behind.value.is_some() { Exit::Yes } else { Exit::Unknown })
    }
}

/// Could everything be counted?
pub(super) const fn exit_of(snapshot: &Snapshot) -> Exit {
    match snapshot.diagnostics.completeness {
        Completeness::Full => Exit::Yes,
        Completeness::Partial | Completeness::Unknown => Exit::Unknown,
    }
}

/// A number for people.
pub(super) fn shown(value: Option<i64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

/// Prints a snapshot for people.
pub(super) fn print_snapshot(snapshot: &Snapshot) {
    println!(
        "{} on {} ({}), counted {}",
        snapshot.studio,
        snapshot.snapshot_date,
        snapshot.time_zone,
        age(snapshot.generated_at)
    );
    for (block, figures) in snapshot.blocks() {
        println!("\n{block}");
        for (name, value) in figures {
            let worth = snapshot.amounts_cents.get(name).and_then(Option::as_ref).map(|amounts| {
                amounts.iter().map(|(currency, cents)| format!("  {cents} cents {currency}")).collect::<String>()
            });
            println!("  {name}: {}{}", shown(*value), worth.unwrap_or_default());
        }
    }
    println!();
    let rows: Vec<[String; 6]> = snapshot
        .collections
        .iter()
        .map(|(name, state)| {
            let open = state
                .standing
                .as_ref()
                .and_then(|standing| standing.get(&crate::domain::snapshot::StandingWord::Open).copied());
            [
                name.to_string(),
                shown(state.documents),
                open.map_or_else(String::new, |open| open.to_string()),
                state.over_deadline.map_or_else(String::new, |over| over.to_string()),
                state.oldest_open.map_or_else(String::new, age),
                state.read_time.map_or_else(|| "never".to_owned(), age),
            ]
        })
        .collect();
    print(["COLLECTION", "DOCUMENTS", "OPEN", "OVERDUE", "OLDEST OPEN", "AS OF"], &rows, "Nothing is mirrored.");
    for warning in &snapshot.diagnostics.warnings {
        println!("! {warning}");
    }
}
