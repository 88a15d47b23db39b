//! Table `rehearsals`, and what a rehearsal has to know of many writes at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::actor::Person;
use crate::domain::ids::ProposalId;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "rehearsals";

/// How taking everything back would have gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RehearsalCounts {
    /// Undos that would land.
    pub clean: u64,
    /// Undos of documents that somebody has changed since.
    pub conflicting: u64,
    /// Writes that have nothing to put back.
    pub impossible: u64,
    /// Writes to documents of which the mirror can't tell how they are.
    pub unknown: u64,
}

/// A rehearsal that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RehearsalRecord {
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub took: std::time::Duration,
    /// The oldest of the moments as of which the documents were known.
    pub as_of: Option<Timestamp>,
    /// What came of it.
    pub counts: RehearsalCounts,
}

impl RehearsalCounts {
    /// How many writes there were to take back.
    pub const fn all(&self) -> u64 {
        self.clean + self.conflicting + self.impossible + self.unknown
    }
}

impl Tx {
    /// Writes down a rehearsal; its number.
    pub async fn rehearsal_add(&mut self, by: &Person, held: &RehearsalRecord) -> Result<i64> {
        let number = |count: u64| i64::try_from(count).column(TABLE);
        let (by, at, as_of) = (by.to_string(), held.at.micros(), held.as_of.map(Timestamp::micros));
        let took = i64::try_from(held.took.as_micros()).column(TABLE)?;
        let (clean, conflicting) = (number(held.counts.clean)?, number(held.counts.conflicting)?);
        let (impossible, unknown) = (number(held.counts.impossible)?, number(held.counts.unknown)?);
        let done = sqlx::query!(
            "insert into rehearsals (by, at_us, took_us, as_of_us, clean, conflicting, impossible, unknown)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
            by,
            at,
            took,
            as_of,
            clean,
            conflicting,
            impossible,
            unknown,
        )
        .execute(&mut *self.inner)
        .await
        .doing("write down a rehearsal")?;
        Ok(done.last_insert_rowid())
    }
}

impl Store {
    /// The last rehearsal, if there ever was one.
    pub async fn rehearsal_last(&self) -> Result<Option<RehearsalRecord>> {
        let row = sqlx::query!(
            "select at_us, took_us, as_of_us, clean, conflicting, impossible, unknown from rehearsals
             order by id desc limit 1"
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the last rehearsal")?;
        Ok(row.map(|row| RehearsalRecord {
            at: Timestamp::from_micros(row.at_us),
            took: std::time::Duration::from_micros(row.took_us.unsigned_abs()),
            as_of: row.as_of_us.map(Timestamp::from_micros),
            counts: RehearsalCounts {
                clean: row.clean.unsigned_abs(),
                conflicting: row.conflicting.unsigned_abs(),
                impossible: row.impossible.unsigned_abs(),
                unknown: row.unknown.unsigned_abs(),
            },
        }))
    }

    /// Who made these proposals, with one statement however many they are.
    pub async fn proposers(&self, proposals: &BTreeSet<ProposalId>) -> Result<BTreeMap<ProposalId, Person>> {
        let ids = json_list(proposals.iter().map(ToString::to_string));
        let rows = sqlx::query!(
            "select id, proposer, proposer_name from proposals where id in (select value from json_each(?))",
            ids
        )
        .fetch_all(&self.readers)
        .await
        .doing("read who made many proposals")?;
        rows.into_iter()
            .map(|row| {
                let person = Person::parse(&row.proposer, &row.proposer_name).ok_or("a proposer is none");
                Ok((row.id.parse().column("proposals")?, person.column("proposals")?))
            })
            .collect()
    }
}

fn json_list<T: Into<serde_json::Value>>(items: impl Iterator<Item = T>) -> String {
    items.map(Into::into).collect::<serde_json::Value>().to_string()
}
