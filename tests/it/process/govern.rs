//! Governing from the command line: what is said, and with which exit code.

use serde_json::Value;

use super::service::{Stage, audit_holds};

const WHY: &str = "Wrong prices are being written.";

/// Runs a command; its exit code, and what it said on standard output and on standard error.
async fn run(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = stage.command(arguments).output().await.expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("is text");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[tokio::test]
async fn the_command_line_governs_and_a_proper_no_is_exit_code_1() {
    let stage = Stage::open().await;
    let (code, _, told) = run(&stage, &["kill-switch", "status"]).await;
    assert_eq!(code, Some(2), "no service, so it can't be told: {told}");
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;

    assert_eq!(run(&stage, &["kill-switch", "status"]).await.0, Some(0));
    let (code, _, told) = run(&stage, &["kill-switch", "stop", "--reason", "no"]).await;
    assert!(code == Some(2) && told.contains("REASON_TOO_SHORT"), "{told}");
    assert_eq!(run(&stage, &["kill-switch", "status"]).await.0, Some(0), "a slip stops nothing");
    let (code, said, _) = run(&stage, &["kill-switch", "stop", "--reason", WHY, "--json"]).await;
    let stopped: Value = serde_json::from_str(&said).expect("is JSON");
    assert_eq!((code, &stopped["at_rest"]), (Some(0), &true.into()), "{said}");
    let (code, said, _) = run(&stage, &["kill-switch", "status"]).await;
    assert!(code == Some(1) && said.contains("KILL_SWITCH_ON") && said.contains(WHY), "{said}");
    let (code, said, _) = run(&stage, &["kill-switch", "resume", "--reason", "The list was put right."]).await;
    assert!(code == Some(0) && said.contains("another person"), "{said}");
    let (code, _, told) = run(&stage, &["kill-switch", "confirm", "--reason", "I have checked it."]).await;
    assert!(code == Some(1) && told.contains("SECOND_PERSON_REQUIRED"), "{told}");
    assert_eq!(run(&stage, &["kill-switch", "status"]).await.0, Some(1), "still stopped");

    let issue =
        ["agent", "issue", "agent-glaze-scout", "--name", "Glaze scout", "--days", "90", "--scope", "batches:read"];
    let (code, said, told) = run(&stage, &issue).await;
    let key = said.trim_end();
    assert!(code == Some(0) && key.starts_with("sbak1_") && !key.contains(char::is_whitespace), "{said}");
    assert!(told.contains("not shown again") && !told.contains(key), "{told}");
    let (prefix, secret) = key["sbak1_".len()..].split_once('_').expect("a name and a secret");
    let (code, said, _) = run(&stage, &["agent", "list"]).await;
    assert!(code == Some(0) && said.contains(prefix) && !said.contains(secret), "{said}");
    let revoke = ["agent", "revoke", prefix, "--reason", "It was pasted into a chat."];
    assert_eq!(run(&stage, &revoke).await.0, Some(0));
    assert_eq!(run(&stage, &revoke).await.0, Some(1), "there is nothing left to revoke");
    let (code, _, told) = run(&stage, &["agent", "resume", "agent-glaze-scout", "--reason", "It was put right."]).await;
    assert!(code == Some(1) && told.contains("suspended"), "{told}");
    assert_eq!(run(&stage, &["agent", "denials", "--json"]).await.0, Some(0));

    let grant = ["exemption", "grant", "reservation.status.set", "--owner", "uid_mara_quill", "--beneficiary"];
    let grant =
        [&grant[..], &["uid_staff_ines", "--hours", "4", "--reason", "The fair comes in by hand.", "--json"]].concat();
    let (code, said, told) = run(&stage, &grant).await;
    let granted: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{told}"));
    assert_eq!((code, &granted["standing"]), (Some(0), &"live".into()));
    let id = granted["id"].as_str().expect("an id");
    assert_eq!(run(&stage, &["exemption", "revoke", id, "--reason", "The fair is over now."]).await.0, Some(0));
    assert_eq!(run(&stage, &["exemption", "revoke", id, "--reason", "The fair is over now."]).await.0, Some(1));
    let (_, said, _) = run(&stage, &["exemption", "list"]).await;
    assert!(said.contains("revoked") && said.contains("uid_mara_quill"), "{said}");
    let (code, _, told) =
        run(&stage, &["quota", "reset", "actor * 1s nobody", "--reason", "As agreed with Juno."]).await;
    assert!(code == Some(1) && told.contains("no such counter"), "{told}");
    assert_eq!(run(&stage, &["quota", "list"]).await.0, Some(0));
    let (code, _, told) =
        run(&stage, &["intake", "review", "7", "--code", "confirmed-block", "--reason", "It is what it seems."]).await;
    assert!(code == Some(1) && told.contains("no such text"), "{told}");
    assert_eq!(run(&stage, &["intake", "list", "--reviewed"]).await.0, Some(0));

    let log = service.stopped_with_log().await;
    assert!(!log.is_empty() && !log.contains(secret), "the secret is not in the log");
    assert!(audit_holds(&stage.data()).await);
}
