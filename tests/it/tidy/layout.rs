//! How files are named, how long they are, and what they say about themselves.

use super::source::{SourceFile, tokens};

const LONGEST: usize = 400;
const BANNED: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager"];
const TOP_LEVEL: &[&str] =
    &["Cargo.toml", "Cargo.lock", "README.md", "src", "app", "migrations", "deploy", "infra", "tests", "docs"];
/// Beside the checkout in one workplace, and nowhere else: nothing but the script that is started there may know it.
const WORKPLACE: [&str; 2] = [concat!("../", "shared"), concat!("/work/", "shared")];

/// No Rust file is longer than a person reads at once.
pub(crate) fn no_longer_than_400_lines(file: &SourceFile) -> Vec<String> {
    let lines = file.text.lines().count();
    let long = file.path.ends_with(".rs") && lines > LONGEST;
    long.then(|| format!("{}: {lines} lines, {LONGEST} are the most", file.path)).into_iter().collect()
}

/// No file or folder is called after nothing in particular.
pub(crate) fn no_banned_name(file: &SourceFile) -> Vec<String> {
    let folders = file.path.split('/').rev().skip(1);
    let banned = folders.chain([file.stem()]).find(|name| BANNED.contains(name));
    banned.map(|name| format!("{}: `{name}` says nothing; put it where it belongs", file.path)).into_iter().collect()
}

/// A module with parts is `name/mod.rs`, never `name.rs` beside `name/`.
pub(crate) fn one_module_style(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .filter_map(|file| file.path.strip_suffix(".rs"))
        .filter(|module| files.iter().any(|other| other.path.starts_with(&format!("{module}/"))))
        .map(|module| format!("{module}.rs: has parts in {module}/, so it belongs into {module}/mod.rs"))
        .collect()
}

/// The root holds what it always holds.
pub(crate) fn known_top_level_entries(names: &[String]) -> Vec<String> {
    let unknown = names.iter().filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()));
    unknown.map(|name| format!("{name}: the root of the checkout has no place for it")).collect()
}

/// A migration is numbered, explains itself, makes strict tables and names its checks.
pub(crate) fn a_migration_explains_itself(file: &SourceFile) -> Vec<String> {
    let Some(name) = file.path.strip_prefix("migrations/").filter(|name| name.ends_with(".sql")) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let numbered = name.len() > 9 && name[..4].chars().all(|each| each.is_ascii_digit()) && name[4..].starts_with('_');
    let mut fault = |broken: bool, what: &str| faults.extend(broken.then(|| format!("{}: {what}", file.path)));
    fault(!numbered, "is not called like `0001_box.sql`");
    fault(!file.text.starts_with("-- "), "does not begin by saying what it is for");
    let code: Vec<&str> = file.text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let code = code.join("\n").to_lowercase();
    for statement in code.split(';').filter(|statement| statement.trim_start().starts_with("create table")) {
        let options = statement.rsplit(')').next().unwrap_or_default();
        fault(!options.contains("strict"), "has a table that is not strict");
        let words: Vec<&str> = statement.split_whitespace().collect();
        let named = |at: usize| at >= 2 && words[at - 2] == "constraint";
        let unnamed =
            words.iter().enumerate().any(|(at, word)| (*word == "check" || word.starts_with("check(")) && !named(at));
        fault(unnamed, "has a check without a name");
    }
    faults
}

/// The project stands alone: it knows nothing of the place where it was written.
pub(crate) fn no_word_about_the_workplace(file: &SourceFile) -> Vec<String> {
    if file.path == ".ci/run" {
        return Vec::new();
    }
    let found = file.text.lines().enumerate().filter(|(_, line)| WORKPLACE.iter().any(|place| line.contains(place)));
    found.map(|(at, _)| format!("{}:{}: names a place outside of the checkout", file.path, at + 1)).collect()
}

/// An integration test that no module names would never run.
pub(crate) fn every_module_is_named(files: &[SourceFile]) -> Vec<String> {
    let roots = ["mod", "lib", "main", "build"];
    let below = |file: &&SourceFile| ["src/", "app/src/", "tests/it/"].iter().any(|root| file.path.starts_with(root));
    let rust = files.iter().filter(|file| file.path.ends_with(".rs")).filter(below);
    let orphans = rust.filter(|file| {
        let (folder, _) = file.path.rsplit_once('/').unwrap_or_default();
        let is_root = roots.contains(&file.stem());
        let (name, parent) = match (file.stem(), folder.rsplit_once('/')) {
            ("mod", Some((parent, name))) => (name, parent),
            _ if is_root => return false,
            (stem, _) => (stem, folder),
        };
        !files
            .iter()
            .filter(|other| {
                other
                    .path
                    .strip_prefix(parent)
                    .is_some_and(|rest| roots.iter().any(|root| rest == format!("/{root}.rs")))
            })
            .any(|other| {
                tokens(&other.text)
                    .windows(3)
                    .any(|three| three[0].text == "mod" && three[1].text == name && three[2].text == ";")
            })
    });
    orphans.map(|file| format!("{}: no module names it, so it is never compiled", file.path)).collect()
}

/// Every test that the description of the house names is there: a promise must not outlive its test.
pub(crate) fn named_tests_exist(files: &[SourceFile]) -> Vec<String> {
    let book = files.iter().filter(|file| file.path == "docs/ARCHITECTURE.md");
    let named = book.flat_map(|file| file.text.split('`').skip(1).step_by(2)).filter(|name| {
        name.matches('_').count() > 2 && name.chars().all(|each| each.is_ascii_lowercase() || each == '_')
    });
    let missing = named.filter(|name| {
        let declared = format!("fn {name}(");
        !files.iter().any(|file| file.path.ends_with(".rs") && file.text.contains(&declared))
    });
    missing.map(|name| format!("docs/ARCHITECTURE.md: there is no test `{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(&SourceFile) -> Vec<String>, path: &str, text: &str, faults: usize) {
        let found = rule(&SourceFile::new(path, text));
        assert_eq!(found.len(), faults, "{found:?}");
    }

    #[test]
    fn a_file_of_401_lines_is_found() {
        check(no_longer_than_400_lines, "src/a.rs", &"\n".repeat(400), 0);
        check(no_longer_than_400_lines, "src/a.rs", &"\n".repeat(401), 1);
        check(no_longer_than_400_lines, "Cargo.lock", &"\n".repeat(401), 0);
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        check(no_banned_name, "src/store/open.rs", "", 0);
        check(no_banned_name, "src/store/utils.rs", "", 1);
        check(no_banned_name, "tests/common/mod.rs", "", 1);
    }

    #[test]
    fn a_module_in_two_styles_is_found() {
        let both = [SourceFile::new("src/web.rs", ""), SourceFile::new("src/web/api.rs", "")];
        assert_eq!(one_module_style(&both).len(), 1);
        assert!(one_module_style(&both[1..]).is_empty());
    }

    #[test]
    fn a_strange_top_level_entry_is_found() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert!(known_top_level_entries(&names(&["src", ".ci", "README.md"])).is_empty());
        assert_eq!(known_top_level_entries(&names(&["src", "scripts"])).len(), 1);
    }

    #[test]
    fn a_silent_or_loose_migration_is_found() {
        let good = "-- What it is.\ncreate table a (\n    b text, -- text; check (x)\n    constraint b_is check (b > 1)\n) strict;";
        check(a_migration_explains_itself, "migrations/0001_a.sql", good, 0);
        check(a_migration_explains_itself, "migrations/first.sql", good, 1);
        check(a_migration_explains_itself, "migrations/0001_a.sql", &good[15..], 1);
        check(a_migration_explains_itself, "migrations/0001_a.sql", &good.replace("strict", ""), 1);
        check(a_migration_explains_itself, "migrations/0001_a.sql", &good.replace("constraint b_is ", ""), 1);
    }

    #[test]
    fn a_word_about_the_workplace_is_found() {
        let text = format!("see {}/notes.md", WORKPLACE[0]);
        check(no_word_about_the_workplace, "docs/DESIGN.md", &text, 1);
        check(no_word_about_the_workplace, ".ci/run", &text, 0);
        check(no_word_about_the_workplace, "docs/DESIGN.md", "shared by all", 0);
    }

    #[test]
    fn a_file_that_is_never_compiled_is_found() {
        let files = [
            SourceFile::new("src/lib.rs", "pub mod web;"),
            SourceFile::new("src/web/mod.rs", "// mod b;\nmod a;"),
            SourceFile::new("src/web/a.rs", ""),
            SourceFile::new("src/web/b.rs", ""),
        ];
        assert_eq!(every_module_is_named(&files), ["src/web/b.rs: no module names it, so it is never compiled"]);
    }

    #[test]
    fn a_promise_without_its_test_is_found() {
        let book =
            SourceFile::new("docs/ARCHITECTURE.md", "`domain` holds\n   `a_write_lands_once`, `a_write_is_kept`");
        let test = SourceFile::new("tests/it/circle.rs", "async fn a_write_lands_once() {}");
        assert_eq!(named_tests_exist(&[book, test]), ["docs/ARCHITECTURE.md: there is no test `a_write_is_kept`"]);
    }
}
