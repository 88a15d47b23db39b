//! The sample studio, counted by plain iteration, and what the vocabulary says of its documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use gcloud_sdk::google::firestore::v1 as wire;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::DocPath;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::domain::vocabulary::Vocabulary;
use studio_brain::sandbox::studio::{SampleDocument, juniper_east, monsoon_west};
use wire::value::ValueType;

use super::stage::{Stage, at};

#[expect(clippy::wildcard_enum_match_arm, reason = "a document holds no other types")]
fn value(value: &wire::Value) -> Value {
    match value.value_type.as_ref().expect("a value has a type") {
        ValueType::NullValue(_) => Value::Null,
        ValueType::BooleanValue(flag) => Value::Boolean(*flag),
        ValueType::IntegerValue(number) => Value::Integer(*number),
        ValueType::DoubleValue(number) => Value::Double(*number),
        ValueType::TimestampValue(moment) => Value::Timestamp(Timestamp::from_parts(moment.seconds, moment.nanos)),
        ValueType::StringValue(text) => Value::text(text.as_str()),
        ValueType::BytesValue(bytes) => Value::Bytes(bytes.clone()),
        ValueType::ReferenceValue(name) => Value::Reference(name.clone()),
        ValueType::GeoPointValue(place) => Value::GeoPoint { latitude: place.latitude, longitude: place.longitude },
        ValueType::ArrayValue(array) => Value::Array(array.values.iter().map(self::value).collect()),
        ValueType::MapValue(map) => Value::Map(fields(&map.fields)),
        other => panic!("{other:?}"),
    }
}

fn fields(fields: &HashMap<String, wire::Value>) -> Fields {
    fields.iter().map(|(name, inner)| (name.clone(), value(inner))).collect()
}

fn document(sample: &SampleDocument) -> Document {
    let path = DocPath::parse(sample.path.as_str()).expect("legal");
    Document { path, fields: fields(&sample.fields), create_time: at(-9), update_time: at(-5) }
}

/// The documents at the root, by collection.
fn by_collection(samples: &[SampleDocument]) -> BTreeMap<String, Vec<&SampleDocument>> {
    let mut all: BTreeMap<String, Vec<&SampleDocument>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.path.matches('/').count() == 1) {
        all.entry(sample.path.split('/').next().expect("a collection").to_owned()).or_default().push(sample);
    }
    all
}

fn text<'a>(sample: &'a SampleDocument, name: &str) -> Option<&'a str> {
    word(sample.fields.get(name)?)
}

fn word(value: &wire::Value) -> Option<&str> {
    if let Some(ValueType::StringValue(text)) = &value.value_type { Some(text) } else { None }
}

fn is_true(sample: &SampleDocument, name: &str) -> bool {
    let flag = sample.fields.get(name).and_then(|value| value.value_type.as_ref());
    flag == Some(&ValueType::BooleanValue(true))
}

fn is_moment(sample: &SampleDocument, name: &str) -> bool {
    matches!(sample.fields.get(name).and_then(|value| value.value_type.as_ref()), Some(ValueType::TimestampValue(_)))
}

fn stage_of(sample: &SampleDocument) -> Option<&str> {
    let Some(ValueType::MapValue(map)) = sample.fields.get("stageStatus").and_then(|value| value.value_type.as_ref())
    else {
        return None;
    };
    word(map.fields.get("stage")?)
}

#[tokio::test]
async fn the_numbers_of_the_sample_studio_are_those_of_plain_iteration() {
    let samples = monsoon_west(1);
    let all = by_collection(&samples);
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    let mut stage = Stage::of(&names).await;
    for (name, samples) in &all {
        stage.read(name, samples.iter().map(|sample| document(sample))).await;
    }
    let snapshot = stage.count().await;

    let count = |collection: &str, holds: &dyn Fn(&SampleDocument) -> bool| {
        Some(all[collection].iter().filter(|sample| holds(sample)).count() as i64)
    };
    let one_of = |name: &'static str, words: &'static [&'static str]| {
        move |sample: &SampleDocument| text(sample, name).is_some_and(|word| words.contains(&word))
    };
    let open_batch = one_of("state", &["DRAFT", "SUBMITTED", "SHELVED", "LOADED", "FIRED", "READY_FOR_PICKUP"]);
    assert_eq!(snapshot.counts["batchesActive"], count("batches", &open_batch));
    let closed_batch = one_of("state", &["CLOSED_PICKED_UP", "CLOSED_OTHER"]);
    assert_eq!(snapshot.counts["batchesClosed"], count("batches", &closed_batch));
    let open_status = one_of("status", &["REQUESTED", "CONFIRMED", "WAITLISTED", "CONFIRMED_ARRIVED", "LOADED"]);
    let open_reservation = |sample: &SampleDocument| {
        let is_over = stage_of(sample).is_some_and(|stage| matches!(stage, "picked_up" | "canceled"));
        open_status(sample) && !is_true(sample, "isArchived") && !is_over
    };
    assert_eq!(snapshot.counts["reservationsOpen"], count("reservations", &open_reservation));
    let running = one_of("status", &["scheduled", "in-progress"]);
    let open_firing = |sample: &SampleDocument| running(sample) && !is_moment(sample, "unloadedAt");
    assert_eq!(snapshot.counts["firingsScheduled"], count("kilnFirings", &open_firing));
    let open_report = one_of("status", &["open", "triaged", "actioned"]);
    assert_eq!(snapshot.counts["reportsOpen"], count("communityReports", &open_report));
    let high = |sample: &SampleDocument| open_report(sample) && text(sample, "severity") == Some("high");
    assert_eq!(snapshot.ops["highSeverityReports"], count("communityReports", &high));
    assert_eq!(snapshot.ops["agentRequestsPending"], count("agentRequests", &one_of("status", &["new", "triaged"])));
    let pending = one_of("status", &["checkout_pending"]);
    assert_eq!(snapshot.finance["pendingOrders"], count("materialsOrders", &pending));
    let unsettled = one_of(
        "status",
        &["checkout_created", "checkout_completed", "payment_failed", "invoice_payment_failed", "charge_disputed"],
    );
    assert_eq!(snapshot.finance["unsettledPayments"], count("payments", &unsettled));
    let unprocessed = |sample: &SampleDocument| !is_moment(sample, "processedAt") && !is_true(sample, "ignored");
    assert_eq!(snapshot.finance["webhooksUnprocessed"], count("stripeWebhookEvents", &unprocessed));
    let worth: i64 = all["materialsOrders"]
        .iter()
        .filter(|sample| pending(sample))
        .map(|sample| match sample.fields["totalCents"].value_type {
            Some(ValueType::IntegerValue(cents)) => cents,
            _ => 0,
        })
        .sum();
    assert_eq!(snapshot.amounts_cents["pendingOrders"], Some(BTreeMap::from([("USD".to_owned(), worth)])));

    for (name, samples) in &all {
        let state = &snapshot.collections[&super::stage::collection(name)];
        assert_eq!(state.documents, Some(samples.len() as i64), "{name}");
        let words = state.states.values().map(|words| words.values().sum::<i64>());
        let without = |field: &String| state.without_state.get(field).copied().unwrap_or_default();
        for (field, counted) in state.states.keys().zip(words) {
            assert_eq!(counted + without(field), samples.len() as i64, "{name}: every document counts once in {field}");
        }
    }
    let batches = &snapshot.collections[&super::stage::collection("batches")];
    let unknown: Vec<&str> = batches.unknown_words.iter().map(|one| one.word.as_str()).collect();
    assert_eq!(unknown, ["ON_HOLD"]);
    assert_eq!(batches.without_state["state"], 1, "the batch with a legacy status counts as nothing");
    let standing: i64 = batches.standing.as_ref().expect("batches stand").values().sum();
    assert_eq!(Some(standing), batches.documents);
}

#[test]
fn every_file_of_the_vocabulary_is_shipped_under_its_collections_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/vocabulary");
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let there: BTreeSet<String> =
        entries.map(|name| name.to_string_lossy().trim_end_matches(".toml").to_owned()).collect();
    let known: BTreeSet<String> = Vocabulary::shipped().iter().map(|known| known.collection().to_string()).collect();
    assert_eq!(there, known);
}

#[test]
fn every_document_of_the_samples_is_as_its_vocabulary_says_but_for_the_edge_cases() {
    let samples: Vec<SampleDocument> = monsoon_west(1).into_iter().chain(juniper_east()).collect();
    let found: BTreeSet<(String, String)> = samples
        .iter()
        .flat_map(|sample| {
            let remarks = Vocabulary::shipped().look(&document(sample));
            remarks.into_iter().map(|remark| (sample.path.clone(), format!("{} {}", remark.kind.word(), remark.field)))
        })
        .collect();
    let expect = [
        ("batches/b-legacy-status", "missing-field state"),
        ("batches/b-legacy-status", "retired-field status"),
        ("batches/b-on-hold", "unknown-word state"),
        ("reservations/r-canceled-one-l", "legacy-spelling status"),
        ("reservations/r-confirmed-arrived", "retired-word status"),
        ("reservations/r-status-loaded", "retired-word status"),
    ];
    let expect: BTreeSet<(String, String)> =
        expect.into_iter().map(|(path, what)| (path.to_owned(), what.to_owned())).collect();
    assert_eq!(found, expect);
}
