//! Tables `snapshots`, `snapshot_newest` and `snapshot_runs`: the studio's state as it was, and what was asked for.

use jiff::civil::Date;

use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "snapshots";

/// A snapshot that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// When it was taken, by our clock.
    pub taken: Timestamp,
    /// What it says.
    pub snapshot: Snapshot,
}

/// A snapshot that is kept, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptTitle {
    /// Its number.
    pub id: i64,
    /// When it was taken, by our clock.
    pub taken: Timestamp,
    /// The studio's day.
    pub day: Date,
}

/// A wish that a snapshot be taken now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRun {
    /// Its number.
    pub id: i64,
    /// Who asked, as a label.
    pub requested_by: String,
    /// When.
    pub requested: Timestamp,
    /// Is everything to be counted again?
    pub is_from_nothing: bool,
    /// When it was over, the snapshot that was kept, and whether counting again came to the same; none while it is not.
    pub finished: Option<(Timestamp, i64, Option<bool>)>,
}

struct Row {
    id: i64,
    taken_us: i64,
    document: String,
}

impl Row {
    fn kept(self) -> Result<Kept> {
        let snapshot = serde_json::from_str(&self.document).column(TABLE)?;
        Ok(Kept { id: self.id, taken: Timestamp::from_micros(self.taken_us), snapshot })
    }
}

fn text(snapshot: &Snapshot) -> String {
    serde_json::to_string(snapshot).expect("BUG: a snapshot is JSON")
}

impl Store {
    /// The studio's state as it was counted last; `None` before it was counted at all.
    pub async fn snapshot_newest(&self) -> Result<Option<Snapshot>> {
        let document = sqlx::query_scalar!("select document from snapshot_newest")
            .fetch_optional(&self.readers)
            .await
            .doing("read the studio's state")?;
        document.map(|document| serde_json::from_str(&document).column("snapshot_newest")).transpose()
    }

    /// One that is kept.
    pub async fn snapshot(&self, id: i64) -> Result<Option<Kept>> {
        let row = sqlx::query_as!(Row, "select id, taken_us, document from snapshots where id = ?", id)
            .fetch_optional(&self.readers)
            .await
            .doing("read a snapshot")?;
        row.map(Row::kept).transpose()
    }

    /// The last one that was kept at `moment` or before.
    pub async fn snapshot_at(&self, moment: Timestamp) -> Result<Option<Kept>> {
        let moment = moment.micros();
        let row = sqlx::query_as!(
            Row,
            r#"select id as "id!", taken_us, document from snapshots where taken_us <= ? order by taken_us desc, id desc limit 1"#,
            moment
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the snapshot of a moment")?;
        row.map(Row::kept).transpose()
    }

    /// The last one that was kept on a day of the studio, or before it.
    pub async fn snapshot_of_day(&self, day: Date) -> Result<Option<Kept>> {
        let day = day.to_string();
        let row = sqlx::query_as!(
            Row,
            r#"select id as "id!", taken_us, document from snapshots where day <= ? order by day desc, taken_us desc, id desc limit 1"#,
            day
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the snapshot of a day")?;
        row.map(Row::kept).transpose()
    }

    /// Up to `limit` of those that are kept, newest first, those before `before`.
    pub async fn snapshots(&self, before: Option<i64>, limit: u32) -> Result<Vec<KeptTitle>> {
        let before = before.unwrap_or(i64::MAX);
        sqlx::query!("select id, taken_us, day from snapshots where id < ? order by id desc limit ?", before, limit)
            .fetch_all(&self.readers)
            .await
            .doing("list the snapshots")?
            .into_iter()
            .map(|row| {
                let day = row.day.parse().column(TABLE)?;
                Ok(KeptTitle { id: row.id, taken: Timestamp::from_micros(row.taken_us), day })
            })
            .collect()
    }

    /// The last one of each of the last `days` days that have one, oldest first.
    pub async fn snapshots_daily(&self, days: u32) -> Result<Vec<Kept>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id as "id!", taken_us as "taken_us!", document as "document!" from snapshots
               where id in (select max(id) from snapshots group by day order by day desc limit ?) order by id"#,
            days
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the snapshots of the last days")?;
        rows.into_iter().map(Row::kept).collect()
    }

    /// The first wish that is not fulfilled.
    pub async fn snapshot_run_pending(&self) -> Result<Option<SnapshotRun>> {
        let id = sqlx::query_scalar!(
            r#"select id as "id!: i64" from snapshot_runs where finished_us is null order by id limit 1"#
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a snapshot that was asked for")?;
        match id {
            Some(id) => self.snapshot_run(id).await,
            None => Ok(None),
        }
    }

    /// The last wish, whatever came of it.
    pub async fn snapshot_run_last(&self) -> Result<Option<SnapshotRun>> {
        let newest = sqlx::query_scalar!(r#"select max(id) as "id?: i64" from snapshot_runs"#)
            .fetch_one(&self.readers)
            .await
            .doing("look for the last snapshot that was asked for")?;
        match newest {
            Some(id) => self.snapshot_run(id).await,
            None => Ok(None),
        }
    }

    /// A wish, and what came of it.
    pub async fn snapshot_run(&self, id: i64) -> Result<Option<SnapshotRun>> {
        let row = sqlx::query!(
            "select id, requested_by, requested_us, is_from_nothing, finished_us, snapshot, is_same
             from snapshot_runs where id = ?",
            id
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read a snapshot that was asked for")?;
        Ok(row.map(|row| SnapshotRun {
            id: row.id,
            requested_by: row.requested_by,
            requested: Timestamp::from_micros(row.requested_us),
            is_from_nothing: row.is_from_nothing != 0,
            finished: row
                .finished_us
                .zip(row.snapshot)
                .map(|(at, snapshot)| (Timestamp::from_micros(at), snapshot, row.is_same.map(|same| same != 0))),
        }))
    }
}

impl Tx {
    /// Replaces what the studio's state is now.
    pub async fn snapshot_renew(&mut self, snapshot: &Snapshot) -> Result<()> {
        let document = text(snapshot);
        sqlx::query!(
            "insert into snapshot_newest (id, document) values (1, ?)
             on conflict (id) do update set document = excluded.document",
            document
        )
        .execute(&mut *self.inner)
        .await
        .doing("store the studio's state")?;
        Ok(())
    }

    /// Keeps a snapshot; its number.
    pub async fn snapshot_keep(&mut self, snapshot: &Snapshot) -> Result<i64> {
        let (taken, day, document) =
            (snapshot.generated_at.micros(), snapshot.snapshot_date.to_string(), text(snapshot));
        let done =
            sqlx::query!("insert into snapshots (taken_us, day, document) values (?, ?, ?)", taken, day, document)
                .execute(&mut *self.inner)
                .await
                .doing("keep a snapshot")?;
        Ok(done.last_insert_rowid())
    }

    /// Forgets snapshots that were taken before `before`, but for the last of each day; how many.
    pub async fn snapshots_prune(&mut self, before: Timestamp) -> Result<u64> {
        let before = before.micros();
        let done = sqlx::query!(
            "delete from snapshots where taken_us < ? and id not in (select max(id) from snapshots group by day)",
            before
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old snapshots")?;
        Ok(done.rows_affected())
    }

    /// Asks for a snapshot now; the wish's number.
    pub async fn snapshot_run_request(&mut self, by: &str, is_from_nothing: bool, now: Timestamp) -> Result<i64> {
        let now = now.micros();
        let done = sqlx::query!(
            "insert into snapshot_runs (requested_by, requested_us, is_from_nothing) values (?, ?, ?)",
            by,
            now,
            is_from_nothing
        )
        .execute(&mut *self.inner)
        .await
        .doing("ask for a snapshot")?;
        Ok(done.last_insert_rowid())
    }

    /// Records that a wish was fulfilled.
    pub async fn snapshot_run_finish(
        &mut self,
        id: i64,
        (snapshot, is_same): (i64, Option<bool>),
        now: Timestamp,
    ) -> Result<()> {
        let now = now.micros();
        sqlx::query!(
            "update snapshot_runs set finished_us = ?, snapshot = ?, is_same = ? where id = ?",
            now,
            snapshot,
            is_same,
            id
        )
        .execute(&mut *self.inner)
        .await
        .doing("record that a snapshot was taken")?;
        Ok(())
    }
}
