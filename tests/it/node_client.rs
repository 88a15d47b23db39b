//! Google's own Node client talks to the sandbox's Firestore.

use std::path::Path;

use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn googles_node_client_can_do_its_work_against_the_sandbox() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/node-client");
    assert!(
        home.join("node_modules/@google-cloud/firestore").is_dir(),
        "the Node client is not installed: run `npm ci --prefix tests/e2e/node-client`"
    );
    let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), Options::default()).await.unwrap();
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec", "client.test.mjs"])
        .current_dir(home)
        .env("FIRESTORE_EMULATOR_HOST", server.address().to_string())
        .env_remove("GOOGLE_APPLICATION_CREDENTIALS")
        .kill_on_drop(true)
        .output()
        .await
        .expect("`node` is needed to run this test");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("pass 12") && said.contains("skipped 0"), "not every test ran:\n{said}");
    server.stop().await;
}
