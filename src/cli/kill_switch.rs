//! `kill-switch`: stopping everything that is written, and letting it go on.

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::kill_switch as api;

const PLACE: &str = "/api/v1/kill-switch";

/// Stop everything that is written, and let it go on.
#[derive(Debug, Subcommand)]
pub(super) enum KillSwitch {
    /// Say whether anything may be written: exit 0 it may, 1 it may not, 2 could not tell
    #[command(after_help = "Example:\n  studio-brain kill-switch status\n  studio-brain kill-switch status --json")]
    Status,
    /// Stop in one step: exit 0 all is at rest, 2 something that was under way is not answered yet
    #[command(
        after_help = "Example:\n  studio-brain kill-switch stop --reason \"Wrong prices are being written.\"\n  studio-brain kill-switch stop --scope global --reason \"The box was broken into.\""
    )]
    Stop(Asked),
    /// Ask to let writes go on; another person has to confirm within 24 hours
    #[command(
        after_help = "Example:\n  studio-brain kill-switch resume --reason \"The price list was put right.\"\n  Then another person: studio-brain kill-switch confirm --reason \"I have checked the list, too.\""
    )]
    Resume(Asked),
    /// Confirm, as another person than the one who asked, that writes go on
    #[command(
        after_help = "Example:\n  studio-brain kill-switch confirm --reason \"I have checked the list, too.\"\nExit 1 when it is the same person, or when nobody has asked."
    )]
    Confirm(Asked),
}

/// Which switch, and why.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// Why: 10 to 1,000 characters, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The studio's own switch, or the box's
    #[arg(long, value_enum, default_value_t = Scope::Studio)]
    scope: Scope,
}

/// Which switch.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scope {
    /// The studio's own
    Studio,
    /// The box's
    Global,
}

impl Asked {
    fn body(&self) -> api::SwitchRequest {
        let scope = match self.scope {
            Scope::Studio => api::Scope::Studio,
            Scope::Global => api::Scope::Global,
        };
        api::SwitchRequest { scope, reason: self.reason.clone() }
    }
}

impl KillSwitch {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::Status => {
                let switch: api::KillSwitch = client.get(PLACE).await?;
                show(global, &switch)?;
                let unreadable = switch.switches.iter().any(|one| one.position == api::Position::Unreadable);
                Ok(match (switch.may_write, unreadable) {
                    (true, _) => Exit::Yes,
                    (false, true) => Exit::Unknown,
                    (false, false) => Exit::No,
                })
            }
            Self::Stop(asked) => {
                let stopped: api::Stopped = client.post(&format!("{PLACE}/stop"), &asked.body()).await?;
                match (global.json, stopped.at_rest) {
                    (true, _) => print_json(&stopped)?,
                    (false, true) => println!("Stopped. Nothing is under way any more."),
                    (false, false) => {
                        println!("Stopped. Something that had left before is not answered yet: see the ledger.");
                    }
                }
                Ok(if stopped.at_rest { Exit::Yes } else { Exit::Unknown })
            }
            Self::Resume(asked) => {
                let switch: api::KillSwitch = client.post(&format!("{PLACE}/resume"), &asked.body()).await?;
                if !global.json {
                    println!("Asked. Nothing is written before another person confirms.");
                }
                show(global, &switch)?;
                Ok(Exit::Yes)
            }
            Self::Confirm(asked) => {
                let switch: api::KillSwitch = client.post(&format!("{PLACE}/resume/confirm"), &asked.body()).await?;
                show(global, &switch)?;
                Ok(Exit::Yes)
            }
        }
    }
}

fn show(global: &Global, switch: &api::KillSwitch) -> anyhow::Result<()> {
    if global.json {
        return print_json(switch);
    }
    if switch.may_write {
        println!("Writes may leave.");
    } else {
        println!("Nothing may leave ({}).", switch.code);
    }
    let row = |one: &api::Switch| {
        [
            scope(one.scope).to_owned(),
            position(one.position).to_owned(),
            one.since.map_or_else(|| "unknown".to_owned(), age),
            one.by.as_ref().map_or_else(String::new, |by| by.name.clone()),
            one.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = switch.switches.iter().map(row).collect();
    table::print(["SWITCH", "POSITION", "SINCE", "BY", "REASON"], &rows, "");
    let Some(history) = &switch.history else {
        println!("The history can't be read.");
        return Ok(());
    };
    println!();
    let row = |step: &api::Step| {
        [
            age(step.at),
            scope(step.scope).to_owned(),
            step.step.clone(),
            format!("{} ({})", step.by.name, step.by.label),
            step.reason.clone(),
        ]
    };
    let rows: Vec<_> = history.iter().take(10).map(row).collect();
    table::print(["WHEN", "SWITCH", "STEP", "BY", "REASON"], &rows, "No history.");
    Ok(())
}

const fn scope(scope: api::Scope) -> &'static str {
    match scope {
        api::Scope::Studio => "studio",
        api::Scope::Global => "global",
    }
}

const fn position(position: api::Position) -> &'static str {
    match position {
        api::Position::Running => "running",
        api::Position::Stopped => "stopped",
        api::Position::ResumeRequested => "resume requested",
        api::Position::Unreadable => "unreadable",
    }
}
