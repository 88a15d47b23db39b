//! Documents that say what the vocabulary does not know.

use crate::domain::document::Document;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::vocabulary::{CollectionVocabulary, Reading, Vocabulary, Words};

/// What is strange about one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemarkKind {
    /// It holds a word that nobody knows.
    UnknownWord,
    /// It holds a word in a legacy spelling.
    LegacySpelling,
    /// It holds a word that is read in old documents only, and written by nobody any more.
    RetiredWord,
    /// It must be there, and is not.
    MissingField,
    /// It has another type than it should.
    WrongType,
    /// Nobody has ever heard of it.
    NewField,
    /// Only old documents have it.
    RetiredField,
}

impl RemarkKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::UnknownWord,
        Self::LegacySpelling,
        Self::RetiredWord,
        Self::MissingField,
        Self::WrongType,
        Self::NewField,
        Self::RetiredField,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownWord => "unknown-word",
            Self::LegacySpelling => "legacy-spelling",
            Self::RetiredWord => "retired-word",
            Self::MissingField => "missing-field",
            Self::WrongType => "wrong-type",
            Self::NewField => "new-field",
            Self::RetiredField => "retired-field",
        }
    }
}

/// One thing that is strange about one field of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub kind: RemarkKind,
    /// The field.
    pub field: FieldPath,
    /// What it holds; `None`: it is missing.
    pub found: Option<Value>,
    /// What the vocabulary expects instead, where it knows.
    pub expected: Option<Value>,
    /// One sentence for people. It names words and types, and nothing else of the document.
    pub summary: String,
}

impl Vocabulary {
    /// What is strange about a document, by field. Documents below others, and collections without a vocabulary, are
    /// nobody's business here.
    pub fn look(&self, document: &Document) -> Vec<Remark> {
        if !document.path.is_root() {
            return Vec::new();
        }
        self.of(&document.path.collection()).map_or_else(Vec::new, |known| known.look(&document.fields))
    }
}

impl CollectionVocabulary {
    /// What is strange about a document of this collection, by field.
    pub fn look(&self, fields: &Fields) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (field, types) in &self.fields {
            let found = field.get(fields);
            let (kind, summary) = match found {
                None if self.required.contains(field) => {
                    (RemarkKind::MissingField, format!("`{field}` is missing, and every document must have it"))
                }
                None => continue,
                Some(value) if !types.allows(value.type_name()) => {
                    let (found, wanted) = (value.type_name(), types.types().join(" or "));
                    (RemarkKind::WrongType, format!("`{field}` is {found}, and should be {wanted}"))
                }
                Some(_) if self.retired.contains(field) => {
                    (RemarkKind::RetiredField, format!("`{field}` is a field of old documents, which nothing reads"))
                }
                Some(_) => continue,
            };
            remarks.push(Remark { kind, field: field.clone(), found: found.cloned(), expected: None, summary });
        }
        remarks.extend(self.words.iter().filter_map(|words| about_word(words, fields)));
        remarks.extend(fields.iter().filter(|(name, _)| !self.knows(name)).map(|(name, value)| Remark {
            kind: RemarkKind::NewField,
            field: FieldPath::top(name.as_str()),
            found: Some(value.clone()),
            expected: None,
            summary: format!(
                "`{}` ({}) is a field that nobody knows",
                FieldPath::top(name.as_str()),
                value.type_name()
            ),
        }));
        remarks.sort_by(|one, other| (&one.field, one.kind).cmp(&(&other.field, other.kind)));
        remarks
    }

    /// Is a field with this name known at the top of a document?
    fn knows(&self, name: &str) -> bool {
        self.fields.keys().any(|field| field.names().first().is_some_and(|first| first == name))
    }
}

fn about_word(words: &Words, fields: &Fields) -> Option<Remark> {
    let text = words.of(fields)?;
    let field = &words.field;
    let (kind, expected, summary) = match words.read(text) {
        Reading::Known(word) if word.is_retired => {
            (RemarkKind::RetiredWord, None, format!("`{field}` holds {text}, which nobody writes any more"))
        }
        Reading::Known(_) => return None,
        Reading::Legacy(meant) => {
            let summary = format!("`{field}` is spelled {text}; the studio writes {}", meant.word);
            (RemarkKind::LegacySpelling, Some(Value::text(meant.word.as_str())), summary)
        }
        Reading::Unknown => {
            let shown: String = text.chars().filter(|letter| !letter.is_control()).take(60).collect();
            (RemarkKind::UnknownWord, None, format!("`{field}` holds {shown}, which is none of its words"))
        }
    };
    Some(Remark { kind, field: field.clone(), found: words.field.get(fields).cloned(), expected, summary })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(collection: &str, fields: &[(&str, Value)], expect: &[(&str, RemarkKind)]) {
        let vocabulary = Vocabulary::shipped().named(collection).expect("has a vocabulary");
        let fields: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let remarks = vocabulary.look(&fields);
        let found: Vec<(String, RemarkKind)> = remarks
            .iter()
            .filter(|remark| {
                remark.kind != RemarkKind::MissingField || expect.iter().any(|(_, kind)| *kind == remark.kind)
            })
            .map(|remark| (remark.field.to_string(), remark.kind))
            .collect();
        let expect: Vec<(String, RemarkKind)> =
            expect.iter().map(|(field, kind)| ((*field).to_owned(), *kind)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn words_spellings_types_and_fields_that_nobody_knows_are_told() {
        let text = Value::text;
        check("reservations", &[("status", text("CONFIRMED"))], &[]);
        check("reservations", &[("status", text("CANCELED"))], &[("status", RemarkKind::LegacySpelling)]);
        check("reservations", &[("status", text("LOADED"))], &[("status", RemarkKind::RetiredWord)]);
        check("batches", &[("state", text("ON_HOLD"))], &[("state", RemarkKind::UnknownWord)]);
        check("batches", &[("state", Value::Integer(3))], &[("state", RemarkKind::WrongType)]);
        check("batches", &[("glazeMood", Value::Null)], &[("glazeMood", RemarkKind::NewField)]);
        check("batches", &[("status", text("Complete"))], &[("status", RemarkKind::RetiredField)]);
    }

    #[test]
    fn a_field_that_must_be_there_is_missed() {
        let remarks = Vocabulary::shipped().named("batches").expect("is there").look(&Fields::new());
        let missing: Vec<String> = remarks.iter().map(|remark| remark.field.to_string()).collect();
        assert!(missing.contains(&"state".to_owned()) && missing.contains(&"ownerUid".to_owned()), "{missing:?}");
        assert!(remarks.iter().all(|remark| remark.kind == RemarkKind::MissingField));
    }
}
