//! Documents of chance: every kind of value, and the odd names.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{ArrayValue, MapValue, Value};
use gcloud_sdk::google::r#type::LatLng;
use prost_types::Timestamp;

use crate::dice::Dice;

/// Fields as the wire has them.
pub(super) type Fields = HashMap<String, Value>;

pub(super) const fn value(of: ValueType) -> Value {
    Value { value_type: Some(of) }
}

pub(super) const fn integer(of: i64) -> Value {
    value(ValueType::IntegerValue(of))
}

pub(super) fn text(of: &str) -> Value {
    value(ValueType::StringValue(of.to_owned()))
}

pub(super) const fn moment(seconds: i64, nanos: i32) -> Value {
    value(ValueType::TimestampValue(Timestamp { seconds, nanos }))
}

pub(super) fn array(values: Vec<Value>) -> Value {
    value(ValueType::ArrayValue(ArrayValue { values }))
}

pub(super) fn map<'name>(fields: impl IntoIterator<Item = (&'name str, Value)>) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    value(ValueType::MapValue(MapValue { fields }))
}

/// One value of every kind, the awkward ones among them.
///
/// No place at minus zero: the protobuf library takes it for the default, which is not sent.
pub(super) fn every_kind() -> Vec<(&'static str, Value)> {
    use ValueType::{BooleanValue, BytesValue, DoubleValue, GeoPointValue, NullValue, ReferenceValue};
    let place = |latitude, longitude| value(GeoPointValue(LatLng { latitude, longitude }));
    let reference = "projects/glass/databases/(default)/documents/members/d 1";
    vec![
        ("null", value(NullValue(0))),
        ("true", value(BooleanValue(true))),
        ("false", value(BooleanValue(false))),
        ("zero", integer(0)),
        ("smallest integer", integer(i64::MIN)),
        ("largest integer", integer(i64::MAX)),
        ("beyond a double", integer((1 << 53) + 1)),
        ("not a number", value(DoubleValue(f64::NAN))),
        ("another NaN", value(DoubleValue(f64::from_bits(0xfff8_0000_0000_0001)))),
        ("minus zero", value(DoubleValue(-0.0))),
        ("plus zero", value(DoubleValue(0.0))),
        ("one as a double", value(DoubleValue(1.0))),
        ("smallest double", value(DoubleValue(5e-324))),
        ("largest double", value(DoubleValue(f64::MAX))),
        ("a third", value(DoubleValue(1.0 / 3.0))),
        ("infinity", value(DoubleValue(f64::INFINITY))),
        ("minus infinity", value(DoubleValue(f64::NEG_INFINITY))),
        ("the epoch", moment(0, 0)),
        ("nanoseconds", moment(1_700_000_000, 123_456_789)),
        ("just before 1970", moment(-1, 999_999_999)),
        ("year 1", moment(-62_135_596_800, 0)),
        ("end of 9999", moment(253_402_300_799, 999_999_999)),
        ("last day of 9999", moment(253_402_214_400, 0)),
        ("empty text", text("")),
        ("odd text", text("\u{0}\u{7f}\u{2028}\u{feff}\"\\\n\r\t`ü😀\u{10ffff}")),
        ("combining", text("e\u{301} is not é")),
        ("bytes", value(BytesValue((0..=255).collect()))),
        ("no bytes", value(BytesValue(Vec::new()))),
        ("reference", value(ReferenceValue(reference.to_owned()))),
        ("place", place(48.137_154, -11.576_124)),
        ("pole", place(-90.0, 180.0)),
        ("empty array", array(Vec::new())),
        ("mixed array", array(vec![integer(1), value(DoubleValue(1.0)), text("1"), value(NullValue(0))])),
        ("empty map", map([])),
        ("vector", vector(&[1.0, -0.0, 1e-300])),
        ("map in array in map", map([("in", array(vec![map([("` .", array(Vec::new()))])]))])),
    ]
}

/// A vector, as the service keeps it: a map of a certain form.
pub(super) fn vector(of: &[f64]) -> Value {
    let numbers = of.iter().map(|number| value(ValueType::DoubleValue(*number))).collect();
    map([("__type__", text("__vector__")), ("value", array(numbers))])
}

/// Names of fields of which most can only be written in a mask with backticks.
pub(super) const FIELDS: [&str; 8] = ["n", "a.b", "`", "back\\slash", "with space", "ü", "7", "quote\"'"];

/// A few fields of chance.
pub(super) fn some_fields(dice: &mut Dice) -> Fields {
    let kinds = every_kind();
    let mut fields = Fields::new();
    for _ in 0..=dice.below(4) {
        let name = *dice.one_of(&FIELDS);
        let one = match dice.below(3) {
            0 => integer(i64::try_from(dice.below(4)).expect("BUG: below four")),
            1 => dice.one_of(&kinds).1.clone(),
            _ => map([(*dice.one_of(&FIELDS), dice.one_of(&kinds).1.clone())]),
        };
        fields.insert(name.to_owned(), one);
    }
    fields
}
