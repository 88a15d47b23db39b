//! Field paths such as ``address.`house number` `` and masks of them.

use std::collections::{BTreeSet, HashMap};

use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{Document, DocumentMask, MapValue, Value};
use tonic::Status;

use super::refusal::invalid;

/// Longest field path, in bytes.
const PATH_BYTES: usize = 1_500;

/// A field's name, or the names on the way to it inside maps. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FieldPath(Vec<String>);

/// A mask, parsed. No path in it is inside another.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldMask(BTreeSet<FieldPath>);

impl FieldPath {
    /// Parses a path whose segments are simple names, or anything between backquotes.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self, Status> {
        let wrong = |problem: &str| invalid(field, format_args!("`{text}` is not a field path: {problem}"));
        if text.len() > PATH_BYTES {
            return Err(wrong("it has more than 1500 bytes"));
        }
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let (segment, behind) = match rest.strip_prefix('`') {
                Some(quoted) => unquote(quoted).ok_or_else(|| wrong("a backquote is not closed"))?,
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    (rest[..end].to_owned(), &rest[end..])
                }
            };
            if segment.is_empty() {
                return Err(wrong("a name is empty"));
            }
            if !rest.starts_with('`') && !is_simple(&segment) {
                return Err(wrong("a name with other characters than A-Z a-z 0-9 _ must stand in backquotes"));
            }
            segments.push(segment);
            match behind.strip_prefix('.') {
                Some(next) => rest = next,
                None if behind.is_empty() => return Ok(Self(segments)),
                None => return Err(wrong("names are separated by dots")),
            }
        }
    }

    /// As [`Self::parse`], for a path that is written to: reserved names are refused.
    pub(super) fn parse_writable(field: &str, text: &str) -> Result<Self, Status> {
        let path = Self::parse(field, text)?;
        match path.0.iter().find(|name| is_reserved(name)) {
            Some(name) => Err(invalid(field, format_args!("the name `{name}` is reserved"))),
            None => Ok(path),
        }
    }

    /// True for `__name__`, which stands for the document's own name.
    pub(super) fn is_name(&self) -> bool {
        self.0 == ["__name__"]
    }

    /// True if one path is the other, or inside it.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, two)| one == two)
    }

    /// The value at this path.
    pub(super) fn get<'fields>(&self, fields: &'fields HashMap<String, Value>) -> Option<&'fields Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter().try_fold(fields.get(first)?, |value, name| match &value.value_type {
            Some(ValueType::MapValue(map)) => map.fields.get(name),
            _ => None,
        })
    }

    /// Sets the value at this path. What stands in the way and is not a map becomes one.
    pub(super) fn set(&self, fields: &mut HashMap<String, Value>, value: Value) {
        let (last, above) = self.0.split_last().expect("BUG: a field path is not empty");
        let fields = above.iter().fold(fields, |fields, name| {
            let next = fields.entry(name.clone()).or_default();
            if !matches!(next.value_type, Some(ValueType::MapValue(_))) {
                next.value_type = Some(ValueType::MapValue(MapValue::default()));
            }
            match &mut next.value_type {
                Some(ValueType::MapValue(map)) => &mut map.fields,
                _ => unreachable!("BUG: it was made a map one line above"),
            }
        });
        fields.insert(last.clone(), value);
    }

    /// Removes the value at this path, if it is there.
    pub(super) fn remove(&self, fields: &mut HashMap<String, Value>) {
        let (last, above) = self.0.split_last().expect("BUG: a field path is not empty");
        let holder = above.iter().try_fold(fields, |fields, name| match &mut fields.get_mut(name)?.value_type {
            Some(ValueType::MapValue(map)) => Some(&mut map.fields),
            _ => None,
        });
        if let Some(holder) = holder {
            holder.remove(last);
        }
    }
}

impl FieldMask {
    /// Parses the mask of a write.
    pub(super) fn parse_writable(field: &str, mask: &DocumentMask) -> Result<Self, Status> {
        let paths = mask.field_paths.iter().map(|text| FieldPath::parse_writable(field, text));
        Self::disjoint(field, paths.collect::<Result<Vec<_>, _>>()?)
    }

    /// Parses the mask of a read. `__name__` is allowed and selects nothing but the name.
    pub(super) fn parse(field: &str, mask: &DocumentMask) -> Result<Self, Status> {
        let paths = mask.field_paths.iter().map(|text| FieldPath::parse(field, text));
        Ok(Self(paths.collect::<Result<_, _>>()?))
    }

    /// A mask of paths that are already parsed.
    pub(super) fn of(paths: impl IntoIterator<Item = FieldPath>) -> Self {
        Self(paths.into_iter().collect())
    }

    fn disjoint(field: &str, paths: Vec<FieldPath>) -> Result<Self, Status> {
        let mask: BTreeSet<FieldPath> = paths.into_iter().collect();
        // In path order, a path that holds others stands directly before them.
        match mask.iter().zip(mask.iter().skip(1)).find(|(one, two)| one.overlaps(two)) {
            Some((one, two)) => Err(invalid(field, format_args!("the paths {:?} and {:?} overlap", one.0, two.0))),
            None => Ok(Self(mask)),
        }
    }

    /// The paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &FieldPath> {
        self.0.iter()
    }

    /// The document with the masked fields only.
    pub(super) fn project(&self, document: Document) -> Document {
        let mut fields = HashMap::new();
        for path in self.paths() {
            if let Some(value) = path.get(&document.fields) {
                path.set(&mut fields, value.clone());
            }
        }
        Document { fields, ..document }
    }
}

/// Reads up to the closing backquote. Answers the name and what is behind it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '`' => return Some((name, &text[at + 1..])),
            '\\' => name.push(characters.next()?.1),
            character => name.push(character),
        }
    }
    None
}

fn is_simple(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `__x__` is reserved for the service.
pub(super) fn is_reserved(name: &str) -> bool {
    name.len() >= 4 && name.starts_with("__") && name.ends_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(number: i64) -> Value {
        Value { value_type: Some(ValueType::IntegerValue(number)) }
    }

    #[test]
    fn a_path_is_simple_names_or_backquoted_ones() {
        let parse = |text: &str| FieldPath::parse("mask", text).map(|path| path.0);
        assert_eq!(parse("a.b_1").unwrap(), ["a", "b_1"]);
        assert_eq!(parse(r"`a.b`.`c\`d\\`").unwrap(), ["a.b", r"c`d\"]);
        for bad in ["", "a.", ".a", "a..b", "1a", "a-b", "`a", "`a`b", "``"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_are_set_and_removed_inside_maps() {
        let path = FieldPath::parse("mask", "a.b").unwrap();
        let mut fields = HashMap::from([("a".to_owned(), integer(1))]);
        path.set(&mut fields, integer(2));
        assert_eq!(path.get(&fields), Some(&integer(2)));
        path.remove(&mut fields);
        assert_eq!(path.get(&fields), None);
        assert!(fields.contains_key("a"));
    }

    #[test]
    fn overlapping_and_reserved_paths_are_refused() {
        let parse = |paths: &[&str]| {
            let field_paths = paths.iter().map(|path| (*path).to_owned()).collect();
            FieldMask::parse_writable("update_mask", &DocumentMask { field_paths })
        };
        assert!(parse(&["a", "b.c", "b.d"]).is_ok());
        assert!(parse(&["b.c", "a", "b"]).unwrap_err().message().contains("overlap"));
        assert!(parse(&["__name__"]).is_err());
    }
}
