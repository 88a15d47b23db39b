//! Who may use what.

use super::source::{SourceFile, mentions, tokens};

/// Rooms and the rooms they may use, besides themselves and [`EVERYWHERE`].
const TABLE: &[(&str, &[&str])] = &[
    ("edge", &["domain", "store", "authority", "identity", "gate", "jobs", "web", "cli", "sandbox"]),
    ("config", &["domain"]),
    ("telemetry", &["domain"]),
    ("clock", &["domain"]),
    ("domain", &[]),
    ("store", &["domain"]),
    ("authority", &["domain"]),
    ("identity", &["domain", "store"]),
    ("gate", &["domain", "store"]),
    ("connectors", &["domain"]),
    ("advisors", &["domain", "store"]),
    ("jobs", &["domain", "store", "authority", "gate", "connectors", "advisors"]),
    ("web", &["domain", "store", "gate", "identity"]),
    ("cli", &["domain", "store", "gate", "identity", "edge", "web", "sandbox"]),
    ("sandbox", &["domain", "identity"]),
    ("main", &["cli"]),
    ("lib", &[]),
    ("build", &[]),
];

/// What every room but `domain` may use.
const EVERYWHERE: &[&str] = &["config", "telemetry", "clock"];

/// Crates that only some rooms may name.
const CRATES: &[(&str, &[&str])] = &[
    ("firestore", &["authority", "sandbox"]),
    ("gcloud_sdk", &["authority", "sandbox"]),
    ("tonic", &["authority", "sandbox"]),
    ("sqlx", &["store", "build"]),
    ("cedar_policy", &["gate"]),
    ("libsqlite3_sys", &["store"]),
    ("axum", &["web", "edge", "sandbox"]),
    ("tower_http", &["web", "sandbox"]),
    ("leptos", &["app"]),
    ("studio_cockpit", &["web", "cli", "edge"]),
    ("studio_brain", &["main"]),
];

/// What nothing pure may name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio",
    "tokio_util",
    "futures_util",
    "rand",
    "hyper",
    "tower",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "uuid::Uuid::now_v7",
    "Uuid::now_v7",
    "Uuid::new_v4",
];

/// The room that a file is in: `src/web/mod.rs` is in `web`, everything below `app/` in `app`.
fn room(path: &str) -> Option<&str> {
    if path.starts_with("app/src/") {
        return Some("app");
    }
    let below = path.strip_prefix("src/")?;
    Some(below.split_once('/').map_or_else(|| below.trim_end_matches(".rs"), |(room, _)| room))
}

/// Every room is in the table, and uses only the rooms and crates that it may.
pub(crate) fn only_what_the_table_allows(file: &SourceFile) -> Vec<String> {
    let Some(room) = room(&file.path).filter(|_| file.path.ends_with(".rs")) else { return Vec::new() };
    let allowed = TABLE.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    if allowed.is_none() && room != "app" {
        return vec![format!("{}: `{room}` is not in the table of who may use what", file.path)];
    }
    let allowed = allowed.unwrap_or_default();
    let mut found = Vec::new();
    for mention in mentions(file) {
        let first = mention.segments.first().map(String::as_str).unwrap_or_default();
        let of_ours = mention.room().filter(|_| room != "app" && room != "lib");
        if let Some(other) = of_ours.filter(|other| TABLE.iter().any(|(name, _)| name == other) || *other == "*") {
            let everywhere = room != "domain" && EVERYWHERE.contains(&other);
            if other != room && !everywhere && !allowed.contains(&other) {
                found.push(format!("{}:{}: `{room}` may not use `{}`", file.path, mention.line, mention.text()));
            }
        }
        let crate_rule = CRATES.iter().find(|(name, _)| *name == first);
        if let Some((name, rooms)) = crate_rule.filter(|(_, rooms)| !rooms.contains(&room)) {
            found.push(format!("{}:{}: only {} may name `{name}`", file.path, mention.line, rooms.join(", ")));
        }
        if mention.segments.len() == 1 && first == "crate" {
            found.push(format!("{}:{}: the crate itself may not be renamed", file.path, mention.line));
        }
    }
    found
}

/// The domain waits for nothing, reads no clock and touches nothing outside.
pub(crate) fn the_domain_is_pure(file: &SourceFile) -> Vec<String> {
    if room(&file.path) != Some("domain") {
        return Vec::new();
    }
    let waits = tokens(&file.text)
        .into_iter()
        .filter(|token| matches!(token.text.as_str(), "async" | "await"))
        .map(|token| format!("{}:{}: the domain may not `{}`", file.path, token.line, token.text));
    let touches = mentions(file).into_iter().filter_map(|mention| {
        let text = mention.text();
        let impure = IMPURE.iter().any(|name| text == *name || text.starts_with(&format!("{name}::")));
        impure.then(|| format!("{}:{}: the domain may not name `{text}`", file.path, mention.line))
    });
    waits.chain(touches).collect()
}

/// One file of `src/web` holds every route.
pub(crate) fn one_route_table(files: &[SourceFile]) -> Vec<String> {
    let tables: Vec<&str> = files
        .iter()
        .filter(|file| file.path.starts_with("src/web/"))
        .filter(|file| {
            let code = tokens(&file.text);
            code.windows(3).any(|three| three[0].text == "." && three[1].text == "route" && three[2].text == "(")
        })
        .map(|file| file.path.as_str())
        .collect();
    if tables.len() > 1 { vec![format!("routes are in more than one file: {}", tables.join(", "))] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, faults: usize) {
        let found = only_what_the_table_allows(&SourceFile::new(path, text));
        assert_eq!(found.len(), faults, "{found:?}");
    }

    #[test]
    fn a_handler_or_command_that_names_authority_or_jobs_is_found() {
        check("src/web/cockpit/mod.rs", "use crate::gate::Gate;", 0);
        check("src/web/cockpit/mod.rs", "use crate::{gate::Gate, jobs::push};", 1);
        check("src/web/mod.rs", "fn f() { super::authority::connect() }", 1);
        check("src/cli/serve.rs", "use crate::edge::Edge;", 0);
        check("src/cli/serve.rs", "use crate::authority as cloud;", 1);
        check("src/web/api/mod.rs", "use crate as all; use crate::*;", 2);
    }

    #[test]
    fn a_room_that_reaches_too_far_is_found() {
        check("src/domain/ids.rs", "use crate::clock::Clock;", 1);
        check("src/store/open.rs", "use crate::domain::ids; use crate::clock::Clock;", 0);
        check("src/store/open.rs", "use crate::gate::Gate;", 1);
        check("src/jobs/push/mod.rs", "use crate::{authority, clock, domain, gate, store, telemetry};", 0);
        check("src/jobs/push/mod.rs", "use crate::web::state;", 1);
        check("src/main.rs", "fn main() { studio_brain::cli::main() }", 0);
        check("src/main.rs", "use studio_brain::jobs;", 1);
        check("src/attic/mod.rs", "", 1);
    }

    #[test]
    fn a_crate_named_in_the_wrong_room_is_found() {
        check("src/authority/mod.rs", "use gcloud_sdk::tonic; use firestore::FirestoreDb;", 0);
        check("src/jobs/drift/mod.rs", "use gcloud_sdk::google; fn f() { firestore::FirestoreDb::new() }", 2);
        check("src/store/open.rs", "fn f() { sqlx::query!(\"select 1\") }", 0);
        check("src/gate/mod.rs", "fn f() { sqlx::query!(\"select 1\") }", 1);
        check("app/src/pages/mod.rs", "use axum::Router; use studio_brain::domain; use crate::model;", 2);
    }

    #[test]
    fn an_impure_domain_is_found() {
        let check = |text: &str, faults: usize| {
            let found = the_domain_is_pure(&SourceFile::new("src/domain/ids.rs", text));
            assert_eq!(found.len(), faults, "{found:?}");
        };
        check("use std::{fmt, time::Duration}; // await", 0);
        check("async fn f() { g().await }", 2);
        check("use std::{fmt, fs}; use std::time::{Duration, Instant};", 2);
        check("fn f() { jiff::Timestamp::now() }", 1);
    }

    #[test]
    fn a_second_route_table_is_found() {
        let table = SourceFile::new("src/web/mod.rs", "Router::new().route(\"/\", get(page))");
        let second = SourceFile::new("src/web/api/mod.rs", "Router::new().route(\"/api\", get(page))");
        assert!(one_route_table(std::slice::from_ref(&table)).is_empty());
        assert_eq!(one_route_table(&[table, second]).len(), 1);
    }
}
