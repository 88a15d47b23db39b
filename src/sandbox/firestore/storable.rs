//! What may be stored, in the form in which it is stored.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, MapValue, Value};
use tonic::Status;

use super::field_paths::is_reserved;
use super::names::{ResourcePath, parse_document_name};
use super::refusal::invalid;
use super::times::{Micros, check_range};
use super::values::vector;

/// Largest document, in stored bytes.
pub(super) const DOCUMENT_BYTES: usize = 1_048_576 - 4;
/// Largest single value, in stored bytes.
const VALUE_BYTES: usize = 1_048_487;
/// Longest field name, in bytes.
const FIELD_NAME_BYTES: usize = 1_500;
/// Deepest nesting of maps and arrays.
const DEPTH: usize = 20;
/// Most dimensions of a vector.
const DIMENSIONS: usize = 2_048;

/// Checks every field and brings it into stored form: times in microseconds, one NaN.
pub(super) fn store_fields(field: &str, fields: HashMap<String, Value>) -> Result<HashMap<String, Value>, Status> {
    store_map(field, fields, 0)
}

/// [`store_fields`] for one value, such as the operand of a transform.
pub(super) fn store_value(field: &str, value: Value) -> Result<Value, Status> {
    store(field, value, 0, false)
}

/// Refuses a document that is too large as a whole.
pub(super) fn check_size(name: &str, path: &ResourcePath, fields: &HashMap<String, Value>) -> Result<(), Status> {
    let size = path.stored_size() + fields_size(fields) + 32;
    if size <= DOCUMENT_BYTES {
        return Ok(());
    }
    Err(invalid("document", format_args!("`{name}` has {size} bytes, more than the maximum of {DOCUMENT_BYTES}")))
}

/// Refuses a document that masks and transforms have nested too deep: each part alone may be shallow.
pub(super) fn check_depth(name: &str, fields: &HashMap<String, Value>) -> Result<(), Status> {
    if fields.values().all(|value| is_within(value, DEPTH)) {
        return Ok(());
    }
    Err(invalid("document", format_args!("`{name}`: maps and arrays are nested more than {DEPTH} deep")))
}

fn is_within(value: &Value, depth: usize) -> bool {
    match &value.value_type {
        Some(ValueType::MapValue(map)) if vector(map).is_some() => depth > 0,
        Some(ValueType::MapValue(map)) => depth > 0 && map.fields.values().all(|value| is_within(value, depth - 1)),
        Some(ValueType::ArrayValue(array)) => depth > 0 && array.values.iter().all(|value| is_within(value, depth - 1)),
        _ => true,
    }
}

/// The numbers of a vector as doubles, which is how they are stored.
fn store_vector(at: &str, map: MapValue) -> Result<ValueType, Status> {
    let numbers = vector(&map).unwrap_or_default();
    if map.fields.len() != 2 || !(1..=DIMENSIONS).contains(&numbers.len()) {
        return Err(invalid(at, format_args!("a vector has `__type__`, `value` and 1 to {DIMENSIONS} numbers")));
    }
    let double = |value: &Value| match value.value_type {
        Some(ValueType::DoubleValue(number)) if number.is_nan() => Ok(f64::NAN),
        Some(ValueType::DoubleValue(number)) => Ok(number),
        #[expect(clippy::cast_precision_loss, reason = "a vector holds doubles")]
        Some(ValueType::IntegerValue(number)) => Ok(number as f64),
        _ => Err(invalid(at, "a vector holds numbers only")),
    };
    let stored = |number: f64| Value { value_type: Some(ValueType::DoubleValue(number)) };
    let values = numbers.iter().map(|value| double(value).map(stored)).collect::<Result<_, _>>()?;
    let mut fields = map.fields;
    fields.insert("value".to_owned(), Value { value_type: Some(ValueType::ArrayValue(ArrayValue { values })) });
    Ok(ValueType::MapValue(MapValue { fields }))
}

fn store_map(at: &str, fields: HashMap<String, Value>, depth: usize) -> Result<HashMap<String, Value>, Status> {
    let entry = |(name, value): (String, Value)| {
        if name.is_empty() || name.len() > FIELD_NAME_BYTES {
            return Err(invalid(at, "a field name has 1 to 1500 bytes"));
        }
        if is_reserved(&name) {
            return Err(invalid(at, format_args!("the field name `{name}` is reserved")));
        }
        let value = store(&format!("{at}.{name}"), value, depth, false)?;
        Ok((name, value))
    };
    fields.into_iter().map(entry).collect()
}

fn store(at: &str, value: Value, depth: usize, in_array: bool) -> Result<Value, Status> {
    let refuse = |problem: &str| Err(invalid(at, problem));
    let stored = match value.value_type {
        None => return refuse("a value has no type"),
        Some(ValueType::NullValue(_)) => ValueType::NullValue(0),
        Some(ValueType::DoubleValue(number)) if number.is_nan() => ValueType::DoubleValue(f64::NAN),
        Some(ValueType::TimestampValue(time)) => {
            check_range(at, &time)?;
            ValueType::TimestampValue(Micros::from_timestamp(&time).timestamp())
        }
        Some(ValueType::StringValue(text)) if text.len() > VALUE_BYTES => return refuse("a text is too long"),
        Some(ValueType::BytesValue(bytes)) if bytes.len() > VALUE_BYTES => return refuse("bytes are too long"),
        Some(ValueType::ReferenceValue(name)) => {
            parse_document_name(at, &name)?;
            ValueType::ReferenceValue(name)
        }
        Some(ValueType::GeoPointValue(point))
            if !(-90.0..=90.0).contains(&point.latitude) || !(-180.0..=180.0).contains(&point.longitude) =>
        {
            return refuse("a point is not on the globe");
        }
        Some(ValueType::ArrayValue(_)) if in_array => return refuse("an array cannot stand directly in an array"),
        Some(ValueType::ArrayValue(_) | ValueType::MapValue(_)) if depth == DEPTH => {
            return refuse("maps and arrays are nested more than 20 deep");
        }
        Some(ValueType::ArrayValue(mut array)) => {
            let values = array.values.into_iter().map(|value| store(at, value, depth + 1, true));
            array.values = values.collect::<Result<_, _>>()?;
            ValueType::ArrayValue(array)
        }
        // The type mark of a vector is the one reserved name that a map may hold.
        Some(ValueType::MapValue(map)) if vector(&map).is_some() => store_vector(at, map)?,
        Some(ValueType::MapValue(map)) => {
            ValueType::MapValue(MapValue { fields: store_map(at, map.fields, depth + 1)? })
        }
        Some(
            plain @ (ValueType::BooleanValue(_)
            | ValueType::IntegerValue(_)
            | ValueType::DoubleValue(_)
            | ValueType::StringValue(_)
            | ValueType::BytesValue(_)
            | ValueType::GeoPointValue(_)),
        ) => plain,
        Some(
            ValueType::FieldReferenceValue(_)
            | ValueType::VariableReferenceValue(_)
            | ValueType::FunctionValue(_)
            | ValueType::PipelineValue(_),
        ) => return refuse("parts of pipelines cannot be stored"),
    };
    Ok(Value { value_type: Some(stored) })
}

fn fields_size(fields: &HashMap<String, Value>) -> usize {
    fields.iter().map(|(name, value)| name.len() + 1 + value_size(value)).sum()
}

/// The size of a value as the service's documentation counts it.
fn value_size(value: &Value) -> usize {
    match &value.value_type {
        None | Some(ValueType::NullValue(_) | ValueType::BooleanValue(_)) => 1,
        Some(ValueType::IntegerValue(_) | ValueType::DoubleValue(_) | ValueType::TimestampValue(_)) => 8,
        Some(ValueType::GeoPointValue(_)) => 16,
        Some(ValueType::StringValue(text)) => text.len() + 1,
        Some(ValueType::ReferenceValue(name)) => name.len() + 1,
        Some(ValueType::BytesValue(bytes)) => bytes.len(),
        Some(ValueType::ArrayValue(array)) => array.values.iter().map(value_size).sum(),
        Some(ValueType::MapValue(map)) => fields_size(&map.fields),
        Some(
            ValueType::FieldReferenceValue(_)
            | ValueType::VariableReferenceValue(_)
            | ValueType::FunctionValue(_)
            | ValueType::PipelineValue(_),
        ) => 0,
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn one(value_type: ValueType) -> HashMap<String, Value> {
        HashMap::from([("f".to_owned(), Value { value_type: Some(value_type) })])
    }

    #[track_caller]
    fn refused(fields: HashMap<String, Value>, expect: &str) {
        let status = store_fields("document.fields", fields).unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert!(status.message().contains(expect), "{}", status.message());
    }

    fn nested(levels: usize) -> ValueType {
        (0..levels).fold(ValueType::BooleanValue(true), |inner, _| ValueType::MapValue(MapValue { fields: one(inner) }))
    }

    #[test]
    fn what_cannot_be_stored_is_refused_with_its_field() {
        let array =
            |inner: ValueType| ValueType::ArrayValue(ArrayValue { values: vec![Value { value_type: Some(inner) }] });
        refused(one(array(array(ValueType::BooleanValue(true)))), "document.fields.f: an array");
        refused(one(nested(21)), "20 deep");
        refused(one(ValueType::ReferenceValue("batches/b-1".to_owned())), "document.fields.f");
        refused(one(ValueType::TimestampValue(Timestamp { seconds: i64::MAX, nanos: 0 })), "not a time");
        refused(one(ValueType::FieldReferenceValue("a".to_owned())), "pipelines");
        refused(HashMap::from([("__a__".to_owned(), Value::default())]), "reserved");
        refused(HashMap::from([(String::new(), Value::default())]), "1 to 1500");
        assert!(store_fields("document.fields", one(nested(20))).is_ok());
    }

    #[test]
    fn a_vector_holds_doubles_and_nothing_else() {
        let value = |value_type| Value { value_type: Some(value_type) };
        let vector = |values: Vec<Value>| {
            let mark = value(ValueType::StringValue("__vector__".to_owned()));
            let values = value(ValueType::ArrayValue(ArrayValue { values }));
            let fields = HashMap::from([("__type__".to_owned(), mark), ("value".to_owned(), values)]);
            one(ValueType::MapValue(MapValue { fields }))
        };
        let stored = store_fields("f", vector(vec![value(ValueType::IntegerValue(1))])).unwrap();
        assert_eq!(stored, vector(vec![value(ValueType::DoubleValue(1.0))]));
        refused(vector(vec![value(ValueType::BooleanValue(true))]), "numbers only");
        refused(vector(Vec::new()), "1 to 2048 numbers");
        refused(vector(vec![value(ValueType::DoubleValue(0.0)); 2_049]), "1 to 2048 numbers");
    }

    #[test]
    fn stored_times_are_microseconds() {
        let fields = store_fields("f", one(ValueType::TimestampValue(Timestamp { seconds: 1, nanos: 1_999 }))).unwrap();
        assert_eq!(fields, one(ValueType::TimestampValue(Timestamp { seconds: 1, nanos: 1_000 })));
    }

    #[test]
    fn a_document_of_more_than_a_mebibyte_is_refused() {
        let path = ResourcePath::parse_document("name", "a/b").unwrap();
        let fields = |bytes| {
            HashMap::from([
                ("f".to_owned(), Value { value_type: Some(ValueType::BytesValue(vec![0; 524_288])) }),
                ("g".to_owned(), Value { value_type: Some(ValueType::BytesValue(vec![0; bytes])) }),
            ])
        };
        assert!(check_size("a/b", &path, &fields(500_000)).is_ok());
        assert!(check_size("a/b", &path, &fields(524_288)).is_err());
    }
}
