//! Field transforms: what the server computes from the value that is there.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{ServerValue, TransformType};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, Value};
use tonic::Status;

use super::field_paths::FieldPath;
use super::refusal::{invalid, missing};
use super::storable::store_value;
use super::times::Micros;
use super::values::{equal, order};

/// Most transforms of one document.
pub(super) const TRANSFORMS: usize = 500;

/// One transform, parsed.
pub(super) struct Transform {
    path: FieldPath,
    change: Change,
}

enum Change {
    RequestTime,
    Increment(Value),
    Maximum(Value),
    Minimum(Value),
    Append(Vec<Value>),
    Remove(Vec<Value>),
}

/// Parses the transforms of one write. `field` is the request field they came in.
pub(super) fn parse_transforms(field: &str, messages: Vec<FieldTransform>) -> Result<Vec<Transform>, Status> {
    messages.into_iter().map(|message| Transform::parse(field, message)).collect()
}

impl Transform {
    fn parse(field: &str, message: FieldTransform) -> Result<Self, Status> {
        let path = FieldPath::parse_writable(&format!("{field}.field_path"), &message.field_path)?;
        let number = |at: &str, value: Value| match value.value_type {
            Some(ValueType::IntegerValue(_) | ValueType::DoubleValue(_)) => store_value(at, value),
            _ => Err(invalid(&format!("{field}.{at}"), "must be a number")),
        };
        let values = |at: &str, array: ArrayValue| {
            let holder = Value { value_type: Some(ValueType::ArrayValue(array)) };
            match store_value(&format!("{field}.{at}"), holder)?.value_type {
                Some(ValueType::ArrayValue(array)) => Ok(array.values),
                _ => Err(invalid(field, "must be an array")),
            }
        };
        let change = match message.transform_type.ok_or_else(|| missing(&format!("{field}.transform_type")))? {
            TransformType::SetToServerValue(value) if value == i32::from(ServerValue::RequestTime) => {
                Change::RequestTime
            }
            TransformType::SetToServerValue(_) => {
                return Err(invalid(&format!("{field}.set_to_server_value"), "is not a server value"));
            }
            TransformType::Increment(value) => Change::Increment(number("increment", value)?),
            TransformType::Maximum(value) => Change::Maximum(number("maximum", value)?),
            TransformType::Minimum(value) => Change::Minimum(number("minimum", value)?),
            TransformType::AppendMissingElements(array) => Change::Append(values("append_missing_elements", array)?),
            TransformType::RemoveAllFromArray(array) => Change::Remove(values("remove_all_from_array", array)?),
        };
        Ok(Self { path, change })
    }

    /// Changes the field and answers what the client is told.
    pub(super) fn apply(&self, fields: &mut HashMap<String, Value>, request_time: Micros) -> Value {
        let stored = self.path.get(fields);
        let null = Value { value_type: Some(ValueType::NullValue(0)) };
        let (value, answer) = match &self.change {
            Change::RequestTime => told(ValueType::TimestampValue(request_time.whole_millis().timestamp())),
            Change::Increment(by) => told(increment(stored, by)),
            Change::Maximum(other) => told(keep(stored, other, |stored, other| order(stored, other).is_ge())),
            Change::Minimum(other) => told(keep(stored, other, |stored, other| order(stored, other).is_le())),
            Change::Append(values) => (array(append(elements(stored), values)), null),
            Change::Remove(values) => (array(remove(elements(stored), values)), null),
        };
        self.path.set(fields, value);
        answer
    }
}

fn told(value_type: ValueType) -> (Value, Value) {
    let value = Value { value_type: Some(value_type) };
    (value.clone(), value)
}

fn array(values: Vec<Value>) -> Value {
    Value { value_type: Some(ValueType::ArrayValue(ArrayValue { values })) }
}

/// What is not an array counts as an empty one.
fn elements(stored: Option<&Value>) -> Vec<Value> {
    match stored.and_then(|value| value.value_type.as_ref()) {
        Some(ValueType::ArrayValue(array)) => array.values.clone(),
        _ => Vec::new(),
    }
}

fn append(mut elements: Vec<Value>, values: &[Value]) -> Vec<Value> {
    for value in values {
        if !elements.iter().any(|element| equal(element, value)) {
            elements.push(value.clone());
        }
    }
    elements
}

fn remove(mut elements: Vec<Value>, values: &[Value]) -> Vec<Value> {
    elements.retain(|element| !values.iter().any(|value| equal(element, value)));
    elements
}

/// Integers stop at their bounds; one double makes the sum a double; what is not a number is replaced.
fn increment(stored: Option<&Value>, by: &Value) -> ValueType {
    let parsed = |value: &ValueType| value.clone();
    match (stored.and_then(|value| value.value_type.as_ref()), by.value_type.as_ref()) {
        (Some(ValueType::IntegerValue(stored)), Some(ValueType::IntegerValue(by))) => {
            ValueType::IntegerValue(stored.saturating_add(*by))
        }
        (Some(stored), Some(by)) if as_double(stored).is_some() => {
            ValueType::DoubleValue(as_double(stored).unwrap_or_default() + as_double(by).unwrap_or_default())
        }
        (_, by) => by.map_or(ValueType::NullValue(0), parsed),
    }
}

fn as_double(value: &ValueType) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a sum with a double is a double")]
    match value {
        ValueType::IntegerValue(number) => Some(*number as f64),
        ValueType::DoubleValue(number) => Some(*number),
        ValueType::NullValue(_)
        | ValueType::BooleanValue(_)
        | ValueType::TimestampValue(_)
        | ValueType::StringValue(_)
        | ValueType::BytesValue(_)
        | ValueType::ReferenceValue(_)
        | ValueType::GeoPointValue(_)
        | ValueType::ArrayValue(_)
        | ValueType::MapValue(_)
        | ValueType::FieldReferenceValue(_)
        | ValueType::VariableReferenceValue(_)
        | ValueType::FunctionValue(_)
        | ValueType::PipelineValue(_) => None,
    }
}

/// The stored number stays if `stays` says so, which it does for equal ones; NaN beats every number.
fn keep(stored: Option<&Value>, other: &Value, stays: fn(&Value, &Value) -> bool) -> ValueType {
    let other_type = || other.value_type.clone().unwrap_or(ValueType::NullValue(0));
    let Some(stored) = stored else { return other_type() };
    match &stored.value_type {
        Some(own) if as_double(own).is_some_and(f64::is_nan) => own.clone(),
        Some(own) if as_double(own).is_some() && !super::values::is_nan(other) && stays(stored, other) => own.clone(),
        _ => other_type(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(number: i64) -> Value {
        Value { value_type: Some(ValueType::IntegerValue(number)) }
    }

    fn double(number: f64) -> Value {
        Value { value_type: Some(ValueType::DoubleValue(number)) }
    }

    fn text() -> Value {
        Value { value_type: Some(ValueType::StringValue("x".to_owned())) }
    }

    #[track_caller]
    fn check(stored: Option<Value>, transform: TransformType, expect: Value) {
        let message = FieldTransform { field_path: "f".to_owned(), transform_type: Some(transform) };
        let transform = Transform::parse("update_transforms", message).unwrap();
        let mut fields: HashMap<String, Value> = stored.map(|value| ("f".to_owned(), value)).into_iter().collect();
        transform.apply(&mut fields, Micros(1_234_567));
        assert!(super::super::values::identical(&fields["f"], &expect), "{:?} is not {expect:?}", fields["f"]);
    }

    #[test]
    fn increments_saturate_and_turn_into_doubles() {
        let by = |value: Value| TransformType::Increment(value);
        check(None, by(integer(2)), integer(2));
        check(Some(text()), by(integer(2)), integer(2));
        check(Some(integer(1)), by(integer(2)), integer(3));
        check(Some(integer(i64::MAX)), by(integer(1)), integer(i64::MAX));
        check(Some(integer(1)), by(double(0.5)), double(1.5));
        check(Some(double(1.5)), by(integer(1)), double(2.5));
    }

    #[test]
    fn equal_numbers_keep_the_stored_one_and_nan_wins() {
        check(Some(integer(3)), TransformType::Maximum(double(3.0)), integer(3));
        check(Some(double(-0.0)), TransformType::Minimum(integer(0)), double(-0.0));
        check(Some(integer(3)), TransformType::Maximum(double(3.5)), double(3.5));
        check(Some(integer(3)), TransformType::Minimum(integer(4)), integer(3));
        check(Some(integer(3)), TransformType::Maximum(double(f64::NAN)), double(f64::NAN));
        check(Some(double(f64::NAN)), TransformType::Minimum(integer(0)), double(f64::NAN));
        check(Some(text()), TransformType::Maximum(integer(1)), integer(1));
    }

    #[test]
    fn arrays_are_sets_under_query_equality() {
        let values = |values: &[Value]| ArrayValue { values: values.to_vec() };
        let stored = Some(array(vec![integer(3), integer(3), double(f64::NAN)]));
        let append =
            TransformType::AppendMissingElements(values(&[double(3.0), integer(4), integer(4), double(f64::NAN)]));
        check(stored.clone(), append, array(vec![integer(3), integer(3), double(f64::NAN), integer(4)]));
        check(stored, TransformType::RemoveAllFromArray(values(&[double(3.0)])), array(vec![double(f64::NAN)]));
        check(Some(text()), TransformType::AppendMissingElements(values(&[integer(1)])), array(vec![integer(1)]));
    }

    #[test]
    fn the_request_time_is_whole_milliseconds() {
        let now = TransformType::SetToServerValue(ServerValue::RequestTime.into());
        let expect = Value { value_type: Some(ValueType::TimestampValue(Micros(1_234_000).timestamp())) };
        check(None, now, expect);
    }
}
