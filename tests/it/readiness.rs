//! What `/readyz` says of a mirror that gets old.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value as Json;
use studio_brain::domain::freshness::FreshnessBounds;
use studio_brain::domain::ids::CollectionId;
use studio_brain::telemetry::Metrics;
use studio_brain::web::health;
use tower::ServiceExt as _;

use crate::cockpit_stage::Studio;

/// The mirror check: the status of the answer, whether it is well, and what was found.
async fn mirror(studio: &Studio, bounds: &FreshnessBounds) -> (StatusCode, bool, String) {
    let (_, metrics) = Metrics::apart();
    let router = health::routes(&studio.stage.state, metrics, bounds.clone());
    let request = Request::get("/readyz").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("infallible");
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
    let readiness: Json = serde_json::from_slice(&body).expect("JSON");
    let checks = readiness["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == "mirror").expect("the mirror is checked");
    (status, check["ok"] == true, check["detail"].as_str().expect("words").to_owned())
}

#[tokio::test]
async fn readiness_degrades_when_a_collection_is_older_than_its_own_bound_and_comes_back() {
    let studio = Studio::open().await;
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let mut bounds = FreshnessBounds::of_all(minutes(2), minutes(15));
    bounds.stale_after_of.insert(CollectionId::parse("reservations").expect("legal"), minutes(3));
    let (status, ok, detail) = mirror(&studio, &bounds).await;
    assert_eq!((status, ok), (StatusCode::SERVICE_UNAVAILABLE, false));
    assert!(detail.contains("1 of 5") && detail.contains("kilns"), "one was never read: {detail}");

    studio.hear_of_all().await;
    assert_eq!(mirror(&studio, &bounds).await.0, StatusCode::OK);
    studio.stage.advance(minutes(4));
    let (status, ok, detail) = mirror(&studio, &bounds).await;
    assert_eq!((status, ok), (StatusCode::SERVICE_UNAVAILABLE, false));
    assert!(detail.contains("1 of 5") && detail.contains("reservations"), "only one is too old: {detail}");
    let loose = FreshnessBounds::of_all(minutes(2), minutes(15));
    assert_eq!(mirror(&studio, &loose).await.0, StatusCode::OK, "by another bound it is not");
    studio.stage.advance(minutes(12));
    let (_, _, detail) = mirror(&studio, &bounds).await;
    assert!(detail.contains("5 of 5"), "{detail}");
    studio.hear_of_all().await;
    assert_eq!(mirror(&studio, &bounds).await.0, StatusCode::OK);
}
