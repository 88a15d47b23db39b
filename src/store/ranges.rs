//! `backfill_ranges`: the parts in which a collection is read, and where each goes on.

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "backfill_ranges";

/// A part of a collection, in the order of the documents' names, that is not read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Which part: 0, 1, 2 … in the order of names.
    pub position: u32,
    /// The first name that belongs to it; none: from the beginning.
    pub first: Option<DocPath>,
    /// The last name that is put aside; none: nothing yet.
    pub after: Option<DocPath>,
    /// The first name that no longer belongs to it; none: to the end.
    pub until: Option<DocPath>,
}

impl Store {
    /// The ranges of the generation under way that are not read to their ends.
    pub async fn backfill_ranges(&self, collection: &CollectionId) -> Result<Vec<Range>> {
        let collection = collection.as_str();
        let rows = sqlx::query!(
            "select position, first, after, until from backfill_ranges
             where collection = ? and not complete order by position",
            collection
        )
        .fetch_all(&self.readers)
        .await
        .doing("read how far a backfill is")?;
        let path = |text: Option<String>| text.map(DocPath::parse).transpose().column(TABLE);
        rows.into_iter()
            .map(|row| {
                Ok(Range {
                    position: u32::try_from(row.position).column(TABLE)?,
                    first: path(row.first)?,
                    after: path(row.after)?,
                    until: path(row.until)?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Plans the generation under way: its one read time, how many documents the server counts at it,
    /// and the ranges in which it is read, which start at `starts` and before the first of them.
    pub async fn backfill_plan(
        &mut self,
        collection: &CollectionId,
        read_time: Timestamp,
        expected: u64,
        starts: &[DocPath],
        now: Timestamp,
    ) -> Result<()> {
        let (name, read, now) = (collection.as_str(), read_time.micros(), now.micros());
        let expected = i64::try_from(expected).unwrap_or(i64::MAX);
        sqlx::query!(
            "update targets set state = 'backfilling', backfill_read_us = ?, backfill_expected = ?,
                 backfill_started_us = ?
             where collection = ?",
            read,
            expected,
            now,
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("record what a backfill expects")?;
        for position in 0..=starts.len() {
            let first = position.checked_sub(1).map(|before| starts[before].as_str());
            let until = starts.get(position).map(DocPath::as_str);
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            sqlx::query!(
                "insert or replace into backfill_ranges (collection, position, first, after, until, complete)
                 values (?, ?, ?, null, ?, 0)",
                name,
                position,
                first,
                until
            )
            .execute(&mut *self.inner)
            .await
            .doing("plan a backfill")?;
        }
        Ok(())
    }

    /// Records how far a range is.
    pub(super) async fn range_advance(
        &mut self,
        collection: &CollectionId,
        position: u32,
        after: Option<&str>,
        complete: bool,
    ) -> Result<()> {
        let collection = collection.as_str();
        sqlx::query!(
            "update backfill_ranges set after = coalesce(?, after), complete = ? where collection = ? and position = ?",
            after,
            complete,
            collection,
            position
        )
        .execute(&mut *self.inner)
        .await
        .doing("record how far a range of a backfill is")?;
        Ok(())
    }

    /// Forgets the ranges of a generation.
    pub(super) async fn ranges_forget(&mut self, collection: &CollectionId) -> Result<()> {
        let collection = collection.as_str();
        sqlx::query!("delete from backfill_ranges where collection = ?", collection)
            .execute(&mut *self.inner)
            .await
            .doing("forget how far a backfill was")?;
        Ok(())
    }
}
