//! Is a database whole? Asked of SQLite, of the migrations, of the audit log and of the mirror's digests.

use std::collections::BTreeMap;

use crate::store::audit::ChainState;
use crate::store::open::MIGRATIONS;
use crate::store::{Doing as _, Error, Result, Store};

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was checked.
    pub what: &'static str,
    /// How it is.
    pub soundness: Soundness,
    /// What was found, in one sentence.
    pub says: String,
}

/// How something is that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// As it must be.
    Sound,
    /// Not as it must be.
    Wrong,
    /// It could not be told.
    Unknown,
}

/// How many complaints of SQLite are named.
const NAMED: usize = 5;

impl Store {
    /// Checks everything but the mirror: that SQLite finds nothing wrong, that migrations are ours, that the log holds.
    pub async fn check(&self) -> Vec<Checked> {
        vec![
            checked("pages and indexes", self.integrity().await),
            checked("references", self.references().await),
            checked("migrations", self.migrations().await),
            checked("audit log", self.log().await),
        ]
    }

    /// Checks that every document of the mirror is as it was kept when it came from the cloud.
    pub async fn check_mirror(&self) -> Checked {
        checked("mirror", self.digests_hold().await)
    }

    async fn integrity(&self) -> Result<(Soundness, String)> {
        let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(100)")
            .fetch_all(&self.readers)
            .await
            .doing("check pages and indexes")?;
        Ok(match found.as_slice() {
            [all] if all == "ok" => (Soundness::Sound, "SQLite finds nothing wrong".to_owned()),
            some => {
                let lines: Vec<&str> = some.iter().flat_map(|report| report.lines()).collect();
                let more =
                    if lines.len() > NAMED { format!("; and {} more", lines.len() - NAMED) } else { String::new() };
                (Soundness::Wrong, format!("{}{more}", lines[..lines.len().min(NAMED)].join("; ")))
            }
        })
    }

    async fn references(&self) -> Result<(Soundness, String)> {
        let sql = r#"select "table" || ' → ' || parent from pragma_foreign_key_check limit 100"#;
        let found: Vec<String> =
            sqlx::query_scalar(sql).fetch_all(&self.readers).await.doing("check what refers to what")?;
        Ok(match found.as_slice() {
            [] => (Soundness::Sound, "every row that is referred to is there".to_owned()),
            some => {
                let named = some.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
                (Soundness::Wrong, format!("{} rows refer to rows that are gone: {named}", some.len()))
            }
        })
    }

    async fn migrations(&self) -> Result<(Soundness, String)> {
        let sql = "select version, checksum, success from _sqlx_migrations order by version";
        let applied: Vec<(i64, Vec<u8>, bool)> =
            sqlx::query_as(sql).fetch_all(&self.readers).await.doing("read which migrations were applied")?;
        let ours: BTreeMap<i64, &[u8]> =
            MIGRATIONS.iter().map(|migration| (migration.version, migration.checksum.as_ref())).collect();
        for (version, checksum, success) in &applied {
            let wrong = match ours.get(version) {
                None => Some("is not known here: a newer version of the program made this database"),
                Some(ours) if *ours != checksum.as_slice() => Some("is not the one that we have under this number"),
                Some(_) if !success => Some("was begun and did not end"),
                Some(_) => None,
            };
            if let Some(wrong) = wrong {
                return Ok((Soundness::Wrong, format!("migration {version} {wrong}")));
            }
        }
        let (have, all) = (applied.len(), ours.len());
        Ok((
            Soundness::Sound,
            match have == all {
                true => format!("all {all} are applied"),
                false => format!("{have} of {all} are applied: an older version made it, a start brings it up to date"),
            },
        ))
    }

    async fn log(&self) -> Result<(Soundness, String)> {
        Ok(match self.audit_chain().await? {
            ChainState::Holds { entries, head, .. } => {
                (Soundness::Sound, format!("{entries} entries hold together, the last is {head}"))
            }
            ChainState::Broken { sequence, .. } => {
                (Soundness::Wrong, format!("entry {sequence} does not follow from the one before"))
            }
        })
    }

    async fn digests_hold(&self) -> Result<(Soundness, String)> {
        let (mut documents, mut wrong) = (0_u64, Vec::new());
        for target in self.targets().await? {
            let Some(look) = self.look(&target.collection).await? else { continue };
            documents += u64::try_from(look.found.documents).unwrap_or_default();
            if look.leaves.iter().any(|leaf| !leaf.is_as_kept()) {
                wrong.push(target.collection.to_string());
            }
        }
        Ok(match wrong.is_empty() {
            true => (Soundness::Sound, format!("{documents} documents are as they came from the cloud")),
            false => (Soundness::Wrong, format!("not as they came from the cloud: documents of {}", wrong.join(", "))),
        })
    }
}

fn checked(what: &'static str, answer: Result<(Soundness, String)>) -> Checked {
    let (soundness, says) = answer.unwrap_or_else(|error| {
        let soundness = if error.is_damage() { Soundness::Wrong } else { Soundness::Unknown };
        (soundness, chain(&error))
    });
    Checked { what, soundness, says }
}

fn chain(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| match cause.to_string() {
        // SQLite's own words come twice: in sqlx's and as their cause.
        said if text.contains(&said) => text,
        cause => format!("{text}: {cause}"),
    })
}
