//! `audit tail` and `audit show`: what the log has.

use serde::Serialize;

use crate::cli::table::{self, age};
use crate::cli::{Exit, Global, print_json};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::audit::AuditQuery;
use crate::web::api::audit::AuditEntry;

/// One entry, and how it is sealed and anchored.
#[derive(Debug, Serialize)]
struct Shown {
    entry: AuditEntry,
    /// Is it what was recorded?
    intact: bool,
    /// The first checkpoint that covers it.
    sealed: Option<SealedWith>,
}

#[derive(Debug, Serialize)]
struct SealedWith {
    size: u64,
    root: Hash,
    at: Timestamp,
    /// When it was written to the service's log.
    logged: Option<Timestamp>,
    /// When Firestore was known to have it.
    anchored: Option<Timestamp>,
}

/// Shows the newest entries. Exit 0.
pub(super) async fn tail(global: &Global, lines: u16) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let mut entries = store.audit_entries(&AuditQuery::default(), lines).await?;
    entries.reverse();
    if global.json {
        print_json(&entries.into_iter().map(AuditEntry::from).collect::<Vec<_>>())?;
        return Ok(Exit::Yes);
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let event = &entry.event;
            let changed = if entry.is_intact { "" } else { "  CHANGED" };
            [
                entry.sequence.to_string(),
                event.at.to_string(),
                event.actor.to_string(),
                event.action.word().to_owned(),
                event.target.to_string(),
                format!("{}{changed}", event.reason.code()),
            ]
        })
        .collect();
    table::print(["ENTRY", "TIME", "ACTOR", "ACTION", "TARGET", "REASON"], &rows, "Nothing was recorded yet.");
    Ok(Exit::Yes)
}

/// Shows one entry. Exit 0: it is there; 1: it is not, or not as it was recorded.
pub(super) async fn show(global: &Global, sequence: u64) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let Some(entry) = store.audit_entry(sequence).await? else {
        let dropped = sequence > 0 && sequence <= store.audit_size().await?;
        let why = if dropped { "its payload was dropped" } else { "there is no such entry" };
        eprintln!("error: entry {sequence}: {why}");
        return Ok(Exit::No);
    };
    let intact = entry.is_intact;
    let sealed = store.audit_sealed_with(sequence).await?.map(|sealed| SealedWith {
        size: sealed.checkpoint.size(),
        root: sealed.checkpoint.root(),
        at: sealed.at,
        logged: sealed.logged,
        anchored: sealed.anchored,
    });
    let shown = Shown { entry: AuditEntry::from(entry), intact, sealed };
    if global.json {
        print_json(&shown)?;
    } else {
        print(&shown);
    }
    Ok(if intact { Exit::Yes } else { Exit::No })
}

fn print(shown: &Shown) {
    let entry = &shown.entry;
    let line = |name: &str, text: &str| println!("{name:<10} {text}");
    line("entry", &entry.sequence.to_string());
    line("time", &format!("{} ({})", entry.at, age(entry.at)));
    line("actor", &format!("{} ({})", entry.actor.name, entry.actor.label));
    line("action", &entry.action);
    line("target", &entry.target);
    line("reason", &entry.reason);
    for (name, hash) in [("input", entry.input), ("output", entry.output)] {
        if let Some(hash) = hash {
            line(name, &hash.to_string());
        }
    }
    for (name, text) in &entry.details {
        println!("  {name}: {text}");
    }
    line("leaf", &entry.hash.to_string());
    if !shown.intact {
        println!("It is NOT what was recorded.");
    }
    match &shown.sealed {
        None => println!("No checkpoint covers it yet: one does within a minute."),
        Some(sealed) => {
            let told = |at: Option<Timestamp>| at.map_or_else(|| "not yet".to_owned(), age);
            println!(
                "Signed {} with the first {} entries; in the service's log: {}; in Firestore: {}.",
                age(sealed.at),
                sealed.size,
                told(sealed.logged),
                told(sealed.anchored)
            );
        }
    }
}
