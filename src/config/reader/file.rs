//! The TOML file, flattened to `section.key`.

use std::{collections::BTreeMap, path::Path};

use super::{Problem, Raw, Shape};
use crate::config::parse::Wrong;

/// No configuration is longer than this many bytes.
const LONGEST: u64 = 1024 * 1024;

/// The values of the file by `section.key`.
pub(super) fn flat_values(path: &Path) -> Result<BTreeMap<String, toml::Value>, Problem> {
    let text = read(path).map_err(|what| Problem {
        key: path.display().to_string(),
        what,
        rule: "a TOML file in UTF-8 that this user can read".to_owned(),
        fix: "name the right file, or start from deploy/studio-brain.example.toml".to_owned(),
    })?;
    let table = text.parse::<toml::Table>().map_err(|error| not_toml(path, &text, &error))?;
    let mut flat = BTreeMap::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(section) => {
                flat.extend(section.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                flat.insert(name, value);
            }
        }
    }
    Ok(flat)
}

/// The value as its setting wants it, or what is wrong with it.
pub(super) fn raw(shape: Shape, value: &toml::Value) -> Result<Raw, Wrong> {
    match (shape, value) {
        (Shape::Text, toml::Value::String(text)) => Ok(Raw::One(text.clone())),
        (Shape::Whole, toml::Value::Integer(number)) => Ok(Raw::One(number.to_string())),
        (Shape::Flag, toml::Value::Boolean(flag)) => Ok(Raw::One(flag.to_string())),
        (Shape::List, toml::Value::Array(items)) => items.iter().map(text).collect::<Result<_, _>>().map(Raw::Many),
        (Shape::Staff, toml::Value::Array(items)) => items.iter().map(person).collect::<Result<_, _>>().map(Raw::Many),
        (Shape::Text, _) => Err(format!("is {} and must be a string in quotes", kind(value))),
        (Shape::Whole, _) => Err(format!("is {} and must be a whole number without quotes", kind(value))),
        (Shape::Flag, _) => Err(format!("is {} and must be true or false without quotes", kind(value))),
        (Shape::List, _) => Err(format!("is {} and must be a list of strings", kind(value))),
        (Shape::Staff, _) => Err(format!("is {} and must be a list of {{ uid = …, role = … }}", kind(value))),
    }
}

fn read(path: &Path) -> Result<String, Wrong> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > LONGEST {
        return Err(format!("is {size} bytes long, which no configuration is"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
}

/// Says where and what, but does not repeat the line: it may hold a secret.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    let message = error.message().lines().next().unwrap_or("cannot be parsed").to_owned();
    let what = match line {
        Some(line) => format!("line {line} is not TOML: {message}"),
        None => format!("is not TOML: {message}"),
    };
    Problem {
        key: path.display().to_string(),
        what,
        rule: "https://toml.io; each section and key at most once".to_owned(),
        fix: "correct that line".to_owned(),
    }
}

fn text(item: &toml::Value) -> Result<String, Wrong> {
    match item {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => Err(format!("holds {} where a string is expected", kind(item))),
    }
}

/// `{ uid = "abc", role = "staff" }` in the form of the variable: `uid:abc=staff`.
fn person(item: &toml::Value) -> Result<String, Wrong> {
    let Some(table) = item.as_table() else {
        return Err(format!("holds {} where {{ uid = …, role = … }} is expected", kind(item)));
    };
    if let Some(stranger) = table.keys().find(|key| !["uid", "email", "role"].contains(&key.as_str())) {
        return Err(format!("has an entry with the unknown key `{stranger}`; known are uid, email and role"));
    }
    let field = |name: &str| table.get(name).map(text).transpose();
    match (field("uid")?, field("email")?, field("role")?) {
        (Some(uid), None, Some(role)) => Ok(format!("uid:{uid}={role}")),
        (None, Some(email), Some(role)) => Ok(format!("email:{email}={role}")),
        (Some(_), Some(_), _) => Err("has an entry with both uid and email; give one of them".to_owned()),
        (None, None, _) => Err("has an entry with neither uid nor email".to_owned()),
        (_, _, None) => Err("has an entry without role".to_owned()),
    }
}

fn kind(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a string",
        toml::Value::Integer(_) => "a whole number",
        toml::Value::Float(_) => "a decimal number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}
