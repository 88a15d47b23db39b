//! Tables `drift_checks` and `drift_answers`: looks at the cloud, and what they said about each question.

use std::collections::BTreeMap;

use crate::domain::finding::{Answer, Family};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

/// How a look at the cloud ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Nothing differs.
    Same,
    /// Something does.
    Drift,
    /// It could not be told, or not completely.
    Unknown {
        /// What, and why.
        why: String,
    },
}

/// One look at the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its number.
    pub id: i64,
    /// Who asked for it, as a label; `None` when it was due.
    pub requested_by: Option<String>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When and how it ended; `None` while it has not.
    pub finished: Option<(Timestamp, CheckOutcome)>,
    /// Documents read from the cloud.
    pub documents_read: u64,
}

impl Tx {
    /// Asks for a look at the cloud; its number. Somebody's wish joins the one that somebody else has.
    pub async fn check_request(&mut self, requested_by: Option<&str>, now: Timestamp) -> Result<i64> {
        let now = now.micros();
        if requested_by.is_some() {
            let pending = sqlx::query_scalar!(
                r#"select id as "id!: i64" from drift_checks
                 where finished_us is null and requested_by is not null limit 1"#
            )
            .fetch_optional(&mut *self.inner)
            .await
            .doing("look for a pending drift check")?;
            if let Some(id) = pending {
                return Ok(id);
            }
        }
        let done =
            sqlx::query!("insert into drift_checks (requested_by, requested_us) values (?, ?)", requested_by, now)
                .execute(&mut *self.inner)
                .await
                .doing("ask for a drift check")?;
        Ok(done.last_insert_rowid())
    }

    /// Stores what a look said about a question. What older looks said is forgotten.
    pub async fn answer_add(&mut self, check: i64, family: Family, answer: &Answer) -> Result<()> {
        let (family, looked) = (family.word(), answer.looked.micros());
        let open = i64::try_from(answer.open).unwrap_or(i64::MAX);
        sqlx::query!("delete from drift_answers where family = ? and check_id < ?", family, check)
            .execute(&mut *self.inner)
            .await
            .doing("forget what an older look has said")?;
        sqlx::query!(
            "insert or replace into drift_answers (check_id, family, looked_us, untold, found) values (?, ?, ?, ?, ?)",
            check,
            family,
            looked,
            answer.untold,
            open,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store what a look has said")?;
        Ok(())
    }

    /// Stores how a look ended.
    pub async fn check_finish(&mut self, id: i64, outcome: &CheckOutcome, read: u64, now: Timestamp) -> Result<()> {
        let (word, why) = match outcome {
            CheckOutcome::Same => ("same", None),
            CheckOutcome::Drift => ("drift", None),
            CheckOutcome::Unknown { why } => ("unknown", Some(why.as_str())),
        };
        let (read, now) = (i64::try_from(read).unwrap_or(i64::MAX), now.micros());
        sqlx::query!(
            "update drift_checks set finished_us = ?, outcome = ?, why = ?, documents_read = ? where id = ?",
            now,
            word,
            why,
            read,
            id,
        )
        .execute(&mut *self.inner)
        .await
        .doing("finish a drift check")?;
        Ok(())
    }
}

impl Store {
    /// The look that was asked for and has not ended.
    pub async fn check_pending(&self) -> Result<Option<Check>> {
        self.newest_check(false).await
    }

    /// The last look that ended.
    pub async fn check_last(&self) -> Result<Option<Check>> {
        self.newest_check(true).await
    }

    /// One look.
    pub async fn check_by_id(&self, id: i64) -> Result<Option<Check>> {
        let row = sqlx::query_as!(
            CheckRow,
            "select id, requested_by, requested_us, finished_us, outcome, why, documents_read from drift_checks where id = ?",
            id,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read a drift check")?;
        row.map(CheckRow::check).transpose()
    }

    /// What the last look that got so far said about each question.
    pub async fn drift_answers(&self) -> Result<BTreeMap<Family, Answer>> {
        let rows = sqlx::query!(
            r#"select family as "family!", looked_us as "looked_us!: i64", untold, found as "found!: i64"
               from drift_answers
               where check_id = (select max(check_id) from drift_answers other where other.family = drift_answers.family)"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what looks have said")?;
        rows.into_iter()
            .map(|row| {
                let family = Family::parse(&row.family).ok_or("a family is none").column("drift_answers")?;
                let looked = Timestamp::from_micros(row.looked_us);
                let open = u64::try_from(row.found).column("drift_answers")?;
                Ok((family, Answer { looked, untold: row.untold, open }))
            })
            .collect()
    }

    async fn newest_check(&self, finished: bool) -> Result<Option<Check>> {
        let row = sqlx::query_as!(
            CheckRow,
            "select id, requested_by, requested_us, finished_us, outcome, why, documents_read
             from drift_checks where (finished_us is not null) = ? order by id desc limit 1",
            finished,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the newest drift check")?;
        row.map(CheckRow::check).transpose()
    }
}

struct CheckRow {
    id: i64,
    requested_by: Option<String>,
    requested_us: i64,
    finished_us: Option<i64>,
    outcome: Option<String>,
    why: Option<String>,
    documents_read: i64,
}

impl CheckRow {
    fn check(self) -> Result<Check> {
        const TABLE: &str = "drift_checks";
        let finished = match (self.finished_us, self.outcome.as_deref()) {
            (None, None) => None,
            (Some(at), Some(word)) => {
                let outcome = match word {
                    "same" => CheckOutcome::Same,
                    "drift" => CheckOutcome::Drift,
                    "unknown" => CheckOutcome::Unknown { why: self.why.unwrap_or_default() },
                    _ => return Err("an outcome is none").column(TABLE),
                };
                Some((Timestamp::from_micros(at), outcome))
            }
            (None, Some(_)) | (Some(_), None) => return Err("a check is half finished").column(TABLE),
        };
        Ok(Check {
            id: self.id,
            requested_by: self.requested_by,
            requested: Timestamp::from_micros(self.requested_us),
            finished,
            documents_read: u64::try_from(self.documents_read).column(TABLE)?,
        })
    }
}
