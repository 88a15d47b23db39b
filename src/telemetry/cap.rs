//! Entries stay small: Cloud Logging refuses large ones whole.

use serde_json::{Map, Value};

/// No line is longer than this many bytes, far below Cloud Logging's 256 KiB.
pub(super) const LONGEST: usize = 32 * 1024;

/// No text of an entry is longer than this many bytes, even where the whole would fit.
const LONGEST_TEXT: usize = 8 * 1024;

/// What an entry keeps when cutting its texts is not enough.
const ESSENTIAL: [&str; 10] = [
    "severity",
    "time",
    "message",
    "@type",
    "serviceContext",
    "context",
    "target",
    "logging.googleapis.com/trace",
    "logging.googleapis.com/insertId",
    "logging.googleapis.com/sourceLocation",
];

/// The object as one line, cut until it fits; `truncated` says that something was cut.
pub(super) fn fitting(object: Map<String, Value>) -> String {
    let mut value = Value::Object(object);
    for longest in [LONGEST_TEXT, 1_024, 256, 64] {
        if cut(&mut value, longest) {
            mark(&mut value);
        }
        let line = escaped(&value);
        if line.len() <= LONGEST {
            return line;
        }
    }
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| ESSENTIAL.contains(&name.as_str()));
    }
    mark(&mut value);
    escaped(&value)
}

/// JSON leaves some control characters and line ends of Unicode as they are; a terminal or a reader of lines would not.
fn escaped(value: &Value) -> String {
    let line = value.to_string();
    let unsafe_letter = |letter: char| matches!(letter, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}');
    if !line.contains(unsafe_letter) {
        return line;
    }
    line.chars().fold(String::with_capacity(line.len() + 64), |mut safe, letter| {
        if unsafe_letter(letter) {
            safe.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            safe.push(letter);
        }
        safe
    })
}

fn mark(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert("truncated".to_owned(), true.into());
    }
}

/// Whether any text was longer than `longest` and has been cut.
fn cut(value: &mut Value, longest: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) if text.len() > longest => {
            let dropped = text.len() - text.floor_char_boundary(longest);
            text.truncate(text.floor_char_boundary(longest.saturating_sub(30)));
            text.push_str(&format!("…[{dropped} bytes cut]"));
            true
        }
        Value::String(_) => false,
        Value::Array(items) => {
            let mut any = false;
            for item in items {
                any |= cut(item, longest);
            }
            any
        }
        Value::Object(fields) => {
            let mut any = false;
            for (name, field) in fields {
                // These are short by construction, and would be wrong if cut.
                if !["@type", "time", "severity"].contains(&name.as_str()) {
                    any |= cut(field, longest);
                }
            }
            any
        }
    }
}
