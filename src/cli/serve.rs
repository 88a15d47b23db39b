//! `serve`: the service.

use anyhow::Context as _;

use crate::cli::{Exit, Global, told_to_stop};
use crate::clock::Clock;
use crate::edge::{Edge, People};
use crate::telemetry::{self, Output};

/// Runs the service until it is told to stop.
pub(super) async fn run(global: &Global) -> anyhow::Result<Exit> {
    let config = global.load()?;
    let clock = Clock::system();
    telemetry::init(&config.telemetry, Output::Stdout, &clock)?;
    let stop = told_to_stop();
    let edge = Edge::build(config, People::real(), clock).await.context("could not start")?;
    tracing::info!(event = "service.listening", "The cockpit listens on http://{}", edge.address());
    edge.run_until(stop).await?;
    Ok(Exit::Yes)
}
