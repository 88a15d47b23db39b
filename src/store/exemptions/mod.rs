//! Tables `exemptions` and `exemption_events`: what may be done without its approval, for a while.
//!
//! # Guarantees
//! * Granting, using, revoking and expiring are in the audit log, and so are the attempts that were denied.
//! * An effect is let through by an exemption once.

/// Exemptions as people look through them.
mod look;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::exemption::{Ended, Exemption, ExemptionId, Wanted};
use crate::domain::ids::{DocPath, StudioId, Uid};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Decided, Doing as _, Result, Store, Tx};

pub use look::ExemptionQuery;

const TABLE: &str = "exemptions";

/// What somebody wants to do under an exemption.
#[derive(Clone, Copy, Debug)]
pub struct ExemptionUse<'a> {
    /// The capability's id.
    pub capability: &'a str,
    /// In whose name.
    pub owner: &'a Uid,
    /// With which document.
    pub resource: &'a DocPath,
    /// What is let through, such as a proposal's id: once.
    pub effect: &'a str,
}

struct Row {
    id: String,
    capability: String,
    owner: String,
    resource: Option<String>,
    beneficiary: String,
    granted_by: String,
    granted_by_name: String,
    justification: String,
    granted_us: i64,
    expires_us: i64,
    ended: Option<String>,
}

impl Row {
    fn exemption(self) -> Result<Exemption> {
        let ended = match self.ended.as_deref() {
            None => None,
            Some("revoked") => Some(Ended::Revoked),
            Some("expired") => Some(Ended::Expired),
            Some(_) => return Err("an end is none").column(TABLE),
        };
        let granted_by = Person::parse(&self.granted_by, &self.granted_by_name);
        Ok(Exemption {
            id: self.id.parse().column(TABLE)?,
            capability: self.capability,
            owner: Uid::parse(self.owner).column(TABLE)?,
            resource: self.resource.map(DocPath::parse).transpose().column(TABLE)?,
            beneficiary: Uid::parse(self.beneficiary).column(TABLE)?,
            granted_by: granted_by.ok_or("an actor is none").column(TABLE)?,
            justification: GivenReason::parse(&self.justification).column(TABLE)?,
            granted: Timestamp::from_micros(self.granted_us),
            expires: Timestamp::from_micros(self.expires_us),
            ended,
        })
    }
}

impl Tx {
    /// Grants an exemption, if the rules let `by`.
    pub async fn exemption_grant(
        &mut self,
        studio: &StudioId,
        wanted: Wanted,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Decided<Exemption>> {
        let id = ExemptionId::from_uuid(Uuid::now_v7());
        let event = Event::new(now, by.person(), Action::ExemptionCreated, target(id))
            .detail("capability", &wanted.capability)
            .detail("owner", wanted.owner.as_str())
            .detail("beneficiary", wanted.beneficiary.as_str())
            .detail("resource", wanted.resource.as_ref().map_or("*", DocPath::as_str))
            .detail("reason", wanted.justification.as_str());
        let exemption = match Exemption::grant(id, wanted, by, now) {
            Ok(exemption) => exemption,
            Err(reason) => return self.denied(studio, event, reason).await,
        };
        let (id, granted_by) = (id.to_string(), exemption.granted_by.to_string());
        let (owner, beneficiary) = (exemption.owner.as_str(), exemption.beneficiary.as_str());
        let resource = exemption.resource.as_ref().map(DocPath::as_str);
        let justification = exemption.justification.as_str();
        let (granted, expires) = (exemption.granted.micros(), exemption.expires.micros());
        sqlx::query!(
            "insert into exemptions (id, capability, owner, resource, beneficiary, granted_by, granted_by_name,
                 justification, granted_us, expires_us)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id,
            exemption.capability,
            owner,
            resource,
            beneficiary,
            granted_by,
            exemption.granted_by.name,
            justification,
            granted,
            expires,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store an exemption")?;
        self.audit(studio, event.detail("expires", exemption.expires.to_string())).await?;
        Ok(Ok(exemption))
    }

    /// The exemption that holds now and covers this, if there is one; the one that holds longest.
    pub async fn exemption_live(
        &mut self,
        capability: &str,
        owner: &Uid,
        resource: &DocPath,
        now: Timestamp,
    ) -> Result<Option<Exemption>> {
        let (owner_text, now_us) = (owner.as_str(), now.micros());
        let rows = sqlx::query_as!(
            Row,
            r#"select x.id, x.capability, x.owner, x.resource, x.beneficiary, x.granted_by, x.granted_by_name,
                 x.justification, x.granted_us, x.expires_us, e.what as "ended?: String"
             from exemptions x
             left join exemption_events e on e.exemption = x.id and e.what in ('revoked', 'expired')
             where x.capability = ? and x.owner = ? and x.expires_us > ? and e.id is null
             order by x.expires_us desc"#,
            capability,
            owner_text,
            now_us,
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("look for an exemption")?;
        for row in rows {
            let exemption = row.exemption()?;
            if exemption.holds_at(now) && exemption.covers(capability, owner, resource) {
                return Ok(Some(exemption));
            }
        }
        Ok(None)
    }

    /// Lets an effect through by the exemption that covers it. The same effect is let through once.
    pub async fn exemption_use(
        &mut self,
        studio: &StudioId,
        wanted: &ExemptionUse<'_>,
        by: &Person,
        now: Timestamp,
    ) -> Result<Decided<Exemption>> {
        let event = |target| {
            Event::new(now, by.clone(), Action::ExemptionUsed, target)
                .detail("capability", wanted.capability)
                .detail("owner", wanted.owner.as_str())
                .detail("resource", wanted.resource.as_str())
                .detail("effect", wanted.effect)
        };
        let live = self.exemption_live(wanted.capability, wanted.owner, wanted.resource, now).await?;
        let Some(exemption) = live else {
            let target = Target::Other(format!("effect:{}", wanted.effect));
            return self.denied(studio, event(target), Reason::ExemptionMissing).await;
        };
        let target = target(exemption.id);
        let spent =
            sqlx::query_scalar!("select id from exemption_events where effect = ? and what = 'used'", wanted.effect)
                .fetch_optional(&mut *self.inner)
                .await
                .doing("look whether an exemption was used")?;
        if spent.is_some() {
            return self.denied(studio, event(target), Reason::ExemptionSpent).await;
        }
        self.exemption_event(exemption.id, "used", Some(wanted.effect), now).await?;
        self.audit(studio, event(target)).await?;
        Ok(Ok(exemption))
    }

    /// Takes an exemption back. Whoever belongs to the studio may, also who granted it or gains by it.
    pub async fn exemption_revoke(
        &mut self,
        studio: &StudioId,
        id: ExemptionId,
        by: &Actor,
        reason: &GivenReason,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let event =
            Event::new(now, by.person(), Action::ExemptionRevoked, target(id)).detail("reason", reason.as_str());
        match by.kind() {
            ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
            ActorKind::Human | ActorKind::Agent | ActorKind::System => {
                return self.denied(studio, event, Reason::RoleMissing).await;
            }
        }
        let text = id.to_string();
        let open = sqlx::query_scalar!(
            "select x.id from exemptions x where x.id = ? and not exists (
                 select 1 from exemption_events e where e.exemption = x.id and e.what in ('revoked', 'expired'))",
            text,
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look for an exemption")?;
        if open.is_none() {
            return self.denied(studio, event, Reason::ExemptionMissing).await;
        }
        self.exemption_event(id, "revoked", None, now).await?;
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }

    /// Records the end of those whose time is over; how many.
    pub async fn exemptions_expire(&mut self, studio: &StudioId, by: &Person, now: Timestamp) -> Result<u64> {
        let now_us = now.micros();
        let ids = sqlx::query_scalar!(
            "select x.id from exemptions x where x.expires_us <= ? and not exists (
                 select 1 from exemption_events e where e.exemption = x.id and e.what in ('revoked', 'expired'))
             order by x.expires_us limit 100",
            now_us,
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("look for exemptions whose time is over")?;
        for id in &ids {
            let id: ExemptionId = id.parse().column(TABLE)?;
            self.exemption_event(id, "expired", None, now).await?;
            self.audit(studio, Event::new(now, by.clone(), Action::ExemptionExpired, target(id))).await?;
        }
        Ok(ids.len() as u64)
    }

    async fn exemption_event(
        &mut self,
        id: ExemptionId,
        what: &str,
        effect: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let (id, now) = (id.to_string(), now.micros());
        sqlx::query!(
            "insert into exemption_events (exemption, what, effect, at_us) values (?, ?, ?, ?)",
            id,
            what,
            effect,
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("record what became of an exemption")?;
        Ok(())
    }
}

impl Store {
    /// Exemptions, newest first, those that ended among them.
    pub async fn exemptions(&self, limit: u16) -> Result<Vec<Exemption>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            r#"select x.id, x.capability, x.owner, x.resource, x.beneficiary, x.granted_by, x.granted_by_name,
                 x.justification, x.granted_us, x.expires_us, e.what as "ended?: String"
             from exemptions x
             left join exemption_events e on e.exemption = x.id and e.what in ('revoked', 'expired')
             order by x.granted_us desc limit ?"#,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list exemptions")?;
        rows.into_iter().map(Row::exemption).collect()
    }

    /// How often each exemption was used, if it was.
    pub async fn exemption_uses(&self) -> Result<BTreeMap<ExemptionId, u64>> {
        let rows = sqlx::query!(
            r#"select exemption, count(*) as "count!: i64" from exemption_events where what = 'used' group by exemption"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("count how often exemptions were used")?;
        rows.into_iter()
            .map(|row| Ok((row.exemption.parse().column(TABLE)?, u64::try_from(row.count).column(TABLE)?)))
            .collect()
    }
}

fn target(id: ExemptionId) -> Target {
    Target::Other(format!("exemption:{id}"))
}

#[cfg(test)]
mod tests;
