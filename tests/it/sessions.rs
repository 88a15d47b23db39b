//! Sessions end when they should, and the studio's own word counts at once.

use std::time::Duration;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::session::Flash;
use studio_brain::domain::staff::{StaffRole, StaffRule};

use crate::web_stage::{Browser, Stage};

const INES: &str = "uid_staff_ines";

async fn rule(stage: &Stage, uid: &str, rule: Option<StaffRule>) {
    let by = Actor::system(stage.store.studio(), "test");
    let uid = Uid::parse(uid).expect("a uid");
    let mut tx = stage.store.begin().await.expect("a transaction");
    match rule {
        Some(rule) => tx.staff_rule_set(&by, &uid, rule, "a test of the rule", stage.now()).await.expect("set"),
        None => assert!(tx.staff_rule_clear(&uid).await.expect("cleared")),
    }
    tx.commit().await.expect("committed");
}

async fn signed_in<'a>(stage: &'a Stage, persona: &str) -> Browser<'a> {
    let mut browser = stage.browser();
    assert_eq!(browser.sign_in(persona).await.status, 303);
    browser
}

#[tokio::test]
async fn revoked_staff_lose_access_with_their_next_request() {
    let stage = Stage::open().await;
    let mut ines = signed_in(&stage, INES).await;
    let mut dov = signed_in(&stage, "uid_staff_dov").await;
    assert_eq!(ines.get("/").await.status, 200);
    rule(&stage, INES, Some(StaffRule::Deny)).await;
    let answer = ines.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/sign-in?why=STAFF_REVOKED"));
    let api = ines.get("/api/me").await;
    assert_eq!((api.status.as_u16(), api.code()), (401, "STAFF_REVOKED".to_owned()));
    assert_eq!(ines.sign_in(INES).await.status, 403, "signing in again does not help");
    assert_eq!(dov.get("/").await.status, 200, "nobody else is affected");
    assert_eq!(stage.store.staff_rules().await.expect("rules"), [(Uid::parse(INES).expect("a uid"), StaffRule::Deny)]);
    rule(&stage, INES, None).await;
    assert_eq!(ines.sign_in(INES).await.status, 303);
}

#[tokio::test]
async fn a_change_of_role_ends_the_session() {
    let stage = Stage::open().await;
    let mut ines = signed_in(&stage, INES).await;
    rule(&stage, INES, Some(StaffRule::Allow(StaffRole::Admin))).await;
    assert_eq!(ines.get("/").await.header("location"), "/sign-in?why=ROLE_CHANGED");
    stage.told();
    assert_eq!(ines.sign_in(INES).await.status, 303);
    assert_eq!(stage.told().last().map(String::as_str), Some("started sandbox:admin:uid_staff_ines"));
}

#[tokio::test]
async fn the_studio_can_let_in_someone_whom_no_claim_lets_in() {
    let stage = Stage::open().await;
    rule(&stage, "uid_mara_quill", Some(StaffRule::Allow(StaffRole::Staff))).await;
    let mut mara = signed_in(&stage, "uid_mara_quill").await;
    assert!(mara.get("/").await.body.contains("Mara Quill"));
}

#[tokio::test]
async fn an_unused_session_ends_and_a_used_one_lasts_twelve_hours() {
    let stage = Stage::open().await;
    let (mut idle, mut busy) = (signed_in(&stage, INES).await, signed_in(&stage, INES).await);
    stage.advance(Duration::from_secs(59 * 60));
    assert_eq!(busy.get("/").await.status, 200);
    stage.advance(Duration::from_secs(60));
    assert_eq!(idle.get("/").await.header("location"), "/sign-in?why=SESSION_IDLE");
    for _ in 0..13 {
        stage.advance(Duration::from_secs(50 * 60));
        assert_eq!(busy.get("/").await.status, 200, "at {}", stage.now());
    }
    stage.advance(Duration::from_secs(10 * 60));
    assert_eq!(busy.get("/").await.header("location"), "/sign-in?why=SESSION_EXPIRED");
    assert_eq!(stage.store.sessions().await.expect("sessions").len(), 2);
    stage.advance(Duration::from_secs(24 * 3_600));
    signed_in(&stage, "uid_staff_dov").await;
    assert_eq!(stage.store.sessions().await.expect("sessions").len(), 1, "old rows go a day later with a sign-in");
}

#[tokio::test]
async fn a_session_can_be_ended_by_someone_else() {
    let stage = Stage::open().await;
    let mut ines = signed_in(&stage, INES).await;
    let session = stage.store.sessions().await.expect("sessions").remove(0);
    stage.told();
    let by = Actor::system(stage.store.studio(), "test");
    let mut tx = stage.store.begin().await.expect("a transaction");
    let sessions = stage.state.sessions();
    assert!(sessions.revoke(&mut tx, &by, &session.key, stage.now()).await.expect("revoked"));
    assert!(!sessions.revoke(&mut tx, &by, &session.key, stage.now()).await.expect("asked"), "once");
    tx.commit().await.expect("committed");
    assert_eq!(stage.told(), ["ended uid_staff_ines by system:test SESSION_REVOKED"]);
    assert_eq!(ines.get("/").await.header("location"), "/sign-in?why=SESSION_UNKNOWN");
}

#[tokio::test]
async fn the_database_holds_nothing_that_a_thief_could_send() {
    let stage = Stage::open().await;
    let mut ines = signed_in(&stage, INES).await;
    let secret = ines.cookie.clone().expect("a cookie").split_once('=').expect("a pair").1.to_owned();
    let key = stage.store.sessions().await.expect("sessions")[0].key;
    stage.store.close().await;
    let file = std::fs::read(studio_brain::store::Store::file_in(stage.directory.path())).expect("the file");
    let holds = |needle: &[u8]| file.windows(needle.len()).any(|window| window == needle);
    assert!(holds(key.bytes()), "the hash is there");
    assert!(!holds(secret.as_bytes()));
    // And a request without a database is a failure on our side, not a way in.
    assert_eq!(ines.get("/").await.status, 500);
}

#[tokio::test]
async fn a_message_is_told_once_and_only_to_its_browser() {
    let stage = Stage::open().await;
    let mut ines = signed_in(&stage, INES).await;
    let key = stage.store.sessions().await.expect("sessions")[0].key;
    let mut dov = signed_in(&stage, "uid_staff_dov").await;
    let first = Flash::ok("PROPOSAL_MADE").with("path", "batches/b-1");
    let second = Flash::error("REASON_SHORT").refill("reason", "too short ö\u{0}\"");
    let mut tx = stage.store.begin().await.expect("a transaction");
    for flash in [&first, &second] {
        tx.flash_add(&key, flash, stage.now()).await.expect("left");
    }
    tx.commit().await.expect("committed");
    assert!(dov.get("/").await.body.ends_with("[]"));
    assert!(ines.get("/").await.body.ends_with(&format!("{:?}", [first, second])));
    assert!(ines.get("/").await.body.ends_with("[]"), "once");
    let mut tx = stage.store.begin().await.expect("a transaction");
    tx.flash_add(&key, &Flash::ok("LEFT"), stage.now()).await.expect("left");
    tx.commit().await.expect("committed");
    ines.post("/session/end", &[]).await;
    assert!(!stage.store.flashes_waiting(&key).await.expect("asked"), "messages go with their session");
}
