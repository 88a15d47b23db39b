//! The real program, killed at the worst moments, fed nonsense, and asked what its exit codes promise.

mod service;

/// The audit log: looking, proving, exporting.
mod audit;

/// Governing from the command line.
mod govern;

/// Copies of the database.
mod backup;

/// Every drill.
mod drills;

/// Taking everything back on paper.
mod rehearsal;

/// Proof of the mirror, with the service and without.
mod verify;

/// Which box writes.
mod lease;

use serde_json::{Value, json};

use studio_brain::sandbox::studio::DRILL_DOCUMENT;
use studio_brain::web::route::Who;
use studio_brain::web::table;

use service::{Stage, audit_holds};

#[tokio::test]
async fn killed_at_any_point_of_a_push_it_ends_with_exactly_one_write() {
    for failpoint in ["push::before-intent", "push::after-intent", "push::after-send", "push::before-settle"] {
        let stage = Stage::open().await;
        let service = stage.serve(&format!("{failpoint}=return")).await;
        let write = stage.approved_drill().await;
        assert!(!service.ended().await.success(), "{failpoint}: it was killed");

        let service = stage.serve("").await;
        let place = format!("/api/v1/writes/{write}");
        let observed = stage.wait_for(&place, |_, write| write["state"] == "observed").await;
        assert_eq!(stage.cloud.writes_to("studioBrainDrills/rollback"), 2, "{failpoint}: the seed and one write");
        assert_eq!(stage.receipts(), 1, "{failpoint}");
        let document = stage.get("/api/v1/documents/studioBrainDrills/rollback").await;
        assert_eq!(document["hash"], observed["after_hash"], "{failpoint}: the mirror has what was written");
        assert!(service.stop().await.success(), "{failpoint}: it stops as asked");
        assert!(audit_holds(&stage.data()).await, "{failpoint}");
    }
}

#[tokio::test]
async fn a_drill_ends_right_when_the_reply_of_its_commit_is_lost() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/api/v1/documents/studioBrainDrills/rollback", |status, _| status == 200).await;
    let before = stage.get("/api/v1/documents/studioBrainDrills/rollback").await["hash"].clone();
    stage.world.lose_next_commit_reply();
    let evidence = stage.directory.path().join("evidence.json");
    let mut command = stage.command(&["drill", "rollback", "--json"]);
    let done = command.arg("--evidence").arg(&evidence).output().await.expect("runs");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));

    let evidence: Value = serde_json::from_slice(&std::fs::read(evidence).expect("is written")).expect("is JSON");
    assert_eq!(evidence["outcome"], "succeeded");
    assert_eq!((&evidence["before"], &evidence["after"]), (&before, &before), "back as it was");
    assert_ne!(evidence["changed"], before);
    assert_eq!(stage.cloud.writes_to("studioBrainDrills/rollback"), 3, "the seed, one write, one undo");
    let write = evidence["write"]["id"].as_str().expect("an id");
    let audit = stage.get("/api/v1/audit").await.to_string();
    assert!(audit.contains(&format!("write:{write}")) && audit.contains("RECEIPT_FOUND"), "{audit}");
    assert!(service.stop().await.success());
}

#[tokio::test]
async fn drift_check_says_same_drift_or_could_not_tell_with_its_exit_code() {
    let stage = Stage::open().await;
    // The sample stands in another year than this machine's clock, in which everything is overdue.
    for path in stage.cloud.paths().iter().filter(|path| *path != DRILL_DOCUMENT) {
        stage.cloud.delete(path);
    }
    let check = async || {
        let done = stage.command(&["drift", "check", "--json"]).output().await.expect("runs");
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (code, _) = check().await;
    assert_eq!(code, Some(2), "no service: could not tell");

    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let (code, said) = check().await;
    assert_eq!(code, Some(0), "{said}");
    stage.cloud.delete_silently(DRILL_DOCUMENT);
    let (code, said) = check().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("extra-in-mirror"), "{said}");
    let doctor = stage.command(&["doctor", "--json"]).output().await.expect("runs");
    let found: Value = serde_json::from_slice(&doctor.stdout).expect("is JSON");
    assert_eq!((doctor.status.code(), &found["ok"]), (Some(0), &json!(true)), "{found}");
    assert!(service.stop().await.success());
}

/// Every address of the service as (method, path, may a stranger read it?), and some that are none.
fn addresses() -> Vec<(String, String, bool)> {
    let nowhere = ["//", "/%00%ff", "/no/such/place"].map(|path| ("GET".to_owned(), path.to_owned(), false));
    let of_table = table::routes().map(|route| {
        let path = route.path.replace("{*path}", "batches/b-on-hold").replace("{id}", "x").replace("{sequence}", "1");
        // There is a stylesheet, but not of this name.
        let path = path.replace("{name}", "nothing.css").replace("{uid}", "agent-x");
        let path = path.replace("{prefix}", "0123456789abcdef");
        // Nobody comes back from a provider who was not sent there.
        let is_refused = path.starts_with("/assets/") || path == "/session/provider/back";
        let is_open = route.who == Who::Anyone && route.method == "GET" && !is_refused;
        (route.method.to_string(), path, is_open)
    });
    of_table.chain(nowhere).collect()
}

#[tokio::test]
async fn nonsense_and_strangers_get_a_proper_answer_on_every_route_and_the_process_lives() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    let host = service.cockpit;
    let huge = "x".repeat(10 << 20);
    for (method, path, is_open) in addresses() {
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\norigin: http://{host}\r\n");
        let (status, _) = service.raw(format!("{head}\r\n").as_bytes()).await;
        assert!(status < 500 || path == "/readyz", "{method} {path}: {status}");
        let allowed = status == 200;
        assert_eq!(allowed, is_open, "{method} {path} for a stranger: {status}");
        for (kind, body) in [
            ("application/json", "{"),
            ("application/json", r#"{"nobody_knows_this":1}"#),
            ("application/x-www-form-urlencoded", "%ff=%fe&persona=x"),
            ("text/plain", "\u{0}"),
            ("application/json", huge.as_str()),
        ] {
            let length = body.len();
            let request = format!("{head}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}");
            let (status, _) = service.raw(request.as_bytes()).await;
            assert!((200..500).contains(&status), "{method} {path} with {length} bytes of {kind}: {status}");
            if method == "POST" {
                // Signing out who is not signed in is nothing to complain about.
                assert!(
                    status >= 300 || path == "/session/end",
                    "{method} {path} with {length} bytes of {kind}: {status}"
                );
            }
        }
    }
    let garbage: [&[u8]; 4] = [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"];
    for request in garbage {
        let stream = tokio::net::TcpStream::connect(host).await.expect("the cockpit listens");
        let (_, mut writer) = stream.into_split();
        let _ = tokio::io::AsyncWriteExt::write_all(&mut writer, request).await;
    }
    let ready = stage.get("/readyz").await;
    assert_eq!(ready["ready"], true, "the process lives");
    assert!(service.stop().await.success());
}

#[tokio::test]
async fn an_operator_gets_a_named_field_for_each_wrong_input() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;
    for (path, body, status, named) in [
        ("/api/v1/proposals", json!({"capability": "x", "document": "r", "reason": "long enough"}), 404, "capability"),
        ("/api/v1/proposals", json!({"capability": "reservation.status.set", "who": 1}), 422, "who"),
        ("/api/v1/drills/undo", json!({"write": "x"}), 422, "write"),
        ("/api/v1/drills/finish", json!({"outcome": "splendid", "evidence_hash": "00"}), 422, "outcome"),
    ] {
        let (got, answer) = stage.ask("POST", path, &body).await;
        assert!(got == status || got == 422, "{path} {body}: {got} {answer}");
        assert!(answer["detail"].as_str().expect("a detail").contains(named), "{path} {body}: {answer}");
    }
    assert!(service.stop().await.success());
}
