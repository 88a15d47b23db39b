//! The order of values in queries, and two equalities.
//!
//! In queries `1` and `1.0` are equal. As stored values they differ: see `identical`.

use std::cmp::Ordering;
use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{MapValue, Value};

use super::names::segment_order;
use super::times::Micros;

/// Only so many bytes of a string or of bytes take part in queries.
const INDEXED_BYTES: usize = 1_500;

/// The kinds of values in Firestore's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    Time,
    Text,
    Bytes,
    Reference,
    Point,
    Array,
    Vector,
    Map,
    /// Function, pipeline and field reference: they are parts of pipelines and cannot be stored.
    Expression,
}

/// A value borrowed as what it is for an order.
enum Seen<'value> {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Time(Micros),
    Text(&'value str),
    Bytes(&'value [u8]),
    Reference(&'value str),
    Point(f64, f64),
    Array(&'value [Value]),
    Vector(&'value [Value]),
    Map(&'value HashMap<String, Value>),
    Expression,
}

/// The kind of a value. A value without a type counts as null.
pub(super) fn kind(value: &Value) -> Kind {
    match see(value) {
        Seen::Null => Kind::Null,
        Seen::Boolean(_) => Kind::Boolean,
        Seen::Integer(_) | Seen::Double(_) => Kind::Number,
        Seen::Time(_) => Kind::Time,
        Seen::Text(_) => Kind::Text,
        Seen::Bytes(_) => Kind::Bytes,
        Seen::Reference(_) => Kind::Reference,
        Seen::Point(..) => Kind::Point,
        Seen::Array(_) => Kind::Array,
        Seen::Vector(_) => Kind::Vector,
        Seen::Map(_) => Kind::Map,
        Seen::Expression => Kind::Expression,
    }
}

/// Firestore's total order of values.
pub(super) fn order(one: &Value, two: &Value) -> Ordering {
    match (see(one), see(two)) {
        (Seen::Boolean(one), Seen::Boolean(two)) => one.cmp(&two),
        (Seen::Integer(one), Seen::Integer(two)) => one.cmp(&two),
        (Seen::Integer(one), Seen::Double(two)) => order_integer_double(one, two),
        (Seen::Double(one), Seen::Integer(two)) => order_integer_double(two, one).reverse(),
        (Seen::Double(one), Seen::Double(two)) => order_doubles(one, two),
        (Seen::Time(one), Seen::Time(two)) => one.cmp(&two),
        (Seen::Text(one), Seen::Text(two)) => indexed(one.as_bytes()).cmp(indexed(two.as_bytes())),
        (Seen::Bytes(one), Seen::Bytes(two)) => indexed(one).cmp(indexed(two)),
        (Seen::Reference(one), Seen::Reference(two)) => order_references(one, two),
        (Seen::Point(lat, lng), Seen::Point(other_lat, other_lng)) => {
            order_doubles(lat, other_lat).then_with(|| order_doubles(lng, other_lng))
        }
        (Seen::Array(one), Seen::Array(two)) => order_arrays(one, two),
        (Seen::Vector(one), Seen::Vector(two)) => one.len().cmp(&two.len()).then_with(|| order_arrays(one, two)),
        (Seen::Map(one), Seen::Map(two)) => order_maps(one, two),
        _ => kind(one).cmp(&kind(two)),
    }
}

/// Equality as queries and array transforms see it: `1` equals `1.0`, `-0.0` equals `0`, NaN equals NaN.
pub(super) fn equal(one: &Value, two: &Value) -> bool {
    order(one, two).is_eq()
}

/// Equality of stored values: same type, same content. A write of identical fields changes nothing.
pub(super) fn identical(one: &Value, two: &Value) -> bool {
    match (&one.value_type, &two.value_type) {
        (Some(ValueType::DoubleValue(one)), Some(ValueType::DoubleValue(two))) => {
            one.to_bits() == two.to_bits() || (one.is_nan() && two.is_nan())
        }
        (Some(ValueType::ArrayValue(one)), Some(ValueType::ArrayValue(two))) => {
            one.values.len() == two.values.len()
                && one.values.iter().zip(&two.values).all(|(one, two)| identical(one, two))
        }
        (Some(ValueType::MapValue(one)), Some(ValueType::MapValue(two))) => identical_fields(&one.fields, &two.fields),
        (one, two) => one == two,
    }
}

/// [`identical`] for all fields of two documents.
pub(super) fn identical_fields(one: &HashMap<String, Value>, two: &HashMap<String, Value>) -> bool {
    one.len() == two.len() && one.iter().all(|(name, value)| two.get(name).is_some_and(|other| identical(value, other)))
}

/// True for the double NaN.
pub(super) fn is_nan(value: &Value) -> bool {
    matches!(value.value_type, Some(ValueType::DoubleValue(number)) if number.is_nan())
}

/// The values of a map that stands for a vector.
pub(super) fn vector(map: &MapValue) -> Option<&[Value]> {
    let is_vector = matches!(
        map.fields.get("__type__").and_then(|value| value.value_type.as_ref()),
        Some(ValueType::StringValue(name)) if name == "__vector__"
    );
    match map.fields.get("value").and_then(|value| value.value_type.as_ref()) {
        Some(ValueType::ArrayValue(array)) if is_vector => Some(&array.values),
        _ => None,
    }
}

fn see(value: &Value) -> Seen<'_> {
    match &value.value_type {
        None | Some(ValueType::NullValue(_)) => Seen::Null,
        Some(ValueType::BooleanValue(truth)) => Seen::Boolean(*truth),
        Some(ValueType::IntegerValue(number)) => Seen::Integer(*number),
        Some(ValueType::DoubleValue(number)) => Seen::Double(*number),
        Some(ValueType::TimestampValue(time)) => Seen::Time(Micros::from_timestamp(time)),
        Some(ValueType::StringValue(text)) => Seen::Text(text),
        Some(ValueType::BytesValue(bytes)) => Seen::Bytes(bytes),
        Some(ValueType::ReferenceValue(name)) => Seen::Reference(name),
        Some(ValueType::GeoPointValue(point)) => Seen::Point(point.latitude, point.longitude),
        Some(ValueType::ArrayValue(array)) => Seen::Array(&array.values),
        Some(ValueType::MapValue(map)) => vector(map).map_or(Seen::Map(&map.fields), Seen::Vector),
        Some(
            ValueType::FieldReferenceValue(_)
            | ValueType::VariableReferenceValue(_)
            | ValueType::FunctionValue(_)
            | ValueType::PipelineValue(_),
        ) => Seen::Expression,
    }
}

fn indexed(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(INDEXED_BYTES)]
}

/// NaN first, and both zeros equal.
fn order_doubles(one: f64, two: f64) -> Ordering {
    one.partial_cmp(&two).unwrap_or_else(|| two.is_nan().cmp(&one.is_nan()))
}

/// Exact, also beyond 2^53, where a conversion to double would lose the difference.
fn order_integer_double(integer: i64, double: f64) -> Ordering {
    if double.is_nan() {
        return Ordering::Greater;
    }
    // 2^63 is the first double above every integer; -2^63 is the least integer itself.
    if double >= 9_223_372_036_854_775_808.0 {
        return Ordering::Less;
    }
    if double < -9_223_372_036_854_775_808.0 {
        return Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked above and the fraction looked at below")]
    let whole = double.trunc() as i64;
    integer.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&double.fract()).unwrap_or(Ordering::Equal))
}

fn order_references(one: &str, two: &str) -> Ordering {
    let mut ones = one.split('/');
    let mut twos = two.split('/');
    loop {
        match (ones.next(), twos.next()) {
            (Some(one), Some(two)) => match segment_order(one, two) {
                Ordering::Equal => {}
                order @ (Ordering::Less | Ordering::Greater) => return order,
            },
            (one, two) => return one.is_some().cmp(&two.is_some()),
        }
    }
}

fn order_arrays(one: &[Value], two: &[Value]) -> Ordering {
    let different = one.iter().zip(two).map(|(one, two)| order(one, two)).find(|order| order.is_ne());
    different.unwrap_or(one.len().cmp(&two.len()))
}

fn order_maps(one: &HashMap<String, Value>, two: &HashMap<String, Value>) -> Ordering {
    let [ones, twos] = [one, two].map(|map| {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_unstable_by_key(|(name, _)| name.as_bytes());
        entries
    });
    let entry = |((name, value), (other, against)): (&(&String, &Value), &(&String, &Value))| {
        name.as_bytes().cmp(other.as_bytes()).then_with(|| order(value, against))
    };
    ones.iter().zip(&twos).map(entry).find(|order| order.is_ne()).unwrap_or(ones.len().cmp(&twos.len()))
}

#[cfg(test)]
mod tests {
    use gcloud_sdk::google::firestore::v1::ArrayValue;
    use gcloud_sdk::google::r#type::LatLng;
    use prost_types::Timestamp;

    use super::*;

    fn value(value_type: ValueType) -> Value {
        Value { value_type: Some(value_type) }
    }

    fn integer(number: i64) -> Value {
        value(ValueType::IntegerValue(number))
    }

    fn double(number: f64) -> Value {
        value(ValueType::DoubleValue(number))
    }

    fn text(text: &str) -> Value {
        value(ValueType::StringValue(text.to_owned()))
    }

    fn array(values: &[Value]) -> Value {
        value(ValueType::ArrayValue(ArrayValue { values: values.to_vec() }))
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        let fields = entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        value(ValueType::MapValue(MapValue { fields }))
    }

    fn reference(path: &str) -> Value {
        value(ValueType::ReferenceValue(format!("projects/p/databases/d/documents/{path}")))
    }

    fn embedding(values: &[Value]) -> Value {
        map(&[("__type__", text("__vector__")), ("value", array(values))])
    }

    #[test]
    fn every_kind_stands_in_its_place() {
        let time = |seconds, nanos| value(ValueType::TimestampValue(Timestamp { seconds, nanos }));
        let point = |latitude, longitude| value(ValueType::GeoPointValue(LatLng { latitude, longitude }));
        let rising = [
            value(ValueType::NullValue(0)),
            value(ValueType::BooleanValue(false)),
            value(ValueType::BooleanValue(true)),
            double(f64::NAN),
            double(f64::NEG_INFINITY),
            integer(i64::MIN),
            double(-0.5),
            integer(0),
            double(0.5),
            integer(1),
            integer(9_007_199_254_740_993),
            double(9_007_199_254_740_994.0),
            integer(i64::MAX),
            double(9_223_372_036_854_775_808.0),
            double(f64::INFINITY),
            time(1, 1_000),
            time(1, 2_000),
            text(""),
            text("a"),
            text("z"),
            text("é"),
            value(ValueType::BytesValue(vec![0])),
            value(ValueType::BytesValue(vec![0, 1])),
            reference("a/__id2__"),
            reference("a/__id10__"),
            reference("a/1"),
            reference("a/1/b/c"),
            point(-1.0, 5.0),
            point(0.0, -5.0),
            array(&[]),
            array(&[integer(1)]),
            array(&[integer(1), integer(0)]),
            array(&[integer(2)]),
            embedding(&[double(9.0)]),
            embedding(&[double(1.0), double(2.0)]),
            map(&[]),
            map(&[("a", integer(1))]),
            map(&[("a", integer(1)), ("b", integer(0))]),
            map(&[("a", integer(2))]),
            map(&[("b", integer(0))]),
        ];
        for (at, one) in rising.iter().enumerate() {
            for (beside, two) in rising.iter().enumerate() {
                assert_eq!(order(one, two), at.cmp(&beside), "{one:?} and {two:?}");
            }
        }
    }

    #[test]
    fn queries_see_numbers_and_storage_sees_types() {
        assert!(equal(&integer(1), &double(1.0)));
        assert!(!identical(&integer(1), &double(1.0)));
        assert!(equal(&double(0.0), &double(-0.0)));
        assert!(!identical(&double(0.0), &double(-0.0)));
        assert!(identical(&array(&[double(f64::NAN)]), &array(&[double(f64::NAN)])));
        assert!(!identical(&map(&[("a", integer(1))]), &map(&[("b", integer(1))])));
    }

    #[test]
    fn great_integers_are_not_rounded_to_doubles() {
        let just_above = integer(9_007_199_254_740_993);
        assert_eq!(order(&just_above, &double(9_007_199_254_740_992.0)), Ordering::Greater);
        assert_eq!(order(&integer(i64::MIN), &double(-9_223_372_036_854_775_808.0)), Ordering::Equal);
    }

    #[test]
    fn times_compare_in_microseconds_and_long_texts_by_their_start() {
        let time = |nanos| value(ValueType::TimestampValue(Timestamp { seconds: 1, nanos }));
        assert!(equal(&time(1_000), &time(1_999)));
        assert!(equal(&text(&("a".repeat(1_500) + "x")), &text(&("a".repeat(1_500) + "y"))));
    }
}
