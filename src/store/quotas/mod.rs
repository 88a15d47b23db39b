//! Tables `quotas`, `quota_tickets` and `quota_denials`: how often things happened.
//!
//! # Guarantees
//! * A share is taken in the transaction of the effect that it is for: no effect, no share.
//! * An effect takes once, however often it is tried, and gives back once.
//! * Every change of a counter is in the audit log with the counter's digest, so that a change behind our back shows.

/// Who was told to wait, and counters that something else changed.
mod reports;

/// What one transaction knows of the counters, and does to them.
mod counters;

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

pub(super) use counters::Counters;
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
            event = with_digest(event, &one.bucket, one.level);
        }
        self.counters.take(ask.effect, taken);
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
        self.quotas_look(std::slice::from_ref(ask)).await?;
        if self.counters.has_taken(ask.effect) {
            return Ok(Ok(Vec::new()));
        }
        Ok(take_all(ask.claims, &self.counters.levels_of(ask.claims), ask.weight, now))
    }

    /// Gives back what an effect took, because there was no effect. A second time changes nothing.
    pub async fn quota_give_back(
        &mut self,
        studio: &StudioId,
        by: &Person,
        effect: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.quotas_settle().await?;
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
            event = with_digest(event, &bucket, level);
            self.counters.set(bucket, level);
            returned = true;
        }
        if returned {
            self.quota_keep(&[effect]).await?;
            self.audit(studio, event).await?;
        }
        Ok(())
    }

    /// The effect has happened: what it took is not given back any more.
    pub async fn quota_keep(&mut self, effects: &[&str]) -> Result<()> {
        self.quotas_settle().await?;
        self.counters.forget(effects);
        let effects = serde_json::to_string(effects).expect("BUG: a list of texts is JSON");
        sqlx::query!("delete from quota_tickets where effect in (select value from json_each(?))", effects)
            .execute(&mut *self.inner)
            .await
            .doing("forget what effects took")?;
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
            self.counters.set(bucket.clone(), level);
            self.audit(studio, with_digest(event, bucket, level)).await?;
        } else {
            self.audit(studio, event).await?;
        }
        Ok(Ok(()))
    }

    async fn quota_level(&mut self, bucket: &Bucket) -> Result<Option<Level>> {
        self.quotas_settle().await?;
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

    /// Tickets long past their end give nothing back; a day more keeps a slow effect from taking twice.
    async fn quota_forget_tickets(&mut self, now: Timestamp) -> Result<()> {
        if self.counters.swept() {
            return Ok(());
        }
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
