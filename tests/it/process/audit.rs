//! The audit commands, with a running service and without one.

use serde_json::Value;

use super::service::Stage;

#[tokio::test]
async fn audit_commands_look_prove_export_and_verify_with_their_exit_codes() {
    let stage = Stage::open().await;
    let run = async |arguments: &[&str]| {
        let done = stage.command(arguments).output().await.expect("runs");
        let said: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (done.status.code(), said, String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let service = stage.serve("").await;
    stage.wait_for("/api/v1/audit/seal", |_, state| state["sealed"].is_object()).await;
    let (code, tail, told) = run(&["audit", "tail", "--json"]).await;
    assert_eq!((code, &tail[0]["action"]), (Some(0), &"service.started".into()), "{tail} {told}");
    let (code, shown, told) = run(&["audit", "show", "1", "--json"]).await;
    assert_eq!((code, &shown["intact"]), (Some(0), &true.into()), "{shown} {told}");
    assert_eq!(run(&["audit", "show", "999999"]).await.0, Some(1));
    let (code, proof, told) = run(&["audit", "prove", "1", "--json"]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(proof["path"].is_array() && proof["checkpoint"].as_str().expect("a note").contains('—'), "{proof}");
    let (code, found, told) = run(&["audit", "verify", "--json"]).await;
    assert_eq!((code, &found["holds"], &found["pinned"]), (Some(0), &true.into(), &true.into()), "{found} {told}");

    let first = std::fs::read_to_string(stage.data().join("audit.pub")).expect("is there");
    let (code, keys, told) = run(&["audit", "rotate-key", "--json"]).await;
    assert_eq!((code, keys["before"].as_str()), (Some(0), Some(first.trim())), "{keys} {told}");
    let bundle = stage.directory.path().join("audit.tar");
    let file = bundle.to_str().expect("a path");
    let (code, manifest, told) = run(&["audit", "export", file, "--json"]).await;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(manifest["keys"].as_array().expect("keys").len(), 2, "{manifest}");
    assert_eq!(run(&["audit", "export", file]).await.0, Some(1), "nothing is overwritten");
    for key in [first.trim(), keys["key"].as_str().expect("a key")] {
        let (code, found, told) = run(&["audit", "verify-bundle", file, "--key", key, "--json"]).await;
        assert_eq!((code, &found["holds"]), (Some(0), &true.into()), "{found} {told}");
        assert!(!told.contains("--key"), "{told}");
    }
    let (code, _, told) = run(&["audit", "verify-bundle", file, "--json"]).await;
    assert!(code == Some(0) && told.contains("rests on the key that lies in it"), "{told}");
    let seal = stage.get("/api/v1/audit").await;
    assert!(seal.to_string().contains("audit.exported"), "{seal}");
    assert!(service.stop().await.success());

    let mut bytes = std::fs::read(&bundle).expect("is there");
    let at = bytes.windows(15).rposition(|some| some == b"service.started").expect("is in it");
    bytes[at] = b'S';
    std::fs::write(&bundle, &bytes).expect("writes");
    let (code, found, _) = run(&["audit", "verify-bundle", file, "--json"]).await;
    assert_eq!((code, &found["first_bad"]), (Some(1), &1.into()), "{found}");

    let alone = stage.directory.path().join("alone.tar");
    let (code, manifest, told) = run(&["audit", "export", alone.to_str().expect("a path"), "--json"]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("No service runs"), "{told}");
    assert!(manifest["entries"].as_u64() > Some(4), "{manifest}");
    assert_eq!(run(&["audit", "verify"]).await.0, Some(0));
}
