//! Tables `agent_keys`, `agent_denials` and `agent_suspensions`: programs with a key of their own.
//!
//! # Guarantees
//! * Of a key, only the hash of its secret is kept.
//! * Issuing, revoking, suspending and resuming are in the audit log, and so are the attempts that were denied.

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::agent::{AgentKey, AgentScope, AgentSecret, KeyPrefix, SuspensionRule, WantedKey, may_manage_keys};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::canonical;
use crate::domain::delegation::AGENTS;
use crate::domain::ids::{CollectionId, DocPath, Hash, StudioId, Uid};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::Fields;
use crate::store::{Column as _, Decided, Doing as _, Result, Store, Tx, hash_column};

const TABLE: &str = "agent_keys";

/// An agent that has to pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// The agent.
    pub agent: Uid,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What one moment knows of an agent beside its key.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentState {
    /// Until when it has to pause, if it has to.
    pub suspended: Option<Timestamp>,
    /// What the mirrored document about it holds, if there is one.
    pub client: Option<Fields>,
}

impl AgentState {
    fn parse(until_us: Option<i64>, client: Option<&str>) -> Result<Self> {
        let client = client.map(canonical::decode).transpose().column("documents")?;
        Ok(Self { suspended: until_us.map(Timestamp::from_micros), client })
    }
}

pub(super) struct Row {
    pub(super) prefix: String,
    pub(super) secret_hash: Vec<u8>,
    pub(super) agent: String,
    pub(super) agent_name: String,
    pub(super) scopes: String,
    pub(super) issued_by: String,
    pub(super) issued_by_name: String,
    pub(super) issued_us: i64,
    pub(super) expires_us: i64,
    pub(super) revoked_us: Option<i64>,
}

impl Row {
    pub(super) fn key(self) -> Result<(AgentKey, Hash)> {
        let scopes: Vec<String> = serde_json::from_str(&self.scopes).column(TABLE)?;
        let issued_by = Person::parse(&self.issued_by, &self.issued_by_name);
        let key = AgentKey {
            prefix: KeyPrefix::parse(&self.prefix).ok_or("a prefix is none").column(TABLE)?,
            agent: Uid::parse(self.agent).column(TABLE)?,
            name: self.agent_name,
            scopes: scopes
                .iter()
                .map(|scope| AgentScope::parse(scope))
                .collect::<std::result::Result<_, _>>()
                .column(TABLE)?,
            issued_by: issued_by.ok_or("an actor is none").column(TABLE)?,
            issued: Timestamp::from_micros(self.issued_us),
            expires: Timestamp::from_micros(self.expires_us),
            revoked: self.revoked_us.map(Timestamp::from_micros),
        };
        Ok((key, hash_column(&self.secret_hash, TABLE)?))
    }
}

impl Tx {
    /// Issues a key, if `by` may. The secret is shown by the caller, once.
    pub async fn agent_key_issue(
        &mut self,
        studio: &StudioId,
        wanted: &WantedKey,
        secret: &AgentSecret,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let scopes: Vec<&str> = wanted.scopes.iter().map(AgentScope::as_str).collect();
        let (prefix, agent, expires) = (secret.prefix().as_str(), wanted.agent.as_str(), now.plus(wanted.lasts));
        let event = Event::new(now, by.person(), Action::AgentKeyIssued, target(agent))
            .detail("prefix", prefix)
            .detail("scopes", scopes.join(" "))
            .detail("expires", expires.to_string());
        if let Err(reason) = wanted.may_be_issued(by) {
            return self.denied(studio, event, reason).await;
        }
        let scopes = serde_json::to_string(&scopes).expect("BUG: a list of texts is JSON");
        let hash = secret.hash();
        let (hash, name) = (hash.bytes().as_slice(), wanted.name.trim());
        let (issued_by, issuer) = (by.person().to_string(), by.name());
        let (issued, expires) = (now.micros(), expires.micros());
        sqlx::query!(
            "insert into agent_keys (prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name,
                 issued_us, expires_us)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            prefix,
            hash,
            agent,
            name,
            scopes,
            issued_by,
            issuer,
            issued,
            expires,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store an agent's key")?;
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }

    /// Takes a key back.
    pub async fn agent_key_revoke(
        &mut self,
        studio: &StudioId,
        prefix: &KeyPrefix,
        by: &Actor,
        reason: &GivenReason,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let event = Event::new(now, by.person(), Action::AgentKeyRevoked, Target::Other(format!("agent_key:{prefix}")))
            .detail("reason", reason.as_str());
        if let Err(reason) = may_manage_keys(by) {
            return self.denied(studio, event, reason).await;
        }
        let (prefix, at) = (prefix.as_str(), now.micros());
        let done =
            sqlx::query!("update agent_keys set revoked_us = ? where prefix = ? and revoked_us is null", at, prefix)
                .execute(&mut *self.inner)
                .await
                .doing("revoke an agent's key")?;
        if done.rows_affected() == 0 {
            return self.denied(studio, event, Reason::InputInvalid).await;
        }
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }

    /// Counts a denial, in the transaction that denies. Says until when the agent has to pause, if it was one too many.
    pub async fn agent_denied(
        &mut self,
        studio: &StudioId,
        agent: &Person,
        reason: Reason,
        rule: &SuspensionRule,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (uid, code, at) = (agent.uid.as_str(), reason.code(), now.micros());
        let since = now.minus(rule.within).micros();
        sqlx::query!("delete from agent_denials where agent = ? and at_us < ?", uid, since)
            .execute(&mut *self.inner)
            .await
            .doing("forget old denials of an agent")?;
        sqlx::query!("insert into agent_denials (agent, reason, at_us) values (?, ?, ?)", uid, code, at)
            .execute(&mut *self.inner)
            .await
            .doing("count a denial of an agent")?;
        let row = sqlx::query!(r#"select count(*) as "count!: i64" from agent_denials where agent = ?"#, uid)
            .fetch_one(&mut *self.inner)
            .await
            .doing("count the denials of an agent")?;
        if row.count < i64::from(rule.denials) {
            return Ok(None);
        }
        let until = now.plus(rule.lasts);
        let until_us = until.micros();
        sqlx::query!(
            "insert into agent_suspensions (agent, from_us, until_us) values (?, ?, ?)
             on conflict do update set from_us = excluded.from_us, until_us = max(until_us, excluded.until_us)",
            uid,
            at,
            until_us
        )
        .execute(&mut *self.inner)
        .await
        .doing("suspend an agent")?;
        // The count begins anew, so that one denial after the pause is not one too many again.
        sqlx::query!("delete from agent_denials where agent = ?", uid)
            .execute(&mut *self.inner)
            .await
            .doing("forget the denials of a suspended agent")?;
        let by = Actor::system(studio, "gate").person();
        let event = Event::new(now, by, Action::AgentSuspended, target(uid))
            .because(reason)
            .detail("denials", row.count.to_string())
            .detail("until", until.to_string());
        self.audit(studio, event).await?;
        Ok(Some(until))
    }

    /// The key with this prefix, and how the agent stands, as this transaction sees it. One statement: every effect asks.
    pub async fn agent_by_key(
        &mut self,
        prefix: &KeyPrefix,
        agent: &Uid,
        now: Timestamp,
    ) -> Result<Option<(AgentKey, AgentState)>> {
        let (prefix, client, agent, now) = (prefix.as_str(), client_path(agent), agent.as_str(), now.micros());
        let row = sqlx::query!(
            r#"select prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name, issued_us, expires_us,
                 revoked_us,
                 (select until_us from agent_suspensions where agent = ?2 and until_us > ?3) as "until_us?: i64",
                 (select fields from documents where path = ?4
                     and collection not in (select collection from targets where read_us is null)) as "client?: String"
             from agent_keys where prefix = ?1"#,
            prefix,
            agent,
            now,
            client,
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look for an agent's key and how the agent stands")?;
        let Some(row) = row else { return Ok(None) };
        let state = AgentState::parse(row.until_us, row.client.as_deref())?;
        let key = Row {
            prefix: row.prefix,
            secret_hash: row.secret_hash,
            agent: row.agent,
            agent_name: row.agent_name,
            scopes: row.scopes,
            issued_by: row.issued_by,
            issued_by_name: row.issued_by_name,
            issued_us: row.issued_us,
            expires_us: row.expires_us,
            revoked_us: row.revoked_us,
        };
        Ok(Some((key.key()?.0, state)))
    }

    /// How the agent stands, as this transaction sees it. Ask in the transaction of every effect.
    pub async fn agent_state(&mut self, agent: &Uid, now: Timestamp) -> Result<AgentState> {
        let (client, agent, now) = (client_path(agent), agent.as_str(), now.micros());
        let row = sqlx::query!(
            r#"select (select until_us from agent_suspensions where agent = ?1 and until_us > ?2) as "until_us?: i64",
                 (select fields from documents where path = ?3
                     and collection not in (select collection from targets where read_us is null)) as "client?: String""#,
            agent,
            now,
            client,
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("look how an agent stands")?;
        AgentState::parse(row.until_us, row.client.as_deref())
    }

    /// Until when the agent has to pause, if it has to. Ask in the transaction of every effect.
    pub async fn agent_suspended(&mut self, agent: &Uid, now: Timestamp) -> Result<Option<Timestamp>> {
        suspended(&mut *self.inner, agent, now).await
    }

    /// Ends a suspension before its time.
    pub async fn agent_resume(
        &mut self,
        studio: &StudioId,
        agent: &Uid,
        by: &Actor,
        reason: &GivenReason,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let event = Event::new(now, by.person(), Action::AgentResumed, target(agent.as_str()))
            .detail("reason", reason.as_str());
        match by.kind() {
            ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
            ActorKind::Human | ActorKind::Agent | ActorKind::System => {
                return self.denied(studio, event, Reason::RoleMissing).await;
            }
        }
        let (uid, at) = (agent.as_str(), now.micros());
        sqlx::query!(
            "update agent_suspensions set until_us = max(from_us, ?1) where agent = ?2 and until_us > ?1",
            at,
            uid
        )
        .execute(&mut *self.inner)
        .await
        .doing("end a suspension")?;
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }
}

impl Store {
    /// The key with this prefix, and the hash of its secret: compare it in constant time.
    pub async fn agent_key(&self, prefix: &KeyPrefix) -> Result<Option<(AgentKey, Hash)>> {
        key(&self.readers, prefix).await
    }

    /// Every key, newest first, without its hash.
    pub async fn agent_keys(&self, limit: u16) -> Result<Vec<AgentKey>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name, issued_us, expires_us,
                 revoked_us
             from agent_keys order by issued_us desc limit ?",
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the agents' keys")?;
        rows.into_iter().map(|row| Ok(row.key()?.0)).collect()
    }

    /// The agents that have to pause now, the newest suspension first.
    pub async fn agent_suspensions(&self, now: Timestamp) -> Result<Vec<Suspension>> {
        let now = now.micros();
        let rows = sqlx::query!(
            "select agent, from_us, until_us from agent_suspensions where until_us > ? order by from_us desc, agent",
            now
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the agents that have to pause")?;
        rows.into_iter()
            .map(|row| {
                Ok(Suspension {
                    agent: Uid::parse(row.agent).column("agent_suspensions")?,
                    since: Timestamp::from_micros(row.from_us),
                    until: Timestamp::from_micros(row.until_us),
                })
            })
            .collect()
    }

    /// Until when the agent has to pause, if it has to.
    pub async fn agent_suspended(&self, agent: &Uid, now: Timestamp) -> Result<Option<Timestamp>> {
        suspended(&self.readers, agent, now).await
    }
}

async fn key<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    prefix: &KeyPrefix,
) -> Result<Option<(AgentKey, Hash)>> {
    let prefix = prefix.as_str();
    let row = sqlx::query_as!(
        Row,
        "select prefix, secret_hash, agent, agent_name, scopes, issued_by, issued_by_name, issued_us, expires_us,
             revoked_us
         from agent_keys where prefix = ?",
        prefix
    )
    .fetch_optional(executor)
    .await
    .doing("look for an agent's key")?;
    row.map(Row::key).transpose()
}

async fn suspended<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    agent: &Uid,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let (agent, now) = (agent.as_str(), now.micros());
    let until =
        sqlx::query_scalar!("select until_us from agent_suspensions where agent = ? and until_us > ?", agent, now)
            .fetch_optional(executor)
            .await
            .doing("look whether an agent has to pause")?;
    Ok(until.map(Timestamp::from_micros))
}

/// The document about an agent; none if its uid can't be a document's name.
fn client_path(agent: &Uid) -> Option<String> {
    let agents = CollectionId::parse(AGENTS).expect("BUG: a legal collection");
    Some(DocPath::in_collection(&agents, agent.as_str()).ok()?.as_str().to_owned())
}

fn target(agent: &str) -> Target {
    Target::Other(format!("agent:{agent}"))
}
