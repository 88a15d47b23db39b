//! Differences that are put there: found in one pass, rightly named, and gone when mended.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use studio_brain::clock::Clock;
use studio_brain::domain::finding::{Confidence, Family, FindingKind};
use studio_brain::jobs::drift::{Configured, Drift, DriftBounds, DriftSettings, Reread};
use studio_brain::jobs::drive::Job as _;
use studio_brain::store::findings::CheckOutcome;

use super::stage::{Found, Stage, number, text};

#[tokio::test]
async fn what_the_mirror_missed_is_found_named_and_put_right() {
    let mut stage = Stage::healthy().await;
    assert_eq!(stage.look().await, CheckOutcome::Same, "{:#?}", stage.open().await);
    stage.cloud.merge_silently("batches/b-0002", HashMap::from([("title".to_owned(), text("Lost."))]));
    stage.cloud.delete_silently("reservations/r-0003");
    stage.cloud.put_silently("kilns/kiln-lost", stage_kiln());
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let mirror: Vec<Found> = stage.open().await.into_iter().filter(|found| found.kind.contains("mirror")).collect();
    for expected in [
        Found::new(FindingKind::MirrorDiffers, "", &["batches/b-0002"]),
        Found::new(FindingKind::ExtraInMirror, "", &["reservations/r-0003"]),
        Found::new(FindingKind::MissingInMirror, "", &["kilns/kiln-lost"]),
    ] {
        assert!(mirror.contains(&expected), "{expected:?} is not in {mirror:#?}");
    }
    assert_eq!(mirror.len(), 3);
    // Reading again has put the mirror right, and nothing else had to be done.
    assert_eq!(stage.look().await, CheckOutcome::Same, "{:#?}", stage.open().await);
    stage.close().await;
}

#[tokio::test]
async fn a_number_that_is_not_what_the_cloud_counts_is_told_by_both_sides() {
    let mut stage = Stage::healthy().await;
    stage.cloud.merge_silently("kilns/kiln-olympic-test", HashMap::from([("status".to_owned(), text("cooling"))]));
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let known = stage.store.findings_open().await.expect("reads");
    let numbers = known.iter().filter(|known| known.finding.kind == FindingKind::NumberDiffers);
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by_key(|known| known.finding.rule.clone());
    let named: Vec<_> = numbers.iter().map(|known| known.finding.rule.as_deref()).collect();
    assert_eq!(named, [Some("status=cooling"), Some("status=idle")]);
    let found = numbers[1];
    assert_eq!(found.finding.collection.as_str(), "kilns");
    assert!(found.finding.as_of.is_some() && found.finding.confidence == Confidence::High);
    assert!(stage.questions().await[&Family::Numbers].0 > 0);
    assert_eq!(stage.look().await, CheckOutcome::Same, "{:#?}", stage.open().await);
    stage.close().await;
}

#[tokio::test]
async fn new_fields_types_words_missing_fields_and_dangling_references_come_and_go() {
    let mut stage = Stage::healthy().await;
    let cloud = stage.cloud.clone();
    let merge = |path: &str, field: &str, value| cloud.merge(path, HashMap::from([(field.to_owned(), value)]));
    merge("batches/b-0002", "glazeMood", text("calm"));
    merge("batches/b-0004", "title", number(7));
    merge("kilns/kiln-olympic-test", "status", text("sleeping"));
    merge("reservations/r-0003", "linkedBatchId", text("b-nowhere"));
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let mut found = stage.open().await;
    found.sort();
    let mut expected = vec![
        Found::new(FindingKind::NewField, "glazeMood", &["batches/b-0002"]),
        Found::new(FindingKind::WrongType, "title", &["batches/b-0004"]),
        Found::new(FindingKind::UnknownWord, "status", &["kilns/kiln-olympic-test"]),
        Found::new(FindingKind::DanglingReference, "reservations.linkedBatchId", &["reservations/r-0003"]),
    ];
    expected.sort();
    assert_eq!(found, expected);
    merge("batches/b-0004", "title", text("Mended"));
    merge("kilns/kiln-olympic-test", "status", text("idle"));
    merge("reservations/r-0003", "linkedBatchId", text("b-0002"));
    cloud.delete("batches/b-0002");
    let mended = stage.look().await;
    // Whoever named the deleted batch dangles now: that is said, and nothing of before.
    assert_eq!(mended, CheckOutcome::Drift);
    let left = stage.open().await;
    assert!(left.iter().all(|found| found.kind == "dangling-reference"), "{left:#?}");
    stage.close().await;
}

#[tokio::test]
async fn a_broken_rule_between_documents_is_found_with_both_and_goes_when_it_is_mended() {
    let mut stage = Stage::healthy().await;
    let status = |status: &str| HashMap::from([("status".to_owned(), text(status))]);
    stage.cloud.merge("agentClients/agent-kiln-planner", status("suspended"));
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let found = stage.open().await;
    assert!(!found.is_empty());
    for one in &found {
        assert_eq!((one.kind, one.rule.as_str()), ("rule-broken", "delegation-to-a-suspended-agent"), "{found:#?}");
        assert!(one.documents.contains("agentClients/agent-kiln-planner") && one.documents.len() == 2);
    }
    stage.cloud.merge("agentClients/agent-kiln-planner", status("active"));
    assert_eq!(stage.look().await, CheckOutcome::Same, "{:#?}", stage.open().await);
    stage.close().await;
}

#[tokio::test]
async fn a_clock_and_a_configuration_that_differ_are_told() {
    let mut stage = Stage::healthy().await;
    let settings = DriftSettings { period: Duration::from_secs(900), sample: 50, budget: 100_000 };
    let changed = Arc::new(AtomicBool::new(true));
    let reads = Arc::clone(&changed);
    let reread = Reread::by(move || match reads.load(Ordering::SeqCst) {
        true => Configured::Differs(vec!["mirror.stale_after".to_owned()]),
        false => Configured::Same,
    });
    let usual = std::mem::replace(
        &mut stage.drift,
        Drift::new(stage.store.clone(), stage.authority.clone(), stage.clock.clone(), settings)
            .bounded(DriftBounds::default())
            .rereading(reread.clone()),
    );
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let kinds: Vec<&str> = stage.open().await.iter().map(|found| found.kind).collect();
    assert!(kinds.contains(&"clock-differs") && kinds.contains(&"config-differs") && kinds.len() == 2, "{kinds:?}");
    let config = stage.store.findings_open().await.expect("reads");
    let config = config.iter().find(|known| known.finding.kind == FindingKind::ConfigDiffers).expect("is there");
    assert!(config.finding.summary.contains("mirror.stale_after"), "{}", config.finding.summary);
    changed.store(false, Ordering::SeqCst);
    stage.drift = usual.rereading(reread);
    assert_eq!(stage.look().await, CheckOutcome::Same, "{:#?}", stage.open().await);
    stage.close().await;
}

#[tokio::test]
async fn a_cloud_that_does_not_count_leaves_numbers_unknown_and_keeps_what_was_found() {
    let mut stage = Stage::healthy().await;
    stage.cloud.merge_silently("kilns/kiln-olympic-test", HashMap::from([("status".to_owned(), text("cooling"))]));
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    for _ in 0..40 {
        stage.world.fail_next("RunAggregationQuery", tonic::Status::unavailable("the line broke"));
    }
    stage.look().await;
    let (_, untold) = stage.questions().await[&Family::Numbers].clone();
    assert!(untold.is_some_and(|why| why.contains("can't be counted")));
    let kinds: Vec<&str> = stage.open().await.iter().map(|found| found.kind).collect();
    assert!(kinds.contains(&"number-differs"), "what could not be looked at is not gone: {kinds:?}");
    stage.close().await;
}

#[tokio::test]
async fn a_look_that_is_due_reads_a_sample_and_counts() {
    let mut stage = Stage::healthy().await;
    stage.authority.reads_take();
    stage.drift.pass().await.expect("passes");
    let check = stage.store.check_last().await.expect("reads").expect("was due");
    assert_eq!(check.finished.expect("has ended").1, CheckOutcome::Same, "{:#?}", stage.open().await);
    assert!(check.documents_read < 1_300, "a sample: {}", check.documents_read);
    assert_eq!(Clock::manual(studio_brain::sandbox::studio::NOW).now(), stage.clock.now());
    stage.close().await;
}

fn stage_kiln() -> HashMap<String, gcloud_sdk::google::firestore::v1::Value> {
    let kiln = studio_brain::sandbox::studio::monsoon_west(1);
    kiln.into_iter().find(|document| document.path == "kilns/kiln-olympic-test").expect("is there").fields
}
