//! Tables `findings` and `drift_checks`: disagreements with their onset, and the looks that found them.

use uuid::Uuid;

use crate::domain::canonical;
use crate::domain::diff::FieldChange;
use crate::domain::finding::{Finding, FindingKind, KnownFinding};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::value::FieldPath;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "findings";

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

struct Row {
    id: String,
    kind: String,
    collection: String,
    path: Option<String>,
    summary: String,
    changes: String,
    write: Option<String>,
    since_us: i64,
    looked_us: i64,
    resolved_us: Option<i64>,
}

impl Row {
    fn known(self) -> Result<KnownFinding> {
        let finding = Finding {
            kind: FindingKind::parse(&self.kind).ok_or("a kind is none").column(TABLE)?,
            collection: CollectionId::parse(self.collection).column(TABLE)?,
            path: self.path.map(DocPath::parse).transpose().column(TABLE)?,
            summary: self.summary,
            changes: read_changes(&self.changes)?,
            write: self.write.map(|id| id.parse()).transpose().column(TABLE)?,
        };
        Ok(KnownFinding {
            id: Uuid::try_parse(&self.id).column(TABLE)?,
            finding,
            since: Timestamp::from_micros(self.since_us),
            looked: Timestamp::from_micros(self.looked_us),
            resolved: self.resolved_us.map(Timestamp::from_micros),
        })
    }
}

type StoredChange = (String, Option<String>, Option<String>);

fn stored_changes(changes: &[FieldChange]) -> String {
    let text = |value: &Option<_>| value.as_ref().map(canonical::encode_value);
    let stored: Vec<StoredChange> =
        changes.iter().map(|change| (change.path.to_string(), text(&change.before), text(&change.after))).collect();
    serde_json::to_string(&stored).expect("BUG: texts are JSON")
}

fn read_changes(text: &str) -> Result<Vec<FieldChange>> {
    let stored: Vec<StoredChange> = serde_json::from_str(text).column(TABLE)?;
    let value = |text: Option<String>| text.as_deref().map(canonical::decode_value).transpose().column(TABLE);
    stored
        .into_iter()
        .map(|(path, before, after)| {
            Ok(FieldChange {
                path: FieldPath::parse(&path).column(TABLE)?,
                before: value(before)?,
                after: value(after)?,
            })
        })
        .collect()
}

impl Tx {
    /// Stores what was seen; says whether it is news (first seen, or back again).
    pub async fn finding_seen(&mut self, finding: &Finding, now: Timestamp) -> Result<bool> {
        let (id, kind, now) = (finding.id().to_string(), finding.kind.word(), now.micros());
        let open = sqlx::query_scalar!(
            r#"select count(*) as "count!: i64" from findings where id = ? and resolved_us is null"#,
            id
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("look for a finding")?;
        let (collection, path) = (finding.collection.as_str(), finding.path.as_ref().map(DocPath::as_str));
        let (changes, write) = (stored_changes(&finding.changes), finding.write.map(|id| id.to_string()));
        sqlx::query!(
            "insert into findings (id, kind, collection, path, summary, changes, write, since_us, looked_us)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
             on conflict (id) do update set
                 summary = excluded.summary,
                 changes = excluded.changes,
                 looked_us = excluded.looked_us,
                 since_us = case when resolved_us is null then since_us else excluded.since_us end,
                 resolved_us = null",
            id,
            kind,
            collection,
            path,
            finding.summary,
            changes,
            write,
            now,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a finding")?;
        Ok(open == 0)
    }

    /// Marks a finding as gone.
    pub async fn finding_resolved(&mut self, id: Uuid, now: Timestamp) -> Result<()> {
        let (id, now) = (id.to_string(), now.micros());
        sqlx::query!("update findings set resolved_us = ?1, looked_us = ?1 where id = ?2", now, id)
            .execute(&mut *self.inner)
            .await
            .doing("resolve a finding")?;
        Ok(())
    }

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
    /// Findings, the newest onset first: open ones, or (`resolved`) those that are gone.
    pub async fn findings(&self, resolved: bool, limit: u16) -> Result<Vec<KnownFinding>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us
             from findings where (resolved_us is not null) = ? order by since_us desc, kind, path limit ?",
            resolved,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list findings")?;
        rows.into_iter().map(Row::known).collect()
    }

    /// One finding.
    pub async fn finding(&self, id: Uuid) -> Result<Option<KnownFinding>> {
        let id = id.to_string();
        let row = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us
             from findings where id = ?",
            id,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read a finding")?;
        row.map(Row::known).transpose()
    }

    /// How many findings are open.
    pub async fn finding_count(&self) -> Result<u64> {
        let count = sqlx::query_scalar!(r#"select count(*) as "count!: i64" from findings where resolved_us is null"#)
            .fetch_one(&self.readers)
            .await
            .doing("count findings")?;
        u64::try_from(count).column(TABLE)
    }

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
