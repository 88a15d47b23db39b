//! `agent`: programs with a key of their own.

use clap::{Args, Subcommand};

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::domain::ids::Uid;
use crate::web::api::agents as api;
use crate::web::api::review::Because;

const PLACE: &str = "/api/v1/agents";

/// Issue and revoke agents' keys, and look at what agents were denied.
#[derive(Debug, Subcommand)]
pub(super) enum Agent {
    /// List the keys, without their secrets, and the agents that have to pause
    #[command(after_help = "Example:\n  studio-brain agent list\n  studio-brain agent list --json")]
    List,
    /// Issue a key; it is printed once, on standard output, and kept nowhere
    #[command(
        after_help = "Example:\n  studio-brain agent issue agent-glaze-scout --name \"Glaze scout\" --days 90 \\\n    --scope capability:ops_note.append:execute > glaze-scout.key"
    )]
    Issue(Issue),
    /// Take a key back; it is refused from the next request on
    #[command(
        after_help = "Example:\n  studio-brain agent revoke 0123456789abcdef --reason \"It was pasted into a chat.\"\nExit 1 when there is no such key, or it is revoked already."
    )]
    Revoke {
        /// The part of the key that names it, as it is listed
        prefix: String,
        /// Why: 10 to 1,000 characters, for the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Let a suspended agent go on before its pause is over
    #[command(
        after_help = "Example:\n  studio-brain agent resume agent-glaze-scout --reason \"Its delegation was put right.\"\nExit 1 when the agent is not suspended."
    )]
    Resume {
        /// The agent
        agent: String,
        /// Why: 10 to 1,000 characters, for the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List what was denied to agents, with what was known of their rights
    #[command(after_help = "Example:\n  studio-brain agent denials\n  studio-brain agent denials --json")]
    Denials,
}

/// What a key is to be good for.
#[derive(Debug, Args)]
pub(super) struct Issue {
    /// The agent, by its id in the collection agentClients
    #[arg(value_parser = uid)]
    agent: Uid,
    /// The agent's name to show
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What it may do at most, such as batches:read; give it once for each
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// How many days it is to be good: 1 to 366
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
}

fn uid(text: &str) -> Result<Uid, String> {
    Uid::parse(text).map_err(|error| error.to_string())
}

impl Agent {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::List => {
                let found: api::Agents = client.get(PLACE).await?;
                if global.json {
                    print_json(&found)?;
                } else {
                    print(&found);
                }
            }
            Self::Issue(wanted) => {
                let request = api::KeyRequest {
                    agent: wanted.agent.clone(),
                    name: wanted.name.clone(),
                    scopes: wanted.scopes.clone(),
                    days: wanted.days,
                };
                let issued: api::IssuedKey = client.post(&format!("{PLACE}/keys"), &request).await?;
                if global.json {
                    print_json(&issued)?;
                } else {
                    println!("{}", issued.key);
                }
                // On standard error, so that standard output can go into a file as it is.
                eprintln!(
                    "This key is not shown again. It expires {} and is listed as {}.",
                    age(issued.expires),
                    issued.prefix
                );
            }
            Self::Revoke { prefix, reason } => {
                let why = Because { reason: reason.clone() };
                client.tell(&format!("{PLACE}/keys/{}/revoke", segment(prefix)), &why).await?;
                if !global.json {
                    println!("Revoked.");
                }
            }
            Self::Resume { agent, reason } => {
                let why = Because { reason: reason.clone() };
                client.tell(&format!("{PLACE}/{}/resume", segment(agent)), &why).await?;
                if !global.json {
                    println!("{agent} may go on.");
                }
            }
            Self::Denials => {
                let found: api::Denials = client.get(&format!("{PLACE}/denials")).await?;
                if global.json {
                    print_json(&found)?;
                } else {
                    print_denials(&found);
                }
            }
        }
        Ok(Exit::Yes)
    }
}

fn print(found: &api::Agents) {
    let row = |key: &api::Key| {
        let standing = match (key.good, key.revoked) {
            (true, _) => "good".to_owned(),
            (false, Some(at)) => format!("revoked {}", age(at)),
            (false, None) => "expired".to_owned(),
        };
        [
            key.prefix.clone(),
            standing,
            key.agent.to_string(),
            key.name.clone(),
            age(key.issued),
            age(key.expires),
            key.issued_by.name.clone(),
            key.scopes.join(" "),
        ]
    };
    let rows: Vec<_> = found.keys.iter().map(row).collect();
    let headings = ["KEY", "STANDING", "AGENT", "NAME", "ISSUED", "EXPIRES", "ISSUED BY", "SCOPES"];
    table::print(headings, &rows, "No keys were issued.");
    println!();
    let rows: Vec<_> =
        found.suspensions.iter().map(|one| [one.agent.to_string(), age(one.since), age(one.until)]).collect();
    table::print(["SUSPENDED", "SINCE", "UNTIL"], &rows, "No agent is suspended.");
}

fn print_denials(found: &api::Denials) {
    let row = |denial: &api::Denial| {
        [
            age(denial.at),
            denial.actor.label.clone(),
            denial.code.clone(),
            denial.scope.clone(),
            denial.owner.to_string(),
            denial.document.to_string(),
            denial.suspicion.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = found.denials.iter().map(row).collect();
    let headings = ["WHEN", "ACTOR", "CODE", "SCOPE", "OWNER", "DOCUMENT", "SUSPICION"];
    table::print(headings, &rows, "Nothing was denied to an agent.");
    println!("{} suspicious in the last 7 days.", found.suspicious);
}

/// What a person typed, as one segment of an address.
fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
