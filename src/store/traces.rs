//! Table `denial_traces`: what was denied to agents, with what was known of their rights. The newest 10,000 are kept.

use crate::domain::actor::Person;
use crate::domain::agent::AgentScope;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::delegation::Suspicion;
use crate::domain::ids::{DocPath, StudioId, Uid};
use crate::domain::reason::Reason;
use crate::domain::standing::{EffectiveScopes, Standing};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "denial_traces";

/// A denial, as it happens.
#[derive(Clone, Copy, Debug)]
pub struct Denial<'a> {
    /// Who was denied.
    pub actor: &'a Person,
    /// In whose name, and how far that reached.
    pub standing: &'a Standing,
    /// What was wanted.
    pub scope: &'a AgentScope,
    /// With which document.
    pub resource: &'a DocPath,
    /// The delegation that was named, by its document's id.
    pub delegation: Option<&'a str>,
    /// Why it was denied.
    pub reason: Reason,
    /// The sign of a confused deputy, if there was one.
    pub suspicion: Option<&'a Suspicion>,
}

/// A denial, as it is looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenialTrace {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who was denied.
    pub actor: Person,
    /// In whose name.
    pub owner: Uid,
    /// What was wanted.
    pub scope: String,
    /// With which document.
    pub resource: DocPath,
    /// How far the actor reached.
    pub scopes: Vec<String>,
    /// The delegation that was named.
    pub delegation: Option<String>,
    /// Why it was denied.
    pub reason: Reason,
    /// The sign of a confused deputy, if there was one.
    pub suspicion: Option<String>,
}

/// Which denials to read.
#[derive(Clone, Debug, Default)]
pub struct DenialQuery {
    /// Only of this actor, such as `agent:agent-glaze-scout`.
    pub actor: Option<String>,
    /// Only with this reason's code.
    pub reason: Option<String>,
    /// Only since then.
    pub since: Option<Timestamp>,
    /// Only those before this number.
    pub before: Option<i64>,
}

impl Tx {
    /// Keeps the trace of a denial, and tells the audit log.
    pub async fn trace_denial(&mut self, studio: &StudioId, denial: &Denial<'_>, now: Timestamp) -> Result<()> {
        let (at, actor, owner) = (now.micros(), denial.actor.to_string(), denial.standing.owner_uid.as_str());
        let (scope, resource, reason) = (denial.scope.as_str(), denial.resource.as_str(), denial.reason.code());
        let suspicion = denial.suspicion.map(Suspicion::word);
        let scopes: Vec<&str> = match &denial.standing.effective_scopes {
            EffectiveScopes::ByRole => Vec::new(),
            EffectiveScopes::Only(scopes) => scopes.iter().map(AgentScope::as_str).collect(),
        };
        let scopes = serde_json::to_string(&scopes).expect("BUG: a list of texts is JSON");
        sqlx::query!(
            "insert into denial_traces (at_us, actor, actor_name, owner, scope, resource, scopes, delegation, reason,
                 suspicion)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            at,
            actor,
            denial.actor.name,
            owner,
            scope,
            resource,
            scopes,
            denial.delegation,
            reason,
            suspicion,
        )
        .execute(&mut *self.inner)
        .await
        .doing("keep the trace of a denial")?;
        let target = Target::Document(denial.resource.clone());
        let mut event = Event::new(now, denial.actor.clone(), Action::DelegationDenied, target)
            .because(denial.reason)
            .detail("owner", owner)
            .detail("scope", scope);
        if let Some(delegation) = denial.delegation {
            event = event.detail("delegation", delegation);
        }
        if let Some(suspicion) = suspicion {
            event = event.detail("suspicion", suspicion);
        }
        self.audit(studio, event).await?;
        Ok(())
    }
}

impl Store {
    /// What was denied, newest first.
    pub async fn denial_traces(&self, limit: u16) -> Result<Vec<DenialTrace>> {
        self.denials_matching(&DenialQuery::default(), limit).await
    }

    /// What was denied and matches, newest first.
    pub async fn denials_matching(&self, query: &DenialQuery, limit: u16) -> Result<Vec<DenialTrace>> {
        let (since, limit) = (query.since.map(Timestamp::micros), i64::from(limit));
        let rows = sqlx::query!(
            "select id, at_us, actor, actor_name, owner, scope, resource, scopes, delegation, reason, suspicion
             from denial_traces
             where (?1 is null or actor = ?1) and (?2 is null or reason = ?2) and (?3 is null or at_us >= ?3)
                 and (?4 is null or id < ?4)
             order by id desc limit ?5",
            query.actor,
            query.reason,
            since,
            query.before,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the traces of denials")?;
        rows.into_iter()
            .map(|row| {
                Ok(DenialTrace {
                    id: row.id,
                    at: Timestamp::from_micros(row.at_us),
                    actor: Person::parse(&row.actor, &row.actor_name).ok_or("an actor is none").column(TABLE)?,
                    owner: Uid::parse(row.owner).column(TABLE)?,
                    scope: row.scope,
                    resource: DocPath::parse(row.resource).column(TABLE)?,
                    scopes: serde_json::from_str(&row.scopes).column(TABLE)?,
                    delegation: row.delegation,
                    reason: Reason::parse(&row.reason).ok_or("a reason code is none").column(TABLE)?,
                    suspicion: row.suspicion,
                })
            })
            .collect()
    }

    /// Who was denied, and the codes of why, for filters.
    pub async fn denial_choices(&self) -> Result<(Vec<String>, Vec<String>)> {
        let actors = sqlx::query_scalar!(
            r#"select distinct actor as "actor!: String" from denial_traces order by actor limit 200"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("read who was denied")?;
        let reasons =
            sqlx::query_scalar!(r#"select distinct reason as "reason!: String" from denial_traces order by reason"#)
                .fetch_all(&self.readers)
                .await
                .doing("read why somebody was denied")?;
        Ok((actors, reasons))
    }

    /// How often since then somebody tried to act with rights that were not meant for them.
    pub async fn denial_suspicions(&self, since: Timestamp) -> Result<u64> {
        let since = since.micros();
        let row = sqlx::query!(
            r#"select count(*) as "count!: i64" from denial_traces where suspicion is not null and at_us >= ?"#,
            since
        )
        .fetch_one(&self.readers)
        .await
        .doing("count suspicious denials")?;
        u64::try_from(row.count).column(TABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::{Actor, ActorKind, Issuer};
    use crate::store::audit::AuditQuery;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    fn uid(text: &str) -> Uid {
        Uid::parse(text).expect("a uid")
    }

    #[tokio::test]
    async fn a_denial_leaves_a_trace_and_the_table_stays_bounded() {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        let agent = Actor::verified(uid("clerk"), ActorKind::Agent, "Clerk".to_owned(), studio.clone(), Issuer::Real);
        let scope = AgentScope::parse("batches:read").expect("a scope");
        let standing = Standing {
            actor_type: ActorKind::Agent,
            actor_uid: uid("clerk"),
            owner_uid: uid("mara"),
            effective_scopes: EffectiveScopes::Only(vec![scope.clone()]),
        };
        let suspicion = Suspicion::ForeignResource { claimed: uid("mara"), actual: uid("theo") };
        let (person, resource) = (agent.person(), DocPath::parse("batches/b-1").expect("a path"));
        let denial = Denial {
            actor: &person,
            standing: &standing,
            scope: &scope,
            resource: &resource,
            delegation: Some("d-1"),
            reason: Reason::DelegationOwnerMismatch,
            suspicion: Some(&suspicion),
        };
        let mut tx = store.begin().await.expect("begins");
        tx.trace_denial(&studio, &denial, NOW).await.expect("traces");
        tx.commit().await.expect("commits");
        let traces = store.denial_traces(10).await.expect("reads");
        assert_eq!(traces.len(), 1);
        assert_eq!((traces[0].owner.as_str(), traces[0].scopes.join(" ").as_str()), ("mara", "batches:read"));
        assert_eq!(traces[0].suspicion.as_deref(), Some("foreign_resource"));
        assert_eq!(store.denial_suspicions(NOW).await.expect("counts"), 1);
        assert_eq!(store.denial_suspicions(NOW.plus(std::time::Duration::from_secs(1))).await.expect("counts"), 0);
        let query = AuditQuery { action: Some("delegation.denied".to_owned()), ..AuditQuery::default() };
        assert_eq!(store.audit_entries(&query, 10).await.expect("reads").len(), 1);
        let mut tx = store.begin().await.expect("begins");
        sqlx::query(
            "insert into denial_traces (id, at_us, actor, actor_name, owner, scope, resource, scopes, reason)
             values (10001, 1, 'agent:x', 'x', 'x', 'x', 'a/b', '[]', 'DELEGATION_MISSING')",
        )
        .execute(&mut *tx.inner)
        .await
        .expect("inserts");
        tx.commit().await.expect("commits");
        assert_eq!(store.denial_traces(10).await.expect("reads").len(), 1, "the oldest made room");
    }
}
