//! How much of a person's name or id a viewer may read: all of it, or only its beginning.

use crate::domain::diff::FieldChange;
use crate::domain::ids::DocPath;
use crate::domain::value::Value;

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

    /// A change, without the names of people.
    pub(super) fn change(self, change: &FieldChange) -> FieldChange {
        let mut change = change.clone();
        let last = change.path.names().last().map(String::as_str).unwrap_or_default();
        if self == Self::Short && (NAMING.contains(&last) || last.ends_with("Uid")) {
            for value in [&mut change.before, &mut change.after] {
                if let Some(Value::Text(text)) = value {
                    *text = short(text);
                }
            }
        }
        change
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
    }
}
