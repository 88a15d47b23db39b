//! What the server holds, in the canonical text, written without any code of the mirror's.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use serde_json::{Value as Json, json};
use studio_brain::domain::canonical;
use studio_brain::domain::ids::Hash;
use studio_brain::sandbox::firestore::Database;
use studio_brain::store::{Store, TargetState};

/// A document in one line: its canonical text, the microseconds of its creation and of its last change.
pub(super) type Line = (String, i64, i64);

/// Everything the server holds.
pub(super) fn of_server(database: &Database) -> BTreeMap<String, Line> {
    let micros = |moment: Option<prost_types::Timestamp>| {
        let moment = moment.expect("a stored document has its times");
        moment.seconds * 1_000_000 + i64::from(moment.nanos / 1_000)
    };
    let line = |path: String| {
        let document = database.get(&path).expect("it was listed");
        let text = fields(&document.fields).to_string();
        (path, (text, micros(document.create_time), micros(document.update_time)))
    };
    database.paths().into_iter().map(line).collect()
}

/// Everything the mirror holds, after looking at how it holds it.
pub(super) async fn of_mirror(store: &Store) -> Result<BTreeMap<String, Line>, String> {
    let failed = |error: studio_brain::store::Error| format!("the mirror can't be read: {error:?}");
    let targets = store.targets().await.map_err(failed)?;
    let mut lines = BTreeMap::new();
    let held = store.documents_held().await.map_err(failed)?;
    for target in &targets {
        if target.state != TargetState::Current || target.error.is_some() {
            return Err(format!("`{}` is not current: {target:?}", target.collection));
        }
        let all = store.documents_all(std::slice::from_ref(&target.collection)).await.map_err(failed)?;
        let documents = all.into_values().next().unwrap_or_default();
        let counted = held.get(&target.collection).copied().unwrap_or_default();
        if (counted.documents, counted.unreadable) != (documents.len() as u64, 0) {
            return Err(format!("`{}` holds {} documents and counts {counted:?}", target.collection, documents.len()));
        }
        for seen in documents {
            let text = canonical::encode(&seen.document.fields);
            if Hash::of(&text) != seen.hash {
                return Err(format!("`{}` was hashed from another text than it gives back", seen.document.path));
            }
            let (created, updated) = (seen.document.create_time.micros(), seen.document.update_time.micros());
            lines.insert(seen.document.path.to_string(), (text, created, updated));
        }
    }
    Ok(lines)
}

/// Says what differs, if anything does.
pub(super) fn compare(mirror: &BTreeMap<String, Line>, server: &BTreeMap<String, Line>) -> Result<(), String> {
    let paths = mirror.keys().chain(server.keys());
    let wrong = paths.filter(|path| mirror.get(*path) != server.get(*path));
    let mut differences: Vec<String> = wrong
        .map(|path| format!("{path}\n     mirror {:?}\n     server {:?}", mirror.get(path), server.get(path)))
        .collect();
    differences.dedup();
    if differences.is_empty() { Ok(()) } else { Err(format!("the mirror is wrong about {}", differences.join("\n"))) }
}

/// Fields as their canonical text says them.
pub(super) fn fields(of: &HashMap<String, Value>) -> Json {
    let sorted: BTreeMap<_, _> = of.iter().collect();
    Json::Object(sorted.into_iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

fn double(of: f64) -> Json {
    match of {
        of if of.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        of => json!(of),
    }
}

fn text(value: &Value) -> Json {
    match value.value_type.as_ref().expect("a stored value has a type") {
        ValueType::NullValue(_) => json!({ "nullValue": null }),
        ValueType::BooleanValue(of) => json!({ "booleanValue": of }),
        ValueType::IntegerValue(of) => json!({ "integerValue": of.to_string() }),
        ValueType::DoubleValue(of) => json!({ "doubleValue": double(*of) }),
        ValueType::TimestampValue(of) => json!({ "timestampValue": rfc3339(of) }),
        ValueType::StringValue(of) => json!({ "stringValue": of }),
        ValueType::BytesValue(of) => json!({ "bytesValue": STANDARD.encode(of) }),
        ValueType::ReferenceValue(of) => json!({ "referenceValue": of }),
        ValueType::GeoPointValue(of) => {
            json!({ "geoPointValue": { "latitude": double(of.latitude), "longitude": double(of.longitude) } })
        }
        ValueType::ArrayValue(of) => {
            json!({ "arrayValue": { "values": of.values.iter().map(text).collect::<Vec<_>>() } })
        }
        ValueType::MapValue(of) => json!({ "mapValue": { "fields": fields(&of.fields) } }),
        ValueType::FieldReferenceValue(_)
        | ValueType::VariableReferenceValue(_)
        | ValueType::FunctionValue(_)
        | ValueType::PipelineValue(_) => unreachable!("no document holds a part of a query"),
    }
}

/// The moment in text, by the civil calendar alone (days to civil, Howard Hinnant's algorithm).
fn rfc3339(of: &prost_types::Timestamp) -> String {
    let (days, second) = (of.seconds.div_euclid(86_400), of.seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let micros = of.nanos / 1_000;
    format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}
