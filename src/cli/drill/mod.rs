//! `drill …`: rehearsals of what must go right when things go wrong, each with evidence.
//!
//! No drill touches anything but its own document, and whatever has to break breaks in a private world: a made-up cloud
//! and a service of its own in a temporary directory, which are gone when the drill ends.

/// What a drill leaves behind.
mod evidence;

/// The steps that drills share.
mod cycle;

/// A write, and its undo.
mod rollback;

/// Every undo on paper.
mod rehearse;

/// Everything stopped, and let go on.
mod kill_switch;

/// A commit whose answer is lost.
#[cfg(feature = "sandbox")]
mod lost_reply;

/// A document that moves after the approval.
#[cfg(feature = "sandbox")]
mod stale_approval;

/// The service killed at every step.
#[cfg(feature = "sandbox")]
mod crash;

/// A copy of the box beside the original.
#[cfg(feature = "sandbox")]
mod second_box;

/// A service in a process of its own, which may die.
#[cfg(feature = "sandbox")]
mod child;

/// A made-up person with a browser.
#[cfg(feature = "sandbox")]
mod persona;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::client::Client;
use crate::cli::{Exit, Global, with_world};
use crate::web::api::drills::DrillName;

use evidence::{Place, Run};
use rehearse::Look;

/// Rehearse.
#[derive(Debug, Subcommand)]
pub(super) enum Drill {
    /// Change the drill document, take the change back, and prove that nothing is left of it
    #[command(
        after_help = "Example:\n  studio-brain drill rollback --data /var/lib/studio-brain\n  studio-brain drill rollback --demo --rounds 10"
    )]
    Rollback {
        /// How often; the limits of the drill's capability allow 60 an hour
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        rounds: u32,
        #[command(flatten)]
        kept: Kept,
    },
    /// Take back every write that stands, on paper: exit 0 all would land, 1 some would not, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain drill rehearse --data /var/lib/studio-brain\n  studio-brain drill rehearse --cloud --json"
    )]
    Rehearse {
        /// First read every document of the collections in question again from the cloud: one billed read for each
        #[arg(long)]
        cloud: bool,
        #[command(flatten)]
        kept: Kept,
    },
    /// Kill a service of its own at every step of a write, and prove that the write exists exactly once
    #[command(after_help = "Example:\n  studio-brain drill crash")]
    Crash {
        #[command(flatten)]
        kept: Kept,
    },
    /// Lose the cloud's answer to a write in a private world, and prove that its receipt tells
    #[command(after_help = "Example:\n  studio-brain drill lost-reply")]
    LostReply {
        #[command(flatten)]
        kept: Kept,
    },
    /// Stop everything while a write is approved, and prove that nothing leaves before two people let it
    #[command(
        after_help = "Example:\n  studio-brain drill kill-switch\n  studio-brain drill kill-switch --live --data /var/lib/studio-brain"
    )]
    KillSwitch {
        /// Stop the running service and not one of its own. It stays stopped: two people have to resume it
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        kept: Kept,
    },
    /// Have somebody else change the document after the approval in a private world, and prove that nothing is written
    #[command(after_help = "Example:\n  studio-brain drill stale-approval")]
    StaleApproval {
        #[command(flatten)]
        kept: Kept,
    },
    /// Start a copy of a box beside the original in a private world, and prove that it waits for a decision
    #[command(after_help = "Example:\n  studio-brain drill second-box")]
    SecondBox {
        #[command(flatten)]
        kept: Kept,
    },
}

/// What every drill takes.
#[derive(Debug, Args)]
pub(super) struct Kept {
    /// Where to write the evidence; Markdown goes beside it [default: drill-NAME-TIME.json in the data directory, or here]
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl Drill {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Rollback { rounds, kept } => {
                let drill = async |run: &mut Run, client: &Client| rollback::run(run, client, *rounds).await;
                with_world(global, async |here| against_service(here, DrillName::Rollback, kept, drill).await).await
            }
            Self::Rehearse { cloud, kept } => {
                let look = if *cloud { Look::Cloud } else { Look::Mirror };
                let drill = async |run: &mut Run, client: &Client| rehearse::run(run, client, look).await;
                with_world(global, async |here| against_service(here, DrillName::Rehearse, kept, drill).await).await
            }
            Self::KillSwitch { live: true, kept } => {
                let drill = async |run: &mut Run, client: &Client| kill_switch::live(run, client).await;
                with_world(global, async |here| against_service(here, DrillName::KillSwitch, kept, drill).await).await
            }
            Self::KillSwitch { live: false, kept } => private(global, DrillName::KillSwitch, kept).await,
            Self::LostReply { kept } => private(global, DrillName::LostReply, kept).await,
            Self::StaleApproval { kept } => private(global, DrillName::StaleApproval, kept).await,
            Self::SecondBox { kept } => private(global, DrillName::SecondBox, kept).await,
            Self::Crash { kept } => private(global, DrillName::Crash, kept).await,
        }
    }
}

/// A drill against the service that runs with the data directory.
async fn against_service(
    global: &Global,
    name: DrillName,
    kept: &Kept,
    drill: impl AsyncFnOnce(&mut Run, &Client) -> anyhow::Result<String>,
) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    let client = Client::of(&data);
    let _: serde_json::Value = client.get("/api/v1/changes").await?;
    let place = Place::of(global, kept.evidence.as_deref()).await?;
    let mut run = Run::begin(name, global, format!("the service of `{}`", data.display()));
    place.begins(name).await?;
    let ended = drill(&mut run, &client).await;
    run.end(ended, place, global).await
}

/// A drill in a private world; a service that runs with the data directory takes note of it.
#[cfg(feature = "sandbox")]
async fn private(global: &Global, name: DrillName, kept: &Kept) -> anyhow::Result<Exit> {
    use crate::cli::world::{Plan, World, log_quietly};

    log_quietly(&crate::clock::Clock::system())?;
    let place = Place::of(global, kept.evidence.as_deref()).await?;
    let mut run = Run::begin(name, global, "a private world");
    place.begins(name).await?;
    let ended = match name {
        DrillName::Crash => crash::run(&mut run).await,
        DrillName::SecondBox => second_box::run(&mut run).await,
        DrillName::Rollback | DrillName::Rehearse => {
            anyhow::bail!("BUG: {} is no drill of a private world", name.word())
        }
        DrillName::KillSwitch | DrillName::LostReply | DrillName::StaleApproval => {
            let world = World::start(Plan::private()).await?;
            world.is_caught_up().await?;
            run.done("world", "a made-up cloud and a service of its own are up");
            let ended = match name {
                DrillName::LostReply => lost_reply::run(&mut run, &world).await,
                DrillName::StaleApproval => stale_approval::run(&mut run, &world).await,
                DrillName::KillSwitch
                | DrillName::Rollback
                | DrillName::Rehearse
                | DrillName::Crash
                | DrillName::SecondBox => kill_switch::private(&mut run, &world).await,
            };
            world.stop().await?;
            ended
        }
    };
    run.end(ended, place, global).await
}

/// A program without a sandbox has no private worlds.
#[cfg(not(feature = "sandbox"))]
async fn private(_: &Global, name: DrillName, _: &Kept) -> anyhow::Result<Exit> {
    anyhow::bail!(
        "`drill {}` needs a made-up cloud, which this program was built without: run it with a build that has the \
         feature `sandbox`",
        name.word()
    )
}
