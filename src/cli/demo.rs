//! `demo`: the whole studio in one process, made up.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::cli::client::Client;
use crate::cli::drift::look_now;
use crate::cli::world::{Plan, Sample, World, log_beside_a_new_cloud, log_quietly};
use crate::cli::{Exit, Global, print_json, told_to_stop};
use crate::clock::Clock;
use crate::sandbox::studio::{self, StudioDay};
use crate::store::Store;

/// The whole studio in one process, made up.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The cockpit's port on 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How many times the ordinary documents of the sample studio
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    scale: u32,
    /// Play a day at the studio: members drop off, kilns fire, orders are paid, and something is always to decide
    #[arg(long)]
    alive: bool,
    /// Which day: the same seed gives the same day
    #[arg(long, default_value_t = 1, requires = "alive")]
    seed: u64,
    /// How many times faster than a real day
    #[arg(long, default_value_t = 60, requires = "alive", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    speed: u32,
    /// What the made-up studio holds
    #[arg(long, value_enum, default_value_t)]
    sample: Sample,
}

impl Demo {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let data: Option<PathBuf> = global.data.clone();
        if data.as_deref().is_some_and(|data| Store::file_in(data).exists()) {
            log_beside_a_new_cloud(&Clock::system())?;
            eprintln!(
                "This directory is of an earlier demo; its made-up cloud is gone, so everything is mirrored again."
            );
        } else {
            log_quietly(&Clock::system())?;
        }
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
        self.live(&world, global).await;
        world.stop().await?;
        Ok(Exit::Yes)
    }

    /// Goes on until it is told to stop, with or without a day to play.
    async fn live(&self, world: &World, global: &Global) {
        let mut stopped = std::pin::pin!(told_to_stop());
        if !self.alive {
            return stopped.await;
        }
        let (mut day, clock, cloud) = (StudioDay::of(self.seed), Clock::system(), world.database());
        loop {
            let happening = day.next(clock.now());
            if tokio::time::timeout(happening.after / self.speed, stopped.as_mut()).await.is_ok() {
                return;
            }
            if !global.json {
                println!("  {}.", happening.what);
            }
            happening.play(&cloud);
        }
    }
}
