//! Finding entries: by who, what, about what, why not, and when, a page at a time in both directions.
//!
//! # Guarantees
//! What is shown on one page costs no walk along the log where an index tells: by actor, action, denial and time.

use std::time::Duration;

use crate::domain::audit::Entry;
use crate::domain::time::Timestamp;
use crate::store::audit::{Row, TABLE};
use crate::store::{Column as _, Doing as _, Result, Store};

/// Which entries to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only those of this actor, such as `staff:uid`.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only those whose target contains this text.
    pub target: Option<String>,
    /// Only allowed ones (`true`) or denied ones (`false`).
    pub allowed: Option<bool>,
    /// Only those with this reason code.
    pub reason: Option<String>,
    /// Only those from this moment on.
    pub from: Option<Timestamp>,
    /// Only those before this moment.
    pub until: Option<Timestamp>,
    /// Only those before this place.
    pub before: Option<u64>,
    /// Only those after this place, the nearest of them.
    pub after: Option<u64>,
}

/// By how much a clock that was set back may have put entries out of the order of their times.
const DISORDER: Duration = Duration::from_secs(3_600);

/// How many entries are read at once by their places.
const TOGETHER: usize = 500;

/// The places that match: from one index, in one order. Everything else is looked up for each candidate.
macro_rules! places {
    ($store:expr, $query:expr, $bounds:expr, $limit:expr, $source:tt, $order:tt) => {{
        let (low, high): (i64, i64) = $bounds;
        let (from, until) = ($query.from.map(|at| at.to_string()), $query.until.map(|at| at.to_string()));
        sqlx::query_scalar!(
            r#"select audit.sequence as "sequence!: i64" from audit "#
                + $source
                + r#" audit.sequence > ?1 and audit.sequence < ?2 and audit.entry is not null
                 and (?3 is null or exists (select 1 from audit as of_actor indexed by audit_by_actor
                     where of_actor.actor = ?3 and of_actor.sequence = audit.sequence))
                 and (?4 is null or exists (select 1 from audit as of_action indexed by audit_by_action
                     where of_action.action = ?4 and of_action.sequence = audit.sequence))
                 and (?5 is null or instr(audit.target, ?5) > 0)
                 and (?6 is null or (audit.reason = 'OK') = ?6)
                 and (?7 is null or audit.reason = ?7)
                 and (?8 is null or json_extract(audit.entry, '$.at') >= ?8)
                 and (?9 is null or json_extract(audit.entry, '$.at') < ?9)
                 order by audit.sequence "#
                + $order
                + " limit ?10",
            low,
            high,
            $query.actor,
            $query.action,
            $query.target,
            $query.allowed,
            $query.reason,
            from,
            until,
            $limit
        )
        .fetch_all(&$store.readers)
        .await
        .doing("search the audit log")
    }};
}

/// The same in the order in which the nearest come first.
macro_rules! places_nearest {
    ($store:expr, $query:expr, $bounds:expr, $limit:expr, $source:tt) => {
        if $query.is_upwards() {
            places!($store, $query, $bounds, $limit, $source, "asc")
        } else {
            places!($store, $query, $bounds, $limit, $source, "desc")
        }
    };
}

impl AuditQuery {
    /// Are the nearest after a place wanted, rather than the newest before one?
    const fn is_upwards(&self) -> bool {
        self.after.is_some() && self.before.is_none()
    }

    /// Are only denials wanted?
    fn is_of_denials(&self) -> bool {
        self.allowed == Some(false) || self.reason.as_deref().is_some_and(|reason| reason != "OK")
    }
}

impl Store {
    /// Entries that match, newest first. Those whose payload was dropped are not among them.
    pub async fn audit_entries(&self, query: &AuditQuery, limit: u16) -> Result<Vec<Entry>> {
        let mut places = self.audit_places(query, u32::from(limit)).await?;
        if query.is_upwards() {
            places.reverse();
        }
        self.audit_at(&places).await
    }

    /// The places of entries that match, the nearest first, at most so many.
    pub async fn audit_places(&self, query: &AuditQuery, limit: u32) -> Result<Vec<u64>> {
        let (bounds, limit) = (self.audit_bounds(query).await?, i64::from(limit));
        let found = if query.is_of_denials() {
            places_nearest!(self, query, bounds, limit, "indexed by audit_denied where audit.reason <> 'OK' and")
        } else if query.action.is_some() {
            places_nearest!(self, query, bounds, limit, "indexed by audit_by_action where audit.action = ?4 and")
        } else if query.actor.is_some() {
            places_nearest!(self, query, bounds, limit, "indexed by audit_by_actor where audit.actor = ?3 and")
        } else {
            places_nearest!(self, query, bounds, limit, "where")
        };
        found?.into_iter().map(|place| u64::try_from(place).column(TABLE)).collect()
    }

    /// The entries at these places, in this order; what is not there, or has no payload, is left out.
    pub async fn audit_at(&self, places: &[u64]) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(places.len());
        for some in places.chunks(TOGETHER) {
            let wanted = serde_json::to_string(some).expect("BUG: numbers are JSON");
            let rows = sqlx::query_as!(
                Row,
                r#"select audit.entry as "entry!: String", hashes
                 from json_each(?) as wanted join audit on audit.sequence = wanted.value
                     join audit_tree on audit_tree.sequence = audit.sequence
                 where audit.entry is not null order by wanted.key"#,
                wanted
            )
            .fetch_all(&self.readers)
            .await
            .doing("read the audit log")?;
            for row in rows {
                entries.push(row.entry()?);
            }
        }
        Ok(entries)
    }

    /// The reason codes of the denials that the log has, in the order of the alphabet.
    pub async fn audit_denials_known(&self) -> Result<Vec<String>> {
        sqlx::query_scalar!(
            r#"select distinct reason as "reason!: String" from audit indexed by audit_denied
             where reason <> 'OK' order by 1 limit 200"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the denials of the audit log")
    }

    /// Between which places, without them, the entries that match can be.
    async fn audit_bounds(&self, query: &AuditQuery) -> Result<(i64, i64)> {
        let place =
            |place: Option<u64>, otherwise| place.map_or(otherwise, |place| i64::try_from(place).unwrap_or(i64::MAX));
        let (mut low, mut high) = (place(query.after, 0), place(query.before, i64::MAX));
        if let Some(from) = query.from {
            low = low.max(self.audit_first_since(from.minus(DISORDER)).await? - 1);
        }
        if let Some(until) = query.until {
            high = high.min(self.audit_first_since(until.plus(DISORDER)).await?);
        }
        Ok((low, high))
    }

    /// The first place from which on entries are of this moment or later: by halving, for entries are in order.
    async fn audit_first_since(&self, moment: Timestamp) -> Result<i64> {
        let moment = moment.to_string();
        let end = i64::try_from(self.audit_size().await?).column(TABLE)?;
        let (mut low, mut high) = (1, end + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = sqlx::query!(
                r#"select sequence as "sequence!: i64", json_extract(entry, '$.at') as "at!: String" from audit
                 where sequence >= ? and entry is not null order by sequence limit 1"#,
                middle
            )
            .fetch_optional(&self.readers)
            .await
            .doing("look for a moment in the audit log")?;
            match found {
                Some(found) if found.at < moment => low = found.sequence + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }
}
