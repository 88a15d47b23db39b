//! The canonical text of values: Firestore's own JSON form, with keys in byte order and no white space.
//!
//! It is what is stored, hashed, compared and exported: the same values always have the same text, and the text gives
//! back exactly the same values. Protobuf bytes would not do, because their map order is random.
//! The form is that of the REST API (<https://firebase.google.com/docs/firestore/reference/rest/v1/Value>).

/// Some fields of a text, without the others.
mod partial;

use std::fmt::{Display, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};

pub use partial::decode_some;

/// The stored text is not a canonical one: something else wrote it, or it is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("canonical text is damaged: {0}")]
pub struct BadCanonical(String);

/// The canonical text of fields.
pub fn encode(fields: &Fields) -> String {
    let mut out = String::with_capacity(fields.len() * 48);
    write_fields(&mut out, fields);
    out
}

/// The canonical text of one value.
pub fn encode_value(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// The fields that [`encode`] wrote.
pub fn decode(text: &str) -> Result<Fields, BadCanonical> {
    read_fields(parse(text)?)
}

/// The value that [`encode_value`] wrote.
pub fn decode_value(text: &str) -> Result<Value, BadCanonical> {
    read_value(parse(text)?)
}

/// The same fields as a JSON value, for documents of evidence and answers.
pub fn to_json(fields: &Fields) -> Json {
    serde_json::from_str(&encode(fields)).expect("BUG: canonical text is JSON")
}

fn parse(text: &str) -> Result<Json, BadCanonical> {
    serde_json::from_str(text).map_err(|error| BadCanonical(format!("it is not JSON ({error})")))
}

fn write_text(out: &mut String, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).expect("BUG: text is JSON"));
    }
}

fn write_shown(out: &mut String, shown: impl Display) {
    write!(out, "{shown}").expect("BUG: text takes in any text");
}

fn write_fields(out: &mut String, fields: &Fields) {
    out.push('{');
    for (position, (name, value)) in fields.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_double(out: &mut String, double: f64) {
    if double.is_nan() {
        out.push_str("\"NaN\"");
    } else if double.is_infinite() {
        out.push_str(if double > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else {
        out.push_str(&serde_json::to_string(&double).expect("BUG: a finite double is JSON"));
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str(r#"{"nullValue":null}"#),
        Value::Boolean(boolean) => {
            out.push_str(if *boolean { r#"{"booleanValue":true}"# } else { r#"{"booleanValue":false}"# })
        }
        Value::Integer(integer) => {
            out.push_str(r#"{"integerValue":""#);
            write_shown(out, integer);
            out.push_str("\"}");
        }
        Value::Double(double) => {
            out.push_str(r#"{"doubleValue":"#);
            write_double(out, *double);
            out.push('}');
        }
        Value::Timestamp(moment) => {
            out.push_str(r#"{"timestampValue":""#);
            write_shown(out, moment);
            out.push_str("\"}");
        }
        Value::Text(text) => wrap_text(out, "stringValue", text),
        Value::Bytes(bytes) => wrap_text(out, "bytesValue", &STANDARD.encode(bytes)),
        Value::Reference(name) => wrap_text(out, "referenceValue", name),
        Value::GeoPoint { latitude, longitude } => {
            out.push_str(r#"{"geoPointValue":{"latitude":"#);
            write_double(out, *latitude);
            out.push_str(r#","longitude":"#);
            write_double(out, *longitude);
            out.push_str("}}");
        }
        Value::Array(values) => {
            out.push_str(r#"{"arrayValue":{"values":["#);
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push_str("]}}");
        }
        Value::Map(fields) => {
            out.push_str(r#"{"mapValue":{"fields":"#);
            write_fields(out, fields);
            out.push_str("}}");
        }
    }
}

fn wrap_text(out: &mut String, kind: &str, text: &str) {
    out.push_str("{\"");
    out.push_str(kind);
    out.push_str("\":");
    write_text(out, text);
    out.push('}');
}

fn read_fields(json: Json) -> Result<Fields, BadCanonical> {
    let Json::Object(members) = json else { return Err(BadCanonical("fields are not an object".to_owned())) };
    members.into_iter().map(|(name, value)| Ok((name, read_value(value)?))).collect()
}

fn read_double(json: &Json) -> Option<f64> {
    match json.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
        None => json.as_f64(),
    }
}

fn read_value(json: Json) -> Result<Value, BadCanonical> {
    let bad = || BadCanonical("a value is not one tagged member".to_owned());
    let Json::Object(members) = json else { return Err(bad()) };
    let mut members = members.into_iter();
    let (Some((kind, inner)), None) = (members.next(), members.next()) else { return Err(bad()) };
    let wrong = || BadCanonical(format!("a `{kind}` holds something else"));
    let text = |inner: &Json| inner.as_str().map(str::to_owned).ok_or_else(wrong);
    Ok(match kind.as_str() {
        "nullValue" => Value::Null,
        "booleanValue" => Value::Boolean(inner.as_bool().ok_or_else(wrong)?),
        "integerValue" => Value::Integer(text(&inner)?.parse().map_err(|_| wrong())?),
        "doubleValue" => Value::Double(read_double(&inner).ok_or_else(wrong)?),
        "timestampValue" => Value::Timestamp(text(&inner)?.parse::<Timestamp>().map_err(|_| wrong())?),
        "stringValue" => Value::Text(text(&inner)?),
        "bytesValue" => Value::Bytes(STANDARD.decode(text(&inner)?).map_err(|_| wrong())?),
        "referenceValue" => Value::Reference(text(&inner)?),
        "geoPointValue" => Value::GeoPoint {
            latitude: inner.get("latitude").and_then(read_double).ok_or_else(wrong)?,
            longitude: inner.get("longitude").and_then(read_double).ok_or_else(wrong)?,
        },
        "arrayValue" => match inner {
            Json::Object(mut inner) => match inner.remove("values") {
                Some(Json::Array(values)) => {
                    Value::Array(values.into_iter().map(read_value).collect::<Result<_, _>>()?)
                }
                Some(_) | None => return Err(wrong()),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => return Err(wrong()),
        },
        "mapValue" => match inner {
            Json::Object(mut inner) => Value::Map(read_fields(inner.remove("fields").ok_or_else(wrong)?)?),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => return Err(wrong()),
        },
        other => return Err(BadCanonical(format!("`{other}` is no type of value"))),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any value, every type, nested up to three deep.
    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            any::<f64>().prop_map(Value::Double),
            prop_oneof![Just(f64::NAN), Just(-0.0), Just(f64::INFINITY), Just(f64::NEG_INFINITY)]
                .prop_map(Value::Double),
            (-62_135_596_800_000_000_i64..253_402_300_799_000_000)
                .prop_map(|micros| Value::Timestamp(Timestamp::from_micros(micros))),
            ".{0,12}".prop_map(Value::Text),
            prop::collection::vec(any::<u8>(), 0..12).prop_map(Value::Bytes),
            "[a-z/]{0,12}".prop_map(Value::Reference),
            (-90.0..=90.0, -180.0..=180.0).prop_map(|(latitude, longitude)| Value::GeoPoint { latitude, longitude }),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map(".{0,6}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    /// Any document's fields.
    pub(crate) fn any_fields() -> impl Strategy<Value = Fields> {
        prop::collection::btree_map("[a-e]{1,2}", any_value(), 0..5)
    }

    proptest! {
        #[test]
        fn every_value_survives_its_canonical_text(value in any_value()) {
            let text = encode_value(&value);
            prop_assert_eq!(decode_value(&text), Ok(value.clone()), "{}", text);
            prop_assert_eq!(encode_value(&decode_value(&text).expect("just decoded")), text);
        }

        #[test]
        fn damaged_text_is_an_error_and_never_a_panic(text in ".{0,60}") {
            let _ = decode(&text);
            let _ = decode_value(&format!("{{\"mapValue\":{text}}}"));
        }
    }

    #[test]
    fn the_text_is_firestores_own_json_with_keys_in_order() {
        let fields = Fields::from([
            ("b".to_owned(), Value::Integer(1)),
            ("a".to_owned(), Value::Double(1.0)),
            ("c".to_owned(), Value::Map(Fields::from([("z".to_owned(), Value::Array(vec![Value::Null]))]))),
        ]);
        assert_eq!(
            encode(&fields),
            r#"{"a":{"doubleValue":1.0},"b":{"integerValue":"1"},"c":{"mapValue":{"fields":{"z":{"arrayValue":{"values":[{"nullValue":null}]}}}}}}"#
        );
    }
}
