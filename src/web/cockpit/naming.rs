//! How much of a person's name or id a viewer may read: all of it, or only its beginning.

use crate::domain::diff::FieldChange;
use crate::domain::ids::DocPath;
use crate::domain::value::{Fields, Value};
use crate::web::cockpit::backend::title_of;

/// How many characters of an identifier everybody on the staff may read.
const SHOWN: usize = 6;

/// Collections whose documents are named after people.
const PEOPLE: [&str; 2] = ["users", "profiles"];

/// Fields that name a person, beside those that end with `Uid`.
const NAMING: [&str; 7] =
    ["uid", "email", "displayName", "ownerDisplayName", "borrowerName", "requesterName", "dedupeKey"];

/// How much a viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// All of it.
    Whole,
    /// The beginning.
    Short,
}

impl Names {
    /// A document's path; of one that is named after a person only the beginning of the id.
    pub(super) fn path(self, path: &DocPath) -> String {
        match self {
            Self::Short if PEOPLE.contains(&path.collection().as_str()) => {
                let before = &path.as_str()[..path.as_str().len() - path.id().len()];
                format!("{before}{}", short(path.id()))
            }
            Self::Whole | Self::Short => path.to_string(),
        }
    }

    /// May the whole name of this document be read?
    pub(super) fn may_read(self, path: &DocPath) -> bool {
        self == Self::Whole || !PEOPLE.contains(&path.collection().as_str())
    }

    /// What a person calls a document, without the names of people.
    pub(super) fn title(self, fields: &Fields) -> Option<String> {
        if self == Self::Whole {
            return title_of(fields);
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_text).filter(|text| !text.is_empty());
        let own = ["title", "name"].into_iter().find_map(text).map(str::to_owned);
        own.or_else(|| {
            let (owner, firing) = (text("ownerUid")?, text("firingType")?);
            Some(format!("{firing} firing for {}", short(owner)))
        })
    }

    /// A change, without the names of people.
    pub(super) fn change(self, change: &FieldChange) -> FieldChange {
        let last = change.path.names().last().map(String::as_str).unwrap_or_default();
        let read = |value: &Option<Value>| value.as_ref().map(|value| self.value(last, value));
        FieldChange { path: change.path.clone(), before: read(&change.before), after: read(&change.after) }
    }

    /// What a field holds as text, without the names of people.
    pub(super) fn shown(self, field: &str, value: &Value) -> String {
        super::facts::words_shortly(&self.value(field, value))
    }

    /// What a field holds, without the names of people, however deep they lie.
    fn value(self, field: &str, value: &Value) -> Value {
        let is_name = NAMING.contains(&field) || field.ends_with("Uid") || field.ends_with("Uids");
        match value {
            Value::Text(text) if self == Self::Short && is_name => Value::Text(short(text)),
            Value::Array(values) => Value::Array(values.iter().map(|each| self.value(field, each)).collect()),
            Value::Map(fields) => {
                Value::Map(fields.iter().map(|(name, each)| (name.clone(), self.value(name, each))).collect())
            }
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Double(_)
            | Value::Timestamp(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Reference(_)
            | Value::GeoPoint { .. } => value.clone(),
        }
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::value::FieldPath;

    #[test]
    fn names_of_people_are_shortened_and_nothing_else() {
        let path = |text: &str| DocPath::parse(text).expect("legal");
        assert_eq!(Names::Short.path(&path("users/uid_mara_quill")), "users/uid_ma…");
        assert_eq!(Names::Whole.path(&path("users/uid_mara_quill")), "users/uid_mara_quill");
        assert_eq!(Names::Short.path(&path("batches/b-1042-long-id")), "batches/b-1042-long-id");
        let change = |field: &str| FieldChange {
            path: FieldPath::parse(field).expect("legal"),
            before: Some(Value::text("uid_mara_quill")),
            after: None,
        };
        let shown = |names: Names, field: &str| names.change(&change(field)).before.expect("is there");
        assert_eq!(shown(Names::Short, "ownerUid"), Value::text("uid_ma…"));
        assert_eq!(shown(Names::Short, "staff.assignedToUid"), Value::text("uid_ma…"));
        assert_eq!(shown(Names::Whole, "ownerUid"), Value::text("uid_mara_quill"));
        assert_eq!(shown(Names::Short, "title"), Value::text("uid_mara_quill"));
        let whose = [("ownerUid", "uid_mara_quill"), ("firingType", "glaze"), ("displayName", "Mara Quill")];
        let whose: Fields = whose.map(|(name, text)| (name.to_owned(), Value::text(text))).into();
        assert_eq!(Names::Short.title(&whose).as_deref(), Some("glaze firing for uid_ma…"));
        let deep = Value::Map([("email".to_owned(), Value::text("mara@example.org"))].into());
        assert_eq!(Names::Short.shown("contact", &Value::Array(vec![deep])), "[ { email: \"mara@e…\" } ]");
    }
}
