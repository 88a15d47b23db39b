//! The web, in the hands of enemies: whatever comes in gets a proper answer, and the next person is served.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, Uri};
use serde_json::json;

use crate::web_stage::{Answer, Stage};

/// What every answer must have, whatever it answers.
fn check_headers(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    let scripts = if studio_cockpit::assets::BUNDLE.is_some() { "'self' 'wasm-unsafe-eval'" } else { "'none'" };
    assert!(policy.contains(&format!("default-src 'none'; script-src {scripts};")), "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert_eq!(answer.header("x-request-id").len(), 32, "{what}");
}

#[tokio::test]
async fn strange_addresses_and_methods_get_a_proper_answer() {
    let stage = Stage::open().await;
    let check = async |method: &str, uri: Uri, expect: &[u16]| {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(uri.clone())
            .header("host", "127.0.0.1:8787")
            .header("sec-fetch-site", "same-origin");
        let answer = stage.ask(request.body(Body::empty()).expect("a request")).await;
        assert!(expect.contains(&answer.status.as_u16()), "{method} {uri}: {}", answer.status);
        check_headers(&answer, uri.path());
        answer
    };
    let uri = |text: &str| text.parse::<Uri>().expect(text);
    for text in [
        "//",
        "///",
        "//evil.example/x",
        "/%00",
        "/%ff%fe",
        "/..%2f..%2fetc/passwd",
        "/../../etc",
        "/a//b",
        "/?",
        "/?%",
        "/sign-in/",
        "/api",
        "/api/",
        "*",
        "evil.example:443",
    ] {
        check("GET", uri(text), &[303, 404]).await;
    }
    check("GET", uri("http://evil.example//"), &[404]).await;
    check("OPTIONS", uri("*"), &[404]).await;
    check("CONNECT", uri("evil.example:443"), &[403, 404]).await;
    check("GET", uri(&format!("/{}", "a/".repeat(20_000))), &[404]).await;
    check("GET", uri("/api/parameter/%ff"), &[400]).await;
    assert_eq!(check("GET", uri("/api/parameter/300"), &[400]).await.code(), "REFUSED");
    for (method, path, allow) in [
        ("DELETE", "/sign-in", "GET,HEAD"),
        ("GET", "/session", "POST"),
        ("PUT", "/session/persona", "POST"),
        ("BREW", "/sign-in", "GET,HEAD"),
    ] {
        let answer = check(method, uri(path), &[405, 403]).await;
        if answer.status == 405 {
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
    assert_eq!(check("HEAD", uri("/sign-in"), &[200]).await.body, "");
}

#[tokio::test]
async fn a_request_of_nobody_gets_nothing_from_any_route() {
    let stage = Stage::open().await;
    let mut stranger = stage.browser();
    for (path, status) in [("/", 303), ("/?x=1", 303), ("/api/me", 401), ("/open", 200)] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        check_headers(&answer, path);
    }
    assert_eq!(stranger.get("/open").await.body, "signed in: false");
    assert_eq!(stranger.post_json("/api/notes", &json!({ "text": "a" })).await.code(), "NOT_SIGNED_IN");
    let nonsense = ["", "x", "AAAA", &"A".repeat(43), &"A".repeat(100_000), "../../etc", "\"; drop table sessions; --"];
    for secret in nonsense {
        stranger.cookie = Some(format!("sb-session={secret}"));
        assert_eq!(stranger.get("/api/me").await.status, 401, "{secret:.50}");
    }
}

#[tokio::test]
async fn a_body_that_is_wrong_is_told_where() {
    let stage = Stage::open().await;
    let mut ines = stage.browser();
    ines.sign_in("uid_staff_ines").await;
    let cookie = ines.cookie.clone().expect("a cookie");
    let check = async |kind: &str, body: Body, status: u16, code: &str, part: &str| {
        let request = Request::post("/api/notes")
            .header("host", "localhost:8787")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &cookie)
            .header("content-type", kind);
        let answer = stage.ask(request.body(body).expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{}", answer.body);
        assert!(answer.body.contains(part), "{}", answer.body);
    };
    let json = "application/json";
    check(json, "{\"text\": ".into(), 400, "INVALID_JSON", "line 1, column 9").await;
    check(json, "{\"text\": \"\\ud800\"}".into(), 400, "INVALID_JSON", "line 1").await;
    check(json, vec![0xff, 0xfe].into(), 400, "INVALID_JSON", "line 1").await;
    check(json, "{\"text\": \"a\", \"actor\": \"admin\"}".into(), 422, "WRONG_FIELD", "unknown field `actor`").await;
    check(json, "{\"text\": \"a\", \"priority\": -1}".into(), 422, "WRONG_FIELD", "`priority`").await;
    check(json, "{}".into(), 422, "WRONG_FIELD", "missing field `text`").await;
    check("text/plain", "{\"text\": \"a\"}".into(), 415, "NOT_JSON", "application/json").await;
    check("application/jsonx", "{}".into(), 415, "NOT_JSON", "").await;

    let form = ines.post("/session/persona", &[("persona", "uid_staff_ines"), ("role", "admin")]).await;
    assert_eq!(form.status, 422);
    assert!(form.body.contains("unknown field `role`"), "{}", form.body);
    let missing = ines.post("/session/persona", &[]).await;
    assert_eq!((missing.status.as_u16(), missing.body.contains("missing field `persona`")), (422, true));
    assert_eq!(ines.post_json("/session/persona", &json!({ "persona": "uid_staff_ines" })).await.status, 415);
}

#[tokio::test]
async fn ten_megabytes_are_refused_announced_or_not() {
    let stage = Stage::open().await;
    let mut ines = stage.browser();
    ines.sign_in("uid_staff_ines").await;
    let request = |path: &str| {
        Request::post(path)
            .header("host", "127.0.0.1:8787")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", ines.cookie.as_deref().expect("a cookie"))
            .header("content-type", "application/json")
    };
    let announced = request("/api/notes").header("content-length", "10485760").body(Body::empty()).expect("a request");
    assert_eq!(stage.ask(announced).await.code(), "BODY_TOO_LARGE");
    let nonsense = request("/api/notes").header("content-length", "99999999999999999999").body(Body::empty());
    assert_eq!(stage.ask(nonsense.expect("a request")).await.code(), "BODY_TOO_LARGE");
    let endless = || {
        let chunks = (0..10_240).map(|_| Ok::<_, std::io::Error>(vec![b'['; 1_024]));
        Body::from_stream(futures_util::stream::iter(chunks))
    };
    assert_eq!(stage.ask(request("/api/notes").body(endless()).expect("a request")).await.code(), "BODY_TOO_LARGE");
    let sign_in =
        stage.ask(request("/session").header("accept", "text/html").body(endless()).expect("a request")).await;
    assert_eq!(sign_in.status, 413);
    check_headers(&sign_in, "413");
    let broken = futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("the line broke"))]);
    let broken = stage.ask(request("/api/notes").body(Body::from_stream(broken)).expect("a request")).await;
    assert_eq!((broken.status.as_u16(), broken.code().as_str()), (400, "BODY_UNREADABLE"));
    assert_eq!(ines.post_json("/api/notes", &json!({ "text": "x".repeat(60_000) })).await.status, 200);
}

#[tokio::test]
async fn another_site_can_do_nothing_in_a_persons_name() {
    let stage = Stage::open().await;
    let mut ines = stage.browser();
    ines.sign_in("uid_staff_ines").await;
    let cookie = ines.cookie.clone().expect("a cookie");
    let check = async |pairs: &[(&str, &str)]| {
        for path in ["/session/end", "/session/persona", "/session", "/api/notes", "/nowhere"] {
            let mut request = Request::post(path).header("cookie", &cookie).header("content-type", "application/json");
            for (name, value) in pairs {
                request = request.header(*name, *value);
            }
            let answer = stage.ask(request.body("{\"text\": \"a\"}".into()).expect("a request")).await;
            assert_eq!(answer.status, 403, "{path} {pairs:?}: {}", answer.body);
            assert!(answer.body.contains("CROSS_SITE"), "{path} {pairs:?}: {}", answer.body);
        }
    };
    let host = ("host", "127.0.0.1:8787");
    check(&[host, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]).await;
    check(&[host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8787")]).await;
    check(&[host, ("sec-fetch-site", "none")]).await;
    check(&[host, ("origin", "https://evil.example")]).await;
    check(&[host, ("origin", "null")]).await;
    check(&[host]).await;
    check(&[("host", "evil.example:8787"), ("sec-fetch-site", "same-origin")]).await;
    assert_eq!(ines.get("/").await.status, 200, "still signed in");
}

#[tokio::test]
async fn a_panic_is_one_bad_answer_and_tells_no_secret() {
    let stage = Stage::open().await;
    let mut browser = stage.browser();
    let page = browser.get("/explode").await;
    assert_eq!(page.status, 500);
    check_headers(&page, "500");
    assert!(
        page.body.contains("<h1>INTERNAL</h1>") && page.body.contains(page.header("x-request-id")),
        "{}",
        page.body
    );
    for path in ["/api/explode", "/api/broken"] {
        let api = browser.get(path).await;
        assert_eq!((api.status.as_u16(), api.code().as_str()), (500, "INTERNAL"));
        assert!(!api.body.contains("secret") && !api.body.contains("could not mix"), "{}", api.body);
    }
    let worse = browser.get("/explode?no-page").await;
    assert_eq!((worse.status.as_u16(), worse.code().as_str()), (500, "INTERNAL"), "even the page may panic");
    assert_eq!(browser.get("/sign-in").await.status, 200, "and the next person is served");
}

#[tokio::test]
async fn forged_tokens_do_not_sign_in_and_are_told_to_the_audit_log() {
    let stage = Stage::open().await;
    let good = stage.provider.claims_of("uid_staff_ines", stage.now()).expect("Ines");
    let genuine = stage.provider.sign(&good);
    let mut other_project = good.clone();
    other_project["aud"] = json!("other");
    let mut tampered: Vec<&str> = genuine.split('.').collect();
    let juno = stage.provider.token_for("uid_admin_juno", stage.now()).expect("a token");
    tampered[1] = juno.split('.').nth(1).expect("claims");
    for (token, code, status) in [
        (tampered.join("."), "TOKEN_SIGNATURE", 403),
        (stage.provider.sign(&other_project), "TOKEN_AUDIENCE", 403),
        ("nonsense".to_owned(), "TOKEN_MALFORMED", 422),
        (String::new(), "TOKEN_MALFORMED", 422),
    ] {
        let mut browser = stage.browser();
        let answer = browser.post_json("/session", &json!({ "id_token": token })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
        assert_eq!(browser.cookie, None);
        assert_eq!(stage.told(), [format!("refused ? {code}")]);
    }
}

#[tokio::test]
async fn guessing_is_slow() {
    let stage = Stage::open().await;
    let mut browser = stage.browser();
    for _ in 0..20 {
        assert_eq!(browser.post_json("/session", &json!({ "id_token": "x" })).await.status, 422);
    }
    let answer = browser.post_json("/session", &json!({ "id_token": "x" })).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "3"));
    stage.advance(Duration::from_secs(3));
    assert_eq!(browser.sign_in("uid_staff_ines").await.status, 303);
}

#[tokio::test]
async fn raw_nonsense_on_the_wire_stops_nothing() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stage = Stage::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = studio_brain::web::serve::serve(listener, stage.router.clone(), |_, address| *address, stop.clone());
    let ask = async |request: &[u8]| {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
        let _ = stream.write_all(request).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
    };
    let asking = async {
        let many_headers = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(5_000));
        for (request, expect) in [
            ("GET // HTTP/1.1\r\nhost: x\r\n\r\n", "404"),
            ("GET http://evil.example// HTTP/1.1\r\nhost: x\r\n\r\n", "404"),
            ("GET \\\\ HTTP/1.1\r\nhost: x\r\n\r\n", "400"),
            ("GET / HTTP/9.9\r\n\r\n", "400"),
            ("OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", "404"),
            ("CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n", "403"),
            ("POST /session HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n", "400"),
            (
                "POST /session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "",
            ),
            (&many_headers, "431"),
            ("\0\0\0\0\0\0\0\0\r\n\r\n", "400"),
            ("", ""),
        ] {
            let line = ask(request.as_bytes()).await;
            assert!(line.contains(expect), "{request:.60}: {line}");
            assert_eq!(ask(b"GET /sign-in HTTP/1.1\r\nhost: x\r\n\r\n").await, "HTTP/1.1 200 OK");
        }
        stop.cancel();
    };
    tokio::join!(serving, asking);
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "it has stopped");
}
