//! `reads` and `read_budgets`: what Firestore bills because of us, by day, cause and collection.

use crate::domain::ids::CollectionId;
use crate::domain::reads::{Cause, Day, DayReads, Reads};
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "reads";

impl Store {
    /// What a day has cost, as far as it is written down.
    pub async fn reads_of(&self, day: Day) -> Result<DayReads> {
        let number = day.number();
        let mut tx = self.readers.begin().await.doing("start to read what a day has cost")?;
        let budget = sqlx::query_scalar!("select budget from read_budgets where day = ?", number)
            .fetch_optional(&mut *tx)
            .await
            .doing("read a day's budget")?;
        let rows =
            sqlx::query!("select collection, cause, reads from reads where day = ? order by cause, collection", number)
                .fetch_all(&mut *tx)
                .await
                .doing("read what a day has cost")?;
        let reads = rows.into_iter().map(|row| {
            Ok(Reads {
                collection: CollectionId::parse(row.collection).column(TABLE)?,
                cause: Cause::parse(&row.cause).ok_or("a cause is none").column(TABLE)?,
                reads: row.reads.cast_unsigned(),
            })
        });
        Ok(DayReads { day, budget: budget.map(i64::cast_unsigned), reads: reads.collect::<Result<_>>()? })
    }
}

/// What one day has cost in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySum {
    /// The day.
    pub day: Day,
    /// All reads; `None` when nothing was counted that day.
    pub reads: Option<u64>,
    /// What might be spent; `None` when nothing was counted that day.
    pub budget: Option<u64>,
}

impl Store {
    /// What each of the last days has cost, the oldest first, `last` among them.
    pub async fn reads_of_days(&self, last: Day, days: u32) -> Result<Vec<DaySum>> {
        let (first, end) = (last.before(days.saturating_sub(1)).number(), last.number());
        let rows = sqlx::query!(
            r#"with days (day, reads, budget) as (
                 select day, sum(reads), null from reads where day >= ?1 and day <= ?2 group by day
                 union all
                 select day, null, budget from read_budgets where day >= ?1 and day <= ?2
             )
             select day as "day!: i64", max(reads) as "reads?: i64", max(budget) as "budget?: i64"
             from days group by day order by day"#,
            first,
            end
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what the last days have cost")?;
        let day = |back: u32| {
            let day = last.before(back);
            let row = rows.iter().find(|row| row.day == day.number());
            let budget = row.and_then(|row| row.budget).map(i64::cast_unsigned);
            // A day that has a budget was counted: what is not there then is zero.
            let reads = row.map(|row| row.reads.map_or(0, i64::cast_unsigned));
            DaySum { day, reads, budget }
        };
        Ok((0..days).rev().map(day).collect())
    }
}

impl Tx {
    /// Adds reads to what a day has cost.
    pub async fn reads_add(&mut self, day: Day, reads: &[Reads]) -> Result<()> {
        let day = day.number();
        for Reads { collection, cause, reads } in reads {
            let (collection, cause) = (collection.as_str(), cause.word());
            let reads = i64::try_from(*reads).unwrap_or(i64::MAX);
            sqlx::query!(
                "insert into reads (day, collection, cause, reads) values (?, ?, ?, ?)
                 on conflict do update set reads = reads.reads + excluded.reads",
                day,
                collection,
                cause,
                reads
            )
            .execute(&mut *self.inner)
            .await
            .doing("add to what a day has cost")?;
        }
        Ok(())
    }

    /// Records what may be spent on a day.
    pub async fn reads_budget(&mut self, day: Day, budget: u64) -> Result<()> {
        let (day, budget) = (day.number(), i64::try_from(budget).unwrap_or(i64::MAX));
        sqlx::query!(
            "insert into read_budgets (day, budget) values (?, ?) on conflict do update set budget = excluded.budget",
            day,
            budget
        )
        .execute(&mut *self.inner)
        .await
        .doing("record a day's budget")?;
        Ok(())
    }

    /// Forgets what the days before `day` have cost.
    pub async fn reads_prune(&mut self, day: Day) -> Result<u64> {
        let day = day.number();
        let done = sqlx::query!("delete from reads where day < ?", day)
            .execute(&mut *self.inner)
            .await
            .doing("forget what old days have cost")?;
        sqlx::query!("delete from read_budgets where day < ?", day)
            .execute(&mut *self.inner)
            .await
            .doing("forget the budgets of old days")?;
        Ok(done.rows_affected())
    }
}
