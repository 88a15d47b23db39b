//! Resource names: `projects/{project}/databases/{database}/documents/{collection}/{document}/…`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use tonic::Status;

use super::refusal::{invalid, missing};

/// Longest id of a collection or document, in bytes.
const ID_BYTES: usize = 1_500;
/// Most collections on the way to a document.
const COLLECTIONS: usize = 100;
/// Longest document name, in bytes.
const NAME_BYTES: usize = 6 * 1024;

/// A database's name, such as `projects/glass/databases/(default)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DatabaseName(Arc<str>);

impl DatabaseName {
    /// Parses a database name. `field` is the request field it came in.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self, Status> {
        if text.is_empty() {
            return Err(missing(field));
        }
        match text.split('/').collect::<Vec<_>>()[..] {
            ["projects", project, "databases", database] if !project.is_empty() && !database.is_empty() => {
                Ok(Self(text.into()))
            }
            _ => Err(invalid(field, format_args!("`{text}` is not like `projects/P/databases/D`"))),
        }
    }

    /// The full resource name of a document or collection of this database.
    pub(super) fn name_of(&self, path: &ResourcePath) -> String {
        if path.is_root() { format!("{}/documents", self.0) } else { format!("{}/documents/{path}", self.0) }
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A path inside one database: the root, a collection or a document.
///
/// Invariant: every segment is a legal id. An even number of segments is a document, or the root if zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ResourcePath(Arc<[String]>);

impl ResourcePath {
    /// The root of a database.
    pub(super) fn root() -> Self {
        Self(Arc::from(Vec::new()))
    }

    /// Parses a relative path such as `batches/b-1042`; empty is the root.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self, Status> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        if text.len() > NAME_BYTES {
            return Err(invalid(field, format_args!("a name may have at most {NAME_BYTES} bytes")));
        }
        let segments: Vec<String> = text.split('/').map(|id| check_id(field, id)).collect::<Result<_, _>>()?;
        if segments.len() > 2 * COLLECTIONS {
            return Err(invalid(field, format_args!("a name may have at most {COLLECTIONS} collections in it")));
        }
        if segments.iter().step_by(2).any(|collection| is_reserved(collection)) {
            return Err(invalid(field, format_args!("`{text}` holds a reserved collection id")));
        }
        Ok(Self(segments.into()))
    }

    /// Parses a relative document path.
    pub(super) fn parse_document(field: &str, text: &str) -> Result<Self, Status> {
        let path = Self::parse(field, text)?;
        if path.is_root() || !path.0.len().is_multiple_of(2) {
            return Err(invalid(field, format_args!("`{text}` is not the path of a document")));
        }
        Ok(path)
    }

    /// Parses one collection id.
    pub(super) fn check_collection(field: &str, id: &str) -> Result<String, Status> {
        let id = check_id(field, id)?;
        if is_reserved(&id) { Err(invalid(field, format_args!("`{id}` is reserved"))) } else { Ok(id) }
    }

    /// True for the root of the database.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// How many segments it has.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// This path with more segments behind it.
    pub(super) fn join<const N: usize>(&self, ids: [&str; N]) -> Self {
        Self(self.0.iter().cloned().chain(ids.into_iter().map(str::to_owned)).collect())
    }

    /// The first `depth` segments.
    pub(super) fn ancestor(&self, depth: usize) -> Self {
        Self(self.0[..depth.min(self.0.len())].into())
    }

    /// True if `prefix` is this path or above it.
    pub(super) fn is_within(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The collection id of a document: its last segment but one. Empty for the root.
    pub(super) fn collection_id(&self) -> &str {
        self.0.len().checked_sub(2).map_or("", |at| &self.0[at])
    }

    /// The segment at `index`, if there is one.
    pub(super) fn segment(&self, index: usize) -> Option<&str> {
        self.0.get(index).map(String::as_str)
    }

    /// What this document's name adds to its size: every id and one byte each, and 16.
    pub(super) fn stored_size(&self) -> usize {
        self.0.iter().map(|id| id.len() + 1).sum::<usize>() + 16
    }
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("/"))
    }
}

/// Firestore's order of names: segment by segment, numeric ids (`__id7__`) first, the rest by UTF-8 bytes.
impl Ord for ResourcePath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .iter()
            .zip(other.0.iter())
            .map(|(one, two)| segment_order(one, two))
            .find(|order| order.is_ne())
            .unwrap_or(self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for ResourcePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of two segments, for names and for reference values.
pub(super) fn segment_order(one: &str, two: &str) -> Ordering {
    match (numeric_id(one), numeric_id(two)) {
        (Some(one), Some(two)) => one.cmp(&two),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.as_bytes().cmp(two.as_bytes()),
    }
}

/// Parses a document's full name into its database and its path.
pub(super) fn parse_document_name(field: &str, name: &str) -> Result<(DatabaseName, ResourcePath), Status> {
    let (database, relative) = split(field, name)?;
    Ok((database, ResourcePath::parse_document(field, relative)?))
}

/// Parses a parent: a document's full name, or `projects/P/databases/D/documents`.
pub(super) fn parse_parent(field: &str, name: &str) -> Result<(DatabaseName, ResourcePath), Status> {
    let (database, relative) = split(field, name)?;
    let path = ResourcePath::parse(field, relative)?;
    if !path.depth().is_multiple_of(2) {
        return Err(invalid(field, format_args!("`{name}` is a collection, and a parent is a document or the root")));
    }
    Ok((database, path))
}

fn split<'name>(field: &str, name: &'name str) -> Result<(DatabaseName, &'name str), Status> {
    if name.is_empty() {
        return Err(missing(field));
    }
    let wrong = || invalid(field, format_args!("`{name}` is not like `projects/P/databases/D/documents/…`"));
    let at = name.match_indices('/').nth(3).map(|(at, _)| at).ok_or_else(wrong)?;
    let database = DatabaseName::parse(field, &name[..at])?;
    match name[at + 1..].strip_prefix("documents").ok_or_else(wrong)? {
        "" => Ok((database, "")),
        rest => Ok((database, rest.strip_prefix('/').filter(|rest| !rest.is_empty()).ok_or_else(wrong)?)),
    }
}

fn check_id(field: &str, id: &str) -> Result<String, Status> {
    let problem = match id {
        "" => "has an empty segment",
        "." | ".." => "has a segment `.` or `..`",
        id if id.contains('/') => "has an id with a slash",
        id if id.len() > ID_BYTES => "has an id of more than 1500 bytes",
        id if is_reserved(id) && numeric_id(id).is_none() => "has a reserved id (`__…__`)",
        _ => return Ok(id.to_owned()),
    };
    Err(invalid(field, problem))
}

/// `__x__` is reserved; `____` is not.
fn is_reserved(id: &str) -> bool {
    id.len() > 4 && id.starts_with("__") && id.ends_with("__")
}

fn numeric_id(id: &str) -> Option<i64> {
    id.strip_prefix("__id")?.strip_suffix("__")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn order(one: &str, two: &str, expect: Ordering) {
        let [one, two] = [one, two].map(|text| ResourcePath::parse("name", text).unwrap());
        assert_eq!(one.cmp(&two), expect);
        assert_eq!(two.cmp(&one), expect.reverse());
    }

    #[test]
    fn names_order_by_segment_with_numeric_ids_first() {
        order("a/b", "a/b/c/d", Ordering::Less);
        order("a/__id10__", "a/__id9__", Ordering::Greater);
        order("a/__id10__", "a/0", Ordering::Less);
        order("a/é", "a/z", Ordering::Greater);
        order("a!/x", "a/x", Ordering::Greater);
    }

    #[test]
    fn a_document_name_has_an_even_number_of_legal_ids() {
        let parse = |name: &str| parse_document_name("name", name);
        assert_eq!(parse("projects/p/databases/(default)/documents/a/b").unwrap().1.to_string(), "a/b");
        for bad in [
            "",
            "a/b",
            "projects/p/databases/d/documents",
            "projects/p/databases/d/documents/",
            "projects/p/databases/d/documents/a",
            "projects/p/databases/d/documents/a//b/c",
            "projects/p/databases/d/documents/a/..",
            "projects/p/databases/d/documents/a/__b__",
            "projects/p/databases/d/documents/__a__/b",
            "projects//databases/d/documents/a/b",
            "projects/p/databases/d/documentsa/b",
        ] {
            assert_eq!(parse(bad).unwrap_err().code(), tonic::Code::InvalidArgument, "{bad}");
        }
        assert!(parse("projects/p/databases/d/documents/a/____").is_ok());
        assert!(parse("projects/p/databases/d/documents/a/__id7__").is_ok());
    }
}
