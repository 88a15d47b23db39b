//! `doctor`: what is wrong, and what to do.

use std::time::Duration;

use serde::Serialize;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::edge;
use crate::store::audit::AnchorStanding;
use crate::store::{OpenError, Store};
use crate::web::api::audit::SealState;
use crate::web::api::lease::{Lease, LeaseStanding};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// How far our clock may be from Firestore's.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// Looks at configuration, database, Firestore and clock. Exit 0: all well; 1: something is wrong; 3: the configuration is.
pub(super) async fn run(global: &Global) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    let mut findings = Vec::new();
    let running: anyhow::Result<serde_json::Value> = Client::of(&data).get("/readyz").await;
    findings.push(service(&running));
    findings.push(database(&data).await);
    findings.extend(lease(Client::of(&data).get("/api/v1/lease").await.ok()));
    findings.extend(audit(&data).await);
    findings.extend(restoration(&data).await);
    if !global.demo_runs() {
        let config = global.load()?;
        findings.push(configuration(&config));
        findings.extend(firestore(&config).await);
    }
    let well = findings.iter().all(|finding| finding.ok);
    if global.json {
        print_json(&serde_json::json!({ "ok": well, "checks": findings }))?;
    } else {
        for finding in &findings {
            println!("{} {:<14} {}", if finding.ok { "ok   " } else { "WRONG" }, finding.check, finding.found);
            if let Some(fix) = &finding.fix {
                println!("      {:<14} → {fix}", "");
            }
        }
    }
    Ok(if well { Exit::Yes } else { Exit::No })
}

fn service(answer: &anyhow::Result<serde_json::Value>) -> Finding {
    match answer {
        Ok(_) => Finding { check: "service", ok: true, found: "runs and is ready".to_owned(), fix: None },
        Err(error) => {
            let text = format!("{error:#}");
            // A service that does not run is no fault: one that runs and is not ready is.
            let runs = text.contains("503");
            let fix = runs.then(|| "ask for `/readyz` at the cockpit's address what it waits for".to_owned());
            Finding { check: "service", ok: !runs, found: text, fix }
        }
    }
}

/// Nothing when no service runs: it looks when it starts.
fn lease(lease: Option<Lease>) -> Option<Finding> {
    let lease = lease?;
    let (ok, found) = match (lease.standing, lease.holder) {
        (LeaseStanding::Ours, _) => (true, "this box writes".to_owned()),
        (LeaseStanding::Free, _) => (true, "no box has it".to_owned()),
        (LeaseStanding::Unknown, _) => (true, "nobody has looked yet".to_owned()),
        (LeaseStanding::Second, holder) => {
            let place = holder.map_or_else(|| "an unknown place".to_owned(), |holder| holder.directory);
            (false, format!("another box writes, at `{place}`: this one only mirrors"))
        }
    };
    let fix = (!ok).then(|| {
        "decide which one writes (docs/runbooks/SECOND_BOX.md): stop this one, or `studio-brain lease take`".to_owned()
    });
    Some(Finding { check: "lease", ok, found, fix })
}

async fn database(data: &std::path::Path) -> Finding {
    let check = "database";
    match Store::open_read_only(data).await {
        Ok(store) => match store.targets().await {
            Ok(targets) => {
                let found = format!("belongs to `{}`, {} collections are mirrored", store.studio(), targets.len());
                Finding { check, ok: true, found, fix: None }
            }
            Err(error) => Finding {
                check,
                ok: false,
                found: format!("{error:#}"),
                fix: Some("start the service once, so that it brings the database up to date".to_owned()),
            },
        },
        Err(OpenError::Missing { file }) => {
            let found = format!("none yet at {}: the service makes it when it first starts", file.display());
            Finding { check, ok: true, found, fix: None }
        }
        Err(error) => Finding {
            check,
            ok: false,
            found: format!("{error:#}"),
            fix: Some("bring a copy back (docs/runbooks/BACKUP.md), or move the file away: the mirror comes again, decisions do not".to_owned()),
        },
    }
}

/// Is the audit log sealed, and are the anchors in Firestore of this log? Nothing when there is no database yet.
async fn audit(data: &std::path::Path) -> Option<Finding> {
    let store = Store::open_read_only(data).await.ok()?;
    let check = "audit";
    let state = match SealState::of(&store).await {
        Ok(state) => state,
        Err(error) => return Some(Finding { check, ok: false, found: format!("{error:#}"), fix: None }),
    };
    let sealed = state.sealed.map_or(0, |sealed| sealed.size);
    let mut found = format!("{} entries, {sealed} are sealed, {} anchored", state.entries, state.anchored.unwrap_or(0));
    let foreign = state.standing.filter(|standing| *standing != AnchorStanding::Consistent.word());
    if let Some(trouble) = state.trouble {
        found = format!("{found}; the last try to anchor: {trouble}");
    }
    let restored = store.restoration().await.ok().flatten();
    if let Some((standing, restored)) = foreign.as_ref().zip(restored) {
        found = format!(
            "{found}; {standing}, as after every restore: what was anchored before {} was of the replaced database",
            restored.at
        );
        return Some(Finding { check, ok: true, found, fix: None });
    }
    let fix = foreign.as_ref().map(|standing| {
        format!("an anchor in Firestore is not of this log ({standing}): stop this box, and find the newer database or the other box")
    });
    Some(Finding { check, ok: foreign.is_none(), found, fix })
}

/// A database that came back from a copy is no fault, and something to know.
async fn restoration(data: &std::path::Path) -> Option<Finding> {
    let store = Store::open_read_only(data).await.ok()?;
    let restoration = store.restoration().await.ok().flatten()?;
    let as_of =
        restoration.copy_as_of.map_or_else(|| "before anything happened".to_owned(), |at| format!("as of {at}"));
    let found = format!("the database came back on {} from a copy {as_of}", restoration.at);
    let fix =
        restoration.started.is_none().then(|| "see docs/runbooks/BACKUP.md before you start the service".to_owned());
    Some(Finding { check: "restored", ok: true, found, fix })
}

fn configuration(config: &Config) -> Finding {
    let writes = if config.push.enabled { "on" } else { "off" };
    let found =
        format!("studio `{}`, writes are {writes}, fingerprint {}", config.studio.id, &config.fingerprint()[..12]);
    Finding { check: "configuration", ok: true, found, fix: None }
}

async fn firestore(config: &Config) -> Vec<Finding> {
    let before: Timestamp = Clock::system().now().into();
    match edge::server_time(config).await {
        Ok(server) => {
            let after: Timestamp = Clock::system().now().into();
            let skew = server.since(after).max(before.since(server));
            let ok = skew <= CLOCK_TOLERANCE;
            let fix = (!ok).then(|| "set this machine's clock (`timedatectl set-ntp true`)".to_owned());
            let reached =
                format!("project `{}`, database `{}` answers", config.firestore.project, config.firestore.database);
            vec![
                Finding { check: "firestore", ok: true, found: reached, fix: None },
                Finding { check: "clock", ok, found: format!("{} s from Firestore's", skew.as_secs()), fix },
            ]
        }
        Err(error) => vec![Finding {
            check: "firestore",
            ok: false,
            found: format!("{error:#}"),
            fix: Some(
                "check the network, `firestore.project` and `firestore.credentials`, or `firestore.emulator_host`"
                    .to_owned(),
            ),
        }],
    }
}
