//! Table `finding_ignores`: by whom, why and until when findings are ignored.
//!
//! # Guarantees
//! Making a rule and ending one are in the audit log, and so are the attempts that were denied.

use uuid::Uuid;

use crate::domain::actor::{Actor, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::finding::{FindingKind, Ignore, IgnoreScope, WantedIgnore, may_ignore};
use crate::domain::ids::{CollectionId, StudioId};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Decided, Doing as _, Result, Store, Tx};

const TABLE: &str = "finding_ignores";

struct Row {
    id: String,
    finding: Option<String>,
    kind: Option<String>,
    collection: Option<String>,
    rule: Option<String>,
    reason: String,
    by_label: String,
    by_name: String,
    since_us: i64,
    expires_us: i64,
    ended_us: Option<i64>,
}

impl Row {
    fn ignore(self) -> Result<Ignore> {
        let scope = match (self.finding, self.kind, self.collection) {
            (Some(id), _, _) => IgnoreScope::Finding(Uuid::try_parse(&id).column(TABLE)?),
            (None, Some(kind), Some(collection)) => IgnoreScope::Alike {
                kind: FindingKind::parse(&kind).ok_or("a kind is none").column(TABLE)?,
                collection: CollectionId::parse(collection).column(TABLE)?,
                rule: self.rule,
            },
            (None, _, _) => return Err("a rule is about nothing").column(TABLE),
        };
        Ok(Ignore {
            id: Uuid::try_parse(&self.id).column(TABLE)?,
            scope,
            reason: GivenReason::parse(&self.reason).map_err(Reason::sentence).column(TABLE)?,
            by: Person::parse(&self.by_label, &self.by_name).ok_or("an actor is none").column(TABLE)?,
            since: Timestamp::from_micros(self.since_us),
            expires: Timestamp::from_micros(self.expires_us),
            ended: self.ended_us.map(Timestamp::from_micros),
        })
    }
}

impl Tx {
    /// Ignores findings, if the rules let `by`.
    pub async fn ignore_add(
        &mut self,
        studio: &StudioId,
        wanted: WantedIgnore,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Decided<Ignore>> {
        let id = Uuid::now_v7();
        let event = Event::new(now, by.person(), Action::DriftIgnored, target(id))
            .detail("scope", said(&wanted.scope))
            .detail("reason", wanted.reason.as_str());
        let ignore = match Ignore::make(id, wanted, by, now) {
            Ok(ignore) => ignore,
            Err(reason) => return self.denied(studio, event, reason).await,
        };
        let (finding, kind, collection, rule) = match &ignore.scope {
            IgnoreScope::Finding(id) => (Some(id.to_string()), None, None, None),
            IgnoreScope::Alike { kind, collection, rule } => {
                (None, Some(kind.word()), Some(collection.as_str()), rule.as_deref())
            }
        };
        let (id, label, reason) = (id.to_string(), ignore.by.to_string(), ignore.reason.as_str());
        let (since, expires) = (ignore.since.micros(), ignore.expires.micros());
        sqlx::query!(
            "insert into finding_ignores (id, finding, kind, collection, rule, reason, by_label, by_name, since_us, expires_us)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id,
            finding,
            kind,
            collection,
            rule,
            reason,
            label,
            ignore.by.name,
            since,
            expires,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a rule by which findings are ignored")?;
        self.audit(studio, event.detail("expires", ignore.expires.to_string())).await?;
        Ok(Ok(ignore))
    }

    /// Ends a rule by which findings are ignored before its time; `false` when there is none that holds.
    pub async fn ignore_end(
        &mut self,
        studio: &StudioId,
        id: Uuid,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Decided<bool>> {
        let event = Event::new(now, by.person(), Action::DriftIgnoreEnded, target(id));
        if let Err(reason) = may_ignore(by) {
            return self.denied(studio, event, reason).await;
        }
        let (id, now_us) = (id.to_string(), now.micros());
        let done = sqlx::query!(
            "update finding_ignores set ended_us = ?1 where id = ?2 and ended_us is null and expires_us > ?1",
            now_us,
            id
        )
        .execute(&mut *self.inner)
        .await
        .doing("end a rule by which findings are ignored")?;
        if done.rows_affected() == 0 {
            return Ok(Ok(false));
        }
        self.audit(studio, event).await?;
        Ok(Ok(true))
    }
}

impl Store {
    /// The rules by which findings are ignored now, the newest first.
    pub async fn ignores(&self, now: Timestamp) -> Result<Vec<Ignore>> {
        let now = now.micros();
        let rows = sqlx::query_as!(
            Row,
            "select id, finding, kind, collection, rule, reason, by_label, by_name, since_us, expires_us, ended_us
             from finding_ignores where ended_us is null and expires_us > ? order by since_us desc",
            now,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list what is ignored")?;
        rows.into_iter().map(Row::ignore).collect()
    }
}

fn target(id: Uuid) -> Target {
    Target::Other(format!("ignore:{id}"))
}

/// What is ignored, for the audit log.
fn said(scope: &IgnoreScope) -> String {
    match scope {
        IgnoreScope::Finding(id) => format!("finding:{id}"),
        IgnoreScope::Alike { kind, collection, rule: None } => format!("{} in {collection}", kind.word()),
        IgnoreScope::Alike { kind, collection, rule: Some(rule) } => {
            format!("{} in {collection} by {rule}", kind.word())
        }
    }
}
