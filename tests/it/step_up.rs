//! What was typed outlives the session, and what is hard to take back wants a recent sign-in.

use std::time::Duration;

use serde_json::json;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::staff::{StaffRole, StaffRule};

use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, page};
use crate::web_stage::Answer;

const MARA: &str = "uid_mara_quill";
const WHY: &str = "Helps out in the glaze kitchen <b>&";

const AFTER: Duration = Duration::from_secs(6 * 60);

fn leads_to_sign_in(answer: &Answer, why: &str) {
    let expect = format!("/sign-in?next=%2Fkept&why={why}");
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, expect.as_str()), "{}", answer.body);
}

#[tokio::test]
async fn resuming_and_keys_want_a_recent_sign_in_and_stopping_never_does() {
    let studio = Studio::open().await;
    studio.agents().await;
    let (mut ines, mut juno) = (studio.person(INES).await, studio.person(JUNO).await);
    studio.stage.advance(AFTER);
    studio.freshen().await;
    let reason = json!({ "reason": "The kiln room smells of smoke." });
    assert_eq!(ines.post_json("/api/v1/kill-switch/stop", &reason).await.status, 200, "stopping never waits");
    let key = json!({ "agent": "agent-glaze-scout", "name": "Scout", "scopes": ["batches:read"], "days": 3 });
    for (path, body) in [("/api/v1/kill-switch/resume", &reason), ("/api/v1/agents/keys", &key)] {
        let answer = juno.post_json(path, body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "STEP_UP_REQUIRED".to_owned()), "{path}");
    }
    let log = studio.log().await;
    assert!(log.contains(&("kill_switch.resume_requested".to_owned(), "STEP_UP_REQUIRED")), "{log:?}");
    assert!(log.contains(&("agent.key_issued".to_owned(), "STEP_UP_REQUIRED")), "{log:?}");
    juno.sign_in(JUNO).await;
    assert_eq!(juno.post_json("/api/v1/agents/keys", &key).await.status, 201);
    assert_eq!(juno.post_json("/api/v1/kill-switch/resume", &reason).await.status, 200);
    let confirm = "/api/v1/kill-switch/resume/confirm";
    assert_eq!(ines.post_json(confirm, &reason).await.code(), "STEP_UP_REQUIRED");
    ines.sign_in(INES).await;
    assert_eq!(ines.post_json(confirm, &reason).await.status, 200);
    let operator = studio.operator("POST", "/api/v1/agents/keys", Some(&key)).await;
    assert_eq!(operator.status, 201, "the operating system's word is always new");
}

#[tokio::test]
async fn what_was_typed_waits_until_its_person_has_signed_in_again() {
    let studio = Studio::open().await;
    let mut juno = studio.person(JUNO).await;
    studio.stage.advance(AFTER);
    let form = [("person", MARA), ("rule", "staff"), ("reason", WHY)];
    leads_to_sign_in(&juno.post("/sessions/staff", &form).await, "STEP_UP_REQUIRED");
    assert!(studio.stage.store.staff_rules().await.expect("reads").is_empty(), "nothing was done");
    let door = Page::of(&juno.get("/sign-in?next=%2Fkept&why=STEP_UP_REQUIRED").await);
    assert_eq!(door.texts("h1"), ["Sign in again"]);
    assert!(door.text("main").contains("As Juno Reyes."), "{}", door.text("main"));
    let answer = juno.post("/session/persona", &[("persona", JUNO), ("next", "/kept")]).await;
    assert_eq!(answer.header("location"), "/kept");
    let kept = page(&mut juno, "/kept").await;
    assert_eq!(kept.texts("textarea"), [WHY], "as it was typed");
    assert!(kept.text("main").contains("Nothing has been done yet"));
    let sent = juno.post("/sessions/staff", &form).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/sessions/staff"));
    let rule = StaffRule::Allow(StaffRole::Staff);
    assert_eq!(studio.stage.store.staff_rules().await.expect("reads"), [(Uid::parse(MARA).expect("a uid"), rule)]);
    assert!(!juno.jar.contains_key("sb-kept"), "it is sent, so it waits no more");
    assert!(page(&mut juno, "/kept").await.text("main").contains("Nothing of yours waits"));
}

#[tokio::test]
async fn a_form_that_outlives_its_session_is_shown_to_nobody_else() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    studio.stage.advance(Duration::from_secs(61 * 60));
    let form = [("capability", "ops_note.append"), ("document", "batches/b-1"), ("reason", WHY)];
    leads_to_sign_in(&ines.post("/proposals", &form).await, "SESSION_IDLE");
    let secret = ines.jar.get("sb-kept").expect("a cookie").clone();
    let mut dov = studio.person(DOV).await;
    dov.jar.insert("sb-kept".to_owned(), secret.clone());
    assert!(page(&mut dov, "/kept").await.text("main").contains("Nothing of yours waits"), "not even with the cookie");
    let mut elsewhere = studio.person(INES).await;
    assert!(
        page(&mut elsewhere, "/kept").await.text("main").contains("Nothing of yours waits"),
        "nor in another browser"
    );
    ines.sign_in(INES).await;
    assert_eq!(page(&mut ines, "/kept").await.texts("textarea"), [WHY]);
    studio.stage.advance(Duration::from_secs(3_601));
    ines.sign_in(INES).await;
    assert!(page(&mut ines, "/kept").await.text("main").contains("Nothing of yours waits"), "after an hour it is gone");
}

#[tokio::test]
async fn somebody_who_can_not_be_told_gets_back_what_was_typed() {
    let studio = Studio::open().await;
    let mut nobody = studio.stage.browser();
    let answer = nobody.post("/proposals", &[("reason", WHY), ("idempotency_key", "k1")]).await;
    assert_eq!(answer.status, 401);
    let shown = Page::of(&answer);
    assert_eq!(shown.texts("h1"), ["You are signed out"]);
    assert_eq!(shown.texts("textarea"), [WHY]);
    assert!(nobody.jar.is_empty(), "nothing is kept of whom nobody knows");
    let mut ines = studio.person(INES).await;
    let cookie = ines.cookie.clone();
    ines.post("/session/end", &[]).await;
    ines.cookie = cookie;
    assert_eq!(Page::of(&ines.post("/proposals", &[("reason", WHY)]).await).texts("textarea"), [WHY], "a stale tab");
    assert_eq!(nobody.post("/proposals", &[]).await.status, 303, "where nothing was typed, nothing is shown");
}

#[tokio::test]
async fn a_kept_form_can_be_forgotten_and_one_person_keeps_five() {
    let studio = Studio::open().await;
    let mut juno = studio.person(JUNO).await;
    studio.stage.advance(AFTER);
    let mut first = None;
    for turn in 0..6 {
        let reason = format!("{WHY} {turn}");
        let form = [("person", MARA), ("rule", "staff"), ("reason", reason.as_str())];
        leads_to_sign_in(&juno.post("/sessions/staff", &form).await, "STEP_UP_REQUIRED");
        first = first.or_else(|| juno.jar.get("sb-kept").cloned());
        studio.stage.advance(Duration::from_secs(1));
    }
    juno.sign_in(JUNO).await;
    assert_eq!(page(&mut juno, "/kept").await.texts("textarea"), [format!("{WHY} 5")]);
    juno.post("/kept/discard", &[]).await;
    assert!(!juno.jar.contains_key("sb-kept"));
    juno.jar.insert("sb-kept".to_owned(), first.expect("a cookie"));
    assert!(page(&mut juno, "/kept").await.text("main").contains("Nothing of yours waits"), "the oldest had to go");
}

#[tokio::test]
async fn everyone_sees_their_own_sessions_and_ends_what_they_do_not_know() {
    let studio = Studio::open().await;
    let mut here = studio.person(INES).await;
    let (mut phone, mut laptop, mut dov) =
        (studio.person(INES).await, studio.person(INES).await, studio.person(DOV).await);
    let shown = page(&mut here, "/sessions").await;
    assert_eq!(shown.rows().len(), 3, "{:?}", shown.rows());
    assert!(shown.texts("main .badge").contains(&"This one".to_owned()));
    assert!(!shown.text("main").contains("Dov"), "others are no business of staff");
    let keys: Vec<String> = studio
        .stage
        .store
        .sessions()
        .await
        .expect("reads")
        .into_iter()
        .map(|session| session.key.to_string())
        .collect();
    let of_dov =
        studio.stage.store.sessions().await.expect("reads").into_iter().find(|session| session.uid.as_str() == DOV);
    let of_dov = of_dov.expect("is signed in").key.to_string();
    here.post("/sessions/end", &[("session", &of_dov)]).await;
    assert_eq!(dov.get("/").await.status, 200, "staff end nobody else's");
    here.post("/sessions/end-others", &[]).await;
    let left = page(&mut here, "/sessions").await;
    assert_eq!(left.rows().len(), 1);
    assert!(left.text("main").contains("you are signed in here, and nowhere else"), "{}", left.text("main"));
    assert_eq!((phone.get("/").await.status.as_u16(), laptop.get("/").await.status.as_u16()), (303, 303));
    assert_eq!((here.get("/").await.status.as_u16(), dov.get("/").await.status.as_u16()), (200, 200));
    assert_eq!(keys.len(), 4);
}

#[tokio::test]
async fn an_administrator_sees_everybody_and_shuts_out_at_once() {
    let studio = Studio::open().await;
    let (mut juno, mut ines) = (studio.person(JUNO).await, studio.person(INES).await);
    assert_eq!(ines.get("/sessions/staff").await.status, 403);
    let shown = page(&mut juno, "/sessions").await;
    assert!(shown.rows().iter().any(|row| row.contains("Ines Okafor")), "{:?}", shown.rows());
    let nobody = page(&mut juno, "/sessions?person=uid_nobody").await;
    assert!(nobody.text("main").contains("Nobody with that id is signed in"));
    studio.stage.advance(AFTER);
    let deny = |person, reason| [("person", person), ("rule", "deny"), ("reason", reason)];
    let short = juno.post("/sessions/staff", &deny(INES, "no")).await;
    assert_eq!((short.status.as_u16(), Page::of(&short).texts("textarea")), (422, vec!["no".to_owned()]));
    let own = juno.post("/sessions/staff", &deny(JUNO, "I am leaving the studio.")).await;
    assert_eq!(own.status, 403, "nobody shuts themselves out");
    let done = juno.post("/sessions/staff", &deny(INES, "The laptop was stolen.")).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/sessions/staff"), "{}", done.body);
    assert_eq!(ines.get("/").await.header("location"), "/sign-in?why=STAFF_REVOKED");
    let staff = page(&mut juno, "/sessions/staff").await;
    assert!(staff.rows().iter().any(|row| row.contains(INES) && row.contains("May not sign in")), "{:?}", staff.rows());
    let log = studio.log().await;
    assert!(log.contains(&("staff.rule_set".to_owned(), "OK")), "{log:?}");
    juno.sign_in(JUNO).await;
    let found = [("person", INES), ("rule", "none"), ("reason", "The laptop was found.")];
    assert_eq!(juno.post("/sessions/staff", &found).await.status, 303);
    assert_eq!(ines.sign_in(INES).await.status, 303);
}

#[tokio::test]
async fn while_the_cloud_is_silent_people_stay_signed_in_and_read_and_past_a_bound_nothing_is_decided() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let form = [
        ("capability", "reservation.status.set"),
        ("document", "r-1"),
        ("status", "CONFIRMED"),
        ("reason", "Confirmed by phone this morning."),
    ];
    let proposed = ines.post("/proposals", &form).await;
    assert_eq!(proposed.status, 303, "{}", proposed.body);
    let proposal = proposed.header("location").to_owned();
    assert!(!page(&mut ines, &proposal).await.text("header").contains("Read only"));
    let mut dov = studio.person(DOV).await;
    let action = format!("{proposal}/decision");
    let mut fields = page(&mut dov, &proposal).await.form(&action);
    fields.extend([("decision".to_owned(), "approve".to_owned()), ("reason".to_owned(), WHY.to_owned())]);
    // The bound of this studio is 15 minutes; a session lasts longer.
    studio.stage.advance(Duration::from_secs(16 * 60));
    for path in ["/", "/state", "/drift", "/proposals", &proposal, "/audit", "/sessions"] {
        assert!(page(&mut ines, path).await.text("header").contains("Read only"), "{path}");
    }
    let again = ines.post("/proposals", &form).await;
    assert_eq!(again.status, 503, "{}", Page::of(&again).text("main"));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let decided = dov.post(&action, &fields).await;
    assert!(
        decided.status.as_u16() >= 400,
        "nothing is approved on an old mirror: {} {}",
        decided.status,
        decided.header("location")
    );
    studio.freshen().await;
    assert!(!page(&mut ines, "/").await.text("header").contains("Read only"), "and then it goes on");
}
