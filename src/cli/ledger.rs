//! `ledger rebuild`: what did we write?

use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::web::api::ledger::{Rebuild, RebuildAsked, RebuildRequest};

/// The ledger of writes.
#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Make the ledger again from the receipts in the cloud
    #[command(
        after_help = "It adds what the ledger does not have, and changes nothing that it has. A service with an empty ledger does it by itself.\n\nExample:\n  studio-brain ledger rebuild --data /var/lib/studio-brain\n\nExit codes: 0 every receipt is in the ledger; 1 some tell what it can't take; 2 could not tell"
    )]
    Rebuild,
}

impl Ledger {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let Self::Rebuild = self;
        let client = Client::of(&global.data_directory()?);
        let asked: RebuildAsked = client.post("/api/v1/ledger/rebuild", &RebuildRequest {}).await?;
        let place = format!("/api/v1/ledger/rebuilds/{}", asked.id);
        let rebuild = client.wait_for(&place, |rebuild: &Rebuild| rebuild.finished.is_some()).await?;
        if global.json {
            print_json(&rebuild)?;
        } else if let Some(why) = &rebuild.failed {
            println!("The receipts could not be read: {why}");
        } else {
            let Rebuild { receipts, added, same, .. } = rebuild;
            println!("{receipts} receipts: {added} writes added, {same} known before");
            for one in &rebuild.problems {
                println!("{}: {}", one.receipt, one.problem);
            }
        }
        Ok(match (&rebuild.failed, rebuild.problems.is_empty()) {
            (Some(_), _) => Exit::Unknown,
            (None, true) => Exit::Yes,
            (None, false) => Exit::No,
        })
    }
}
