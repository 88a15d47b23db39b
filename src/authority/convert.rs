//! Values and documents, from the wire and to it, without loss.

use gcloud_sdk::google::firestore::v1 as wire;
use gcloud_sdk::google::r#type::LatLng;
use wire::value::ValueType;

use crate::authority::error::{Error, Result};
use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::sighting::{Sighting, Unreadable};
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};

/// The deepest nesting that Firestore stores is 20; anything far deeper is damage, and canonical text would not come back.
const DEEPEST: usize = 32;

/// Why a document can't be kept: it names the field, never what is in it.
#[derive(Debug, PartialEq, Eq)]
struct Unkeepable(String);

/// A moment of the wire.
pub(super) const fn timestamp(moment: &prost_types::Timestamp) -> Timestamp {
    Timestamp::from_parts(moment.seconds, moment.nanos)
}

/// A moment for the wire.
pub(super) const fn wire_timestamp(moment: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = moment.parts();
    prost_types::Timestamp { seconds, nanos }
}

/// A document's path from its full resource name.
pub(super) fn path(root: &str, name: &str, doing: &str) -> Result<DocPath> {
    let path = name
        .strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'))
        .ok_or_else(|| Error::malformed(doing, format!("the server named a document outside of {root}")))?;
    DocPath::parse(path).map_err(|error| Error::malformed(doing, error.to_string()))
}

/// A document as it arrived: readable, or recorded as unreadable.
pub(super) fn sighting(root: &str, document: wire::Document, doing: &str) -> Result<Sighting> {
    let path = path(root, &document.name, doing)?;
    let no_time = || Error::malformed(doing, format!("the server sent `{path}` without its times"));
    let update_time = document.update_time.as_ref().map(timestamp).ok_or_else(no_time)?;
    let create_time = document.create_time.as_ref().map(timestamp).ok_or_else(no_time)?;
    Ok(match fields(document.fields, 0) {
        Ok(fields) => Sighting::Readable(Document { path, fields, create_time, update_time }),
        Err(Unkeepable(why)) => Sighting::Unreadable(Unreadable { path, update_time, why }),
    })
}

fn fields(
    members: impl IntoIterator<Item = (String, wire::Value)>,
    depth: usize,
) -> std::result::Result<Fields, Unkeepable> {
    members
        .into_iter()
        .map(|(name, inner)| match value(inner, depth) {
            Ok(inner) => Ok((name, inner)),
            Err(Unkeepable(why)) => Err(Unkeepable(format!("`{name}`: {why}"))),
        })
        .collect()
}

fn value(value_of: wire::Value, depth: usize) -> std::result::Result<Value, Unkeepable> {
    let unkeepable = |why: &str| Err(Unkeepable(why.to_owned()));
    if depth > DEEPEST {
        return unkeepable("it is nested too deeply");
    }
    let Some(content) = value_of.value_type else { return unkeepable("it is of a type that we do not know") };
    Ok(match content {
        ValueType::NullValue(_) => Value::Null,
        ValueType::BooleanValue(boolean) => Value::Boolean(boolean),
        ValueType::IntegerValue(integer) => Value::Integer(integer),
        ValueType::DoubleValue(double) => Value::Double(double),
        ValueType::TimestampValue(moment) => match whole_timestamp(&moment) {
            Some(moment) => Value::Timestamp(moment),
            None => return unkeepable("its timestamp lies outside the years 1 to 9999 or is finer than a microsecond"),
        },
        ValueType::StringValue(text) => Value::Text(text),
        ValueType::BytesValue(bytes) => Value::Bytes(bytes),
        ValueType::ReferenceValue(name) => Value::Reference(name),
        ValueType::GeoPointValue(LatLng { latitude, longitude }) => Value::GeoPoint { latitude, longitude },
        ValueType::ArrayValue(array) => Value::Array(
            array.values.into_iter().map(|inner| value(inner, depth + 1)).collect::<std::result::Result<_, _>>()?,
        ),
        ValueType::MapValue(map) => Value::Map(fields(map.fields, depth + 1)?),
        ValueType::FieldReferenceValue(_)
        | ValueType::VariableReferenceValue(_)
        | ValueType::FunctionValue(_)
        | ValueType::PipelineValue(_) => return unkeepable("it is a part of a query, not a value"),
    })
}

/// A moment that our type keeps exactly.
fn whole_timestamp(moment: &prost_types::Timestamp) -> Option<Timestamp> {
    let years = -62_135_596_800..=253_402_300_799;
    let exact = (0..1_000_000_000).contains(&moment.nanos) && moment.nanos % 1_000 == 0;
    (exact && years.contains(&moment.seconds)).then(|| timestamp(moment))
}

/// Fields for the wire.
pub(super) fn wire_fields(fields: &Fields) -> std::collections::HashMap<String, wire::Value> {
    fields.iter().map(|(name, value)| (name.clone(), wire_value(value))).collect()
}

/// A value for the wire.
pub(super) fn wire_value(value: &Value) -> wire::Value {
    let content = match value {
        Value::Null => ValueType::NullValue(0),
        Value::Boolean(boolean) => ValueType::BooleanValue(*boolean),
        Value::Integer(integer) => ValueType::IntegerValue(*integer),
        Value::Double(double) => ValueType::DoubleValue(*double),
        Value::Timestamp(moment) => ValueType::TimestampValue(wire_timestamp(*moment)),
        Value::Text(text) => ValueType::StringValue(text.clone()),
        Value::Bytes(bytes) => ValueType::BytesValue(bytes.clone()),
        Value::Reference(name) => ValueType::ReferenceValue(name.clone()),
        Value::GeoPoint { latitude, longitude } => {
            ValueType::GeoPointValue(LatLng { latitude: *latitude, longitude: *longitude })
        }
        Value::Array(values) => {
            ValueType::ArrayValue(wire::ArrayValue { values: values.iter().map(wire_value).collect() })
        }
        Value::Map(fields) => ValueType::MapValue(wire::MapValue { fields: wire_fields(fields) }),
    };
    wire::Value { value_type: Some(content) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::tests::any_fields;

    const ROOT: &str = "projects/p/databases/(default)/documents";

    fn document(fields: std::collections::HashMap<String, wire::Value>) -> wire::Document {
        let time = Some(prost_types::Timestamp { seconds: 7, nanos: 1_000 });
        wire::Document { name: format!("{ROOT}/c/d"), fields, create_time: time, update_time: time }
    }

    proptest! {
        #[test]
        fn every_value_survives_the_wire(fields in any_fields()) {
            let seen = sighting(ROOT, document(wire_fields(&fields)), "test").expect("well formed");
            let Sighting::Readable(seen) = seen else { panic!("unreadable: {seen:?}") };
            prop_assert_eq!(seen.fields, fields);
            prop_assert_eq!(seen.update_time, Timestamp::from_micros(7_000_001));
        }
    }

    fn nested(depth: usize) -> std::collections::HashMap<String, wire::Value> {
        let innermost = wire::Value { value_type: Some(ValueType::MapValue(wire::MapValue::default())) };
        let wrap = |inner, _| {
            let fields = [("in".to_owned(), inner)].into();
            wire::Value { value_type: Some(ValueType::MapValue(wire::MapValue { fields })) }
        };
        [("m".to_owned(), (1..depth).fold(innermost, wrap))].into()
    }

    #[test]
    fn whatever_is_kept_comes_back_from_its_canonical_text_however_deep() {
        for depth in 1..120 {
            match sighting(ROOT, document(nested(depth)), "test").expect("well formed") {
                Sighting::Readable(kept) => {
                    let again = crate::domain::canonical::decode(&crate::domain::canonical::encode(&kept.fields));
                    assert_eq!(again.as_ref(), Ok(&kept.fields), "{depth} levels");
                }
                Sighting::Unreadable(unreadable) => assert!(depth > 20, "{depth} levels: {}", unreadable.why),
            }
        }
    }

    #[track_caller]
    fn check_unreadable(content: Option<ValueType>, expect: &str) {
        let inner = wire::Value { value_type: content };
        let map = ValueType::MapValue(wire::MapValue { fields: [("in".to_owned(), inner)].into() });
        let fields = [("m".to_owned(), wire::Value { value_type: Some(map) })].into();
        match sighting(ROOT, document(fields), "test") {
            Ok(Sighting::Unreadable(unreadable)) => assert!(unreadable.why.contains(expect), "{}", unreadable.why),
            other => panic!("not unreadable: {other:?}"),
        }
    }

    #[test]
    fn what_can_not_be_kept_is_named_and_not_guessed() {
        check_unreadable(None, "`m`: `in`: it is of a type that we do not know");
        check_unreadable(Some(ValueType::FieldReferenceValue("x".to_owned())), "a part of a query");
        for (seconds, nanos) in [(i64::MAX, 0), (0, 1), (0, -1), (0, 1_000_000_000)] {
            let moment = prost_types::Timestamp { seconds, nanos };
            check_unreadable(Some(ValueType::TimestampValue(moment)), "timestamp");
        }
    }

    #[test]
    fn a_document_without_times_or_from_elsewhere_is_an_error() {
        let mut elsewhere = document(Default::default());
        elsewhere.name = "projects/q/databases/(default)/documents/c/d".to_owned();
        assert!(sighting(ROOT, elsewhere, "test").is_err());
        let timeless = wire::Document { update_time: None, ..document(Default::default()) };
        assert!(sighting(ROOT, timeless, "test").is_err());
    }
}
