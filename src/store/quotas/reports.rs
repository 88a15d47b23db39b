use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::actor::Person;
use crate::domain::audit::Action;
use crate::domain::quota::{Bucket, Level};
use crate::domain::reads::Day;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

use super::{Row, TABLE, digest_name};

/// No limit has a longer window.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3_600);

/// Entries this much older are read, too: their times are compared as texts.
const MARGIN: Duration = Duration::from_secs(60);

/// A counter that does not fit the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotaFault {
    /// It was changed by something else.
    Changed {
        /// The bucket.
        bucket: String,
    },
    /// It is gone: the bucket would count as full.
    Missing {
        /// The bucket.
        bucket: String,
    },
    /// The audit log knows nothing of what is used of it.
    Unrecorded {
        /// The bucket.
        bucket: String,
    },
}

/// Who was told to wait for what, how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopLimited {
    /// Who.
    pub actor: Person,
    /// For what.
    pub capability: String,
    /// How often.
    pub denied: u64,
}

impl Store {
    /// Holds the counters against what the audit log says of them, and says which something else has changed.
    ///
    /// Only entries of the longest window are read (`longest`, or a counter's own): a counter that nobody used in it is
    /// full, whatever became of its row. It trusts the audit log: ask [`Store::audit_chain`] first whether that holds.
    pub async fn quota_faults(&self, now: Timestamp, longest: Duration) -> Result<Vec<QuotaFault>> {
        let mut tx = self.readers.begin().await.doing("start to check the counters")?;
        let rows = sqlx::query_as!(
            Row,
            "select scope, subject, capability, window_us, full_us, seen_us, returned_us from quotas order by bucket"
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read the counters")?;
        let own = rows.iter().map(|row| row.window_us).max().unwrap_or_default();
        let longest = longest.max(Duration::from_micros(own.unsigned_abs())).min(LONGEST) + MARGIN;
        let since = now.minus(longest).to_string();
        let words = [Action::QuotaTaken, Action::QuotaReturned, Action::QuotaReset].map(Action::word);
        // Each action is walked from its newest entry back to the first one before the window, along its index.
        let entries = sqlx::query_scalar!(
            r#"with
                 actions (word) as (values (?1), (?2), (?3)),
                 before (word, last) as (select word, coalesce((select sequence from audit
                     where action = word and json_extract(entry, '$.at') < ?4 order by sequence desc limit 1), 0)
                     from actions)
             select details as "details!: String" from before cross join audit
             where action = word and sequence > last order by sequence"#,
            words[0],
            words[1],
            words[2],
            since,
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read what the audit log says of counters")?;
        let mut recorded = BTreeMap::new();
        for entry in entries {
            let details: BTreeMap<String, String> = serde_json::from_str(&entry).column("audit")?;
            recorded.extend(details.into_iter().filter(|(name, _)| name.starts_with(&digest_name(""))));
        }
        let mut faults = Vec::new();
        for row in rows {
            let (bucket, level) = row.parse()?;
            let digest = bucket.digest(level).to_string();
            let bucket = bucket.to_string();
            match recorded.remove(&digest_name(&bucket)) {
                Some(known) if known == digest => {}
                Some(_) => faults.push(QuotaFault::Changed { bucket }),
                None if level.full <= now && level.seen <= now => {}
                None => faults.push(QuotaFault::Unrecorded { bucket }),
            }
        }
        let bucket = |name: String| name.strip_prefix(&digest_name("")).unwrap_or_default().to_owned();
        faults.extend(recorded.into_keys().map(|name| QuotaFault::Missing { bucket: bucket(name) }));
        Ok(faults)
    }

    /// The counter that is listed under this name.
    pub async fn quota_counter(&self, name: &str) -> Result<Option<(Bucket, Level)>> {
        let row = sqlx::query_as!(
            Row,
            "select scope, subject, capability, window_us, full_us, seen_us, returned_us from quotas where bucket = ?",
            name
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a counter")?;
        row.map(Row::parse).transpose()
    }

    /// The counters, those first that take longest to be full again.
    pub async fn quota_counters(&self, limit: u16) -> Result<Vec<(Bucket, Level)>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select scope, subject, capability, window_us, full_us, seen_us, returned_us from quotas
             order by full_us desc, bucket limit ?",
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the counters")?;
        rows.into_iter().map(Row::parse).collect()
    }

    /// Who was told to wait most often in the seven days that end with today, and for what.
    pub async fn quota_top_limited(&self, now: Timestamp, limit: u16) -> Result<Vec<TopLimited>> {
        let (today, limit) = (Day::of(now), i64::from(limit));
        let (first, last) = (today.before(6).number(), today.number());
        let rows = sqlx::query!(
            r#"select actor as "actor!: String", max(actor_name) as "name!: String", capability as "capability!: String",
                 sum(denied) as "denied!: i64"
             from quota_denials where day between ? and ?
             group by actor, capability order by sum(denied) desc, actor, capability limit ?"#,
            first,
            last,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read who was told to wait")?;
        let parse = |label: &str, name: &str| Person::parse(label, name).ok_or("an actor is none").column(TABLE);
        rows.into_iter()
            .map(|row| {
                let denied = u64::try_from(row.denied).column("quota_denials")?;
                Ok(TopLimited { actor: parse(&row.actor, &row.name)?, capability: row.capability, denied })
            })
            .collect()
    }
}

impl Tx {
    /// The counter that is listed under this name.
    pub async fn quota_bucket(&mut self, name: &str) -> Result<Option<Bucket>> {
        self.quotas_settle().await?;
        let row = sqlx::query_as!(
            Row,
            "select scope, subject, capability, window_us, full_us, seen_us, returned_us from quotas where bucket = ?",
            name
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look for a counter")?;
        Ok(row.map(Row::parse).transpose()?.map(|(bucket, _)| bucket))
    }

    /// Forgets who was told to wait before `day`.
    pub async fn quota_denials_prune(&mut self, day: Day) -> Result<u64> {
        let day = day.number();
        let done = sqlx::query!("delete from quota_denials where day < ?", day)
            .execute(&mut *self.inner)
            .await
            .doing("forget old denials")?;
        Ok(done.rows_affected())
    }
}
