//! Table `kill_switch`: where the switches stand, and how they came there.

use crate::domain::actor::{Actor, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::domain::kill_switch::{KillSwitch, SwitchRecord, SwitchScope, SwitchState, SwitchStep};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Decided, Doing as _, Result, Store, Tx};

const TABLE: &str = "kill_switch";

/// What somebody does with a switch.
#[derive(Clone, Copy, Debug)]
pub struct SwitchAct<'a> {
    /// Which switch.
    pub scope: SwitchScope,
    /// Who: verified.
    pub by: &'a Actor,
    /// Why.
    pub reason: &'a GivenReason,
}

struct Row {
    scope: String,
    step: String,
    actor: String,
    actor_name: String,
    reason: String,
    at_us: i64,
}

impl Row {
    fn record(self) -> Result<SwitchRecord> {
        Ok(SwitchRecord {
            scope: SwitchScope::parse(&self.scope).ok_or("a scope is none").column(TABLE)?,
            step: SwitchStep::parse(&self.step).ok_or("a step is none").column(TABLE)?,
            by: Person::parse(&self.actor, &self.actor_name).ok_or("an actor is none").column(TABLE)?,
            reason: self.reason,
            at: Timestamp::from_micros(self.at_us),
        })
    }
}

impl Tx {
    /// Both switches, as this transaction sees them. It never fails: what can't be read is stopped.
    pub async fn kill_switch(&mut self) -> KillSwitch {
        both(&mut *self.inner).await
    }

    /// Stops. One step, whatever the state is: a second stop voids a request to resume.
    pub async fn kill_switch_stop(
        &mut self,
        studio: &StudioId,
        act: &SwitchAct<'_>,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        self.kill_switch_step(studio, act, Action::KillSwitchStopped, SwitchState::stop(act.by), now).await
    }

    /// Asks to resume. Nothing goes out before another person has confirmed.
    pub async fn kill_switch_request_resume(
        &mut self,
        studio: &StudioId,
        act: &SwitchAct<'_>,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let step = self.kill_switch().await.of(act.scope).request_resume(act.by);
        self.kill_switch_step(studio, act, Action::KillSwitchResumeRequested, step, now).await
    }

    /// Confirms a request to resume, which somebody else has made.
    pub async fn kill_switch_confirm_resume(
        &mut self,
        studio: &StudioId,
        act: &SwitchAct<'_>,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let step = self.kill_switch().await.of(act.scope).confirm_resume(act.by, now);
        self.kill_switch_step(studio, act, Action::KillSwitchResumed, step, now).await
    }

    async fn kill_switch_step(
        &mut self,
        studio: &StudioId,
        act: &SwitchAct<'_>,
        action: Action,
        step: std::result::Result<SwitchStep, Reason>,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let (scope, by) = (act.scope.word(), act.by.person());
        let event = Event::new(now, by.clone(), action, Target::Other(format!("kill_switch:{scope}")))
            .detail("reason", act.reason.as_str());
        let step = match step {
            Ok(step) => step.word(),
            Err(reason) => return self.denied(studio, event, reason).await,
        };
        let (actor, reason, at) = (by.to_string(), act.reason.as_str(), now.micros());
        sqlx::query!(
            "insert into kill_switch (scope, step, actor, actor_name, reason, at_us) values (?, ?, ?, ?, ?, ?)",
            scope,
            step,
            actor,
            by.name,
            reason,
            at,
        )
        .execute(&mut *self.inner)
        .await
        .doing("move the kill switch")?;
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }
}

impl Store {
    /// Both switches. It never fails: what can't be read is stopped.
    pub async fn kill_switch(&self) -> KillSwitch {
        both(&self.readers).await
    }

    /// What was done with the switches, newest first.
    pub async fn kill_switch_history(&self, limit: u16) -> Result<Vec<SwitchRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select scope, step, actor, actor_name, reason, at_us from kill_switch order by id desc limit ?",
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the history of the kill switch")?;
        rows.into_iter().map(Row::record).collect()
    }
}

/// Both switches, with one statement: as they are at one moment.
async fn both<'e>(executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>) -> KillSwitch {
    let rows = sqlx::query_as!(
        Row,
        "select scope, step, actor, actor_name, reason, at_us from kill_switch
         where id in ((select max(id) from kill_switch where scope = 'studio'),
             (select max(id) from kill_switch where scope = 'global'))"
    )
    .fetch_all(executor)
    .await
    .doing("read the kill switch");
    let unreadable = |why: String| SwitchState::Unreadable { why };
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => {
            return KillSwitch { studio: unreadable(error.to_string()), global: unreadable(error.to_string()) };
        }
    };
    let (mut studio, mut global) = (None, None);
    for row in rows {
        match SwitchScope::parse(&row.scope) {
            Some(SwitchScope::Studio) => studio = Some(row.record()),
            Some(SwitchScope::Global) => global = Some(row.record()),
            // What is no switch is nobody's last step.
            None => {}
        }
    }
    let state = |last: Option<Result<SwitchRecord>>| match last.transpose() {
        Ok(last) => SwitchState::after(last),
        Err(error) => unreadable(error.to_string()),
    };
    KillSwitch { studio: state(studio), global: state(global) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::{ActorKind, Issuer};
    use crate::domain::ids::Uid;
    use crate::store::audit::AuditQuery;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    async fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        (directory, store)
    }

    fn actor(uid: &str, kind: ActorKind) -> Actor {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(Uid::parse(uid).expect("a uid"), kind, uid.to_owned(), studio, Issuer::Real)
    }

    #[derive(Clone, Copy)]
    enum Do {
        Stop,
        Request,
        Confirm,
    }

    async fn act(store: &Store, what: Do, scope: SwitchScope, by: &Actor) -> Decided<()> {
        let reason = GivenReason::parse("The kiln room smells of smoke.").expect("a reason");
        let act = SwitchAct { scope, by, reason: &reason };
        let (mut tx, studio) = (store.begin().await.expect("begins"), store.studio());
        let done = match what {
            Do::Stop => tx.kill_switch_stop(studio, &act, NOW).await,
            Do::Request => tx.kill_switch_request_resume(studio, &act, NOW).await,
            Do::Confirm => tx.kill_switch_confirm_resume(studio, &act, NOW).await,
        };
        tx.commit().await.expect("commits");
        done.expect("answers")
    }

    async fn may_write(store: &Store) -> Decided<()> {
        let mut tx = store.begin().await.expect("begins");
        let inside = tx.kill_switch().await.may_write();
        assert_eq!(inside, store.kill_switch().await.may_write(), "both sides see the same");
        inside
    }

    #[tokio::test]
    async fn one_person_stops_in_one_step_and_two_resume() {
        let (_directory, store) = store().await;
        let (ines, juno) = (actor("ines", ActorKind::Staff), actor("juno", ActorKind::Admin));
        assert_eq!(may_write(&store).await, Ok(()), "a new database says that it runs");
        for scope in SwitchScope::ALL {
            assert_eq!(act(&store, Do::Stop, scope, &ines).await, Ok(()));
            assert_eq!(may_write(&store).await, Err(Reason::KillSwitchOn));
            assert_eq!(act(&store, Do::Confirm, scope, &juno).await, Err(Reason::ResumeNotRequested));
            assert_eq!(act(&store, Do::Request, scope, &ines).await, Ok(()));
            assert_eq!(act(&store, Do::Confirm, scope, &ines).await, Err(Reason::SecondPersonRequired));
            assert_eq!(may_write(&store).await, Err(Reason::KillSwitchOn));
            assert_eq!(act(&store, Do::Confirm, scope, &juno).await, Ok(()));
            assert_eq!(may_write(&store).await, Ok(()));
        }
        let entries = store.audit_entries(&AuditQuery::default(), 100).await.expect("reads");
        assert_eq!(entries.len(), 10, "every step and every denial");
        assert_eq!(store.kill_switch_history(100).await.expect("reads").len(), 8, "denials change nothing");
    }

    #[tokio::test]
    async fn a_second_stop_voids_the_request_to_resume() {
        let (_directory, store) = store().await;
        let (ines, juno) = (actor("ines", ActorKind::Staff), actor("juno", ActorKind::Admin));
        for what in [Do::Stop, Do::Request, Do::Stop] {
            assert_eq!(act(&store, what, SwitchScope::Studio, &ines).await, Ok(()));
        }
        assert_eq!(act(&store, Do::Confirm, SwitchScope::Studio, &juno).await, Err(Reason::ResumeNotRequested));
    }

    #[tokio::test]
    async fn the_history_refuses_update_and_delete() {
        let (_directory, store) = store().await;
        let mut tx = store.begin().await.expect("begins");
        for sql in ["update kill_switch set step = 'resumed'", "delete from kill_switch"] {
            let error = sqlx::query(sql).execute(&mut *tx.inner).await.expect_err("is refused");
            assert!(error.to_string().contains("refuses"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_missing_or_damaged_means_stopped() {
        for damage in [
            &["drop trigger kill_switch_refuses_delete", "delete from kill_switch where scope = 'global'"][..],
            &["drop trigger kill_switch_refuses_update", "update kill_switch set actor = 'nobody'"],
            &["drop table kill_switch"],
        ] {
            let (_directory, store) = store().await;
            let mut tx = store.begin().await.expect("begins");
            for sql in damage {
                sqlx::query(*sql).execute(&mut *tx.inner).await.expect("works for an intruder");
            }
            tx.commit().await.expect("commits");
            assert_eq!(may_write(&store).await, Err(Reason::KillSwitchUnknown), "{damage:?}");
        }
    }
}
