//! The review queue as people look through it.

use crate::domain::intake::Category;
use crate::store::intake::{IntakeItem, Row, TABLE};
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

/// Which texts to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntakeQuery {
    /// Those that were decided, newest first; else those that wait, oldest first.
    pub decided: bool,
    /// Only those that may be about this.
    pub category: Option<Category>,
    /// Only those from this number on, in the list's direction.
    pub from: Option<i64>,
}

impl Store {
    /// Texts that match.
    pub async fn intake_items(&self, query: &IntakeQuery, limit: u16) -> Result<Vec<IntakeItem>> {
        let (category, limit) = (query.category.map(Category::word), i64::from(limit));
        let rows = if query.decided {
            let from = query.from.unwrap_or(i64::MAX);
            sqlx::query_as!(
                Row,
                r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version,
                     excerpt, at_us, (select choice from intake_decisions d where d.item = i.id order by d.id desc
                     limit 1) as "ruling?: String"
                 from intake_items i
                 where id <= ?1 and (?2 is null or category = ?2)
                     and exists (select 1 from intake_decisions d where d.item = i.id)
                 order by id desc limit ?3"#,
                from,
                category,
                limit
            )
            .fetch_all(&self.readers)
            .await
        } else {
            let from = query.from.unwrap_or_default();
            sqlx::query_as!(
                Row,
                r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version,
                     excerpt, at_us, null as "ruling?: String"
                 from intake_items i
                 where id >= ?1 and (?2 is null or category = ?2)
                     and not exists (select 1 from intake_decisions d where d.item = i.id)
                 order by id limit ?3"#,
                from,
                category,
                limit
            )
            .fetch_all(&self.readers)
            .await
        };
        rows.doing("look through the review queue")?.into_iter().map(Row::item).collect()
    }

    /// A text by its number.
    pub async fn intake_item(&self, id: i64) -> Result<Option<IntakeItem>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version, excerpt,
                 at_us, (select choice from intake_decisions d where d.item = i.id order by d.id desc limit 1)
                 as "ruling?: String"
             from intake_items i where id = ?"#,
            id
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read a text of the review queue")?;
        row.map(Row::item).transpose()
    }

    /// How many texts wait, and how many were decided.
    pub async fn intake_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"select (select count(*) from intake_items) as "all!: i64",
                 (select count(distinct item) from intake_decisions) as "decided!: i64""#
        )
        .fetch_one(&self.readers)
        .await
        .doing("count the review queue")?;
        let (all, decided) = (u64::try_from(row.all).column(TABLE)?, u64::try_from(row.decided).column(TABLE)?);
        Ok((all.saturating_sub(decided), decided))
    }

    /// The texts before and after this one among those that wait.
    pub async fn intake_beside(&self, id: i64) -> Result<(Option<i64>, Option<i64>)> {
        let row = sqlx::query!(
            r#"select
                 (select max(id) from intake_items i where id < ?1
                     and not exists (select 1 from intake_decisions d where d.item = i.id)) as "before?: i64",
                 (select min(id) from intake_items i where id > ?1
                     and not exists (select 1 from intake_decisions d where d.item = i.id)) as "after?: i64""#,
            id
        )
        .fetch_one(&self.readers)
        .await
        .doing("read what waits beside a text")?;
        Ok((row.before, row.after))
    }
}

impl Tx {
    /// How often somebody decided about a text.
    pub async fn intake_decision_count(&mut self, item: i64) -> Result<usize> {
        let row = sqlx::query!(r#"select count(*) as "count!: i64" from intake_decisions where item = ?"#, item)
            .fetch_one(&mut *self.inner)
            .await
            .doing("count the decisions about a text")?;
        usize::try_from(row.count).column(TABLE)
    }
}
