//! The ledger page by page, and what came of taking writes back.
//!
//! # Guarantees
//! * A page costs as many rows as it shows, however long the ledger is.
//! * A page begins beside a write, not at a number: what is written in the meantime moves nobody's place.

use std::collections::BTreeMap;

use super::{Row, TABLE};
use crate::domain::ids::{ProposalId, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::store::{Column as _, Doing as _, Result, Store};

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Just after this write, with older ones.
    After(WriteId),
    /// So that it ends just before this write, with newer ones.
    Before(WriteId),
}

/// A part of the ledger.
#[derive(Clone, Debug, Default)]
pub struct LedgerPage {
    /// The writes, newest first.
    pub records: Vec<WriteRecord>,
    /// Are there any before, which are newer?
    pub has_before: bool,
    /// Are there any after, which are older?
    pub has_after: bool,
}

/// The newest proposal to take a write back that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoStanding {
    /// The proposal.
    pub proposal: ProposalId,
    /// The write that took it back, once it landed.
    pub landed: Option<WriteId>,
}

impl Store {
    /// Up to `limit` writes, newest first; only those whose state has this word, if one is given.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn ledger_page(&self, state: Option<&str>, turn: Option<Turn>, limit: usize) -> Result<LedgerPage> {
        let place = match turn {
            Some(Turn::After(id) | Turn::Before(id)) => self.intended(id).await?.map(|at| (at, id.to_string())),
            None => None,
        };
        let newer = matches!((turn, &place), (Some(Turn::Before(_)), Some(_)));
        let is_beside = place.is_some();
        let (at, id) = place.unwrap_or((i64::MAX, String::new()));
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let ids = match (newer, state) {
            (false, None) => {
                sqlx::query_scalar!(
                    r#"select id as "id!" from writes where (intended_us, id) < (?1, ?2)
                       order by intended_us desc, id desc limit ?3"#,
                    at,
                    id,
                    most,
                )
                .fetch_all(&self.readers)
                .await
            }
            (true, None) => {
                sqlx::query_scalar!(
                    r#"select id as "id!" from writes where (intended_us, id) > (?1, ?2)
                       order by intended_us, id limit ?3"#,
                    at,
                    id,
                    most,
                )
                .fetch_all(&self.readers)
                .await
            }
            (false, Some(state)) => {
                sqlx::query_scalar!(
                    r#"select id as "id!" from writes where state = ?4 and (intended_us, id) < (?1, ?2)
                       order by intended_us desc, id desc limit ?3"#,
                    at,
                    id,
                    most,
                    state,
                )
                .fetch_all(&self.readers)
                .await
            }
            (true, Some(state)) => {
                sqlx::query_scalar!(
                    r#"select id as "id!" from writes where state = ?4 and (intended_us, id) > (?1, ?2)
                       order by intended_us, id limit ?3"#,
                    at,
                    id,
                    most,
                    state,
                )
                .fetch_all(&self.readers)
                .await
            }
        };
        let mut ids = ids.doing("read a page of the ledger")?;
        let is_more = ids.len() > limit;
        ids.truncate(limit);
        let records = self.records(&ids).await?;
        let (has_before, has_after) = if newer { (is_more, is_beside) } else { (is_beside, is_more) };
        Ok(LedgerPage { records, has_before, has_after })
    }

    /// What came of taking back each of these writes; those that nobody takes back are left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn undos_of(&self, writes: &[WriteId]) -> Result<BTreeMap<WriteId, UndoStanding>> {
        let wanted = serde_json::to_string(writes).expect("BUG: a list of texts is JSON");
        let rows = sqlx::query!(
            r#"select c.undoes as "undone!", p.id as "proposal!", w.id as "write?", w.state as "state?"
               from changes c join proposals p on p.id = c.proposal
                   left join writes w on w.proposal = c.proposal and w.place = c.place
               where c.undoes in (select value from json_each(?))
                   and (p.state in ('waiting', 'approved') or w.state in ('intended', 'unknown', 'landed', 'observed'))
               order by p.created_us"#,
            wanted,
        )
        .fetch_all(&self.readers)
        .await
        .doing("look for undos")?;
        let mut found = BTreeMap::new();
        for row in rows {
            let has_landed = matches!(row.state.as_deref(), Some("landed" | "observed"));
            let landed = row.write.filter(|_| has_landed).map(|id| id.parse().column(TABLE)).transpose()?;
            let standing = UndoStanding { proposal: row.proposal.parse().column("proposals")?, landed };
            found.insert(row.undone.parse().column("changes")?, standing);
        }
        Ok(found)
    }

    /// How many writes there are, and how many of them have no known end yet.
    pub async fn write_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"select count(*) as "all!: i64", count(*) filter (where state in ('intended', 'unknown')) as "open!: i64"
             from writes"#
        )
        .fetch_one(&self.readers)
        .await
        .doing("count writes")?;
        Ok((u64::try_from(row.all).column(TABLE)?, u64::try_from(row.open).column(TABLE)?))
    }

    async fn intended(&self, id: WriteId) -> Result<Option<i64>> {
        let id = id.to_string();
        sqlx::query_scalar!("select intended_us from writes where id = ?", id)
            .fetch_optional(&self.readers)
            .await
            .doing("look for a place in the ledger")
    }

    /// These writes, newest first.
    async fn records(&self, ids: &[String]) -> Result<Vec<WriteRecord>> {
        let wanted = serde_json::to_string(ids).expect("BUG: a list of texts is JSON");
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where id in (select value from json_each(?)) order by intended_us desc, id desc",
            wanted,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read writes")?;
        rows.into_iter().map(Row::record).collect()
    }
}
