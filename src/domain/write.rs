//! One conditional write to one document: the only kind of write there is.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::canonical;
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, Hash};
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};

/// A write that Firestore carries out only if the document is as it was when the write was planned.
///
/// There are no transforms: values are resolved when the write is planned, so that doing it twice does it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a document that must not exist.
    Create {
        /// Where.
        path: DocPath,
        /// What it will hold.
        fields: Fields,
    },
    /// Changes some fields of a document that must still be at `base`.
    Update {
        /// Where.
        path: DocPath,
        /// The new values; `None` removes the field.
        changes: BTreeMap<FieldPath, Option<Value>>,
        /// The update time that the document must have.
        base: Timestamp,
    },
    /// Removes a document that must still be at `base`.
    Delete {
        /// Where.
        path: DocPath,
        /// The update time that the document must have.
        base: Timestamp,
    },
}

/// How a document stands to a write's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As the write needs it.
    Current,
    /// It has another update time.
    Moved {
        /// Its update time.
        update_time: Timestamp,
    },
    /// It is gone, though it must exist.
    Gone,
    /// It exists, though it must not.
    Appeared,
}

impl Write {
    /// The document's path.
    pub const fn path(&self) -> &DocPath {
        match self {
            Self::Create { path, .. } | Self::Update { path, .. } | Self::Delete { path, .. } => path,
        }
    }

    /// The update time that the document must have; `None` when it must not exist.
    pub const fn base(&self) -> Option<Timestamp> {
        match self {
            Self::Create { .. } => None,
            Self::Update { base, .. } | Self::Delete { base, .. } => Some(*base),
        }
    }

    /// How `current` stands to the write's condition.
    pub fn standing(&self, current: Option<&Document>) -> Standing {
        match (self.base(), current) {
            (None, None) => Standing::Current,
            (None, Some(_)) => Standing::Appeared,
            (Some(_), None) => Standing::Gone,
            (Some(base), Some(document)) if document.update_time == base => Standing::Current,
            (Some(_), Some(document)) => Standing::Moved { update_time: document.update_time },
        }
    }

    /// What the document holds after the write, given what it held before; `None` when it is gone.
    pub fn applied_to(&self, before: Option<&Fields>) -> Option<Fields> {
        match self {
            Self::Create { fields, .. } => Some(fields.clone()),
            Self::Update { changes, .. } => {
                let mut fields = before.cloned().unwrap_or_default();
                for (path, value) in changes {
                    path.set(&mut fields, value.clone());
                }
                Some(fields)
            }
            Self::Delete { .. } => None,
        }
    }

    /// The write that takes this one back: puts `before` where this write left the document at `landed_as`.
    ///
    /// Touches exactly the fields that this write touched, so that an undo after an undo is this write again.
    pub fn undo(&self, before: Option<&Fields>, landed_as: Option<Timestamp>) -> Option<Self> {
        match (self, before, landed_as) {
            (Self::Create { path, .. }, _, Some(base)) => Some(Self::Delete { path: path.clone(), base }),
            (Self::Update { path, changes, .. }, Some(before), Some(base)) => Some(Self::Update {
                path: path.clone(),
                changes: changes.keys().map(|field| (field.clone(), field.get(before).cloned())).collect(),
                base,
            }),
            (Self::Delete { path, .. }, Some(before), None) => {
                Some(Self::Create { path: path.clone(), fields: before.clone() })
            }
            (Self::Create { .. } | Self::Update { .. } | Self::Delete { .. }, _, _) => None,
        }
    }

    /// The canonical text: what is stored, and what an approval covers the hash of.
    pub fn canonical(&self) -> String {
        let path = self.path().as_str();
        let text = match self {
            Self::Create { fields, .. } => json!({"create": path, "fields": canonical::encode(fields)}),
            Self::Update { changes, base, .. } => {
                let changes: Vec<_> = changes
                    .iter()
                    .map(|(field, value)| json!([field.to_string(), value.as_ref().map(canonical::encode_value)]))
                    .collect();
                json!({"update": path, "changes": changes, "base": base.to_string()})
            }
            Self::Delete { base, .. } => json!({"delete": path, "base": base.to_string()}),
        };
        text.to_string()
    }

    /// Reads what [`Write::canonical`] wrote; `None` when it is something else.
    pub fn from_canonical(text: &str) -> Option<Self> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let path = |key: &str| json.get(key)?.as_str().and_then(|path| DocPath::parse(path).ok());
        let base = || json.get("base")?.as_str()?.parse().ok();
        if let Some(path) = path("create") {
            return Some(Self::Create { path, fields: canonical::decode(json.get("fields")?.as_str()?).ok()? });
        }
        if let Some(path) = path("delete") {
            return Some(Self::Delete { path, base: base()? });
        }
        let mut changes = BTreeMap::new();
        for change in json.get("changes")?.as_array()? {
            let field = FieldPath::parse(change.get(0)?.as_str()?).ok()?;
            let value = match change.get(1)?.as_str() {
                Some(text) => Some(canonical::decode_value(text).ok()?),
                None => None,
            };
            changes.insert(field, value);
        }
        Some(Self::Update { path: path("update")?, changes, base: base()? })
    }

    /// The hash of the canonical text.
    pub fn hash(&self) -> Hash {
        Hash::of(self.canonical())
    }

    /// The hash of what it does, whatever state of the document it was planned on and whenever: the same wish again has
    /// the same one. Moments among the values do not count, since every plan has its own.
    pub fn effect(&self) -> Hash {
        let path = self.path().as_str();
        let values = |values: Vec<(String, Option<&Value>)>| -> Vec<serde_json::Value> {
            values.into_iter().map(|(name, value)| json!([name, value.map(timeless)])).collect()
        };
        let text = match self {
            Self::Create { fields, .. } => {
                json!({"create": path, "fields": values(fields.iter().map(|(name, value)| (name.clone(), Some(value))).collect())})
            }
            Self::Update { changes, .. } => {
                let changes = changes.iter().map(|(field, value)| (field.to_string(), value.as_ref())).collect();
                json!({"update": path, "changes": values(changes)})
            }
            Self::Delete { .. } => json!({"delete": path}),
        };
        Hash::of(text.to_string())
    }
}

/// A value's canonical text, with a word in place of a moment.
fn timeless(value: &Value) -> String {
    match value {
        Value::Timestamp(_) => "a moment".to_owned(),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Reference(_)
        | Value::GeoPoint { .. }
        | Value::Array(_)
        | Value::Map(_) => canonical::encode_value(value),
    }
}

/// What Firestore said about a commit that it applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitAnswer {
    /// A read at this moment or later sees the writes.
    pub commit_time: Timestamp,
    /// For each write the document's update time after it. `None` after a delete.
    ///
    /// A write that changed nothing keeps the old update time, and no echo of it ever comes over Listen.
    pub update_times: Vec<Option<Timestamp>>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::tests::{any_fields, any_value};

    fn path() -> DocPath {
        DocPath::parse("c/d").expect("a legal path")
    }

    fn any_write() -> impl Strategy<Value = Write> {
        let base = || (0_i64..2_000_000_000_000_000).prop_map(Timestamp::from_micros);
        let field =
            prop::collection::vec("[a-e]", 1..2).prop_map(|names| FieldPath::parse(&names.join(".")).expect("legal"));
        prop_oneof![
            any_fields().prop_map(|fields| Write::Create { path: path(), fields }),
            base().prop_map(|base| Write::Delete { path: path(), base }),
            (prop::collection::btree_map(field, prop::option::of(any_value()), 0..4), base())
                .prop_map(|(changes, base)| Write::Update { path: path(), changes, base }),
        ]
    }

    proptest! {
        #[test]
        fn a_write_survives_its_canonical_text(write in any_write()) {
            prop_assert_eq!(Write::from_canonical(&write.canonical()), Some(write));
        }

        #[test]
        fn the_undo_of_a_write_brings_back_what_was_there(write in any_write(), before in any_fields()) {
            let landed = Timestamp::from_micros(5);
            let (before, landed) = match &write {
                Write::Create { .. } => (None, Some(landed)),
                Write::Update { .. } => (Some(before), Some(landed)),
                Write::Delete { .. } => (Some(before), None),
            };
            let after = write.applied_to(before.as_ref());
            let undo = write.undo(before.as_ref(), landed).expect("has an undo");
            prop_assert_eq!(undo.base(), landed);
            prop_assert_eq!(undo.applied_to(after.as_ref()), before);
        }

        #[test]
        fn damaged_text_is_no_write(text in ".{0,60}") {
            prop_assert_eq!(Write::from_canonical(&text), None);
        }
    }
}
