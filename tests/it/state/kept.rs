//! What is kept, what differs, and the documents behind it.

use serde_json::{Value as Json, json};
use studio_brain::clock::Clock;
use studio_brain::domain::value::Value;
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::snapshot::Snapshots;

use super::stage::{Stage, at, document, settings};
use crate::cockpit_stage::{INES, Studio, page};

fn batch(id: &str, state: &str) -> studio_brain::domain::document::Document {
    document(&format!("batches/{id}"), &[("state", Value::text(state))], at(1))
}

#[tokio::test]
async fn one_is_kept_after_a_quarter_of_an_hour_with_news_and_one_of_each_day_for_good() {
    let mut stage = Stage::of(&["batches"]).await;
    stage.pass().await;
    assert!(stage.store.snapshots(None, 9).await.expect("reads").is_empty(), "nothing is known yet");
    stage.read("batches", [batch("a", "SHELVED")]).await;
    stage.advance(60);
    stage.pass().await;
    assert_eq!(stage.store.snapshots(None, 9).await.expect("reads").len(), 1);
    stage.put(&[batch("b", "SHELVED")]).await;
    stage.advance(60);
    stage.pass().await;
    assert_eq!(stage.store.snapshots(None, 9).await.expect("reads").len(), 1, "it is too early");
    stage.advance(900);
    stage.pass().await;
    assert_eq!(stage.store.snapshots(None, 9).await.expect("reads").len(), 2);
    stage.advance(900);
    stage.pass().await;
    assert_eq!(stage.store.snapshots(None, 9).await.expect("reads").len(), 2, "nothing changed");
    stage.advance(86_400);
    stage.pass().await;
    let kept = stage.store.snapshots(None, 9).await.expect("reads");
    assert_eq!(kept.len(), 3, "each day has one");
    stage.advance(40 * 86_400);
    stage.pass().await;
    let days: Vec<String> =
        stage.store.snapshots(None, 9).await.expect("reads").iter().map(|title| title.day.to_string()).collect();
    assert_eq!(days, ["2026-04-28", "2026-03-19", "2026-03-18"], "the last of each day stays");
}

#[tokio::test]
async fn a_difference_names_the_documents_behind_every_number_and_counting_again_comes_to_the_same() {
    let studio = Studio::open().await;
    let clock = Clock::manual(studio.stage.now().to_jiff());
    let mut job = Snapshots::new(studio.stage.store.clone(), clock.clone(), settings());
    let asked = studio.operator("POST", "/api/v1/snapshots", Some(&json!({}))).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    job.pass().await.expect("passes");
    studio.put("batches/b-1", &[("state", Value::text("LOADED"))]).await;
    studio.put("batches/b-3", &[("state", Value::text("SHELVED"))]).await;
    clock.advance(std::time::Duration::from_secs(5));
    job.pass().await.expect("passes");
    let answer = studio.operator("GET", "/api/v1/snapshots/1/diff", None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let diff: Json = serde_json::from_str(&answer.body).expect("JSON");
    let change = |number: &str| {
        let changes = diff["changes"].as_array().expect("changes");
        let found = changes.iter().find(|change| change["number"] == number);
        found.map(|change| (change["before"].clone(), change["after"].clone(), change["documents"].clone()))
    };
    let documents = |documents: Json| {
        let paths = documents.as_array().expect("documents").iter();
        paths
            .map(|one| (one["document"].as_str().expect("a path").to_owned(), one["share"].as_i64()))
            .collect::<Vec<_>>()
    };
    let (before, after, behind) = change("figures/batchesActive").expect("one more");
    assert_eq!((before, after), (json!(1), json!(2)));
    assert_eq!(documents(behind), [("batches/b-3".to_owned(), Some(1))]);
    let (_, _, behind) = change("words/batches/state/LOADED").expect("one more");
    assert_eq!(documents(behind), [("batches/b-1".to_owned(), Some(1))]);
    assert_eq!(change("words/batches/state/SHELVED"), None, "one went, one came");
    assert_eq!(change("documents/reservations"), None);

    let behind = studio.operator("GET", "/api/v1/state/documents?number=words/batches/state/ON_HOLD", None).await;
    let behind: Json = serde_json::from_str(&behind.body).expect("JSON");
    assert_eq!(behind["documents"][0]["document"], "batches/b-2");
    let wrong = studio.operator("GET", "/api/v1/state/documents?number=nonsense", None).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);

    studio.operator("POST", "/api/v1/snapshots", Some(&json!({ "from_nothing": true }))).await;
    job.pass().await.expect("passes");
    let run = studio.operator("GET", "/api/v1/snapshots/runs/2", None).await;
    let run: Json = serde_json::from_str(&run.body).expect("JSON");
    assert_eq!((&run["same"], &run["snapshot"]), (&json!(true), &json!(2)));
}

#[tokio::test]
async fn the_page_of_the_state_shows_numbers_that_lead_to_their_documents() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let empty = page(&mut ines, "/state").await;
    assert!(empty.text("main").contains("Nothing was counted yet"));
    let clock = Clock::manual(studio.stage.now().to_jiff());
    Snapshots::new(studio.stage.store.clone(), clock, settings()).pass().await.expect("passes");
    let shown = page(&mut ines, "/state").await;
    let text = shown.text("main");
    assert!(text.contains("Not everything is known"), "the kilns were never read: {text}");
    assert!(text.contains("ON_HOLD"), "{text}");
    assert!(shown.attribute("a[href*='standing%2Fbatches%2Fopen']", "href").is_some());
    let behind = page(&mut ines, "/state?number=words%2Fbatches%2Fstate%2FON_HOLD").await;
    assert!(behind.text("#behind").contains("1"), "{}", behind.text("main"));
    assert!(behind.text("main").contains("batches/b-2"));
    let answer = ines.get("/state?since=visit").await;
    assert_eq!(answer.status, 200);
}
