//! Table `changes`: what each proposal does to each document.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::domain::change::{Change, Changes};
use crate::domain::ids::{DocPath, ProposalId};
use crate::domain::write::Write;
use crate::store::{Column as _, Doing as _, Result, Tx};

const TABLE: &str = "changes";

impl Tx {
    /// Stores what a new proposal does.
    pub(super) async fn changes_insert(&mut self, proposal: ProposalId, changes: &Changes) -> Result<()> {
        let id = proposal.to_string();
        for (place, change) in (1_i64..).zip(changes) {
            let (subject, path, write) =
                (change.subject.as_str(), change.write.path().as_str(), change.write.canonical());
            let undoes = change.undoes.map(|id| id.to_string());
            sqlx::query!(
                "insert into changes (proposal, place, subject, path, write, undoes) values (?, ?, ?, ?, ?, ?)",
                id,
                place,
                subject,
                path,
                write,
                undoes,
            )
            .execute(&mut *self.inner)
            .await
            .doing("store what a proposal does")?;
        }
        Ok(())
    }
}

/// What these proposals do, by their ids; `ids` is a JSON list of them.
pub(super) async fn changes_of(from: &mut SqliteConnection, ids: &str) -> Result<BTreeMap<String, Vec<Change>>> {
    let rows = sqlx::query!(
        "select proposal, subject, write, undoes from changes
         where proposal in (select value from json_each(?)) order by proposal, place",
        ids,
    )
    .fetch_all(from)
    .await
    .doing("read what proposals do")?;
    let mut found: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for row in rows {
        let change = Change {
            subject: DocPath::parse(row.subject).column(TABLE)?,
            write: Write::from_canonical(&row.write).ok_or("a write is none").column(TABLE)?,
            undoes: row.undoes.map(|id| id.parse()).transpose().column(TABLE)?,
        };
        found.entry(row.proposal).or_default().push(change);
    }
    Ok(found)
}
