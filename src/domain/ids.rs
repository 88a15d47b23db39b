//! Names of things. Each is parsed once; a value of these types cannot be malformed.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {rule}")]
pub struct BadName {
    what: &'static str,
    text: String,
    rule: &'static str,
}

impl BadName {
    fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        Self { what, text: text.chars().take(80).collect(), rule }
    }
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses the text, or says which rule it breaks.
            pub fn parse(text: impl Into<String>) -> Result<Self, BadName> {
                let text = text.into();
                let check: fn(&str) -> Result<(), BadName> = $check;
                check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

text_name! {
    /// A studio (tenant), such as `monsoon-west`: lower-case letters, digits and `-`, at most 63.
    StudioId, |text| {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 63 || !text.chars().all(legal) {
            return Err(BadName::new("a studio id", text, "use 1 to 63 of a-z, 0-9 and -"));
        }
        Ok(())
    }
}

text_name! {
    /// A person's or program's id as the identity provider gives it: 1 to 128 printable characters (Firebase's limit).
    Uid, |text| {
        if text.is_empty() || text.chars().count() > 128 || text.chars().any(char::is_control) {
            return Err(BadName::new("a user id", text, "use 1 to 128 printable characters"));
        }
        Ok(())
    }
}

text_name! {
    /// A collection id, such as `batches`: one legal path segment.
    CollectionId, |text| segment("a collection id", text)
}

text_name! {
    /// A document's path below the database's root, such as `batches/b-1042`.
    ///
    /// Invariant: an even number of legal segments (<https://firebase.google.com/docs/firestore/quotas>), at most 6 KiB.
    DocPath, |text| {
        if text.len() > 6 * 1024 {
            return Err(BadName::new("a document path", text, "it is longer than 6 KiB"));
        }
        if text.split('/').count() % 2 != 0 {
            return Err(BadName::new("a document path", text, "it needs pairs of collection and document"));
        }
        text.split('/').try_for_each(|part| segment("a document path", part))
    }
}

fn segment(what: &'static str, text: &str) -> Result<(), BadName> {
    let rule = match text {
        "" => "a part of it is empty",
        "." | ".." => "`.` and `..` are reserved",
        _ if text.contains('/') => "it contains `/`",
        _ if text.len() > 1_500 => "it is longer than 1,500 bytes",
        _ if text.len() > 4 && text.starts_with("__") && text.ends_with("__") && !text.starts_with("__id") => {
            "`__…__` is reserved"
        }
        _ => return Ok(()),
    };
    Err(BadName::new(what, text, rule))
}

impl DocPath {
    /// The path of `id` in the root collection `collection`.
    pub fn in_collection(collection: &CollectionId, id: &str) -> Result<Self, BadName> {
        Self::parse(format!("{collection}/{id}"))
    }

    /// The id of the collection that the document is in: the last segment but one.
    pub fn collection(&self) -> CollectionId {
        let mut parts = self.0.rsplit('/');
        parts.next();
        CollectionId(parts.next().expect("BUG: a path has two segments at least").to_owned())
    }

    /// The document's own id: the last segment.
    pub fn id(&self) -> &str {
        self.0.rsplit('/').next().expect("BUG: a path has segments")
    }

    /// The order in which Firestore has documents of one collection: numeric ids (`__id7__`) first and by their numbers,
    /// the others by their UTF-8 bytes.
    pub fn name_order(&self, other: &Self) -> Ordering {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one.cmp(&two),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.as_str().cmp(other.as_str()),
        }
    }

    /// Bytes whose order is [`DocPath::name_order`]; no two documents of a collection have the same ones.
    pub fn name_key(&self) -> Vec<u8> {
        let id = self.id().as_bytes();
        match self.number() {
            Some(number) => {
                let sortable = number.cast_unsigned() ^ (1 << 63);
                [&[0][..], &sortable.to_be_bytes(), id].concat()
            }
            None => [&[1][..], id].concat(),
        }
    }

    /// Is its id a number (`__id7__`)? Those come first among names.
    pub fn is_numeric(&self) -> bool {
        self.number().is_some()
    }

    fn number(&self) -> Option<i64> {
        self.id().strip_prefix("__id")?.strip_suffix("__")?.parse().ok()
    }

    /// Is the document in a collection at the root?
    pub fn is_root(&self) -> bool {
        self.0.split('/').count() == 2
    }
}

macro_rules! uuid_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a UUID made elsewhere.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                let id = Uuid::try_parse(text).map_err(|_| BadName::new($what, text, "it is not a UUID"))?;
                Ok(Self(id))
            }
        }
    };
}

uuid_name! {
    /// A proposal: UUID v7, so that ids sort by the time they were made.
    ProposalId, "a proposal id"
}

uuid_name! {
    /// One write to Firestore: its idempotency key and its receipt's document id.
    ///
    /// UUID v5 of the proposal and the path, so that the same write always has the same id.
    WriteId, "a write id"
}

impl WriteId {
    const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_8f0e_55a1_4c0b_9a60_57d5_7b1a_b001);

    /// The id of the one write that `proposal` makes to `path`.
    pub fn of(proposal: ProposalId, path: &DocPath) -> Self {
        Self(Uuid::new_v5(&Self::NAMESPACE, format!("{proposal}/{path}").as_bytes()))
    }
}

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_ref());
        Self(digest.as_ref().try_into().expect("BUG: SHA-256 has 32 bytes"))
    }

    /// From 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for Hash {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| BadName::new("a hash", text, "it is not 64 hex digits"))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Hash {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_pairs_of_legal_segments() {
        for good in ["batches/b-1", "batches/b-1/timeline/t", "c/__id7__", "c/____", "töpfe/🏺"] {
            assert!(DocPath::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "batches", "batches/", "/b", "a/b/c", "a//b/c", "a/.", "a/..", "a/__x__", "__x__/b"] {
            assert!(DocPath::parse(bad).is_err(), "{bad}");
        }
        let path = DocPath::parse("batches/b-1/timeline/t").expect("a legal path");
        assert_eq!((path.collection().as_str(), path.id(), path.is_root()), ("timeline", "t", false));
    }

    #[test]
    fn names_are_ordered_as_the_server_orders_them() {
        let path = |id: &str| DocPath::parse(format!("c/{id}")).expect("a legal path");
        let mut paths = ["é", "0", "__id10__", "Z", "__id9__", "a", "__id-3__"].map(path);
        paths.sort_unstable_by(DocPath::name_order);
        let ids: Vec<&str> = paths.iter().map(DocPath::id).collect();
        assert_eq!(ids, ["__id-3__", "__id9__", "__id10__", "0", "Z", "a", "é"]);
        assert!(paths.is_sorted_by_key(DocPath::name_key));
        assert_ne!(path("__id7__").name_key(), path("__id07__").name_key());
    }

    #[test]
    fn the_same_write_always_has_the_same_id() {
        let proposal = ProposalId::from_uuid(Uuid::from_u128(7));
        let path = |text| DocPath::parse(text).expect("a legal path");
        assert_eq!(WriteId::of(proposal, &path("a/b")), WriteId::of(proposal, &path("a/b")));
        assert_ne!(WriteId::of(proposal, &path("a/b")), WriteId::of(proposal, &path("a/c")));
    }

    #[test]
    fn a_hash_survives_its_text() {
        let hash = Hash::of("clay");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("abc".parse::<Hash>().is_err());
    }
}
