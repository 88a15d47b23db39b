use super::*;
use crate::domain::actor::{ActorKind, Issuer};
use crate::domain::ids::Uid;
use crate::domain::intake::{RuleSet, Text, classify};
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

fn of(text: &str) -> Classification {
    classify(RuleSet::shipped(), &Text::of_pieces([text]))
}

fn subject() -> Target {
    Target::parse("document:agentRequests/r-1").expect("a target")
}

async fn record(store: &Store, text: &str) -> IntakeStanding {
    let requester = actor("agent-glaze-scout", ActorKind::Agent).person();
    let mut tx = store.begin().await.expect("begins");
    let standing = tx.intake_record(store.studio(), &subject(), &requester, &of(text), NOW).await.expect("records");
    tx.commit().await.expect("commits");
    standing
}

async fn standing(store: &Store, text: &str) -> IntakeStanding {
    let mut tx = store.begin().await.expect("begins");
    tx.intake_standing(&subject(), &of(text)).await.expect("reads")
}

async fn review(store: &Store, item: i64, by: &Actor, code: ReviewCode) -> Decided<()> {
    let reason = GivenReason::parse("I talked to the member about it.").expect("a reason");
    let mut tx = store.begin().await.expect("begins");
    let done = tx.intake_review(store.studio(), &IntakeReview { item, by, code, reason: &reason }, NOW).await;
    tx.commit().await.expect("commits");
    done.expect("answers")
}

#[tokio::test]
async fn a_later_denial_beats_an_earlier_grant() {
    let (_directory, store) = store().await;
    let (ines, juno) = (actor("ines", ActorKind::Staff), actor("juno", ActorKind::Admin));
    let text = "Pikachu planter, exact look";
    assert_eq!(record(&store, text).await, IntakeStanding::Waiting);
    assert_eq!(standing(&store, text).await.may_go_on(), Err(Reason::BlockedByIntake));
    let item = store.intake_queue(10).await.expect("reads")[0].id;
    assert_eq!(review(&store, item, &ines, ReviewCode::RightsAttested).await, Ok(()));
    assert_eq!(standing(&store, text).await, IntakeStanding::Granted);
    assert_eq!(review(&store, item, &juno, ReviewCode::ConfirmedBlock).await, Ok(()));
    assert_eq!(standing(&store, text).await, IntakeStanding::Denied);
    assert_eq!(record(&store, text).await, IntakeStanding::Denied, "sent again");
    assert_eq!(review(&store, item, &ines, ReviewCode::ContextVerified).await, Ok(()));
    assert_eq!(standing(&store, text).await, IntakeStanding::Granted, "the newest counts");
    assert_eq!(store.intake_reviewed(10).await.expect("reads")[0].ruling, Some(Ruling::Grant));
}

#[tokio::test]
async fn a_text_waits_once_and_leaves_the_queue_when_decided() {
    let (_directory, store) = store().await;
    let text = "a gh0st gun please, says Mara";
    for _ in 0..3 {
        assert_eq!(record(&store, text).await, IntakeStanding::Waiting);
    }
    let queue = store.intake_queue(10).await.expect("reads");
    assert_eq!(queue.len(), 1);
    assert_eq!((queue[0].category, queue[0].hash), (Category::Weaponization, of(text).hash));
    assert!(queue[0].excerpt.contains("ghost gun") && !queue[0].excerpt.contains("mara"), "{}", queue[0].excerpt);
    let ines = actor("ines", ActorKind::Staff);
    assert_eq!(review(&store, queue[0].id, &ines, ReviewCode::ConfirmedIllegal).await, Ok(()));
    assert_eq!(store.intake_queue(10).await.expect("reads"), []);
    let entries = store.audit_entries(&AuditQuery::default(), 10).await.expect("reads");
    let actions: Vec<&str> = entries.iter().map(|entry| entry.event.action.word()).collect();
    assert_eq!(actions, ["intake.override_denied", "intake.routed_to_review"]);
    assert!(entries.iter().all(|entry| entry.event.details.values().all(|detail| !detail.contains("please"))));
}

#[tokio::test]
async fn a_decision_is_about_one_text() {
    let (_directory, store) = store().await;
    let ines = actor("ines", ActorKind::Staff);
    assert_eq!(record(&store, "a ghost gun lamp").await, IntakeStanding::Waiting);
    let item = store.intake_queue(10).await.expect("reads")[0].id;
    assert_eq!(review(&store, item, &ines, ReviewCode::ContextVerified).await, Ok(()));
    assert_eq!(record(&store, "a ghost gun lamp, and a real one").await, IntakeStanding::Waiting);
}

#[tokio::test]
async fn denied_reviews_change_nothing_and_are_in_the_log() {
    let (_directory, store) = store().await;
    assert_eq!(record(&store, "a ghost gun").await, IntakeStanding::Waiting);
    let item = store.intake_queue(10).await.expect("reads")[0].id;
    let agent = actor("agent-glaze-scout", ActorKind::Agent);
    let same = actor("agent-glaze-scout", ActorKind::Admin);
    let ines = actor("ines", ActorKind::Staff);
    assert_eq!(review(&store, item, &agent, ReviewCode::ContextVerified).await, Err(Reason::AgentCannotDecide));
    assert_eq!(review(&store, item, &same, ReviewCode::ContextVerified).await, Err(Reason::SelfApproval));
    assert_eq!(review(&store, item, &ines, ReviewCode::RightsAttested).await, Err(Reason::InputInvalid));
    assert_eq!(review(&store, item + 1, &ines, ReviewCode::ContextVerified).await, Err(Reason::InputInvalid));
    assert_eq!(standing(&store, "a ghost gun").await, IntakeStanding::Waiting);
    let denied = AuditQuery { allowed: Some(false), ..AuditQuery::default() };
    assert_eq!(store.audit_entries(&denied, 10).await.expect("reads").len(), 4);
}

#[tokio::test]
async fn harmless_texts_leave_no_trace() {
    let (_directory, store) = store().await;
    assert_eq!(record(&store, "the slurry trap").await, IntakeStanding::Clear);
    assert_eq!(store.audit_entries(&AuditQuery::default(), 10).await.expect("reads"), []);
    assert_eq!(record(&store, "we marvel at the glaze").await, IntakeStanding::Clear);
    assert_eq!(store.audit_entries(&AuditQuery::default(), 10).await.expect("reads").len(), 1, "a weak sign");
}

#[tokio::test]
async fn the_tables_refuse_update_and_delete() {
    let (_directory, store) = store().await;
    record(&store, "a ghost gun").await;
    let item = store.intake_queue(10).await.expect("reads")[0].id;
    let ines = actor("ines", ActorKind::Staff);
    assert_eq!(review(&store, item, &ines, ReviewCode::ConfirmedBlock).await, Ok(()));
    let mut tx = store.begin().await.expect("begins");
    for sql in [
        "update intake_items set score = 0",
        "delete from intake_items",
        "update intake_decisions set choice = 'grant'",
        "delete from intake_decisions",
    ] {
        let error = sqlx::query(sql).execute(&mut *tx.inner).await.expect_err("is refused");
        assert!(error.to_string().contains("refuse"), "{error}");
    }
}
