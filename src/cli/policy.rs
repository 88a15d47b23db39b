//! `policy`: what the rules are, and what is wrong with them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::capability::Registry;
use crate::domain::lint::LintFinding;
use crate::gate::lint::{Checkout, Looked, lint};
use crate::gate::policy::PolicyFiles;
use crate::web::api::capabilities::Capability;
use crate::web::api::may::MayI;

/// Look at the rules.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Say what is wrong with registry and policies: exit 0 nothing, 1 something, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain policy lint\n  studio-brain policy lint --folder /etc/studio-brain/policy --json"
    )]
    Lint {
        /// The folder of the registry and the policies [default: the shipped ones]
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
        /// The checkout whose documents and tests have to agree [default: here, if here is one]
        #[arg(long, value_name = "DIR")]
        checkout: Option<PathBuf>,
    },
    /// Ask the running service whether the operator may do something: exit 0 yes, 1 no with everything in the way
    #[command(
        name = "may-i",
        after_help = "Example:\n  studio-brain policy may-i propose reservation.status.set\n  studio-brain policy may-i approve --proposal 0199…"
    )]
    MayI {
        /// read, propose, approve, reject, withdraw, reopen, stop, apply or send
        act: String,
        /// Such as reservation.status.set
        #[arg(required_unless_present = "proposal")]
        capability: Option<String>,
        /// Which proposal
        #[arg(long, value_name = "ID")]
        proposal: Option<String>,
    },
    /// Print the capabilities, or one of them in full
    #[command(
        after_help = "Example:\n  studio-brain policy show\n  studio-brain policy show reservation.status.set --json"
    )]
    Show {
        /// Such as reservation.status.set
        capability: Option<String>,
        /// The folder of the registry and the policies [default: the shipped ones]
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

impl Policy {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::MayI { act, capability, proposal } => {
                may_i(global, act, capability.as_deref(), proposal.as_deref()).await
            }
            Self::Lint { folder, checkout } => look(global, folder.as_deref(), checkout.as_deref()),
            Self::Show { capability, folder } => show(global, capability.as_deref(), folder.as_deref()),
        }
    }
}

async fn may_i(global: &Global, act: &str, capability: Option<&str>, proposal: Option<&str>) -> anyhow::Result<Exit> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("act", act);
    for (name, value) in [("capability", capability), ("proposal", proposal)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let client = Client::of(&global.data_directory()?);
    let answer: MayI = client.get(&format!("/api/v1/may-i?{}", query.finish())).await?;
    if global.json {
        print_json(&answer)?;
    } else if answer.allowed {
        println!("Yes: {} ({})", answer.code, answer.policies.join(", "));
    } else {
        for missing in &answer.missing {
            let policies = if missing.policies.is_empty() {
                "no policy permits it".to_owned()
            } else {
                missing.policies.join(", ")
            };
            println!("{}: {} ({policies})", missing.code, missing.sentence);
        }
    }
    Ok(if answer.allowed { Exit::Yes } else { Exit::No })
}

fn files(folder: Option<&Path>) -> anyhow::Result<PolicyFiles> {
    Ok(match folder {
        Some(folder) => PolicyFiles::read(folder)?,
        None => PolicyFiles::shipped(),
    })
}

/// What the lint found.
#[derive(Debug, Serialize)]
struct Report<'a> {
    ok: bool,
    /// Were documents and tests looked at, too?
    checkout: bool,
    findings: Vec<Finding<'a>>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    code: &'static str,
    place: &'a str,
    rule: &'a str,
}

impl<'a> Finding<'a> {
    fn of(finding: &'a LintFinding) -> Self {
        Self { code: finding.code.code(), place: &finding.place, rule: &finding.rule }
    }
}

fn look(global: &Global, folder: Option<&Path>, checkout: Option<&Path>) -> anyhow::Result<Exit> {
    let files = files(folder)?;
    let top = checkout.unwrap_or(Path::new("."));
    let read = Checkout::read(top).with_context(|| format!("could not read the checkout at {}", top.display()))?;
    if checkout.is_some() && read.is_none() {
        anyhow::bail!("{} is no checkout: it has no docs/specs and tests/it", top.display());
    }
    let now = Clock::system().now().into();
    let found = lint(Looked { files: &files, checkout: read.as_ref(), exemptions: &[], now });
    if global.json {
        let findings = found.iter().map(Finding::of).collect();
        print_json(&Report { ok: found.is_empty(), checkout: read.is_some(), findings })?;
    } else {
        for finding in &found {
            println!("{finding}");
        }
        let looked =
            if read.is_some() { "documents and tests, too" } else { "no checkout here: documents and tests were not" };
        println!("{} findings ({looked}).", found.len());
    }
    Ok(if found.is_empty() { Exit::Yes } else { Exit::No })
}

fn show(global: &Global, id: Option<&str>, folder: Option<&Path>) -> anyhow::Result<Exit> {
    let files = files(folder)?;
    let registry = Registry::parse(&files.registry.name, &files.registry.text)?;
    let chosen: Vec<Capability> = match id {
        None => registry.iter().map(|capability| Capability::from(&**capability)).collect(),
        Some(id) => match registry.find(id) {
            Some(capability) => vec![Capability::from(&**capability)],
            None => {
                println!("There is no capability `{id}`.");
                return Ok(Exit::No);
            }
        },
    };
    if global.json {
        print_json(&chosen)?;
    } else if id.is_none() {
        for shown in &chosen {
            println!(
                "{:<24} {:<5} {:<8} approvals {}  {}",
                shown.id, shown.access, shown.risk, shown.approvals, shown.title
            );
        }
    } else {
        chosen.iter().for_each(print);
    }
    Ok(Exit::Yes)
}

fn print(shown: &Capability) {
    println!("{}: {}", shown.id, shown.title);
    let lines = [
        ("access", format!("{}, {} risk", shown.access, shown.risk)),
        ("targets", shown.targets.join(", ")),
        ("approvals", format!("{}, of them {} by an admin", shown.approvals, shown.admins)),
        ("proposed by", shown.propose.join(", ")),
        ("approved by", shown.approve.join(", ")),
        ("applied by", shown.apply.join(", ")),
        ("read by", shown.read.join(", ")),
        ("mirror", format!("at most {} s old", shown.freshness_seconds)),
        ("approval", format!("good for {} s, after {} s", shown.approval_lifetime_seconds, shown.delay_seconds)),
        ("quotas", shown.quotas.join("; ")),
        ("rollback", shown.rollback.clone()),
        ("owner", shown.owner.clone()),
        ("escalation", shown.escalation.join(", ")),
        ("spec", shown.spec.clone()),
        ("fingerprint", shown.fingerprint.clone()),
    ];
    for (name, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        println!("  {name:<12} {text}");
    }
}
