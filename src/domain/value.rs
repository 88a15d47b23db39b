//! Firestore values, type-exact: the integer 1 is not the double 1.0, and a missing field is not null.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::time::Timestamp;

/// One Firestore value (`google.firestore.v1.Value`).
///
/// Equality is identity: same type and same content. Queries use a looser one, which is the server's business.
#[derive(Clone, Debug)]
pub enum Value {
    /// Null, which is not the same as a missing field.
    Null,
    /// True or false.
    Boolean(bool),
    /// A 64-bit integer.
    Integer(i64),
    /// A double. All NaN are one value; 0.0 and -0.0 are two.
    Double(f64),
    /// A moment, to the microsecond.
    Timestamp(Timestamp),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// The full resource name of a document.
    Reference(String),
    /// A place: latitude and longitude in degrees.
    GeoPoint {
        /// −90 to 90.
        latitude: f64,
        /// −180 to 180.
        longitude: f64,
    },
    /// A list; never directly inside another list.
    Array(Vec<Value>),
    /// A map. A vector is a map with `__type__: "__vector__"`.
    Map(Fields),
}

/// The fields of a document or map, ordered by name (UTF-8 bytes).
pub type Fields = BTreeMap<String, Value>;

impl Value {
    /// The name of the value's type, as a person would say it.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Double(_) => "double",
            Self::Timestamp(_) => "timestamp",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Reference(_) => "reference",
            Self::GeoPoint { .. } => "geopoint",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
        }
    }

    /// The text, if the value is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Text as a value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

fn same_double(left: f64, right: f64) -> bool {
    (left.is_nan() && right.is_nan()) || left.to_bits() == right.to_bits()
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Double(left), Self::Double(right)) => same_double(*left, *right),
            (Self::Timestamp(left), Self::Timestamp(right)) => left == right,
            (Self::Text(left), Self::Text(right)) | (Self::Reference(left), Self::Reference(right)) => left == right,
            (Self::Bytes(left), Self::Bytes(right)) => left == right,
            (Self::GeoPoint { latitude: a, longitude: b }, Self::GeoPoint { latitude: c, longitude: d }) => {
                same_double(*a, *c) && same_double(*b, *d)
            }
            (Self::Array(left), Self::Array(right)) => left == right,
            (Self::Map(left), Self::Map(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// Where a field is: the names of the maps that lead to it, and its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<String>);

/// Why a field path was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a field path: {rule}")]
pub struct BadFieldPath {
    text: String,
    rule: &'static str,
}

impl FieldPath {
    /// The path of a field at the top of a document.
    pub fn top(name: impl Into<String>) -> Self {
        Self(vec![name.into()])
    }

    /// The path of `name` inside the map at this path.
    pub fn child(&self, name: impl Into<String>) -> Self {
        let mut names = self.0.clone();
        names.push(name.into());
        Self(names)
    }

    /// The names, outermost first.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Parses Firestore's own syntax: simple names joined by dots, others in backticks with `\` escapes
    /// (`google/firestore/v1/document.proto`).
    pub fn parse(text: &str) -> Result<Self, BadFieldPath> {
        let bad = |rule| BadFieldPath { text: text.to_owned(), rule };
        let mut names = Vec::new();
        let mut rest = text.chars().peekable();
        loop {
            let mut name = String::new();
            if rest.next_if_eq(&'`').is_some() {
                loop {
                    match rest.next() {
                        None => return Err(bad("a backtick is not closed")),
                        Some('`') => break,
                        Some('\\') => name.push(rest.next().ok_or_else(|| bad("it ends in an escape"))?),
                        Some(other) => name.push(other),
                    }
                }
            } else {
                while let Some(letter) = rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_') {
                    name.push(letter);
                }
                if name.starts_with(|first: char| first.is_ascii_digit()) {
                    return Err(bad("a name that starts with a digit needs backticks"));
                }
            }
            if name.is_empty() {
                return Err(bad("a name in it is empty, or needs backticks"));
            }
            names.push(name);
            match rest.next() {
                None => return Ok(Self(names)),
                Some('.') => {}
                Some(_) => {
                    return Err(bad("names are joined by dots, and others than A-Z, a-z, 0-9, _ need backticks"));
                }
            }
        }
    }

    /// The value at this path, if the document has one there.
    pub fn get<'a>(&self, fields: &'a Fields) -> Option<&'a Value> {
        let (last, maps) = self.0.split_last()?;
        let mut here = fields;
        for name in maps {
            match here.get(name) {
                Some(Value::Map(inner)) => here = inner,
                Some(_) | None => return None,
            }
        }
        here.get(last)
    }

    /// Sets or removes the value at this path, making the maps that lead to it as Firestore does.
    pub fn set(&self, fields: &mut Fields, value: Option<Value>) {
        let Some((last, maps)) = self.0.split_last() else { return };
        let mut here = fields;
        for name in maps {
            if value.is_none() && !matches!(here.get(name), Some(Value::Map(_))) {
                return;
            }
            let slot = here.entry(name.clone()).or_insert_with(|| Value::Map(Fields::new()));
            if !matches!(slot, Value::Map(_)) {
                *slot = Value::Map(Fields::new());
            }
            let Value::Map(inner) = slot else { return };
            here = inner;
        }
        match value {
            Some(value) => here.insert(last.clone(), value),
            None => here.remove(last),
        };
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            if position > 0 {
                out.write_str(".")?;
            }
            let simple = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                && !name.starts_with(|first: char| first.is_ascii_digit());
            if simple && !name.is_empty() {
                out.write_str(name)?;
            } else {
                write!(out, "`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_not_a_double_and_all_nan_are_one() {
        assert_ne!(Value::Integer(1), Value::Double(1.0));
        assert_ne!(Value::Double(0.0), Value::Double(-0.0));
        assert_eq!(Value::Double(f64::NAN), Value::Double(-f64::NAN));
    }

    #[test]
    fn a_field_path_survives_its_text() {
        for names in [vec!["a"], vec!["a", "b_1"], vec!["with space", "x"], vec!["1st"], vec!["back`tick\\", "."]] {
            let path = FieldPath(names.iter().map(|&name| name.to_owned()).collect());
            assert_eq!(FieldPath::parse(&path.to_string()), Ok(path));
        }
        for bad in ["", ".", "a.", "a b", "1a", "`open", "`x`y", "``"] {
            assert!(FieldPath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn setting_a_nested_field_makes_its_maps_and_removing_it_does_not() {
        let path = FieldPath::parse("a.b").expect("a legal path");
        let mut fields = Fields::new();
        path.set(&mut fields, None);
        assert!(fields.is_empty());
        path.set(&mut fields, Some(Value::Integer(1)));
        assert_eq!(path.get(&fields), Some(&Value::Integer(1)));
        path.set(&mut fields, None);
        assert_eq!(fields, Fields::from([("a".to_owned(), Value::Map(Fields::new()))]));
    }
}
