//! `demo`: the whole studio in one process, made up.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::cli::client::Client;
use crate::cli::drift::look_now;
use crate::cli::world::log_quietly;
use crate::cli::world::{Plan, Sample, World};
use crate::cli::{Exit, Global, print_json, told_to_stop};
use crate::clock::Clock;
use crate::sandbox::studio;

/// The whole studio in one process, made up.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The cockpit's port on 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How many times the ordinary documents of the sample studio
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    scale: u32,
    /// What the made-up studio holds
    #[arg(long, value_enum, default_value_t)]
    sample: Sample,
}

impl Demo {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        log_quietly(&Clock::system())?;
        let data: Option<PathBuf> = global.data.clone();
        let world = World::start(Plan { port: self.port, scale: self.scale, sample: self.sample, data }).await?;
        eprintln!("Mirroring the made-up studio …");
        world.is_caught_up().await?;
        if self.sample != Sample::Empty {
            studio::lose_some_changes(&world.database());
        }
        let findings =
            look_now(&Client::of(world.data())).await.context("could not compare the mirror with the cloud")?;
        let documents: u64 = world.store().documents_held().await?.values().map(|held| held.documents).sum();
        let url = format!("http://{}/", world.address());
        if global.json {
            print_json(&serde_json::json!({
                "cockpit": url, "documents": documents, "findings": findings.findings.findings.len(), "data": world.data(),
            }))?;
        } else {
            println!("Cockpit: {url}");
            println!();
            println!("  {documents} documents are mirrored, {} findings wait.", findings.findings.findings.len());
            println!("  Sign in as Ines or Dov (staff) or Juno (admin): one proposes, another approves.");
            println!("  Try: Drift → a reservation spelled CANCELED → Propose a fix.");
            println!("  Operators: studio-brain --data {} drift check", world.data().display());
            println!();
            println!("Stop it with Ctrl-C; nothing is kept unless you named a directory with --data.");
        }
        told_to_stop().await;
        world.stop().await?;
        Ok(Exit::Yes)
    }
}
