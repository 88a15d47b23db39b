//! The lease from the command line, and the lock of the data directory.

use std::collections::HashMap;
use std::process::Output;

use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use serde_json::Value;

use super::service::Stage;

const LEASE: &str = "studioBrainBoxes/monsoon-west";

impl Stage {
    async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().await.expect("runs");
        (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
    }
}

#[tokio::test]
async fn a_second_service_in_the_same_directory_does_not_start() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    let (code, said) = stage.run(&["serve"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another service already uses the data directory"), "{said}");
    assert!(service.stop().await.success());
}

#[tokio::test]
async fn an_operator_sees_that_another_box_writes_and_takes_the_lease() {
    let stage = Stage::open().await;
    let text = |text: &str| WireValue { value_type: Some(ValueType::StringValue(text.to_owned())) };
    let others = [("start", "another"), ("machine", "another"), ("directory", "/var/lib/studio-brain")];
    let others: HashMap<String, WireValue> =
        others.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    stage.cloud.put(LEASE, others);
    let service = stage.serve("").await;
    stage.wait_for("/api/v1/lease", |_, lease| lease["standing"] == "second").await;
    let (code, said) = stage.run(&["lease", "show"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Another box writes (SECOND_BOX)") && said.contains("/var/lib/studio-brain"), "{said}");
    stage.wait_for("/readyz", |_, ready| ready["checks"][1]["ok"] == true).await;
    let (status, ready) = stage.ask("GET", "/readyz", &Value::Null).await;
    assert_eq!((status, &ready["checks"][2]["ok"]), (503, &Value::Bool(false)), "{ready}");
    let (code, said) = stage.run(&["doctor"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("WRONG lease") && said.contains("SECOND_BOX.md"), "{said}");

    let (code, said) = stage.run(&["lease", "take", "--reason", "no"]).await;
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = stage.run(&["lease", "take", "--reason", "The old box burned down."]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("This box writes.") && said.contains("The old box burned down."), "{said}");
    let (code, shown) = stage.run(&["lease", "show", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).expect("is JSON");
    assert_eq!((code, &shown["standing"]), (Some(0), &Value::from("ours")), "{shown}");
    assert_eq!(shown["here"], shown["holder"]);
    assert_eq!(stage.cloud.writes_to(LEASE), 2, "the other's, and ours");
    let log = service.stopped_with_log().await;
    let loud = log.lines().any(|line| line.contains("\"lease.second\"") && line.contains("\"ERROR\""));
    assert!(loud, "it says so loudly");
}
