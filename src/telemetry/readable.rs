//! Lines for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::entry::{Entry, Severity};

/// What the message says anyway, and ids that are noise to a person looking at a terminal.
const HIDDEN: [&str; 11] = [
    "event",
    "outcome",
    "reason_code",
    "duration_ms",
    "http.route",
    "span.id",
    "trace.sampled",
    "insert_id",
    "job.run",
    "operation.first",
    "operation.last",
];

/// The entry as one line, without the newline.
pub(super) fn line(entry: &Entry, colour: bool) -> String {
    let paint = |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let code = match entry.severity {
        Severity::Debug => "34",
        Severity::Info => "32",
        Severity::Notice => "36",
        Severity::Warning => "33",
        Severity::Error | Severity::Critical | Severity::Alert | Severity::Emergency => "1;31",
    };
    let time = entry.time.strftime("%H:%M:%S%.3f").to_string();
    let target = entry.target.strip_prefix("studio_brain::").unwrap_or(&entry.target);
    let severity = format!("{:<8}", entry.severity.as_str());
    let mut line = format!("{} {} {}", paint("2", &time), paint(code, &severity), on_one_line(&entry.message));
    let noise = |name: &str| {
        let traced = name == "trace.id" && entry.severity < Severity::Warning;
        traced || name.starts_with("http_request.") || HIDDEN.contains(&name)
    };
    for (name, value) in entry.fields.iter().filter(|(name, _)| !noise(name)) {
        write!(line, " {}{}", paint("2", &format!("{name}=")), shown(value)).expect("BUG: writing to a string failed");
    }
    write!(line, " {}", paint("2", &format!("({})", on_one_line(target)))).expect("BUG: writing to a string failed");
    line
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text)
            if text.is_empty() || text.contains(|letter: char| letter.is_whitespace() || letter == '"') =>
        {
            format!("{text:?}")
        }
        Value::String(text) => on_one_line(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Escapes control characters, so that a logged text can neither begin a line nor command the terminal.
fn on_one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, letter| {
        if letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
        line
    })
}
