//! Agents' keys, in the hands of agents and of others.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value as Json, json};

use studio_brain::domain::agent::SuspensionRule;
use studio_brain::domain::proposal::GivenReason;
use studio_brain::web::api::proposals::Proposed;

use crate::cockpit_stage::{INES, Studio};
use crate::web_stage::Answer;

const AGENT: &str = "agent-glaze-scout";

/// Asks with these headers, as a program does: no browser says where it comes from.
async fn ask(studio: &Studio, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    studio.stage.ask(request.body(Body::from("{}")).expect("a request")).await
}

async fn with_key(studio: &Studio, method: &str, path: &str, key: &str) -> Answer {
    ask(studio, method, path, &[("authorization", key)]).await
}

/// Denials of routes in the audit log.
async fn denials(studio: &Studio) -> usize {
    studio.log().await.iter().filter(|(action, _)| action == "request.denied").count()
}

#[tokio::test]
async fn a_key_that_is_not_good_opens_nothing_and_says_little() {
    let studio = Studio::open().await;
    let secret = studio.key_of(AGENT).await;
    let good = format!("Bearer {}", secret.reveal());
    let asked = "/api/v1/may-i?act=propose&capability=ops_note.append";
    assert_eq!(with_key(&studio, "GET", asked, &good).await.status, 200);
    assert_eq!(with_key(&studio, "GET", asked, &good.replace("Bearer", "bearer")).await.status, 200);
    let wrong = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x".to_owned(),
        good.replace("Bearer", "Basic"),
        good.replace("Bearer ", ""),
        format!("{good}x"),
        format!("{good}, {good}"),
        format!("Bearer {}", "x".repeat(100_000)),
        format!("Bearer {}", studio_brain::identity::agents::new_secret().expect("randomness").reveal()),
    ];
    let check = |answer: &Answer, what: &str| {
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "CREDENTIAL_REFUSED".to_owned()), "{what:.60}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(!answer.body.contains("sbak1") && !answer.body.contains("nknown"), "{}", answer.body);
    };
    for key in &wrong {
        check(&with_key(&studio, "GET", asked, key).await, key);
        check(&with_key(&studio, "POST", "/api/v1/proposals", key).await, key);
        check(&with_key(&studio, "GET", "/", key).await, "a program is not led to the sign-in page");
    }
    let twice = ask(&studio, "GET", asked, &[("authorization", &good), ("authorization", &good)]).await;
    check(&twice, "two keys");
    studio.stage.advance(Duration::from_secs(3_600));
    check(&with_key(&studio, "GET", asked, &good).await, "its time is over");
    let secret = studio.key_of(AGENT).await;
    let good = format!("Bearer {}", secret.reveal());
    assert_eq!(with_key(&studio, "GET", asked, &good).await.status, 200);
    let store = &studio.stage.store;
    let mut tx = store.begin().await.expect("begins");
    let reason = GivenReason::parse("The laptop was lost.").expect("a reason");
    let by = studio.box_operator();
    let done = tx.agent_key_revoke(store.studio(), secret.prefix(), &by, &reason, studio.stage.now()).await;
    assert_eq!(done.expect("answers"), Ok(()));
    tx.commit().await.expect("commits");
    check(&with_key(&studio, "GET", asked, &good).await, "taken back");
}

#[tokio::test]
async fn a_request_with_a_key_and_a_session_is_nobodys() {
    let studio = Studio::open().await;
    let ines = studio.person(INES).await;
    let cookie = ines.cookie.clone().expect("a cookie");
    let key = format!("Bearer {}", studio.key_of(AGENT).await.reveal());
    let same = ("sec-fetch-site", "same-origin");
    for (method, path) in [("GET", "/api/v1/status"), ("POST", "/api/v1/proposals"), ("GET", "/")] {
        for key in [key.as_str(), "Bearer x"] {
            let both = [("authorization", key), ("cookie", cookie.as_str()), same, ("host", "127.0.0.1:8787")];
            let answer = ask(&studio, method, path, &both).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "CREDENTIALS_MIXED".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn a_program_needs_no_origin_and_a_browser_with_cookies_still_does() {
    let studio = Studio::open().await;
    let key = format!("Bearer {}", studio.key_of(AGENT).await.reveal());
    let keyed = with_key(&studio, "POST", "/api/v1/proposals", &key).await;
    assert_eq!((keyed.status.as_u16(), keyed.code()), (422, "WRONG_FIELD".to_owned()), "the handler was reached");
    let cookie = studio.person(INES).await.cookie.clone().expect("a cookie");
    for headers in [
        vec![("cookie", cookie.as_str())],
        vec![("cookie", cookie.as_str()), ("authorization", key.as_str())],
        vec![("cookie", "other=1"), ("authorization", key.as_str()), ("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "cross-site")],
    ] {
        let answer = ask(&studio, "POST", "/api/v1/proposals", &headers).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "CROSS_SITE".to_owned()), "{headers:?}");
    }
}

#[tokio::test]
async fn an_agent_that_tries_what_is_not_for_agents_has_to_pause_and_floods_no_log() {
    let studio = Studio::open().await;
    let key = format!("Bearer {}", studio.key_of(AGENT).await.reveal());
    let approve = "/api/v1/proposals/x/decision";
    for _ in 0..3 {
        assert_eq!(with_key(&studio, "GET", "/api/v1/status", &key).await.code(), "ROLE_MISSING");
    }
    assert_eq!(denials(&studio).await, 0, "looking changes nothing, and writes nothing");
    let rule = SuspensionRule::default();
    for _ in 0..rule.denials {
        let answer = with_key(&studio, "POST", approve, &key).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "ROLE_MISSING".to_owned()));
    }
    for _ in 0..50 {
        let answer = with_key(&studio, "POST", approve, &key).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "AGENT_SUSPENDED".to_owned()));
        assert_eq!(answer.header("retry-after"), rule.lasts.as_secs().to_string());
    }
    assert_eq!(denials(&studio).await, usize::from(rule.denials));
    studio.stage.advance(rule.lasts);
    assert_eq!(with_key(&studio, "GET", "/api/v1/may-i", &key).await.code(), "INPUT_INVALID", "the pause is over");
}

#[tokio::test]
async fn a_person_who_keeps_trying_floods_no_log_either() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    for _ in 0..60 {
        assert_eq!(ines.post_json("/api/v1/drills", &json!({})).await.code(), "ROLE_MISSING");
    }
    assert_eq!(denials(&studio).await, 10);
    studio.stage.advance(Duration::from_secs(60));
    ines.post_json("/api/v1/drills", &json!({})).await;
    assert_eq!(denials(&studio).await, 11);
}

#[tokio::test]
async fn an_agent_reads_no_proposal_but_its_own() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let body = json!({
        "capability": "reservation.status.set", "document": "r-1", "status": "CONFIRMED",
        "reason": "The member paid for the half shelf yesterday.",
    });
    let answer = ines.post_json("/api/v1/proposals", &body).await;
    let proposed: Proposed = serde_json::from_str(&answer.body).expect("a proposal");
    let key = format!("Bearer {}", studio.key_of(AGENT).await.reveal());
    let (theirs, none) = (format!("/api/v1/proposals/{}", proposed.id), "/api/v1/proposals/x");
    let (answer, missing) = (with_key(&studio, "GET", &theirs, &key).await, with_key(&studio, "GET", none, &key).await);
    let text = |answer: &Answer| {
        let mut problem: Json = serde_json::from_str(&answer.body).expect("JSON");
        problem["error_id"].take();
        (answer.status, problem)
    };
    assert_eq!(text(&answer), text(&missing), "it can't be told from one that is not there");
    assert_eq!(answer.status, 404);
    let may = |id: &str| format!("/api/v1/may-i?act=withdraw&proposal={id}");
    let asked = with_key(&studio, "GET", &may(&proposed.id.to_string()), &key).await;
    assert_eq!(text(&asked), text(&with_key(&studio, "GET", &may("x"), &key).await), "nor by asking about it");
    assert_eq!(ines.get(&theirs).await.status, 200);
}
