use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, MapValue, Value};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::SampleDocument;

/// A document of `collection`, without fields yet.
pub(super) fn doc(collection: &str, id: impl AsRef<str>) -> SampleDocument {
    SampleDocument { path: format!("{collection}/{}", id.as_ref()), fields: HashMap::new() }
}

/// A map, without fields yet.
pub(super) fn map() -> Map {
    Map(HashMap::new())
}

/// A map value that is being filled.
#[derive(Clone)]
pub(super) struct Map(HashMap<String, Value>);

impl Fill for SampleDocument {
    fn set(mut self, name: &str, value: ValueType) -> Self {
        self.fields.insert(name.to_owned(), Value { value_type: Some(value) });
        self
    }
}

impl Fill for Map {
    fn set(mut self, name: &str, value: ValueType) -> Self {
        self.0.insert(name.to_owned(), Value { value_type: Some(value) });
        self
    }
}

/// Fills a document or a map, one field per line. A later field of the same name replaces the earlier one.
pub(super) trait Fill: Sized {
    /// Any value.
    fn set(self, name: &str, value: ValueType) -> Self;

    /// A string.
    fn text(self, name: &str, text: impl Into<String>) -> Self {
        self.set(name, string(text))
    }

    /// A string, or null.
    fn text_or_null(self, name: &str, text: Option<impl Into<String>>) -> Self {
        self.set(name, text.map_or(NULL, string))
    }

    /// An integer: a count, or cents.
    fn int(self, name: &str, number: i64) -> Self {
        self.set(name, ValueType::IntegerValue(number))
    }

    /// A double: a measure, or dollars in reservations.
    fn double(self, name: &str, number: f64) -> Self {
        self.set(name, ValueType::DoubleValue(number))
    }

    /// True or false.
    fn flag(self, name: &str, flag: bool) -> Self {
        self.set(name, ValueType::BooleanValue(flag))
    }

    /// A moment.
    fn time(self, name: &str, at: Timestamp) -> Self {
        self.set(name, moment(at))
    }

    /// A moment, or null.
    fn time_or_null(self, name: &str, at: Option<Timestamp>) -> Self {
        self.set(name, at.map_or(NULL, moment))
    }

    /// Null, which is not the same as missing.
    fn null(self, name: &str) -> Self {
        self.set(name, NULL)
    }

    /// An array of strings.
    fn texts<T: Into<String>>(self, name: &str, texts: impl IntoIterator<Item = T>) -> Self {
        self.set(name, array(texts.into_iter().map(string)))
    }

    /// A map.
    fn map(self, name: &str, fields: Map) -> Self {
        self.set(name, nested(fields))
    }

    /// An array of maps.
    fn maps(self, name: &str, maps: impl IntoIterator<Item = Map>) -> Self {
        self.set(name, array(maps.into_iter().map(nested)))
    }
}

const NULL: ValueType = ValueType::NullValue(0);

fn string(text: impl Into<String>) -> ValueType {
    ValueType::StringValue(text.into())
}

fn moment(at: Timestamp) -> ValueType {
    let nanos = at.subsec_nanosecond();
    assert!(nanos % 1_000 == 0, "BUG: Firestore keeps microseconds");
    ValueType::TimestampValue(gcloud_sdk::prost_types::Timestamp { seconds: at.as_second(), nanos })
}

fn array(values: impl Iterator<Item = ValueType>) -> ValueType {
    ValueType::ArrayValue(ArrayValue { values: values.map(|value| Value { value_type: Some(value) }).collect() })
}

fn nested(fields: Map) -> ValueType {
    ValueType::MapValue(MapValue { fields: fields.0 })
}

/// A span of whole days.
pub(super) const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// A span of whole hours.
pub(super) const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// A span of whole minutes.
pub(super) const fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// An index as a Firestore integer.
pub(super) fn integer(index: usize) -> i64 {
    i64::try_from(index).expect("BUG: an index fits into an i64")
}

/// The first `digits` hexadecimal digits of the text's SHA-256, as the cloud makes its keys.
pub(super) fn sha256_hex(text: &str, digits: usize) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))[..digits].to_owned()
}
