//! Tables `quotas`, `quota_tickets` and `quota_denials`: how often things happened.
//!
//! # Guarantees
//! * A share is taken in the transaction of the effect that it is for: no effect, no share.
//! * An effect takes once, however often it is tried, and gives back once.
//! * Every change of a counter is in the audit log with the counter's digest, so that a change behind our back shows.

/// Who was told to wait, and counters that something else changed.
mod reports;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::domain::proposal::GivenReason;
use crate::domain::quota::{Bucket, Claim, Level, Limit, Limited, Scope, Taken, Ticket, take_all};
use crate::domain::reads::Day;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Decided, Doing as _, Result, Tx};

pub use reports::{QuotaFault, TopLimited};

const TABLE: &str = "quotas";

/// The same denial is recorded once in this time and only counted in between, so that hammering floods no log.
const AUDITED_EVERY: Duration = Duration::from_secs(60);

/// What an effect has to keep.
#[derive(Clone, Copy, Debug)]
pub struct QuotaAsk<'a> {
    /// Who causes the effect: verified.
    pub actor: &'a Person,
    /// What is done.
    pub capability: &'a str,
    /// The effect, such as a write's id: it takes once.
    pub effect: &'a str,
    /// The limits.
    pub claims: &'a [Claim],
    /// How many it takes of each: the documents that are changed.
    pub weight: u32,
}

struct Row {
    scope: String,
    subject: String,
    capability: Option<String>,
    window_us: i64,
    full_us: i64,
    seen_us: i64,
    returned_us: i64,
}

impl Row {
    fn parse(self) -> Result<(Bucket, Level)> {
        let scope = Scope::parse(&self.scope).ok_or("a scope is none").column(TABLE)?;
        let bucket = Bucket { scope, subject: self.subject, capability: self.capability, window_us: self.window_us };
        let (full, seen) = (Timestamp::from_micros(self.full_us), Timestamp::from_micros(self.seen_us));
        Ok((bucket, Level { full, seen, returned_us: self.returned_us }))
    }
}

impl Tx {
    /// Takes one share of every limit, or of none.
    ///
    /// When a limit is reached, the denial is counted in this transaction: commit it, without the effect.
    pub async fn quota_take(
        &mut self,
        studio: &StudioId,
        ask: &QuotaAsk<'_>,
        now: Timestamp,
    ) -> Result<std::result::Result<(), Box<Limited>>> {
        let taken = match self.quota_peek(ask, now).await? {
            Ok(taken) if taken.is_empty() => return Ok(Ok(())),
            Ok(taken) => taken,
            Err(limited) => {
                self.quota_limited(studio, ask, &limited, now).await?;
                return Ok(Err(limited));
            }
        };
        self.quota_forget_tickets(now).await?;
        let mut event = Event::new(now, ask.actor.clone(), Action::QuotaTaken, effect_target(ask.effect));
        for one in &taken {
            self.quota_store(&one.bucket, one.level).await?;
            self.quota_ticket(ask.effect, &one.bucket, one.limit, one.ticket).await?;
            event = with_digest(event, &one.bucket, one.level);
        }
        self.audit(studio, event.detail("capability", ask.capability)).await?;
        Ok(Ok(()))
    }

    /// What taking would take, or why it would be denied. An effect that has taken takes nothing more.
    pub async fn quota_peek(
        &mut self,
        ask: &QuotaAsk<'_>,
        now: Timestamp,
    ) -> Result<std::result::Result<Vec<Taken>, Box<Limited>>> {
        if ask.claims.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let buckets: BTreeMap<String, &Bucket> =
            ask.claims.iter().map(|claim| (claim.bucket.to_string(), &claim.bucket)).collect();
        let names: Vec<&String> = buckets.keys().collect();
        let names = serde_json::to_string(&names).expect("BUG: a list of texts is JSON");
        // One row: the thread that reads is woken once, not for every counter.
        let row = sqlx::query!(
            r#"select
                 exists (select 1 from quota_tickets where effect = ?1) as "taken!: bool",
                 (select json_group_array(json_array(bucket, full_us, seen_us, returned_us)) from quotas
                     where bucket in (select value from json_each(?2))) as "levels!: String""#,
            ask.effect,
            names,
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("read what is left of quotas")?;
        if row.taken {
            return Ok(Ok(Vec::new()));
        }
        let stored: Vec<(String, i64, i64, i64)> = serde_json::from_str(&row.levels).column(TABLE)?;
        let mut levels = BTreeMap::new();
        for (name, full_us, seen_us, returned_us) in stored {
            let bucket = *buckets.get(&name).ok_or("a counter that nobody asked for").column(TABLE)?;
            let (full, seen) = (Timestamp::from_micros(full_us), Timestamp::from_micros(seen_us));
            levels.insert(bucket.clone(), Level { full, seen, returned_us });
        }
        Ok(take_all(ask.claims, &levels, ask.weight, now))
    }

    /// Gives back what an effect took, because there was no effect. A second time changes nothing.
    pub async fn quota_give_back(
        &mut self,
        studio: &StudioId,
        by: &Person,
        effect: &str,
        now: Timestamp,
    ) -> Result<()> {
        let rows = sqlx::query!(
            "select t.limit_count, t.limit_burst, t.ends_us, t.returned_us as ticket_returned_us, t.weight, q.scope, q.subject,
                 q.capability, q.window_us, q.full_us, q.seen_us, q.returned_us
             from quota_tickets t join quotas q on q.bucket = t.bucket where t.effect = ?",
            effect,
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read what an effect took")?;
        let mut event = Event::new(now, by.clone(), Action::QuotaReturned, effect_target(effect));
        let mut returned = false;
        for row in rows {
            let (scope, subject, capability) = (row.scope, row.subject, row.capability);
            let (full_us, seen_us, returned_us) = (row.full_us, row.seen_us, row.returned_us);
            let row_of = Row { scope, subject, capability, window_us: row.window_us, full_us, seen_us, returned_us };
            let (bucket, level) = row_of.parse()?;
            let limit = limit(row.limit_count, row.window_us, row.limit_burst)?;
            let weight = u32::try_from(row.weight).column("quota_tickets")?;
            let ends = Timestamp::from_micros(row.ends_us);
            let ticket = Ticket { ends, returned_us: row.ticket_returned_us, weight };
            let level = limit.give_back(level, ticket, now);
            self.quota_store(&bucket, level).await?;
            event = with_digest(event, &bucket, level);
            returned = true;
        }
        if returned {
            self.quota_keep(effect).await?;
            self.audit(studio, event).await?;
        }
        Ok(())
    }

    /// The effect has happened: what it took is not given back any more.
    pub async fn quota_keep(&mut self, effect: &str) -> Result<()> {
        sqlx::query!("delete from quota_tickets where effect = ?", effect)
            .execute(&mut *self.inner)
            .await
            .doing("forget what an effect took")?;
        Ok(())
    }

    /// Fills a bucket up. Programs may not, whatever they were let.
    pub async fn quota_reset(
        &mut self,
        studio: &StudioId,
        by: &Actor,
        bucket: &Bucket,
        reason: &GivenReason,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let event = Event::new(now, by.person(), Action::QuotaReset, Target::Other(format!("quota:{bucket}")))
            .detail("reason", reason.as_str());
        match by.kind() {
            ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
            ActorKind::Human | ActorKind::Agent | ActorKind::System => {
                return self.denied(studio, event, Reason::RoleMissing).await;
            }
        }
        if let Some(level) = self.quota_level(bucket).await? {
            let level = level.refilled(now);
            self.quota_store(bucket, level).await?;
            self.audit(studio, with_digest(event, bucket, level)).await?;
        } else {
            self.audit(studio, event).await?;
        }
        Ok(Ok(()))
    }

    async fn quota_level(&mut self, bucket: &Bucket) -> Result<Option<Level>> {
        let name = bucket.to_string();
        let row = sqlx::query!("select full_us, seen_us, returned_us from quotas where bucket = ?", name)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read a counter")?;
        Ok(row.map(|row| Level {
            full: Timestamp::from_micros(row.full_us),
            seen: Timestamp::from_micros(row.seen_us),
            returned_us: row.returned_us,
        }))
    }

    async fn quota_store(&mut self, bucket: &Bucket, level: Level) -> Result<()> {
        let (name, scope) = (bucket.to_string(), bucket.scope.word());
        let (full, seen) = (level.full.micros(), level.seen.micros());
        sqlx::query!(
            "insert into quotas (bucket, scope, subject, capability, window_us, full_us, seen_us, returned_us)
             values (?, ?, ?, ?, ?, ?, ?, ?)
             on conflict do update set full_us = excluded.full_us, seen_us = excluded.seen_us,
                 returned_us = excluded.returned_us",
            name,
            scope,
            bucket.subject,
            bucket.capability,
            bucket.window_us,
            full,
            seen,
            level.returned_us,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a counter")?;
        Ok(())
    }

    async fn quota_ticket(&mut self, effect: &str, bucket: &Bucket, limit: Limit, ticket: Ticket) -> Result<()> {
        let (bucket, count, burst) = (bucket.to_string(), i64::from(limit.count()), i64::from(limit.burst()));
        let ends = ticket.ends.micros();
        sqlx::query!(
            "insert into quota_tickets (effect, bucket, limit_count, limit_burst, ends_us, returned_us, weight)
             values (?, ?, ?, ?, ?, ?, ?)",
            effect,
            bucket,
            count,
            burst,
            ends,
            ticket.returned_us,
            ticket.weight,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store what an effect took")?;
        Ok(())
    }

    /// Tickets long past their end give nothing back; a day more keeps a slow effect from taking twice.
    async fn quota_forget_tickets(&mut self, now: Timestamp) -> Result<()> {
        let past = now.minus(Duration::from_secs(24 * 3_600)).micros();
        sqlx::query!("delete from quota_tickets where ends_us < ?", past)
            .execute(&mut *self.inner)
            .await
            .doing("forget what has come back by itself")?;
        Ok(())
    }

    async fn quota_limited(
        &mut self,
        studio: &StudioId,
        ask: &QuotaAsk<'_>,
        limited: &Limited,
        now: Timestamp,
    ) -> Result<()> {
        let (day, actor, scope) = (Day::of(now).number(), ask.actor.to_string(), limited.bucket.scope.word());
        let known = sqlx::query!(
            "select denied, audited_us from quota_denials where day = ? and actor = ? and capability = ? and scope = ?",
            day,
            actor,
            ask.capability,
            scope,
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("read how often somebody was denied")?;
        let since = now.minus(AUDITED_EVERY).micros();
        let quiet = known.as_ref().map(|row| row.audited_us).filter(|audited| *audited > since);
        let denied = known.map_or(1, |row| row.denied + 1);
        let audited = quiet.unwrap_or(now.micros());
        sqlx::query!(
            "insert into quota_denials (day, actor, actor_name, capability, scope, denied, audited_us)
             values (?, ?, ?, ?, ?, ?, ?)
             on conflict do update set denied = excluded.denied, audited_us = excluded.audited_us",
            day,
            actor,
            ask.actor.name,
            ask.capability,
            scope,
            denied,
            audited,
        )
        .execute(&mut *self.inner)
        .await
        .doing("count a denial")?;
        if quiet.is_some() {
            return Ok(());
        }
        let event = Event::new(now, ask.actor.clone(), Action::RateLimitTriggered, effect_target(ask.effect))
            .because(Reason::RateLimited)
            .detail("bucket", limited.bucket.to_string())
            .detail("capability", ask.capability)
            .detail("limit", limited.limit.count().to_string())
            .detail("window_seconds", limited.limit.window().as_secs().to_string())
            .detail("retry_after_seconds", limited.retry_after.seconds().to_string())
            .detail("denied_today", denied.to_string());
        self.audit(studio, event).await?;
        Ok(())
    }
}

fn effect_target(effect: &str) -> Target {
    Target::Other(format!("effect:{effect}"))
}

/// The name under which an audit entry holds a bucket's digest.
fn digest_name(bucket: &str) -> String {
    format!("quota {bucket}")
}

fn with_digest(event: Event, bucket: &Bucket, level: Level) -> Event {
    event.detail(&digest_name(&bucket.to_string()), bucket.digest(level).to_string())
}

fn limit(count: i64, window_us: i64, burst: i64) -> Result<Limit> {
    let number = |number: i64| u32::try_from(number).column("quota_tickets");
    let window = Duration::from_micros(u64::try_from(window_us).column("quota_tickets")?);
    Limit::with_burst(number(count)?, window, number(burst)?).column("quota_tickets")
}

#[cfg(test)]
mod tests;
