//! Values that someone meant to replace and did not.

/// What gives a placeholder away, in lower case; anywhere in the value.
///
/// Long enough that no key hits one by chance.
const MARKS: [&str; 11] = [
    "change-me",
    "change_me",
    "changeme",
    "placeholder",
    "replace-with",
    "replace_with",
    "replace-me",
    "replace_me",
    "replaceme",
    "example",
    "${",
];

/// What gives a placeholder away at the beginning of the value.
const STARTS: [&str; 4] = ["todo", "your-", "your_", "xxx"];

/// What is a placeholder when it is the whole value.
const WHOLE: [&str; 5] = ["tbd", "fixme", "none", "null", "dummy"];

/// The mark by which `value` is recognised as a placeholder, if it is one.
pub(super) fn placeholder_mark(value: &str) -> Option<&'static str> {
    let value = value.trim().to_lowercase();
    if value.contains('<') && value.contains('>') {
        return Some("<…>");
    }
    let whole = WHOLE.into_iter().find(|whole| value == *whole);
    let start = STARTS.into_iter().find(|start| value.starts_with(start));
    whole.or(start).or_else(|| MARKS.into_iter().find(|mark| value.contains(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_recognised_and_real_values_are_not() {
        for value in [
            "change-me",
            "CHANGE_ME",
            "todo",
            "TODO: ask",
            "placeholder-id",
            "replace-with-project",
            "<project>",
            "${PROJECT}",
            "your-project-id",
            "staff@example.com",
            "xxxx-xxxx",
            "null",
        ] {
            assert!(placeholder_mark(value).is_some(), "{value}");
        }
        for value in
            ["monsoon-west", "demo-studio", "kiln@monsoonfire.com", "autodock", "west-your-kiln", "/etc/brain/key.json"]
        {
            assert_eq!(placeholder_mark(value), None, "{value}");
        }
    }
}
