//! `exemption`: letting something happen without its approval for a while.

use clap::{Args, Subcommand};

use crate::cli::client::Client;
use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::domain::exemption::ExemptionId;
use crate::domain::ids::{DocPath, Uid};
use crate::web::api::exemptions as api;
use crate::web::api::review::Because;

const PLACE: &str = "/api/v1/exemptions";

/// Let something happen without its approval for a while.
#[derive(Debug, Subcommand)]
pub(super) enum Exemption {
    /// List exemptions, those that ended among them
    #[command(after_help = "Example:\n  studio-brain exemption list\n  studio-brain exemption list --json")]
    List,
    /// Grant one, as somebody else than the one who gains by it; never for a critical capability
    #[command(
        after_help = "Example:\n  studio-brain exemption grant reservation.status.set --owner uid_mara_quill --beneficiary uid_staff_ines \\\n    --hours 4 --reason \"The import of the fair's reservations was agreed with Juno.\""
    )]
    Grant(Grant),
    /// Take one back
    #[command(
        after_help = "Example:\n  studio-brain exemption revoke 0199a3c1-… --reason \"The import is done.\"\nExit 1 when there is none that holds."
    )]
    Revoke {
        /// The exemption's id
        #[arg(value_parser = id)]
        id: ExemptionId,
        /// Why: 10 to 1,000 characters, for the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What is to be let happen.
#[derive(Debug, Args)]
pub(super) struct Grant {
    /// Such as reservation.status.set
    capability: String,
    /// In whose name things are done under it: one owner
    #[arg(long, value_name = "UID", value_parser = uid)]
    owner: Uid,
    /// Who asked for it and gains by it
    #[arg(long, value_name = "UID", value_parser = uid)]
    beneficiary: Uid,
    /// The one document that it is to cover, such as reservations/r-1 [default: every document of the owner]
    #[arg(long, value_name = "PATH", value_parser = path)]
    document: Option<DocPath>,
    /// How many hours it is to hold: 1 to 72
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=72))]
    hours: u32,
    /// Why the studio can do without the approval: 10 to 1,000 characters
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

fn id(text: &str) -> Result<ExemptionId, String> {
    text.parse().map_err(|_| "is no exemption's id: see `exemption list`".to_owned())
}

fn uid(text: &str) -> Result<Uid, String> {
    Uid::parse(text).map_err(|error| error.to_string())
}

fn path(text: &str) -> Result<DocPath, String> {
    DocPath::parse(text).map_err(|error| error.to_string())
}

impl Exemption {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let client = Client::of(&global.data_directory()?);
        match self {
            Self::List => {
                let found: api::Exemptions = client.get(PLACE).await?;
                if global.json {
                    print_json(&found)?;
                } else {
                    print(&found.exemptions);
                }
            }
            Self::Grant(grant) => {
                let request = api::ExemptionRequest {
                    capability: grant.capability.clone(),
                    owner: grant.owner.clone(),
                    document: grant.document.clone(),
                    beneficiary: grant.beneficiary.clone(),
                    lasts_minutes: grant.hours * 60,
                    reason: grant.reason.clone(),
                };
                let granted: api::Exemption = client.post(PLACE, &request).await?;
                if global.json {
                    print_json(&granted)?;
                } else {
                    print(&[granted]);
                }
            }
            Self::Revoke { id, reason } => {
                let why = Because { reason: reason.clone() };
                client.tell(&format!("{PLACE}/{id}/revoke"), &why).await?;
                if !global.json {
                    println!("Revoked.");
                }
            }
        }
        Ok(Exit::Yes)
    }
}

fn print(exemptions: &[api::Exemption]) {
    let row = |one: &api::Exemption| {
        let standing = match one.standing {
            api::Standing::Live => "live",
            api::Standing::Revoked => "revoked",
            api::Standing::Expired => "expired",
        };
        [
            one.id.clone(),
            standing.to_owned(),
            one.capability.clone(),
            one.owner.to_string(),
            one.document.as_ref().map_or_else(|| "all of the owner's".to_owned(), ToString::to_string),
            one.beneficiary.to_string(),
            age(one.granted),
            age(one.expires),
            one.uses.to_string(),
            one.granted_by.name.clone(),
        ]
    };
    let rows: Vec<_> = exemptions.iter().map(row).collect();
    let headings = [
        "ID",
        "STANDING",
        "CAPABILITY",
        "OWNER",
        "DOCUMENT",
        "BENEFICIARY",
        "GRANTED",
        "EXPIRES",
        "USES",
        "GRANTED BY",
    ];
    table::print(headings, &rows, "There are no exemptions.");
}
