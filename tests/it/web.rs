//! The web, in the hands of people: in, out, and where they wanted to go.

use std::time::Duration;

use serde_json::json;

use studio_brain::identity::operator::Operators;

use crate::web_stage::Stage;

#[tokio::test]
async fn everyone_on_the_staff_can_sign_in_and_a_member_can_not() {
    let stage = Stage::open().await;
    let page = stage.browser().get("/sign-in").await;
    assert_eq!(page.status, 200);
    for name in ["Ines Okafor", "Dov Halpern", "Juno Reyes", "Mara Quill"] {
        assert!(page.body.contains(name), "{name}");
    }
    for (persona, person) in [
        ("uid_staff_ines", "sandbox:staff:uid_staff_ines"),
        ("uid_staff_dov", "sandbox:staff:uid_staff_dov"),
        ("uid_admin_juno", "sandbox:admin:uid_admin_juno"),
    ] {
        let mut browser = stage.browser();
        let answer = browser.sign_in(persona).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
        let me = browser.get("/api/me").await;
        assert!(me.body.contains(person), "{}", me.body);
        assert!(me.body.contains("monsoon-west"));
        assert_eq!(stage.told(), [format!("started {person}")]);
    }
    let mut mara = stage.browser();
    let refused = mara.sign_in("uid_mara_quill").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("why=NOT_STAFF"), "{}", refused.body);
    assert_eq!((mara.cookie.is_none(), mara.get("/api/me").await.status.as_u16()), (true, 401));
    assert_eq!(stage.told(), ["refused uid_mara_quill NOT_STAFF"]);
    assert_eq!(mara.sign_in("uid_nobody").await.status, 422);
    assert_eq!(stage.told(), ["refused ? PERSONA_UNKNOWN"]);
}

#[tokio::test]
async fn an_id_token_signs_in_as_form_and_as_json() {
    let stage = Stage::open().await;
    let token = stage.provider.token_for("uid_staff_dov", stage.now()).expect("a token");
    let mut form = stage.browser();
    let answer = form.post("/session", &[("id_token", &token), ("next", "/proposals?show=mine")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/proposals?show=mine"));
    let mut json = stage.browser();
    let answer = json.post_json("/session", &json!({ "id_token": token })).await;
    assert_eq!(answer.status, 201);
    assert!(answer.body.contains("2026-03-19T05:00:00"), "{}", answer.body);
    assert_eq!(json.get("/api/me").await.status, 200);
    stage.advance(Duration::from_secs(301));
    let late = stage.browser().post_json("/session", &json!({ "id_token": token })).await;
    assert_eq!((late.status.as_u16(), late.code()), (403, "SIGN_IN_TOO_OLD".to_owned()));
}

#[tokio::test]
async fn the_cookie_is_as_strict_as_the_origin_allows() {
    let check = async |origin: &str, host: &str, expect: &str| {
        let stage = Stage::at(origin, Operators::ServiceUser).await;
        let request = axum::http::Request::post("/session/persona")
            .header("host", host)
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = stage.ask(request.body("persona=uid_staff_ines".into()).expect("a request")).await;
        let cookie = answer.header("set-cookie");
        let (pair, attributes) = cookie.split_once("; ").expect("attributes");
        assert_eq!(format!("{}; {attributes}", pair.split_once('=').expect("a pair").0), expect);
        assert_eq!(pair.split_once('=').expect("a pair").1.len(), 43, "256 bits");
        assert_eq!(answer.header("strict-transport-security").is_empty(), origin.starts_with("http://"));
    };
    let strict = "Path=/; Max-Age=43200; HttpOnly; SameSite=Lax";
    check("https://brain.example.org", "brain.example.org", &format!("__Host-sb; {strict}; Secure")).await;
    check("http://127.0.0.1:8787", "localhost:8787", &format!("sb-session; {strict}")).await;
}

#[tokio::test]
async fn signing_out_ends_the_session_and_signing_in_again_makes_a_new_one() {
    let stage = Stage::open().await;
    let mut browser = stage.browser();
    browser.sign_in("uid_staff_ines").await;
    let first = browser.cookie.clone();
    browser.sign_in("uid_staff_dov").await;
    assert_ne!(browser.cookie, first);
    assert_eq!(stage.store.sessions().await.expect("sessions").len(), 1, "the browser has one session");
    let mut stolen = stage.browser();
    stolen.cookie = first;
    assert_eq!(stolen.get("/").await.header("location"), "/sign-in?why=SESSION_UNKNOWN");
    stolen.cookie = browser.cookie.clone();
    stage.told();
    let answer = browser.post("/session/end", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/sign-in"));
    assert_eq!(browser.cookie, None);
    assert_eq!(stage.told(), ["ended uid_staff_dov by sandbox:staff:uid_staff_dov SIGNED_OUT"]);
    assert_eq!(stolen.get("/").await.status, 303, "a copy of the cookie is worth nothing");
    assert_eq!(browser.post("/session/end", &[]).await.status, 303, "twice is no mistake");
}

#[tokio::test]
async fn a_page_asked_for_too_early_is_found_again_and_no_other_site_is() {
    let stage = Stage::open().await;
    let mut browser = stage.browser();
    assert_eq!(
        browser.get("/?state=all&kind=extra").await.header("location"),
        "/sign-in?next=%2F%3Fstate%3Dall%26kind%3Dextra"
    );
    let page = browser.get("/sign-in?next=%2F%3Fstate%3Dall").await;
    assert!(page.body.contains("next=/?state=all "), "{}", page.body);
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil", "/sign-in"] {
        let answer = browser.post("/session/persona", &[("persona", "uid_staff_ines"), ("next", next)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{next}");
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        assert!(browser.get(&format!("/sign-in?{query}")).await.body.contains("next= "), "{next}");
    }
    let good = browser.post("/session/persona", &[("persona", "uid_staff_ines"), ("next", "/writes/1")]).await;
    assert_eq!(good.header("location"), "/writes/1");
}

#[tokio::test]
async fn a_program_gets_json_and_a_person_gets_a_page() {
    let stage = Stage::open().await;
    let mut browser = stage.browser();
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains("<h1>NOT_FOUND</h1>") && page.body.contains("for nobody"), "{}", page.body);
    assert_eq!(browser.get("/api/nowhere").await.code(), "NOT_FOUND");
    browser.sign_in("uid_staff_ines").await;
    let page = browser.get("/nowhere").await;
    assert!(page.body.contains("for Ines Okafor"), "{}", page.body);
    assert!(page.body.contains(page.header("x-request-id")), "the page names the id under which the log tells");
}

#[tokio::test]
async fn the_operators_door_knows_the_user_at_the_other_end() {
    use std::os::unix::fs::PermissionsExt as _;
    use studio_brain::identity::operator::LocalUser;
    use studio_brain::web::socket::{OperatorSocket, SocketError};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let nobody_here = Operators::Listed(vec![LocalUser::Number(4_000_000)]);
    for (operators, status, part) in
        [(Operators::ServiceUser, "200", "\"operator:unix:"), (nobody_here, "403", "NOT_OPERATOR")]
    {
        let stage = Stage::at("http://127.0.0.1:8787", operators).await;
        let path = OperatorSocket::file_in(stage.directory.path());
        std::fs::write(&path, "left behind by a crash").expect("a file");
        let socket = OperatorSocket::open(&path).await.expect("a socket");
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        let second = OperatorSocket::open(&path).await;
        assert!(matches!(second, Err(SocketError::InUse { .. })), "{second:?}");
        let stop = tokio_util::sync::CancellationToken::new();
        let serving = socket.serve(stage.behind_socket(), stop.clone());
        let mut browser = stage.browser();
        browser.sign_in("uid_staff_ines").await;
        let cookie = browser.cookie.expect("a cookie");
        let asking = async {
            let mut stream = tokio::net::UnixStream::connect(&path).await.expect("connects");
            let request = format!("GET /api/me HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("answered");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(part), "{answer}");
            stop.cancel();
        };
        tokio::join!(serving, asking);
        assert!(!path.exists(), "a service that stops leaves nothing behind");
    }
}
