//! What the sample promises: always the same, of the right size, legal, and with every edge case in it.

/// What each edge case shows, read from its documents.
mod cases;

/// What holds among the ordinary documents.
mod ordinary;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use jiff::Timestamp;

use super::*;

/// The sample, to be asked by path.
struct Studio(BTreeMap<String, HashMap<String, Value>>);

impl Studio {
    fn at_scale(scale: u32) -> Self {
        Self(monsoon_west(scale).into_iter().map(|document| (document.path, document.fields)).collect())
    }

    fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    #[track_caller]
    fn get(&self, path: &str) -> Fields<'_> {
        Fields(self.0.get(path).unwrap_or_else(|| panic!("`{path}` is not in the sample")))
    }

    fn collection(&self, name: &str) -> impl Iterator<Item = (&str, Fields<'_>)> {
        let within = move |path: &str| path.rsplit_once('/').is_some_and(|(parent, _)| parent == name);
        self.0.iter().filter(move |(path, _)| within(path)).map(|(path, fields)| (path.as_str(), Fields(fields)))
    }
}

/// The fields of a document or a map.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a HashMap<String, Value>);

impl<'a> Fields<'a> {
    fn value(self, name: &str) -> Option<&'a ValueType> {
        self.0.get(name).and_then(|value| value.value_type.as_ref())
    }

    #[track_caller]
    fn text(self, name: &str) -> &'a str {
        let Some(ValueType::StringValue(text)) = self.value(name) else { panic!("`{name}` is not a string") };
        text
    }

    #[track_caller]
    fn int(self, name: &str) -> i64 {
        let Some(ValueType::IntegerValue(number)) = self.value(name) else { panic!("`{name}` is not an integer") };
        *number
    }

    #[track_caller]
    fn double(self, name: &str) -> f64 {
        let Some(ValueType::DoubleValue(number)) = self.value(name) else { panic!("`{name}` is not a double") };
        *number
    }

    #[track_caller]
    fn flag(self, name: &str) -> bool {
        let Some(ValueType::BooleanValue(flag)) = self.value(name) else { panic!("`{name}` is not a boolean") };
        *flag
    }

    #[track_caller]
    fn time(self, name: &str) -> Timestamp {
        let Some(ValueType::TimestampValue(at)) = self.value(name) else { panic!("`{name}` is not a timestamp") };
        Timestamp::new(at.seconds, at.nanos).expect("a timestamp of the sample is within jiff's range")
    }

    #[track_caller]
    fn map(self, name: &str) -> Self {
        let Some(ValueType::MapValue(map)) = self.value(name) else { panic!("`{name}` is not a map") };
        Self(&map.fields)
    }

    #[track_caller]
    fn texts(self, name: &str) -> Vec<&'a str> {
        let Some(ValueType::ArrayValue(array)) = self.value(name) else { panic!("`{name}` is not an array") };
        let text = |value: &'a Value| match &value.value_type {
            Some(ValueType::StringValue(text)) => text.as_str(),
            other => panic!("`{name}` holds {other:?}"),
        };
        array.values.iter().map(text).collect()
    }

    fn is_null(self, name: &str) -> bool {
        matches!(self.value(name), Some(ValueType::NullValue(_)))
    }
}

fn counts(documents: &[SampleDocument]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for document in documents {
        // Documents of a subcollection are counted for all of its parents together.
        let segments: Vec<_> = document.path.split('/').step_by(2).collect();
        *counts.entry(segments.join("/*/")).or_default() += 1;
    }
    counts
}

#[test]
fn now_is_a_wednesday_morning_in_phoenix() {
    assert_eq!(NOW, "2026-03-18T17:00:00Z".parse::<Timestamp>().expect("a valid timestamp"));
}

#[test]
fn the_same_scale_always_gives_the_same_documents() {
    assert!(monsoon_west(1) == monsoon_west(1));
    assert!(monsoon_west(2) == monsoon_west(2));
    assert!(juniper_east() == juniper_east());
}

#[test]
fn the_documents_never_change_unnoticed() {
    // Where this digest moves the sample has changed, and with it numbers that other tests may rely on.
    let digest = |documents: Vec<SampleDocument>| {
        let text = documents.into_iter().fold(String::new(), |mut text, document| {
            let fields: BTreeMap<_, _> = document.fields.into_iter().collect();
            text.push_str(&format!("{} {}\n", document.path, ordered(&fields)));
            text
        });
        builder::sha256_hex(&text, 16)
    };
    let digests = [digest(monsoon_west(1)), digest(juniper_east())];
    assert_eq!(digests, ["56800259875b121b", "0dec3ab2f6a57d31"]);
}

/// The fields in an order that does not depend on a hash map.
fn ordered(fields: &BTreeMap<String, Value>) -> String {
    let mut text = String::from("{");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {}, ", ordered_value(value)));
    }
    text + "}"
}

fn ordered_value(value: &Value) -> String {
    match &value.value_type {
        Some(ValueType::MapValue(map)) => ordered(&map.fields.clone().into_iter().collect()),
        Some(ValueType::ArrayValue(array)) => array.values.iter().map(ordered_value).collect::<Vec<_>>().join("; "),
        plain => format!("{plain:?}"),
    }
}

#[test]
fn the_sample_has_its_promised_size() {
    let documents = monsoon_west(1);
    let counts = counts(&documents);
    assert!((2_400..=2_700).contains(&documents.len()), "{} documents: {counts:#?}", documents.len());
    for (collection, least, most) in [
        ("users", 60, 60),
        ("agentClients", 9, 9),
        ("batches", 175, 185),
        ("reservations", 235, 245),
        ("kilns", 5, 5),
        ("kilnFirings", 70, 70),
        ("communityReports", 45, 45),
        ("agentRequests", 60, 60),
        ("materialsOrders", 120, 120),
        ("events", 24, 24),
        ("eventSignups", 295, 305),
        ("eventCharges", 85, 90),
        ("payments", 200, 210),
        ("stripeWebhookEvents", 415, 425),
        ("delegations", 35, 35),
        ("libraryLoans", 40, 40),
        ("notificationJobs", 400, 400),
    ] {
        let count = counts[collection];
        assert!((least..=most).contains(&count), "{count} {collection}, promised {least} to {most}");
    }
}

#[test]
fn scale_20_exceeds_2000_documents_in_every_collection_that_is_judged() {
    let counts = counts(&monsoon_west(20));
    for collection in [
        "batches",
        "reservations",
        "kilnFirings",
        "communityReports",
        "agentRequests",
        "materialsOrders",
        "eventSignups",
        "payments",
        "stripeWebhookEvents",
        "notificationJobs",
    ] {
        assert!(counts[collection] > 2_000, "{} {collection}", counts[collection]);
    }
}

#[test]
fn a_higher_scale_keeps_the_edge_cases_as_they_are() {
    let (one, two) = (Studio::at_scale(1), Studio::at_scale(2));
    for path in edge_cases().iter().flat_map(|case| &case.paths) {
        assert!(one.0[path] == two.0[path], "`{path}` depends on the scale");
    }
}

#[test]
fn paths_are_sorted_unique_and_legal() {
    for documents in [monsoon_west(1), juniper_east()] {
        assert!(documents.windows(2).all(|pair| pair[0].path < pair[1].path));
        for document in &documents {
            let segments: Vec<_> = document.path.split('/').collect();
            assert!(segments.len() % 2 == 0, "`{}` is not a document's path", document.path);
            for segment in segments {
                let reserved = segment.starts_with("__") && segment.ends_with("__");
                let legal =
                    !segment.is_empty() && segment.len() <= 1_500 && segment != "." && segment != ".." && !reserved;
                assert!(legal, "`{}` has an illegal id", document.path);
            }
        }
    }
}

#[test]
fn every_document_is_below_the_limit_of_one_mebibyte() {
    use gcloud_sdk::google::firestore::v1::Document;
    use gcloud_sdk::prost::Message;
    for SampleDocument { path, fields } in monsoon_west(1) {
        let size = Document { fields, ..Document::default() }.encoded_len();
        assert!(size < 1_048_576, "`{path}` has {size} bytes");
    }
}

#[test]
fn the_studios_share_no_document_and_no_person() {
    let ids =
        |documents: Vec<SampleDocument>| documents.into_iter().map(|document| document.path).collect::<BTreeSet<_>>();
    let (west, east) = (ids(monsoon_west(1)), ids(juniper_east()));
    assert!(west.is_disjoint(&east));
    assert!((24..=60).contains(&east.len()), "{} documents", east.len());
}
