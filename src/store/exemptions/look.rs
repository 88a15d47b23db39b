//! Exemptions as people look through them.

use std::collections::BTreeMap;

use crate::domain::exemption::{Exemption, ExemptionId};
use crate::domain::time::Timestamp;
use crate::store::exemptions::{Row, TABLE};
use crate::store::{Column as _, Doing as _, Result, Store};

/// Which exemptions to read.
#[derive(Clone, Debug, Default)]
pub struct ExemptionQuery {
    /// Only those that hold (`true`) or have ended (`false`).
    pub live: Option<bool>,
    /// Only of this capability.
    pub capability: Option<String>,
    /// Only those granted before this one.
    pub before: Option<ExemptionId>,
}

impl Store {
    /// Exemptions that match, newest first.
    pub async fn exemptions_matching(
        &self,
        query: &ExemptionQuery,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Exemption>> {
        let (before, limit, now) = (query.before.map(|id| id.to_string()), i64::from(limit), now.micros());
        let rows = sqlx::query_as!(
            Row,
            r#"select x.id, x.capability, x.owner, x.resource, x.beneficiary, x.granted_by, x.granted_by_name,
                 x.justification, x.granted_us, x.expires_us, e.what as "ended?: String"
             from exemptions x
             left join exemption_events e on e.exemption = x.id and e.what in ('revoked', 'expired')
             where (?1 is null or x.id < ?1) and (?2 is null or x.capability = ?2)
                 and (?3 is null or ?3 = (e.id is null and x.granted_us <= ?4 and x.expires_us > ?4))
             order by x.id desc limit ?5"#,
            before,
            query.capability,
            query.live,
            now,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("look through exemptions")?;
        rows.into_iter().map(Row::exemption).collect()
    }

    /// One exemption.
    pub async fn exemption(&self, id: ExemptionId) -> Result<Option<Exemption>> {
        let id = id.to_string();
        let row = sqlx::query_as!(
            Row,
            r#"select x.id, x.capability, x.owner, x.resource, x.beneficiary, x.granted_by, x.granted_by_name,
                 x.justification, x.granted_us, x.expires_us, e.what as "ended?: String"
             from exemptions x
             left join exemption_events e on e.exemption = x.id and e.what in ('revoked', 'expired')
             where x.id = ?"#,
            id,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read an exemption")?;
        row.map(Row::exemption).transpose()
    }

    /// How many hold now, and how many have ended.
    pub async fn exemption_counts(&self, now: Timestamp) -> Result<(u64, u64)> {
        let now = now.micros();
        let row = sqlx::query!(
            r#"select (select count(*) from exemptions) as "all!: i64",
                 (select count(*) from exemptions x where x.granted_us <= ?1 and x.expires_us > ?1 and not exists (
                     select 1 from exemption_events e where e.exemption = x.id and e.what in ('revoked', 'expired'))
                 ) as "live!: i64""#,
            now
        )
        .fetch_one(&self.readers)
        .await
        .doing("count exemptions")?;
        let (all, live) = (u64::try_from(row.all).column(TABLE)?, u64::try_from(row.live).column(TABLE)?);
        Ok((live, all.saturating_sub(live)))
    }

    /// How often each of these was used, if it was.
    pub async fn exemption_uses_of(&self, ids: &[ExemptionId]) -> Result<BTreeMap<ExemptionId, u64>> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).expect("BUG: a list of texts is JSON");
        let rows = sqlx::query!(
            r#"select exemption, count(*) as "count!: i64" from exemption_events
             where what = 'used' and exemption in (select value from json_each(?)) group by exemption"#,
            ids
        )
        .fetch_all(&self.readers)
        .await
        .doing("count how often some exemptions were used")?;
        rows.into_iter()
            .map(|row| Ok((row.exemption.parse().column(TABLE)?, u64::try_from(row.count).column(TABLE)?)))
            .collect()
    }
}
