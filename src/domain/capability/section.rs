//! One table of the registry's text: every key is taken once, and whatever is left over is an error.

use std::str::FromStr as _;
use std::time::Duration;

use toml::{Table, Value as Toml};

use crate::domain::capability::registry::RegistryError;
use crate::domain::lint::LintCode;
use crate::domain::value::Value;

/// One table being read.
pub(super) struct Section<'a> {
    file: &'a str,
    capability: String,
    inside: String,
    table: Table,
    problems: &'a mut Vec<RegistryError>,
}

impl<'a> Section<'a> {
    pub(super) fn new(file: &'a str, capability: &str, table: Table, problems: &'a mut Vec<RegistryError>) -> Self {
        Self { file, capability: capability.to_owned(), inside: String::new(), table, problems }
    }

    /// A table inside this one.
    pub(super) fn inside(&mut self, name: &str, table: Table) -> Section<'_> {
        Section {
            file: self.file,
            capability: self.capability.clone(),
            inside: format!("{}{name}.", self.inside),
            table,
            problems: self.problems,
        }
    }

    /// Notes what is wrong with a field.
    pub(super) fn wrong(&mut self, field: &str, code: LintCode, rule: impl Into<String>) {
        self.problems.push(RegistryError {
            file: self.file.to_owned(),
            capability: self.capability.clone(),
            field: format!("{}{field}", self.inside),
            code,
            rule: rule.into(),
        });
    }

    /// How many problems there are by now.
    pub(super) fn problems(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Text that has to be there and say something; `missing` is the code if it does not.
    pub(super) fn text(&mut self, key: &str, missing: LintCode) -> Option<String> {
        match self.table.remove(key) {
            None => self.wrong(key, missing, "is not there"),
            Some(Toml::String(text)) if text.trim().is_empty() => self.wrong(key, missing, "says nothing"),
            Some(Toml::String(text)) => return Some(text),
            Some(_) => self.wrong(key, LintCode::RegistrySyntax, "has to be a text"),
        }
        None
    }

    /// Text that may be left out.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        self.has(key).then(|| self.text(key, LintCode::MissingMetadata)).flatten()
    }

    /// A whole number of zero or more.
    pub(super) fn whole(&mut self, key: &str, missing: LintCode) -> Option<u32> {
        match self.table.remove(key) {
            None => self.wrong(key, missing, "is not there"),
            Some(Toml::Integer(number)) => match u32::try_from(number) {
                Ok(number) => return Some(number),
                Err(_) => self.wrong(key, LintCode::RegistrySyntax, "has to be a whole number of zero or more"),
            },
            Some(_) => self.wrong(key, LintCode::RegistrySyntax, "has to be a whole number"),
        }
        None
    }

    /// True or false; false when left out.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.table.remove(key) {
            None => false,
            Some(Toml::Boolean(flag)) => flag,
            Some(_) => {
                self.wrong(key, LintCode::RegistrySyntax, "has to be true or false");
                false
            }
        }
    }

    /// A duration such as `15m`, from `least` to `most` seconds.
    pub(super) fn duration(&mut self, key: &str, least: u64, most: u64) -> Option<Duration> {
        let text = self.text(key, LintCode::MissingMetadata)?;
        let parsed = jiff::SignedDuration::from_str(&text).ok().and_then(|duration| Duration::try_from(duration).ok());
        match parsed {
            Some(duration) if (least..=most).contains(&duration.as_secs()) => Some(duration),
            Some(_) => {
                self.wrong(key, LintCode::DurationInsane, format!("has to be from {least} to {most} seconds"));
                None
            }
            None => {
                self.wrong(key, LintCode::RegistrySyntax, "has to be a duration such as 90s, 15m or 2h");
                None
            }
        }
    }

    /// A list of texts that has to be there.
    pub(super) fn texts(&mut self, key: &str, missing: LintCode) -> Option<Vec<String>> {
        let Some(value) = self.table.remove(key) else {
            self.wrong(key, missing, "is not there");
            return None;
        };
        let items = value.as_array();
        let texts: Option<Vec<String>> =
            items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        match texts {
            Some(texts) if texts.is_empty() => self.wrong(key, missing, "is empty"),
            Some(texts) if texts.iter().any(|text| text.trim().is_empty()) => self.wrong(key, missing, "says nothing"),
            Some(texts) => return Some(texts),
            None => self.wrong(key, LintCode::RegistrySyntax, "has to be a list of texts"),
        }
        None
    }

    /// A list of whatever; empty when left out.
    pub(super) fn list(&mut self, key: &str) -> Vec<Toml> {
        match self.table.remove(key) {
            None => Vec::new(),
            Some(Toml::Array(items)) => items,
            Some(_) => {
                self.wrong(key, LintCode::RegistrySyntax, "has to be a list");
                Vec::new()
            }
        }
    }

    /// A list of tables; empty when left out.
    pub(super) fn tables(&mut self, key: &str) -> Vec<Table> {
        let items = self.list(key);
        let tables: Option<Vec<Table>> = items.into_iter().map(|item| item.try_into().ok()).collect();
        tables.unwrap_or_else(|| {
            self.wrong(key, LintCode::RegistrySyntax, "has to be a list of tables");
            Vec::new()
        })
    }

    /// One table, if it is there.
    pub(super) fn table(&mut self, key: &str) -> Option<Table> {
        let table = self.table.remove(key)?.try_into().ok();
        if table.is_none() {
            self.wrong(key, LintCode::RegistrySyntax, "has to be a table");
        }
        table
    }

    /// A value that a document could hold: text, a whole number, true or false.
    pub(super) fn value(&mut self, key: &str) -> Option<Value> {
        let value = self.table.remove(key);
        let read = value.as_ref().and_then(storable);
        if read.is_none() {
            self.wrong(key, LintCode::FieldInvalid, "has to be a text, a whole number, true or false");
        }
        read
    }

    /// A list of such values; empty when left out.
    pub(super) fn values(&mut self, key: &str) -> Vec<Value> {
        let items = self.list(key);
        let values: Option<Vec<Value>> = items.iter().map(storable).collect();
        values.unwrap_or_else(|| {
            self.wrong(key, LintCode::FieldInvalid, "has to hold texts, whole numbers, true or false");
            Vec::new()
        })
    }

    /// Complains about whatever was not asked for.
    pub(super) fn finish(mut self) {
        for key in self.table.keys().cloned().collect::<Vec<_>>() {
            self.wrong(&key, LintCode::UnknownKey, "is not a key of the registry here");
        }
    }
}

/// What a value of the registry is in a document.
pub(super) fn storable(value: &Toml) -> Option<Value> {
    match value {
        Toml::String(text) => Some(Value::text(text)),
        Toml::Integer(integer) => Some(Value::Integer(*integer)),
        Toml::Boolean(boolean) => Some(Value::Boolean(*boolean)),
        Toml::Float(_) | Toml::Datetime(_) | Toml::Array(_) | Toml::Table(_) => None,
    }
}
