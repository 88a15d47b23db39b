//! Reads Rust just well enough to tell which names a file uses: comments and texts are blanked, `use` trees unfolded.

use std::collections::BTreeSet;

/// A file of the checkout: its path below the root, with `/`, and its text.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The file's name without its ending.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The module that the file is: `src/web/sign_in.rs` is `web::sign_in`.
    fn module(&self) -> Vec<String> {
        let below = self.path.strip_prefix("app/").unwrap_or(&self.path);
        let below = below.strip_prefix("src/").unwrap_or(below);
        let mut parts: Vec<String> = below.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }
}

/// A name that a file uses, written out from the crate's root or from another crate's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) line: usize,
    pub(crate) segments: Vec<String>,
}

impl Mention {
    /// The room of ours that is named, if the name leads into one.
    pub(crate) fn room(&self) -> Option<&str> {
        let first = self.segments.first()?;
        matches!(first.as_str(), "crate" | "studio_brain").then(|| self.segments.get(1).map(String::as_str)).flatten()
    }

    pub(crate) fn text(&self) -> String {
        self.segments.join("::")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The code of a Rust file as names, `::` and single characters; comments and texts are left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let code: Vec<char> = blanked(text).chars().collect();
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while let Some(&here) = code.get(at) {
        let start = at;
        at += 1;
        if here == '\n' {
            line += 1;
        } else if here.is_alphanumeric() || here == '_' {
            while code.get(at).is_some_and(|next| next.is_alphanumeric() || *next == '_') {
                at += 1;
            }
        } else if here == ':' && code.get(at) == Some(&':') {
            at += 1;
        }
        if !here.is_whitespace() {
            found.push(Token { line, text: code[start..at].iter().collect() });
        }
    }
    found
}

/// The text with comments and the insides of texts and characters turned to spaces; lines stay where they are.
fn blanked(text: &str) -> String {
    let code: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < code.len() {
        let end = literal_end(&code, at).unwrap_or(at);
        if end == at {
            out.push(code[at]);
            at += 1;
        } else {
            out.extend(code[at..end].iter().map(|each| if *each == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins here ends; nothing if none begins here.
fn literal_end(code: &[char], at: usize) -> Option<usize> {
    let peek = |offset: usize| code.get(at + offset).copied().unwrap_or('\0');
    match (code[at], peek(1)) {
        ('/', '/') => Some(code[at..].iter().position(|each| *each == '\n').map_or(code.len(), |found| at + found)),
        ('/', '*') => Some(block_comment_end(code, at)),
        ('r', '"' | '#') if !named_before(code, at) => raw_text_end(code, at),
        ('b', 'r') if !named_before(code, at) && matches!(peek(2), '"' | '#') => raw_text_end(code, at + 1),
        ('"', _) => Some(quoted_end(code, at, '"')),
        // 'a' and '\n' are characters, 'a is a lifetime.
        ('\'', '\\') => Some(quoted_end(code, at, '\'')),
        ('\'', _) if peek(2) == '\'' => Some(at + 3),
        _ => None,
    }
}

fn named_before(code: &[char], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| code[before].is_alphanumeric() || code[before] == '_')
}

fn block_comment_end(code: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at < code.len() {
        match (code[at], code.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

fn raw_text_end(code: &[char], start: usize) -> Option<usize> {
    let hashes = code[start + 1..].iter().take_while(|each| **each == '#').count();
    if code.get(start + 1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let inside = start + 2 + hashes;
    let found = code[inside..].windows(close.len()).position(|window| window == close);
    Some(found.map_or(code.len(), |found| inside + found + close.len()))
}

fn quoted_end(code: &[char], start: usize, quote: char) -> usize {
    let mut at = start + 1;
    while at < code.len() {
        match code[at] {
            '\\' => at += 2,
            each if each == quote => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

/// Every path that the file names, `use` trees unfolded, `self` and `super` resolved; names of its own modules left out.
pub(crate) fn mentions(file: &SourceFile) -> Vec<Mention> {
    let tokens = tokens(&file.text);
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    let mut module = file.module();
    let mut inline: Vec<usize> = Vec::new();
    let (mut found, mut ours) = (Vec::new(), BTreeSet::new());
    let (mut depth, mut at) = (0_usize, 0_usize);
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            "mod" if tokens.get(at + 1).is_some_and(Token::is_name) => {
                let name = tokens[at + 1].text.clone();
                if is(at + 2, "{") {
                    inline.push(depth);
                    module.push(name.clone());
                }
                ours.insert(name);
                at += 2;
                continue;
            }
            _ if token.is_name() => {
                let imported = at.checked_sub(1).is_some_and(|before| is(before, "use"));
                let (trees, end) = tree(&tokens, at, &[]);
                for mut mention in trees {
                    if !imported && mention.segments.len() < 2 {
                        continue;
                    }
                    resolve(&mut mention.segments, &module);
                    if imported && mention.room().is_some() {
                        ours.extend(mention.segments.last().cloned());
                    }
                    found.push(mention);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found.retain(|mention| mention.segments.first().is_some_and(|first| !ours.contains(first)));
    found
}

/// One path or tree of paths from `at` on, and where it ends.
fn tree(tokens: &[Token], at: usize, prefix: &[String]) -> (Vec<Mention>, usize) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let line = tokens[at].line;
    let mut segments = [prefix, &[text(at).to_owned()]].concat();
    let mut at = at + 1;
    while text(at) == "::" {
        match text(at + 1) {
            "{" => {
                let mut found = Vec::new();
                at += 2;
                while !matches!(text(at), "}" | "") {
                    if tokens[at].is_name() || text(at) == "*" {
                        let (inner, end) = tree(tokens, at, &segments);
                        found.extend(inner);
                        at = end;
                        if text(at) == "as" {
                            at += 2;
                        }
                    } else {
                        at += 1;
                    }
                }
                return (found, at + 1);
            }
            next if next == "*" || tokens.get(at + 1).is_some_and(Token::is_name) => {
                segments.push(next.to_owned());
                at += 2;
            }
            _ => break,
        }
    }
    if !prefix.is_empty() && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    (vec![Mention { line, segments }], at)
}

fn resolve(segments: &mut Vec<String>, module: &[String]) {
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    let selves = usize::from(segments.first().is_some_and(|first| first == "self"));
    if supers + selves == 0 || segments.len() == selves {
        return;
    }
    let supers = segments.iter().skip(selves).take_while(|segment| *segment == "super").count();
    let kept = module.len().saturating_sub(supers);
    let rest = segments.split_off(selves + supers);
    *segments = std::iter::once("crate".to_owned()).chain(module[..kept].iter().cloned()).chain(rest).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> = mentions(&SourceFile::new(path, text)).iter().map(Mention::text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn grouped_imports_are_unfolded_and_renamed_ones_seen() {
        check(
            "src/web/mod.rs",
            "use crate::{domain::{ids, time::Timestamp}, jobs as movers, store::{self, Store}};",
            &[
                "crate::domain::ids",
                "crate::domain::time::Timestamp",
                "crate::jobs",
                "crate::store",
                "crate::store::Store",
            ],
        );
    }

    #[test]
    fn self_and_super_lead_to_where_they_lead() {
        check("src/web/cockpit/mod.rs", "use super::super::jobs::push;", &["crate::jobs::push"]);
        check("src/web/cockpit/forms.rs", "fn f() { self::super::state::get() }", &["crate::web::cockpit::state::get"]);
        check(
            "src/web/a.rs",
            "mod tests { use super::super::super::jobs; } use super::b;",
            &["crate::jobs", "crate::web::b"],
        );
    }

    #[test]
    fn comments_and_texts_name_nothing() {
        let text = "// crate::jobs\n/* /* sqlx::query */ sqlx::x */ let a = \"crate::jobs\"; let b = r#\"\"sqlx::query\"#; \
                    let c = '\"'; let d: &'static str = b\"\\\"sqlx::y\"; std::mem::drop(d);";
        check("src/web/a.rs", text, &["std::mem::drop"]);
    }

    #[test]
    fn a_module_of_ours_is_not_the_crate_of_that_name() {
        check("src/config/mod.rs", "mod firestore; pub use firestore::Settings;", &[]);
        check("src/jobs/a.rs", "use firestore::FirestoreDb;", &["firestore::FirestoreDb"]);
    }
}
