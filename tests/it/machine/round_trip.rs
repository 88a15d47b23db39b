//! Every kind of value survives the whole way: server, mirror, canonical text, and back to the server.

use std::collections::BTreeMap;

use gcloud_sdk::google::firestore::v1::Value;
use studio_brain::domain::document::Document;
use studio_brain::domain::write::Write;

use super::stage::{Stage, collection, options};
use super::truth;
use super::values::{FIELDS, Fields, array, every_kind, integer, map, text, value, vector};

const COLLECTIONS: [&str; 3] = ["batches", "läden & co", "odd`'\" id"];

/// Ids that a mirror might trip over.
const IDS: [&str; 14] = [
    "plain",
    "__id7__",
    "__id-7__",
    "with space",
    " ",
    "quote\"'`",
    "ü😀\u{10ffff}",
    "e\u{301}",
    "a.b",
    "...",
    "%2F?#&",
    "back\\slash",
    "line\nbreak",
    "-- drop table documents",
];

/// One document per kind of value, per odd id, and those at the limits of what is stored.
fn documents() -> Vec<(String, Fields)> {
    let mut all: Vec<(String, Fields)> = Vec::new();
    for (number, (kind, of)) in every_kind().into_iter().enumerate() {
        let nested = map([("in", array(vec![of.clone()]))]);
        let inside = if kind.contains("array") { of.clone() } else { nested };
        let fields = Fields::from([("is".to_owned(), of), ("in".to_owned(), inside)]);
        all.push((format!("{}/kind {number} {kind}", COLLECTIONS[number % 3]), fields));
    }
    for (number, id) in IDS.iter().enumerate() {
        let fields = FIELDS.iter().map(|name| ((*name).to_owned(), text(id))).collect();
        all.push((format!("{}/{id}", COLLECTIONS[number % 3]), fields));
    }
    let deep = (1..20).fold(integer(20), |inner, _| map([("level", inner)]));
    let deep_array = (1..10).fold(array(vec![integer(19)]), |inner, _| array(vec![map([("level", inner)])]));
    let large = Fields::from([("large".to_owned(), text(&"ü".repeat(1_048_000 / 2)))]);
    let many = (0..2_000).map(|number| (format!("field {number}"), integer(number))).collect();
    all.push((format!("batches/{}", "l".repeat(1_500)), Fields::new()));
    all.push(("batches/deep".to_owned(), Fields::from([("one".to_owned(), deep), ("two".to_owned(), deep_array)])));
    all.push(("batches/large".to_owned(), large));
    all.push(("batches/many".to_owned(), many));
    all.push(("batches/vector".to_owned(), Fields::from([("v".to_owned(), vector(&[0.5; 2_048]))])));
    all
}

/// Everything that is mirrored, by path.
async fn mirrored(stage: &Stage) -> BTreeMap<String, Document> {
    let names = COLLECTIONS.map(collection);
    let all = stage.store.documents_all(&names).await.expect("readable");
    all.into_values().flatten().map(|seen| (seen.document.path.to_string(), seen.document)).collect()
}

async fn check_equal(stage: &Stage) {
    let mirror = truth::of_mirror(&stage.store).await.expect("whole and current");
    truth::compare(&mirror, &truth::of_server(&stage.truth)).expect("equal");
}

#[tokio::test]
async fn every_value_and_every_name_survives_the_backfill_the_stream_and_the_way_back() {
    let mut stage = Stage::of(&COLLECTIONS, options()).await;
    let (early, late): (Vec<_>, Vec<_>) = documents().into_iter().enumerate().partition(|(number, _)| number % 2 == 0);
    for (path, fields) in early.into_iter().map(|(_, document)| document) {
        stage.truth.put(&path, fields);
    }
    stage.run();
    stage.caught_up().await;
    check_equal(&stage).await;
    for (path, fields) in late.into_iter().map(|(_, document)| document) {
        stage.truth.put(&path, fields);
    }
    stage.caught_up().await;
    check_equal(&stage).await;

    // Each way through the other door: what came by backfill comes by stream, and the other way round.
    let before = truth::of_server(&stage.truth);
    stage.stop().await;
    for (path, document) in mirrored(&stage).await {
        stage.truth.delete(&path);
        let create = Write::Create { path: document.path.clone(), fields: document.fields };
        stage.authority.commit(std::slice::from_ref(&create)).await.unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    stage.run();
    stage.caught_up().await;
    check_equal(&stage).await;
    let after = truth::of_server(&stage.truth);
    assert_eq!(before.len(), documents().len());
    for (path, (text, _, updated)) in &before {
        let (again, _, later) = after.get(path).unwrap_or_else(|| panic!("{path} did not come back"));
        assert!(later > updated, "{path} was not written again");
        assert!(again == text, "{path} came back as {} and was {}", clipped(again), clipped(text));
    }
    stage.stop().await;
}

fn clipped(text: &str) -> String {
    text.chars().take(300).collect()
}

#[tokio::test]
async fn fields_of_any_name_are_merged_and_mirrored() {
    let mut stage = Stage::of(&COLLECTIONS, options()).await;
    stage.run();
    let mut expected = Fields::new();
    for (number, name) in FIELDS.iter().enumerate() {
        let one: Value = integer(i64::try_from(number).expect("few"));
        expected.insert((*name).to_owned(), one.clone());
        stage.truth.merge("batches/merged", Fields::from([((*name).to_owned(), one)]));
        stage.caught_up().await;
        check_equal(&stage).await;
    }
    let stored = stage.truth.get("batches/merged").expect("merged").fields;
    assert_eq!(stored, expected);
    stage.stop().await;
}

#[tokio::test]
async fn times_are_kept_to_the_microsecond_rounded_down_over_all_years() {
    use gcloud_sdk::google::firestore::v1::value::ValueType::TimestampValue;
    let mut stage = Stage::of(&COLLECTIONS, options()).await;
    stage.run();
    let cases = [
        (-62_135_596_800, 0, "0001-01-01T00:00:00.000000Z"),
        (-62_135_596_800, 999, "0001-01-01T00:00:00.000000Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999999Z"),
        (1_773_853_200, 123_456_789, "2026-03-18T17:00:00.123456Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59.000000Z"),
        (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999Z"),
    ];
    for (number, (seconds, nanos, expect)) in cases.into_iter().enumerate() {
        let id = format!("batches/time-{number}");
        let given = value(TimestampValue(prost_types::Timestamp { seconds, nanos }));
        stage.truth.put(&id, Fields::from([("at".to_owned(), given)]));
        stage.caught_up().await;
        let lines = truth::of_mirror(&stage.store).await.expect("whole and current");
        assert_eq!(lines[&id].0, format!(r#"{{"at":{{"timestampValue":"{expect}"}}}}"#));
    }
    check_equal(&stage).await;
    stage.stop().await;
}
