//! `intake`: texts that the intake rules have stopped, and what people decide about them.

use clap::{Subcommand, ValueEnum};

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::web::api::intake as api;

const PLACE: &str = "/api/v1/intake";

/// Review texts that the intake rules have stopped.
#[derive(Debug, Subcommand)]
pub(super) enum Intake {
    /// List what waits for a review, or what was reviewed
    #[command(after_help = "Example:\n  studio-brain intake list\n  studio-brain intake list --reviewed --json")]
    List {
        /// What was reviewed, newest first
        #[arg(long)]
        reviewed: bool,
    },
    /// Decide about a text; the newest decision counts, and a denial beats an earlier grant
    #[command(
        after_help = "Example:\n  studio-brain intake review 7 --code context-verified --reason \"The vase is for a play about pirates.\"\n  studio-brain intake review 8 --code confirmed-block --reason \"It asks for a copy of a brand's mug.\"\nExit 1 when the reviewer wrote the text, or there is no such text."
    )]
    Review {
        /// Its number, as it is listed
        id: i64,
        /// What was checked, and with it what is decided
        #[arg(long, value_enum)]
        code: Code,
        /// Why: 10 to 1,000 characters, for the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What was checked.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Code {
    /// Let it go on: the words mean something harmless here
    ContextVerified,
    /// Let it go on: the requester has proved their rights to the design
    RightsAttested,
    /// Stop it: it is what it seems to be
    ConfirmedBlock,
    /// Stop it: it is against the law
    ConfirmedIllegal,
}

impl From<Code> for api::ReviewCode {
    fn from(code: Code) -> Self {
        match code {
            Code::ContextVerified => Self::ContextVerified,
            Code::RightsAttested => Self::RightsAttested,
            Code::ConfirmedBlock => Self::ConfirmedBlock,
            Code::ConfirmedIllegal => Self::ConfirmedIllegal,
        }
    }
}

impl Intake {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::List { reviewed } => {
                let found: api::Intake = client.get(&format!("{PLACE}?reviewed={reviewed}")).await?;
                if global.json {
                    print_json(&found)?;
                } else {
                    print(&found.items);
                }
            }
            Self::Review { id, code, reason } => {
                let request = api::ReviewRequest { code: (*code).into(), reason: reason.clone() };
                let reviewed: api::Reviewed = client.post(&format!("{PLACE}/{id}/review"), &request).await?;
                match (global.json, reviewed.granted) {
                    (true, _) => print_json(&reviewed)?,
                    (false, true) => println!("Text {id} may go on."),
                    (false, false) => println!("Text {id} is stopped."),
                }
            }
        }
        Ok(Exit::Yes)
    }
}

fn print(items: &[api::Item]) {
    let row = |item: &api::Item| {
        let standing = match item.granted {
            None => "waits",
            Some(true) => "granted",
            Some(false) => "denied",
        };
        [
            item.id.to_string(),
            standing.to_owned(),
            item.category.clone(),
            item.score.to_string(),
            age(item.since),
            item.requester.label.clone(),
            item.subject.clone(),
            item.excerpt.clone(),
        ]
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    let headings = ["NUMBER", "STANDING", "CATEGORY", "SCORE", "SINCE", "BY", "SUBJECT", "EXCERPT"];
    table::print(headings, &rows, "Nothing is there.");
}
