//! Too many requests: refused before anything is asked of the database.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;

use crate::web_stage::{Answer, Stage};

/// Asks from this address with this header.
async fn ask(stage: &Stage, from: &str, (name, value): (&str, &str)) -> Answer {
    let address: IpAddr = from.parse().expect("an address");
    let mut request = Request::get("/api/me").header(name, value).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 40_000)));
    stage.ask(request).await
}

#[tokio::test]
async fn one_address_has_its_share_whatever_it_claims_to_be() {
    let stage = Stage::open().await;
    for turn in 0..200 {
        let session = format!("sb-session={turn:043}");
        assert_eq!(ask(&stage, "192.0.2.1", ("cookie", &session)).await.status, 401, "{turn}");
    }
    let refused = ask(&stage, "192.0.2.1", ("authorization", "Bearer new")).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "RATE_LIMITED".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!refused.header("content-security-policy").is_empty(), "it has what every answer has");
    assert_eq!(ask(&stage, "::ffff:192.0.2.1", ("x", "y")).await.status, 429, "the same address, written differently");
    assert_eq!(ask(&stage, "192.0.2.2", ("x", "y")).await.status, 401, "others are served");
    stage.advance(Duration::from_secs(1));
    for _ in 0..10 {
        assert_eq!(ask(&stage, "192.0.2.1", ("x", "y")).await.status, 401);
    }
    assert_eq!(ask(&stage, "192.0.2.1", ("x", "y")).await.status, 429);
}

#[tokio::test]
async fn one_network_of_the_new_kind_counts_as_one() {
    let stage = Stage::open().await;
    for turn in 0..200 {
        assert_eq!(ask(&stage, &format!("2001:db8:1:2::{turn:x}"), ("x", "y")).await.status, 401);
    }
    assert_eq!(ask(&stage, "2001:db8:1:2:ffff::1", ("x", "y")).await.status, 429);
    assert_eq!(ask(&stage, "2001:db8:1:3::1", ("x", "y")).await.status, 401);
}

#[tokio::test]
async fn one_session_or_key_has_its_share_from_however_many_addresses() {
    let stage = Stage::open().await;
    let mut ines = stage.browser();
    ines.sign_in("uid_staff_ines").await;
    let cookie = ines.cookie.clone().expect("a cookie");
    for (name, value, status) in [("cookie", cookie.as_str(), 200), ("authorization", "Bearer x", 401)] {
        for turn in 0..100 {
            let answer = ask(&stage, &format!("198.51.{turn}.7"), (name, value)).await;
            assert_eq!(answer.status.as_u16(), status, "{turn}");
        }
        let refused = ask(&stage, "203.0.113.9", (name, value)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (429, "RATE_LIMITED".to_owned()));
    }
    let mut dov = stage.browser();
    dov.sign_in("uid_staff_dov").await;
    assert_eq!(dov.get("/").await.status, 200, "another session has its own");
}
