//! Table `rebuilds`: making the ledger again from the receipts.

use crate::domain::rebuild::{Outcome, Rebuild};
use crate::domain::receipt::Rebuilt;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "rebuilds";

/// The most problems that are kept.
const MOST_PROBLEMS: usize = 1_000;

struct Row {
    id: i64,
    requested_by: Option<String>,
    requested_us: i64,
    finished_us: Option<i64>,
    receipts: i64,
    added: i64,
    same: i64,
    problems: String,
    failed: Option<String>,
}

impl Row {
    fn parse(self) -> Result<Rebuild> {
        Ok(Rebuild {
            id: self.id,
            requested_by: self.requested_by,
            requested: Timestamp::from_micros(self.requested_us),
            finished: self.finished_us.map(Timestamp::from_micros),
            outcome: Outcome {
                receipts: self.receipts.cast_unsigned(),
                added: self.added.cast_unsigned(),
                same: self.same.cast_unsigned(),
                problems: serde_json::from_str(&self.problems).column(TABLE)?,
            },
            failed: self.failed,
        })
    }
}

impl Store {
    /// The oldest that is not over.
    pub async fn rebuild_pending(&self) -> Result<Option<Rebuild>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id as "id!: i64", requested_by, requested_us, finished_us, receipts, added, same, problems, failed
               from rebuilds where finished_us is null order by id limit 1"#
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look whether the ledger is to be rebuilt")?;
        row.map(Row::parse).transpose()
    }

    /// One of them.
    pub async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id as "id!: i64", requested_by, requested_us, finished_us, receipts, added, same, problems, failed
               from rebuilds where id = ?"#,
            id,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read how the ledger was rebuilt")?;
        row.map(Row::parse).transpose()
    }

    /// The last that was asked for; `None` when it never was.
    pub async fn rebuild_last(&self) -> Result<Option<Rebuild>> {
        let newest = sqlx::query_scalar!(r#"select max(id) as "id?: i64" from rebuilds"#)
            .fetch_one(&self.readers)
            .await
            .doing("look for the last rebuild of the ledger")?;
        match newest {
            Some(id) => self.rebuild(id).await,
            None => Ok(None),
        }
    }

    /// Is the ledger empty, and was it never looked whether it should be?
    pub async fn ledger_is_new(&self) -> Result<bool> {
        let row = sqlx::query!(
            r#"select not exists (select 1 from writes) and not exists (select 1 from rebuilds) as "new!: bool""#
        )
        .fetch_one(&self.readers)
        .await
        .doing("look whether the ledger is new")?;
        Ok(row.new)
    }
}

impl Tx {
    /// Asks for the ledger to be made again; its number. A wish that is not fulfilled yet is joined.
    pub async fn rebuild_request(&mut self, requested_by: Option<&str>, now: Timestamp) -> Result<i64> {
        let pending = sqlx::query_scalar!("select id from rebuilds where finished_us is null order by id limit 1")
            .fetch_optional(&mut *self.inner)
            .await
            .doing("look whether the ledger is to be rebuilt")?;
        if let Some(id) = pending {
            return Ok(id);
        }
        let now = now.micros();
        let done = sqlx::query!("insert into rebuilds (requested_by, requested_us) values (?, ?)", requested_by, now)
            .execute(&mut *self.inner)
            .await
            .doing("ask for the ledger to be rebuilt")?;
        Ok(done.last_insert_rowid())
    }

    /// Stores what came of it.
    pub async fn rebuild_finish(
        &mut self,
        id: i64,
        outcome: &Outcome,
        failed: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let (receipts, added) = (outcome.receipts.cast_signed(), outcome.added.cast_signed());
        let (same, now) = (outcome.same.cast_signed(), now.micros());
        let kept = &outcome.problems[..outcome.problems.len().min(MOST_PROBLEMS)];
        let problems = serde_json::to_string(kept).expect("BUG: texts are JSON");
        sqlx::query!(
            "update rebuilds set finished_us = ?, receipts = ?, added = ?, same = ?, problems = ?, failed = ? where id = ?",
            now,
            receipts,
            added,
            same,
            problems,
            failed,
            id,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store how the ledger was rebuilt")?;
        Ok(())
    }

    /// Stores a proposal that is known again with everything that became of it.
    pub async fn rebuilt(&mut self, known: &Rebuilt) -> Result<()> {
        self.proposal_insert(&known.proposal, None).await?;
        for verdict in &known.verdicts {
            self.verdict_insert(known.proposal.id, verdict).await?;
        }
        self.writes_intend(&known.records.iter().collect::<Vec<_>>()).await
    }
}
