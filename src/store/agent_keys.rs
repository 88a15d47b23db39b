//! Agents' keys as people look through them.

use std::collections::BTreeMap;

use crate::domain::agent::AgentKey;
use crate::domain::ids::Uid;
use crate::domain::time::Timestamp;
use crate::store::agents::Row;
use crate::store::{Column as _, Doing as _, Result, Store};

const TABLE: &str = "agent_keys";

impl Store {
    /// The keys of one agent, newest first.
    pub async fn agent_keys_of(&self, agent: &Uid, limit: u16) -> Result<Vec<AgentKey>> {
        let (agent, limit) = (agent.as_str(), i64::from(limit));
        let rows = sqlx::query_as!(
            Row,
            "select prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name, issued_us, expires_us,
                 revoked_us
             from agent_keys where agent = ? order by issued_us desc limit ?",
            agent,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the keys of an agent")?;
        rows.into_iter().map(|row| Ok(row.key()?.0)).collect()
    }

    /// The keys that are good now, newest first.
    pub async fn agent_keys_good(&self, now: Timestamp, limit: u16) -> Result<Vec<AgentKey>> {
        let (now, limit) = (now.micros(), i64::from(limit));
        let rows = sqlx::query_as!(
            Row,
            "select prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name, issued_us, expires_us,
                 revoked_us
             from agent_keys where revoked_us is null and expires_us > ? order by issued_us desc limit ?",
            now,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the good keys")?;
        rows.into_iter().map(|row| Ok(row.key()?.0)).collect()
    }

    /// How many good keys each agent has that has one.
    pub async fn agent_keys_counted(&self, now: Timestamp) -> Result<BTreeMap<String, u64>> {
        let now = now.micros();
        let rows = sqlx::query!(
            r#"select agent, count(*) as "count!: i64" from agent_keys
             where revoked_us is null and expires_us > ? group by agent"#,
            now
        )
        .fetch_all(&self.readers)
        .await
        .doing("count the good keys")?;
        rows.into_iter().map(|row| Ok((row.agent, u64::try_from(row.count).column(TABLE)?))).collect()
    }
}
