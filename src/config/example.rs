//! Writes the commented example file from what the settings say about themselves.

use std::fmt::Write as _;

use super::source::{DefaultValue, SettingDocs, Shape};

const HEAD: &str = "\
# Studio Brain: every setting, with its default.
#
# A line without `#` is a setting; a setting that begins with `#` is off until it is uncommented.
# Every setting can also be given by the variable named beside it, which wins over this file.
# Unknown keys and unknown STUDIO_BRAIN_ variables are errors. `studio-brain doctor` shows what is in effect.
# This file is written from the code; a test keeps it so.
";

/// The whole file.
pub(super) fn render(schema: &[SettingDocs]) -> String {
    let mut file = HEAD.to_owned();
    let mut section = "";
    for docs in schema {
        let (of, name) = docs.key.split_once('.').unwrap_or(("", docs.key));
        if of != section {
            section = of;
            write!(file, "\n[{section}]\n").expect("BUG: writing to a string failed");
        }
        render_setting(&mut file, docs, name);
    }
    file
}

fn render_setting(file: &mut String, docs: &SettingDocs, name: &str) {
    let assignment = match docs.default {
        DefaultValue::Value(value) => format!("{name} = {}", literal(docs.shape, value)),
        DefaultValue::Required => format!("{name} = \"<{name}>\""),
        DefaultValue::Unset(_) => format!("# {name} = {}", sample(docs.shape)),
    };
    let default = match docs.default {
        DefaultValue::Value(_) => "Default: as below.".to_owned(),
        DefaultValue::Required => "Required.".to_owned(),
        DefaultValue::Unset(meaning) => format!("Without it: {meaning}."),
    };
    let secret = if docs.is_secret() { "\n# Secret: never shown, logged or part of the fingerprint." } else { "" };
    write!(
        file,
        "\n# {}{secret}\n# Rule: {}.\n# {default} Variable: {}.\n{assignment}\n",
        docs.what,
        docs.rule,
        docs.variables().join(", or "),
    )
    .expect("BUG: writing to a string failed");
}

fn literal(shape: Shape, value: &str) -> String {
    match shape {
        Shape::Text => format!("\"{value}\""),
        Shape::Whole | Shape::Flag => value.to_owned(),
        Shape::List | Shape::Staff => {
            let items: Vec<String> = value.split(',').map(|item| format!("    \"{item}\",\n")).collect();
            format!("[\n{}]", items.concat())
        }
    }
}

/// What a setting without a default could look like; never a value that works by accident.
fn sample(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "\"…\"",
        Shape::Whole => "1",
        Shape::Flag => "false",
        Shape::List => "[\"…\"]",
        Shape::Staff => "[{ email = \"…\", role = \"staff\" }]",
    }
}
