//! Table `findings`: disagreements with their onset.

/// The looks that find them.
mod checks;

/// Rules by which they are ignored.
mod ignores;

use uuid::Uuid;

use crate::domain::canonical;
use crate::domain::diff::FieldChange;
use crate::domain::finding::{Confidence, Finding, FindingKind, KnownFinding};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::value::FieldPath;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

pub use checks::{Check, CheckOutcome};

const TABLE: &str = "findings";

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
    rule: Option<String>,
    confidence: String,
    evidence: String,
    as_of_us: Option<i64>,
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
            rule: self.rule,
            evidence: read_evidence(&self.evidence)?,
            confidence: Confidence::parse(&self.confidence).ok_or("a confidence is none").column(TABLE)?,
            as_of: self.as_of_us.map(Timestamp::from_micros),
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

fn read_evidence(text: &str) -> Result<Vec<DocPath>> {
    let paths: Vec<String> = serde_json::from_str(text).column(TABLE)?;
    paths.into_iter().map(|path| DocPath::parse(path).column(TABLE)).collect()
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
        let confidence = finding.confidence.word();
        let paths: Vec<&str> = finding.evidence.iter().map(DocPath::as_str).collect();
        let evidence = serde_json::to_string(&paths).expect("BUG: paths are JSON");
        let as_of = finding.as_of.map(Timestamp::micros);
        sqlx::query!(
            "insert into findings (id, kind, collection, path, summary, changes, write, since_us, looked_us,
                 rule, confidence, evidence, as_of_us)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12)
             on conflict (id) do update set
                 summary = excluded.summary,
                 changes = excluded.changes,
                 confidence = excluded.confidence,
                 evidence = excluded.evidence,
                 as_of_us = excluded.as_of_us,
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
            finding.rule,
            confidence,
            evidence,
            as_of,
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
}

impl Store {
    /// Findings, the newest onset first: open ones, or (`resolved`) those that are gone.
    pub async fn findings(&self, resolved: bool, limit: u16) -> Result<Vec<KnownFinding>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us,
                 rule, confidence, evidence, as_of_us
             from findings where (resolved_us is not null) = ? order by since_us desc, kind, path limit ?",
            resolved,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list findings")?;
        rows.into_iter().map(Row::known).collect()
    }

    /// Every finding that is open, however many there are.
    pub async fn findings_open(&self) -> Result<Vec<KnownFinding>> {
        let rows = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us,
                 rule, confidence, evidence, as_of_us
             from findings where resolved_us is null order by since_us desc, kind, path"
        )
        .fetch_all(&self.readers)
        .await
        .doing("list every open finding")?;
        rows.into_iter().map(Row::known).collect()
    }

    /// Open findings about one document, the newest onset first.
    pub async fn findings_about(&self, path: &DocPath) -> Result<Vec<KnownFinding>> {
        let path = path.as_str();
        let rows = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us,
                 rule, confidence, evidence, as_of_us
             from findings where path = ? and resolved_us is null order by since_us desc",
            path,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the findings about a document")?;
        rows.into_iter().map(Row::known).collect()
    }

    /// One finding.
    pub async fn finding(&self, id: Uuid) -> Result<Option<KnownFinding>> {
        let id = id.to_string();
        let row = sqlx::query_as!(
            Row,
            "select id, kind, collection, path, summary, changes, write, since_us, looked_us, resolved_us,
                 rule, confidence, evidence, as_of_us
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
}
