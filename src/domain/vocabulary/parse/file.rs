//! What a file of the vocabulary looks like.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) collection: String,
    pub(super) about: String,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default)]
    pub(super) retired: Vec<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) references: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) words: Vec<FileWords>,
    pub(super) standing: Option<FileEnd>,
    #[serde(default)]
    pub(super) since: Vec<String>,
    pub(super) amount: Option<FileAmount>,
    #[serde(default)]
    pub(super) deadline: Vec<FileDeadline>,
    #[serde(default)]
    pub(super) figure: Vec<FileFigure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWords {
    pub(super) field: String,
    #[serde(default)]
    pub(super) state: bool,
    pub(super) list: Vec<FileWord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWord {
    pub(super) word: String,
    pub(super) class: Option<String>,
    pub(super) meaning: Option<String>,
    pub(super) stands_for: Option<String>,
    #[serde(default)]
    pub(super) retired: bool,
    #[serde(default)]
    pub(super) next: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEnd {
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) closed_when: Vec<FileCondition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCondition {
    pub(super) field: String,
    pub(super) is: Option<toml::Value>,
    pub(super) words: Option<Vec<String>>,
    pub(super) classes: Option<Vec<String>>,
    pub(super) there: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAmount {
    pub(super) cents: String,
    pub(super) currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileDeadline {
    pub(super) id: String,
    pub(super) meaning: String,
    pub(super) at: String,
    #[serde(default)]
    pub(super) after: Option<String>,
    pub(super) standing: Option<String>,
    pub(super) words: Option<Vec<String>>,
    pub(super) classes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) when: Vec<FileCondition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileFigure {
    pub(super) name: String,
    pub(super) block: String,
    pub(super) meaning: String,
    pub(super) standing: Option<String>,
    pub(super) words: Option<Vec<String>>,
    pub(super) classes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) when: Vec<FileCondition>,
}

/// Which documents are meant.
pub(super) struct FileSelection {
    pub(super) standing: Option<String>,
    pub(super) words: Option<Vec<String>>,
    pub(super) classes: Option<Vec<String>>,
    pub(super) when: Vec<FileCondition>,
}

impl FileDeadline {
    pub(super) fn only(&mut self) -> FileSelection {
        FileSelection {
            standing: self.standing.take(),
            words: self.words.take(),
            classes: self.classes.take(),
            when: std::mem::take(&mut self.when),
        }
    }
}

impl FileFigure {
    pub(super) fn only(&mut self) -> FileSelection {
        FileSelection {
            standing: self.standing.take(),
            words: self.words.take(),
            classes: self.classes.take(),
            when: std::mem::take(&mut self.when),
        }
    }
}
