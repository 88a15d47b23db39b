//! What one transaction knows of the counters, and does to them: read with one statement for many effects, and written
//! with one before the commit, however many effects took from the same counter.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::quota::{Bucket, Claim, Level, Limit, Taken, Ticket};
use crate::domain::time::Timestamp;
use crate::store::quotas::{QuotaAsk, TABLE};
use crate::store::{Column as _, Doing as _, Result, Tx};

/// The counters as this transaction sees them.
#[derive(Debug, Default)]
pub(in crate::store) struct Counters {
    /// Those that were looked at; nothing for one that nobody ever used.
    levels: BTreeMap<Bucket, Option<Level>>,
    /// The effects that were looked at: whether each has taken already.
    effects: BTreeMap<String, bool>,
    changed: BTreeSet<Bucket>,
    tickets: Vec<(String, Bucket, Limit, Ticket)>,
    swept: bool,
}

impl Counters {
    pub(super) fn has_taken(&self, effect: &str) -> bool {
        self.effects.get(effect).copied().unwrap_or_default()
    }

    pub(super) fn levels_of(&self, claims: &[Claim]) -> BTreeMap<Bucket, Level> {
        let level = |claim: &Claim| Some((claim.bucket.clone(), self.levels.get(&claim.bucket).copied().flatten()?));
        claims.iter().filter_map(level).collect()
    }

    /// The effect took these.
    pub(super) fn take(&mut self, effect: &str, taken: Vec<Taken>) {
        self.effects.insert(effect.to_owned(), true);
        for Taken { bucket, limit, level, ticket } in taken {
            self.tickets.push((effect.to_owned(), bucket.clone(), limit, ticket));
            self.set(bucket, level);
        }
    }

    pub(super) fn set(&mut self, bucket: Bucket, level: Level) {
        self.changed.insert(bucket.clone());
        self.levels.insert(bucket, Some(level));
    }

    /// What these took is no longer known.
    pub(super) fn forget(&mut self, effects: &[&str]) {
        for effect in effects {
            self.effects.remove(*effect);
        }
    }

    /// Was it said before in this transaction that old tickets are gone?
    pub(super) const fn swept(&mut self) -> bool {
        std::mem::replace(&mut self.swept, true)
    }
}

impl Tx {
    /// Reads the counters of all these, with one statement, so that asking about each of them reads nothing.
    pub async fn quotas_look(&mut self, asks: &[QuotaAsk<'_>]) -> Result<()> {
        let known = &self.counters;
        let mut buckets: BTreeMap<String, &Bucket> = BTreeMap::new();
        for claim in asks.iter().flat_map(|ask| ask.claims) {
            if !known.levels.contains_key(&claim.bucket) {
                buckets.insert(claim.bucket.to_string(), &claim.bucket);
            }
        }
        let effects: BTreeSet<&str> =
            asks.iter().map(|ask| ask.effect).filter(|effect| !known.effects.contains_key(*effect)).collect();
        if buckets.is_empty() && effects.is_empty() {
            return Ok(());
        }
        let text = |list: &[&str]| serde_json::to_string(list).expect("BUG: a list of texts is JSON");
        let names = text(&buckets.keys().map(String::as_str).collect::<Vec<_>>());
        let asked = text(&effects.iter().copied().collect::<Vec<_>>());
        // One row: the thread that reads is woken once, not for every counter.
        let row = sqlx::query!(
            r#"select
                 (select json_group_array(effect) from (select distinct effect from quota_tickets
                     where effect in (select value from json_each(?1)))) as "taken!: String",
                 (select json_group_array(json_array(bucket, full_us, seen_us, returned_us)) from quotas
                     where bucket in (select value from json_each(?2))) as "levels!: String""#,
            asked,
            names,
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("read what is left of quotas")?;
        let taken: BTreeSet<String> = serde_json::from_str(&row.taken).column(TABLE)?;
        let stored: Vec<(String, i64, i64, i64)> = serde_json::from_str(&row.levels).column(TABLE)?;
        let mut levels: BTreeMap<Bucket, Option<Level>> =
            buckets.values().map(|bucket| ((*bucket).clone(), None)).collect();
        for (name, full_us, seen_us, returned_us) in stored {
            let bucket = *buckets.get(&name).ok_or("a counter that nobody asked for").column(TABLE)?;
            let (full, seen) = (Timestamp::from_micros(full_us), Timestamp::from_micros(seen_us));
            levels.insert(bucket.clone(), Some(Level { full, seen, returned_us }));
        }
        self.counters.levels.extend(levels);
        for effect in effects {
            self.counters.effects.insert(effect.to_owned(), taken.contains(effect));
        }
        Ok(())
    }

    /// Writes what was taken and given back, so that the tables show it.
    pub(in crate::store) async fn quotas_settle(&mut self) -> Result<()> {
        let changed = std::mem::take(&mut self.counters.changed);
        let rows: Vec<_> = changed
            .iter()
            .filter_map(|bucket| {
                let level = self.counters.levels.get(bucket).copied().flatten()?;
                let (full, seen) = (level.full.micros(), level.seen.micros());
                let Bucket { scope, subject, capability, window_us } = bucket;
                let name = bucket.to_string();
                Some((name, scope.word(), subject, capability, window_us, full, seen, level.returned_us))
            })
            .collect();
        if !rows.is_empty() {
            let rows = serde_json::to_string(&rows).expect("BUG: texts and numbers are JSON");
            sqlx::query!(
                "insert into quotas (bucket, scope, subject, capability, window_us, full_us, seen_us, returned_us)
                 select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                     value ->> 7
                 from json_each(?) where true
                 on conflict do update set full_us = excluded.full_us, seen_us = excluded.seen_us,
                     returned_us = excluded.returned_us",
                rows,
            )
            .execute(&mut *self.inner)
            .await
            .doing("store counters")?;
        }
        let tickets = std::mem::take(&mut self.counters.tickets);
        let rows: Vec<_> = tickets
            .iter()
            .map(|(effect, bucket, limit, ticket)| {
                let (count, burst, ends) = (limit.count(), limit.burst(), ticket.ends.micros());
                (effect, bucket.to_string(), count, burst, ends, ticket.returned_us, ticket.weight)
            })
            .collect();
        if !rows.is_empty() {
            let rows = serde_json::to_string(&rows).expect("BUG: texts and numbers are JSON");
            sqlx::query!(
                "insert into quota_tickets (effect, bucket, limit_count, limit_burst, ends_us, returned_us, weight)
                 select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
                 from json_each(?)",
                rows,
            )
            .execute(&mut *self.inner)
            .await
            .doing("store what effects took")?;
        }
        Ok(())
    }
}
