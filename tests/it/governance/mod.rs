//! Governing through the API: who may stop, exempt, reset, review and let in, and what the audit log keeps of it.

/// The kill switch.
mod switch;

/// What may be done without its approval, for a while.
mod exemptions;

/// How often things may be done.
mod quotas;

/// Texts that wait for a review.
mod intake;

/// Programs with a key of their own.
mod agents;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value as Json;

use studio_brain::domain::actor::{ActorKind, Issuer, Person};
use studio_brain::domain::ids::Uid;

use crate::cockpit_stage::Studio;
use crate::web_stage::{Answer, Browser};

/// A reason that is one.
const WHY: &str = "The prices on the board are wrong.";

/// An agent, as the store knows it.
fn agent() -> Person {
    let uid = Uid::parse("agent-glaze-scout").expect("legal");
    Person { uid, kind: ActorKind::Agent, name: "Glaze scout".to_owned(), issuer: Issuer::Real }
}

#[track_caller]
fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).expect("the type that was promised")
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{}", answer.body);
}

/// Posts a text as it is, as JSON.
async fn post_text(browser: &Browser<'_>, path: &str, text: &str) -> Answer {
    let request = Request::post(path)
        .header("host", "127.0.0.1:8787")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json")
        .header("cookie", browser.cookie.as_deref().expect("signed in"));
    browser.stage.ask(request.body(Body::from(text.to_owned())).expect("a request")).await
}

/// How often the audit log has this action with this reason code.
async fn logged(studio: &Studio, action: &str, code: &str) -> usize {
    studio.log().await.iter().filter(|entry| **entry == (action.to_owned(), code)).count()
}

/// Somebody who has got at the database's file.
async fn intruder(studio: &Studio, sql: &[&'static str]) {
    let file = studio_brain::store::Store::file_in(studio.stage.directory.path());
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    for sql in sql {
        sqlx::query(*sql).execute(&pool).await.expect("does harm");
    }
    pool.close().await;
}

#[tokio::test]
async fn what_governs_is_shown_to_nobody_who_has_not_signed_in() {
    let studio = Studio::open().await;
    let mut nobody = studio.stage.browser();
    for path in ["kill-switch", "exemptions", "quotas", "intake", "agents", "agents/denials", "capabilities"] {
        let answer = nobody.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_registry_tells_what_a_proposer_has_to_give() {
    let studio = Studio::open().await;
    let found: Json = read(&studio.operator("GET", "/api/v1/capabilities", None).await);
    let all = found["capabilities"].as_array().expect("a list");
    assert_eq!(all.len(), studio.desk.gate().registry().iter().count());
    let of = |id: &str| all.iter().find(|one| one["id"] == id).expect(id);
    let status = &of("reservation.status.set")["inputs"][0];
    assert_eq!((&status["name"], &status["kind"]), (&"status".into(), &"text".into()));
    assert!(status["values"].as_array().expect("values").contains(&"CONFIRMED".into()), "{status}");
    assert_eq!(of("ops_note.append")["inputs"][0]["name"], "note");
    assert_eq!(of("hubitat.devices.read")["access"], "read");
}
