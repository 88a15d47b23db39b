use tokio_util::task::TaskTracker;

use super::*;
use crate::domain::actor::Issuer;
use crate::domain::ids::Uid;
use crate::store::audit::{AuditQuery, ChainState};
use crate::store::{Error, Store};

const START: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

struct Stage {
    _directory: tempfile::TempDir,
    store: Store,
    agent: Person,
}

fn actor(uid: &str, kind: ActorKind) -> Actor {
    let studio = StudioId::parse("west").expect("a studio");
    Actor::verified(Uid::parse(uid).expect("a uid"), kind, uid.to_owned(), studio, Issuer::Real)
}

impl Stage {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, START).await.expect("opens");
        Self { _directory: directory, store, agent: actor("agent-glaze-scout", ActorKind::Agent).person() }
    }

    fn claims(count: u32) -> Vec<Claim> {
        let limit = Limit::per(count, Duration::from_secs(3_600)).expect("a limit");
        let claim = |scope, subject, capability| Claim::new(scope, subject, capability, limit);
        vec![
            claim(Scope::Actor, "agent:agent-glaze-scout", Some("ops_note.append")),
            claim(Scope::Owner, "mara", Some("ops_note.append")),
            claim(Scope::Studio, "west", None),
        ]
    }

    async fn take(&self, effect: &str, claims: &[Claim], now: Timestamp) -> std::result::Result<(), Box<Limited>> {
        let mut tx = self.store.begin().await.expect("begins");
        let ask = QuotaAsk { actor: &self.agent, capability: "ops_note.append", effect, claims, weight: 1 };
        let answer = tx.quota_take(self.store.studio(), &ask, now).await.expect("answers");
        tx.commit().await.expect("commits");
        answer
    }

    async fn give_back(&self, effect: &str, now: Timestamp) {
        let mut tx = self.store.begin().await.expect("begins");
        tx.quota_give_back(self.store.studio(), &self.agent, effect, now).await.expect("gives back");
        tx.commit().await.expect("commits");
    }

    async fn behind_our_back(&self, sql: &'static str) {
        let mut tx = self.store.begin().await.expect("begins");
        sqlx::query(sql).execute(&mut *tx.inner).await.expect("works for an intruder");
        tx.commit().await.expect("commits");
    }

    async fn actions(&self, action: Action) -> usize {
        let query = AuditQuery { action: Some(action.word().to_owned()), ..AuditQuery::default() };
        self.store.audit_entries(&query, 1_000).await.expect("reads").len()
    }
}

#[tokio::test]
async fn two_hundred_at_once_never_exceed_the_limit() {
    let stage = Stage::new().await;
    let (tracker, mut answers) = (TaskTracker::new(), Vec::new());
    for number in 0..200 {
        let (store, agent) = (stage.store.clone(), stage.agent.clone());
        answers.push(tracker.spawn(async move {
            let (effect, claims) = (format!("write-{number}"), Stage::claims(7));
            let mut tx = store.begin().await?;
            let ask =
                QuotaAsk { actor: &agent, capability: "ops_note.append", effect: &effect, claims: &claims, weight: 1 };
            let answer = tx.quota_take(store.studio(), &ask, START).await?;
            tx.commit().await?;
            Ok::<bool, Error>(answer.is_ok())
        }));
    }
    tracker.close();
    tracker.wait().await;
    let mut taken = 0;
    for answer in answers {
        taken += u32::from(answer.await.expect("ends").expect("answers"));
    }
    assert_eq!(taken, 7);
    assert_eq!(stage.actions(Action::QuotaTaken).await, 7);
    assert_eq!(stage.actions(Action::RateLimitTriggered).await, 1, "hammering floods no log");
    let top = stage.store.quota_top_limited(START, 5).await.expect("reads");
    assert_eq!(top.len(), 1);
    assert_eq!((top[0].denied, top[0].capability.as_str()), (193, "ops_note.append"));
    assert_eq!(stage.store.quota_faults(START, HOUR).await.expect("checks"), []);
    assert!(matches!(stage.store.audit_chain().await, Ok(ChainState::Holds { .. })));
}

#[tokio::test]
async fn without_an_effect_nothing_is_taken() {
    let stage = Stage::new().await;
    let claims = Stage::claims(1);
    let mut tx = stage.store.begin().await.expect("begins");
    let ask =
        QuotaAsk { actor: &stage.agent, capability: "ops_note.append", effect: "write-1", claims: &claims, weight: 1 };
    assert!(tx.quota_take(stage.store.studio(), &ask, START).await.expect("answers").is_ok());
    tx.rollback().await.expect("rolls back");
    assert!(stage.take("write-1", &claims, START).await.is_ok());
    let limited = stage.take("write-2", &claims, START).await.expect_err("is used up");
    assert_eq!(limited.retry_after.seconds(), 3_600);
    stage.give_back("write-1", START).await;
    stage.give_back("write-1", START).await;
    assert_eq!(stage.actions(Action::QuotaReturned).await, 1, "given back once");
    assert!(stage.take("write-2", &claims, START).await.is_ok());
    assert!(stage.take("write-3", &claims, START).await.is_err());
}

#[tokio::test]
async fn an_effect_takes_once_however_often_it_is_tried() {
    let stage = Stage::new().await;
    let claims = Stage::claims(1);
    assert!(stage.take("write-1", &claims, START).await.is_ok());
    assert!(stage.take("write-1", &claims, START).await.is_ok(), "the same write after a crash");
    assert_eq!(stage.actions(Action::QuotaTaken).await, 1);
}

#[tokio::test]
async fn staff_fill_a_bucket_up_and_programs_do_not() {
    let stage = Stage::new().await;
    let claims = Stage::claims(1);
    assert!(stage.take("write-1", &claims, START).await.is_ok());
    let reason = GivenReason::parse("The import was agreed with Ines.").expect("a reason");
    for (by, expect) in [
        (actor("agent-glaze-scout", ActorKind::Agent), Err(Reason::RoleMissing)),
        (actor("ines", ActorKind::Staff), Ok(())),
    ] {
        let mut tx = stage.store.begin().await.expect("begins");
        for claim in &claims {
            let done = tx.quota_reset(stage.store.studio(), &by, &claim.bucket, &reason, START).await;
            assert_eq!(done.expect("answers"), expect);
        }
        tx.commit().await.expect("commits");
        assert_eq!(stage.take("write-2", &claims, START).await.is_ok(), expect.is_ok());
    }
    assert_eq!(stage.actions(Action::QuotaReset).await, 6, "denials are recorded too");
    assert_eq!(stage.store.quota_faults(START, HOUR).await.expect("checks"), []);
}

#[tokio::test]
async fn a_counter_that_something_else_changed_is_found() {
    let stage = Stage::new().await;
    assert!(stage.take("write-1", &Stage::claims(3), START).await.is_ok());
    stage.behind_our_back("delete from quota_tickets").await;
    stage.behind_our_back("update quotas set full_us = 0 where scope = 'actor'").await;
    stage.behind_our_back("delete from quotas where scope = 'owner'").await;
    stage.behind_our_back("insert into quotas values ('x', 'global', 'x', null, 1, 1773853200000001, 1, 0)").await;
    let faults = stage.store.quota_faults(START, HOUR).await.expect("checks");
    let has = |wanted: &str| faults.iter().any(|fault| format!("{fault:?}").starts_with(wanted));
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(has("Changed") && has("Missing") && has("Unrecorded"), "{faults:?}");
}

#[tokio::test]
async fn what_was_used_before_the_longest_window_is_not_read_and_no_fault() {
    let stage = Stage::new().await;
    assert!(stage.take("write-1", &Stage::claims(3), START).await.is_ok());
    let later = START.plus(HOUR + HOUR);
    assert_eq!(stage.store.quota_faults(later, HOUR).await.expect("checks"), []);
    stage.behind_our_back("delete from quota_tickets").await;
    stage.behind_our_back("delete from quotas where scope = 'owner'").await;
    assert_eq!(stage.store.quota_faults(later, HOUR).await.expect("checks"), [], "it would be full");
    stage.behind_our_back("update quotas set seen_us = seen_us + 36000000000 where scope = 'actor'").await;
    let faults = stage.store.quota_faults(later, HOUR).await.expect("checks");
    assert_eq!(faults.len(), 1, "a counter from the future refills nothing: {faults:?}");
}

#[tokio::test]
async fn denials_are_counted_by_week_and_forgotten_later() {
    let stage = Stage::new().await;
    let claims = Stage::claims(1);
    assert!(stage.take("write-1", &claims, START).await.is_ok());
    let minute = |count: u64| START.plus(Duration::from_secs(60 * count));
    for number in 0..5 {
        assert!(stage.take("write-2", &claims, minute(number)).await.is_err());
    }
    assert_eq!(stage.actions(Action::RateLimitTriggered).await, 5, "one a minute");
    let week = START.plus(Duration::from_secs(7 * 24 * 3_600));
    assert_eq!(stage.store.quota_top_limited(START, 5).await.expect("reads")[0].denied, 5);
    assert_eq!(stage.store.quota_top_limited(week, 5).await.expect("reads"), []);
    let mut tx = stage.store.begin().await.expect("begins");
    assert_eq!(tx.quota_denials_prune(Day::of(week)).await.expect("prunes"), 1);
}
