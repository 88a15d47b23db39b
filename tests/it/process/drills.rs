//! Every drill as an operator runs it: its exit code, and what it leaves behind.

use std::path::{Path, PathBuf};

use serde_json::Value;
use studio_brain::domain::ids::Hash;
use studio_brain::gate::failpoints::FAILPOINTS;
use studio_brain::web::table;

use super::service::{Stage, audit_holds};

/// What a drill left behind.
struct Left {
    code: Option<i32>,
    evidence: Value,
    hash: String,
    said: String,
}

/// Runs a drill, and reads its evidence in both forms.
async fn drill(stage: &Stage, arguments: &[&str]) -> Left {
    let file = stage.directory.path().join(format!("{}.json", arguments[0]));
    let mut command = stage.command(&["drill"]);
    command.args(arguments).arg("--evidence").arg(&file).current_dir(stage.directory.path());
    let done = command.output().await.expect("runs");
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).expect("is text")).concat();
    let json = std::fs::read(&file).unwrap_or_else(|_| panic!("no evidence: {said}"));
    let (evidence, hash): (Value, _) = (serde_json::from_slice(&json).expect("is JSON"), Hash::of(&json).to_string());
    let page = std::fs::read_to_string(file.with_extension("md")).expect("there is Markdown beside it");
    assert!(page.contains(&hash), "the Markdown names the hash of the JSON");
    let steps = evidence["steps"].as_array().expect("steps");
    assert_eq!(
        page.lines().filter(|line| line.starts_with("| 20")).count(),
        steps.len(),
        "every step is in both: {page}"
    );
    assert!(evidence["by"].as_str().is_some_and(|by| by.starts_with("operator:unix:")), "{evidence}");
    Left { code: done.status.code(), evidence, hash, said }
}

#[track_caller]
fn succeeded(left: &Left) {
    assert_eq!(left.code, Some(0), "{} {}", left.said, left.evidence);
    assert_eq!(left.evidence["outcome"], "succeeded");
}

#[tokio::test]
async fn drills_against_the_service_leave_evidence_an_audit_trail_and_one_entry_in_the_log() {
    let stage = Stage::open().await;
    let service = stage.serve("").await;
    stage.wait_for("/readyz", |status, _| status == 200).await;

    let left = drill(&stage, &["rollback", "--rounds", "3"]).await;
    succeeded(&left);
    assert_eq!(left.evidence["rounds_done"], 3);
    let times = left.evidence["times"].as_array().expect("times");
    let land = times.iter().find(|times| times["step"] == "land").expect("the landing was timed");
    assert_eq!(land["count"], 6, "three writes and three undos");
    assert!(land["p50_ms"].as_f64() <= land["p99_ms"].as_f64() && land["p99_ms"].as_f64() <= land["max_ms"].as_f64());
    assert_eq!(stage.cloud.writes_to("studioBrainDrills/rollback"), 7, "the seed and three times two");
    let audit = stage.get("/api/v1/audit?action=drill.finished").await;
    assert_eq!(audit["entries"][0]["output"], left.hash.as_str(), "the log keeps the hash of the evidence");

    let left = drill(&stage, &["rehearse"]).await;
    succeeded(&left);
    assert_eq!(left.evidence["standing"], 0, "everything was taken back");
    let write = stage.approved_drill().await;
    stage.wait_for(&format!("/api/v1/writes/{write}"), |_, write| write["state"] == "observed").await;
    let left = drill(&stage, &["rehearse", "--cloud"]).await;
    succeeded(&left);
    assert_eq!((&left.evidence["standing"], &left.evidence["clean"]), (&1.into(), &1.into()));

    studio_brain::sandbox::studio::somebody_writes(&stage.cloud, "studioBrainDrills/rollback", "mark", "Not ours.");
    let moved = |_, document: &Value| document["fields"].to_string().contains("Not ours.");
    stage.wait_for("/api/v1/documents/studioBrainDrills/rollback", moved).await;
    let left = drill(&stage, &["rehearse"]).await;
    assert_eq!((left.code, &left.evidence["outcome"]), (Some(1), &"failed".into()));
    let found = &left.evidence["rehearsal"]["writes"][0];
    assert_eq!((&found["write"], &found["outcome"]), (&write.as_str().into(), &"conflict".into()));
    assert!(found["by"].is_null() && found["fields"].to_string().contains("mark"), "{found}");
    assert!(left.said.contains("somebody outside of this service"), "{}", left.said);

    let left = drill(&stage, &["kill-switch", "--live"]).await;
    assert!(left.said.contains("two people"), "{}", left.said);
    assert!(left.code == Some(0) || left.evidence["outcome"] == "unknown", "{} {}", left.said, left.evidence);
    let switch = stage.get("/api/v1/kill-switch").await;
    assert_eq!(switch["may_write"], false, "it stays stopped");

    let log = service.stopped_with_log().await;
    let entries = log.lines().filter(|line| line.contains("\"drill.finished\"")).count();
    assert_eq!(entries, 5, "one entry for each drill");
    assert!(audit_holds(&stage.data()).await);
}

#[tokio::test]
async fn what_has_to_break_breaks_in_a_private_world() {
    let stage = Stage::open().await;
    for (name, fact) in [("lost-reply", "after"), ("stale-approval", "theirs"), ("kill-switch", "held")] {
        let left = drill(&stage, &[name]).await;
        succeeded(&left);
        assert!(left.evidence[fact].is_string(), "{name}: {}", left.evidence);
        assert!(left.said.contains("drill.finished") || left.said.contains("Drill "), "{name}: {}", left.said);
    }
    assert!(!stage.data().exists(), "nobody touched the studio's data");
    assert_eq!(stage.receipts(), 0);
}

#[tokio::test]
async fn the_crash_drill_dies_everywhere_and_counts_one_write_each_time() {
    let stage = Stage::open().await;
    let left = drill(&stage, &["crash"]).await;
    succeeded(&left);
    let kills = left.evidence["steps"].as_array().expect("steps").iter().filter(|step| step["step"] == "kill").count();
    assert_eq!(kills, FAILPOINTS.len());
}

#[tokio::test]
async fn a_copy_of_the_box_waits_for_a_decision() {
    let stage = Stage::open().await;
    let left = drill(&stage, &["second-box"]).await;
    if table::routes().any(|route| route.path == "/api/v1/lease") {
        succeeded(&left);
    } else {
        assert_eq!((left.code, &left.evidence["outcome"]), (Some(2), &"unknown".into()), "{}", left.said);
    }
}

#[tokio::test]
async fn a_drill_that_can_not_run_says_so_with_exit_code_2() {
    let stage = Stage::open().await;
    for name in ["rollback", "rehearse"] {
        let done = stage.command(&["drill", name]).output().await.expect("runs");
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&done.stderr).contains("no service answers"));
    }
}

/// The names in `fail_point!("…")` below a directory.
fn failpoints_below(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let entries: Vec<PathBuf> =
        std::fs::read_dir(directory).expect("reads").map(|entry| entry.expect("reads").path()).collect();
    for path in entries {
        if path.is_dir() {
            found.extend(failpoints_below(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let names = text.split("fail_point!(\"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_failpoint_of_the_source_is_in_the_list_of_the_crash_drill_and_nothing_else() {
    let mut there = failpoints_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    there.sort();
    let mut listed: Vec<String> = FAILPOINTS.iter().map(|name| (*name).to_owned()).collect();
    listed.sort();
    assert_eq!(there, listed);
}
