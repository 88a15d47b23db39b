//! The house rules, kept by reading the source: what must be absent can't be seen in any one place.
//!
//! Every rule is a function from files to complaints, and has a test that shows it complain.

mod imports;
mod layout;
mod source;

use std::fs;
use std::path::Path;

use source::SourceFile;

/// What is made here, and by whom it is left out of version control.
const NOT_OURS: &[&str] = &["target", "data", "node_modules", ".git", "out"];

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the checkout, in order.
fn files() -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut folders = vec![checkout().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let below = path.strip_prefix(checkout()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(SourceFile::new(&below, &text));
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(found.len() > 100, "the checkout was not found at {}", checkout().display());
    found
}

#[track_caller]
fn tidy(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[track_caller]
fn each(rule: fn(&SourceFile) -> Vec<String>) {
    tidy(files().iter().flat_map(rule).collect());
}

#[test]
fn every_room_uses_only_what_the_table_allows() {
    each(imports::only_what_the_table_allows);
}

#[test]
fn the_domain_waits_for_nothing_and_touches_nothing() {
    each(imports::the_domain_is_pure);
}

#[test]
fn every_route_is_in_one_table() {
    tidy(imports::one_route_table(&files()));
}

#[test]
fn no_rust_file_has_more_than_400_lines() {
    each(layout::no_longer_than_400_lines);
}

#[test]
fn no_file_is_called_after_nothing_in_particular() {
    each(layout::no_banned_name);
}

#[test]
fn modules_with_parts_are_folders() {
    tidy(layout::one_module_style(&files()));
}

#[test]
fn every_file_is_compiled() {
    tidy(layout::every_module_is_named(&files()));
}

#[test]
fn the_root_holds_what_it_always_holds() {
    let entries = fs::read_dir(checkout()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    tidy(layout::known_top_level_entries(
        &entries.filter(|name| !NOT_OURS.contains(&name.as_str())).collect::<Vec<_>>(),
    ));
}

#[test]
fn every_migration_explains_itself() {
    each(layout::a_migration_explains_itself);
}

#[test]
fn the_project_stands_alone() {
    each(layout::no_word_about_the_workplace);
}

#[test]
fn every_promise_has_its_test() {
    tidy(layout::named_tests_exist(&files()));
}
