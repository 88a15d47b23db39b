//! `lease`: which of the studio's boxes writes, and deciding that it is this one.

use std::time::Duration;

use clap::Subcommand;

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::lease as api;
use crate::web::api::review::Because;

const PLACE: &str = "/api/v1/lease";

/// How long a decision may take to be carried out before the command says that it waits.
const SOON: Duration = Duration::from_secs(15);

/// See which box writes, and decide that it is this one.
#[derive(Debug, Subcommand)]
pub(super) enum Lease {
    /// Say whether this box writes: exit 0 it does, 1 another box does, 2 nobody knows yet
    #[command(after_help = "Example:\n  studio-brain lease show\n  studio-brain lease show --json")]
    Show,
    /// Make this box the one that writes, whichever did: exit 0 it does now, 2 it waits until writes may leave
    #[command(
        after_help = "Example:\n  studio-brain lease take --reason \"The old box burned down.\"\nStop the other box first if you can: it notices only when it has something to send.\nThe decision is void when the service starts again before it is carried out."
    )]
    Take {
        /// Why: 10 to 1,000 characters, for the audit log and for the other box
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl Lease {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        let lease = match self {
            Self::Show => client.get(PLACE).await?,
            Self::Take { reason } => {
                let because = Because { reason: reason.clone() };
                let asked: api::Lease = client.post(&format!("{PLACE}/take"), &because).await?;
                let done = client.wait_for(PLACE, |lease: &api::Lease| lease.taking.is_none());
                match tokio::time::timeout(SOON, done).await {
                    Ok(lease) => lease?,
                    Err(_) => asked,
                }
            }
        };
        show(global, &lease)?;
        Ok(match lease.standing {
            _ if lease.taking.is_some() => Exit::Unknown,
            api::LeaseStanding::Ours => Exit::Yes,
            api::LeaseStanding::Second => Exit::No,
            api::LeaseStanding::Unknown | api::LeaseStanding::Free => Exit::Unknown,
        })
    }
}

fn show(global: &Global, lease: &api::Lease) -> anyhow::Result<()> {
    if global.json {
        return print_json(lease);
    }
    match lease.standing {
        api::LeaseStanding::Ours => println!("This box writes."),
        api::LeaseStanding::Second => println!("Another box writes ({}): this one only mirrors.", lease.code),
        api::LeaseStanding::Free => println!("No box has the lease: this one claims it as soon as writes may leave."),
        api::LeaseStanding::Unknown => println!("Nobody has looked since the service started ({}).", lease.code),
    }
    if let Some(taking) = &lease.taking {
        println!("{} decided {} that this box takes it: {}", taking.by.name, age(taking.at), taking.reason);
        println!("That waits until writes may leave (`studio-brain kill-switch status`, `push.enabled`).");
    }
    let row = |what: &str, one: &api::StudioBox, claimed: Option<_>| {
        [
            what.to_owned(),
            one.directory.clone(),
            one.machine.chars().take(12).collect(),
            one.version.clone(),
            one.started.map_or_else(|| "unknown".to_owned(), age),
            claimed.map_or_else(String::new, age),
        ]
    };
    let mut rows = vec![row("this box", &lease.here, None)];
    rows.extend(lease.holder.as_ref().map(|holder| row("the lease", holder, lease.claimed)));
    table::print(["", "DIRECTORY", "MACHINE", "VERSION", "STARTED", "CLAIMED"], &rows, "");
    if let Some(taken) = &lease.taken {
        println!("It was taken by {taken}");
    }
    Ok(())
}
