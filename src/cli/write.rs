//! `write show` and `write undo`: one write of the ledger.

use anyhow::Context as _;
use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::domain::ids::WriteId;
use crate::web::api::proposals::Proposed;
use crate::web::api::writes::{UndoRequest, Write, WriteState};

/// One write of the ledger.
#[derive(Debug, Subcommand)]
pub(super) enum WriteCommand {
    /// Show where a write stands, step by step
    #[command(
        after_help = "Example:\n  studio-brain write show 6d1f8f0e-55a1-4c0b-9a60-57d57b1ab001\n\nExit codes: 0 it landed; 1 it did not; 2 that is not known yet"
    )]
    Show {
        /// The write's id, as the cockpit and the receipt have it
        id: WriteId,
    },
    /// Propose to take a write back
    #[command(
        after_help = "Example:\n  studio-brain write undo 6d1f8f0e-55a1-4c0b-9a60-57d57b1ab001 --reason 'The payment bounced.'"
    )]
    Undo {
        /// The write's id
        id: WriteId,
        /// Why: 10 to 1,000 characters
        #[arg(long)]
        reason: String,
    },
}

impl WriteCommand {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::Show { id } => {
                let place = format!("/api/v1/writes/{id}");
                let write: Option<Write> = client.find(&place).await?;
                let write = write.with_context(|| format!("the ledger has no write {id}"))?;
                if global.json {
                    print_json(&write)?;
                } else {
                    print(&write);
                }
                Ok(match write.state {
                    WriteState::Landed | WriteState::Observed => Exit::Yes,
                    WriteState::Intended | WriteState::Unknown => Exit::Unknown,
                    WriteState::Stale | WriteState::Refused | WriteState::Conflicted | WriteState::Abandoned => {
                        Exit::No
                    }
                })
            }
            Self::Undo { id, reason } => {
                let request = UndoRequest { reason: reason.clone(), request_key: None };
                let proposed: Proposed = client.post(&format!("/api/v1/writes/{id}/undo"), &request).await?;
                if global.json {
                    print_json(&proposed)?;
                } else {
                    println!("Proposal {} takes it back, once somebody else has approved it.", proposed.id);
                }
                Ok(Exit::Yes)
            }
        }
    }
}

fn print(write: &Write) {
    println!("write     {}", write.id);
    println!("document  {}", write.document);
    println!("proposal  {}", write.proposal);
    println!("receipt   {}", write.receipt);
    if let Some(undoes) = write.undoes {
        println!("undoes    {undoes}");
    }
    if let Some(undo) = write.undo {
        println!("undo      proposal {undo}");
    }
    for step in &write.steps {
        println!("{:<9} {}", step.step, step.at);
    }
    if let Some(reason) = &write.refused {
        println!("reason    {reason} {}", write.answer.as_deref().unwrap_or_default());
    }
    if write.rebuilt {
        println!("Known from its receipt only: the ledger was rebuilt.");
    }
}
