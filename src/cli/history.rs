//! `mirror history`, `mirror show` and `mirror restore`: what was observed of a document, and how to have it back.

use serde::Serialize;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::domain::capability::shipped;
use crate::domain::history::{self, COALESCED, Seen, Then};
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::web::api::history::{History, Version, VersionState};
use crate::web::api::proposals::Proposed;
use crate::web::api::propose::ProposalRequest;

/// What the mirror can say about a document at a moment.
#[derive(Debug, Serialize)]
struct Shown {
    path: DocPath,
    /// The moment that was asked for; null: as the mirror has it now.
    at: Option<Timestamp>,
    /// Is it known what stood then?
    known: bool,
    says: String,
    /// What stood then; or, if that is not known, what was observed before and after, in this order.
    versions: Vec<Version>,
}

/// Lists the versions of a document. Exit 0: there are some; 1: none.
pub(super) async fn list(
    global: &Global,
    path: &DocPath,
    before: Option<Timestamp>,
    limit: u32,
) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let history = History::of(&store, path, before, limit).await?;
    if global.json {
        print_json(&history)?;
    } else {
        match history.versions.len() {
            0 => println!("The mirror keeps no version of {path}."),
            count => println!("{path}: {count} observed, newest first. {COALESCED}"),
        }
        history.versions.iter().for_each(print_version);
        if let Some(next) = history.next {
            println!("There are older ones: --before {next}");
        }
    }
    Ok(if history.versions.is_empty() { Exit::No } else { Exit::Yes })
}

/// Shows a document now or at a moment. Exit 0: it stood; 1: it did not exist; 2: the mirror can't know.
pub(super) async fn show(global: &Global, path: &DocPath, at: Option<Timestamp>) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let (exit, shown) = match at {
        Some(moment) => at_moment(path, moment, store.version_at(path, moment).await?),
        None => now(&store, path).await?,
    };
    if global.json {
        print_json(&shown)?;
    } else {
        println!("{}", shown.says);
        for version in &shown.versions {
            print_version(version);
            print_fields(version);
        }
    }
    Ok(exit)
}

async fn now(store: &Store, path: &DocPath) -> anyhow::Result<(Exit, Shown)> {
    let collection = path.collection();
    let targets = store.targets().await?;
    let read = targets.iter().find(|target| target.collection == collection).and_then(|target| target.read_time);
    let newest = store.versions(path, None, 1).await?.pop().filter(|version| version.newest);
    let (exit, says) = match (&newest, read) {
        (_, None) => (Exit::Unknown, format!("`{collection}` was never read by this mirror: it can't know.")),
        (Some(version), Some(read)) => (exit_of(version), format!("{path} as of {read}:")),
        (None, Some(read)) => (Exit::No, format!("{path} does not exist as of {read}.")),
    };
    let versions = newest.iter().map(|version| Version::of(version, None)).collect();
    Ok((exit, Shown { path: path.clone(), at: None, known: read.is_some(), says, versions }))
}

fn at_moment(path: &DocPath, moment: Timestamp, then: Then) -> (Exit, Shown) {
    let (exit, says, versions) = match then {
        Then::Known(version) => {
            let says = match version.seen {
                Seen::Document(_) | Seen::Unreadable(_) => format!("{path} at {moment}:"),
                Seen::Deleted => format!("{path} did not exist at {moment}."),
            };
            (exit_of(&version), says, vec![version])
        }
        Then::Between { before, after } => {
            let says = format!(
                "The mirror can't know {path} at {moment}: it lies between two observations. {COALESCED} \
                 The one before was last confirmed at {}, the one after began at {}.",
                before.confirmed,
                after.began()
            );
            (Exit::Unknown, says, vec![before, after])
        }
        Then::Ahead(last) => {
            let says = format!("The mirror can't know {path} at {moment} yet: it shows {}.", last.confirmed);
            (Exit::Unknown, says, vec![last])
        }
        Then::Earlier(first) => {
            let born = first.document().map(|document| format!(" It was created at {}.", document.create_time));
            let says = format!(
                "The mirror can't know {path} at {moment}: the first version it keeps began at {}.{}",
                first.began(),
                born.unwrap_or_default()
            );
            (Exit::Unknown, says, vec![first])
        }
        Then::Nothing => (Exit::Unknown, format!("The mirror keeps no version of {path}: it can't know."), Vec::new()),
    };
    let known = exit != Exit::Unknown;
    let versions = versions.iter().map(|version| Version::of(version, None)).collect();
    (exit, Shown { path: path.clone(), at: Some(moment), known, says, versions })
}

const fn exit_of(version: &history::Version) -> Exit {
    match version.seen {
        Seen::Document(_) => Exit::Yes,
        Seen::Deleted => Exit::No,
        Seen::Unreadable(_) => Exit::Unknown,
    }
}

/// Proposes to bring a version back. Exit 0: proposed.
pub(super) async fn restore(global: &Global, path: &DocPath, at: Timestamp, reason: &str) -> anyhow::Result<Exit> {
    let client = Client::of(&global.data_directory()?);
    let request = ProposalRequest {
        capability: shipped::DOCUMENT_RESTORE.to_owned(),
        document: Some(path.to_string()),
        at: Some(at.to_string()),
        reason: reason.to_owned(),
        ..ProposalRequest::default()
    };
    let proposed: Proposed = client.post("/api/v1/proposals", &request).await?;
    if global.json {
        print_json(&proposed)?;
    } else {
        println!("Proposal {} waits for an admin; nothing has changed yet.", proposed.id);
    }
    Ok(Exit::Yes)
}

fn print_version(version: &Version) {
    let began = version.update_time.map_or_else(|| format!("by {}", version.observed), |time| time.to_string());
    let what = match version.state {
        VersionState::Document => "",
        VersionState::Unreadable => "  can't be kept",
        VersionState::Deleted => "  deleted",
    };
    let until = if version.newest { "stands as of" } else { "last confirmed" };
    println!("{began}{what}  (observed {}, {until} {})", version.observed, version.confirmed);
    if let Some(why) = &version.unreadable {
        println!("  {why}");
    }
    for change in version.changes.iter().flatten() {
        let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
        match (text(&change.before), text(&change.after)) {
            (Some(before), Some(after)) => println!("  ± {}: {before} → {after}", change.path),
            (None, Some(after)) => println!("  + {}: {after}", change.path),
            (Some(before), None) => println!("  - {}: {before}", change.path),
            (None, None) => {}
        }
    }
}

fn print_fields(version: &Version) {
    for (name, value) in version.fields.iter().filter_map(serde_json::Value::as_object).flatten() {
        println!("  {name}: {value}");
    }
}
