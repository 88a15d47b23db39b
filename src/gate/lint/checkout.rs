//! Documents, tests and the change log: what is said about the registry elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use toml::Table;

use crate::domain::capability::{Capability, Registry};
use crate::domain::lint::{LintCode, LintFinding};
use crate::gate::policy::PolicyFiles;

const SPECS: &str = "docs/specs";
const TESTS: &str = "tests/it";

/// The documents and tests of a checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// Every document of `docs/specs`, by its path from the top.
    pub specs: BTreeMap<String, String>,
    /// The texts of every test.
    pub tests: Vec<String>,
}

impl Checkout {
    /// Reads them from the top of a checkout; `None` where none is.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn read(top: &Path) -> io::Result<Option<Self>> {
        if !top.join(SPECS).is_dir() || !top.join(TESTS).is_dir() {
            return Ok(None);
        }
        let mut checkout = Self::default();
        for (path, text) in texts(&top.join(SPECS), "md")? {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            checkout.specs.insert(format!("{SPECS}/{name}"), text);
        }
        checkout.tests = texts(&top.join(TESTS), "rs")?.into_iter().map(|(_, text)| text).collect();
        Ok(Some(checkout))
    }
}

fn texts(folder: &Path, extension: &str) -> io::Result<Vec<(String, String)>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|of| of == extension) {
                found.push((path.display().to_string().replace('\\', "/"), fs::read_to_string(&path)?));
            }
        }
    }
    Ok(found)
}

/// Whether documents and tests agree with the registry.
pub(super) fn lint(registry: &Registry, file: &str, checkout: &Checkout) -> Vec<LintFinding> {
    let mut found = Vec::new();
    for capability in registry.iter() {
        let finding =
            |code, rule: String| LintFinding { code, place: format!("{file}: capability `{}`", capability.id), rule };
        match checkout.specs.get(&capability.spec) {
            None => found.push(finding(LintCode::SpecNotFound, format!("`{}` is not there", capability.spec))),
            Some(text) => found
                .extend(disagreements(capability, text).into_iter().map(|rule| finding(LintCode::SpecDisagrees, rule))),
        }
        let quoted = format!("\"{}\"", capability.id);
        if !checkout.tests.iter().any(|text| text.contains(&quoted)) {
            found.push(finding(LintCode::TestMissing, format!("no test below `{TESTS}` names it")));
        }
    }
    for path in checkout.specs.keys() {
        let template = path.rsplit('/').next().is_some_and(|name| name.starts_with(|first: char| first.is_uppercase()));
        if !template && !registry.iter().any(|capability| capability.spec == *path) {
            found.push(LintFinding {
                code: LintCode::SpecOrphan,
                place: path.clone(),
                rule: "describes no capability of the registry".to_owned(),
            });
        }
    }
    found
}

/// What the document's table says otherwise than the registry.
fn disagreements(capability: &Capability, text: &str) -> Vec<String> {
    let approvals = capability.write().map_or_else(
        || "none".to_owned(),
        |rules| match (rules.approvals.count, rules.approvals.admins) {
            (count, 0) => count.to_string(),
            (count, admins) => format!("{count}, of them {admins} by an admin"),
        },
    );
    let rollback = capability.write().map_or("nothing to take back", |rules| rules.rollback.as_str());
    let targets: Vec<String> = capability.targets.iter().map(|target| format!("`{target}`")).collect();
    let expected = [
        ("Id", format!("`{}`", capability.id)),
        ("Target", targets.join(", ")),
        ("Risk", capability.risk.word().to_owned()),
        ("Approvals", approvals),
        ("Owner", capability.owner.clone()),
        ("Escalation", capability.escalation.join(", ")),
        ("Rollback", rollback.to_owned()),
    ];
    let said = |key: &str| {
        text.lines().find_map(|line| {
            let mut cells = line.trim().strip_prefix('|')?.strip_suffix('|')?.splitn(2, '|').map(str::trim);
            (cells.next()? == key).then(|| cells.next().map(str::to_owned))?
        })
    };
    expected
        .into_iter()
        .filter_map(|(key, expected)| match said(key) {
            Some(said) if said == expected => None,
            Some(said) => Some(format!("{} says {key}: {said}, and the registry {expected}", capability.spec)),
            None => Some(format!("{} does not say {key}: {expected}", capability.spec)),
        })
        .collect()
}

/// Whether the newest entry of the change log about each capability is about what it is now.
pub(super) fn lint_changes(registry: &Registry, files: &PolicyFiles) -> Vec<LintFinding> {
    let Some(changes) = &files.changes else { return Vec::new() };
    let wrong = |code, rule: String| vec![LintFinding { code, place: changes.name.clone(), rule }];
    let table: Table = match changes.text.parse() {
        Ok(table) => table,
        Err(error) => return wrong(LintCode::RegistrySyntax, error.to_string()),
    };
    let entries = table.get("change").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let mut found = Vec::new();
    for entry in &entries {
        for key in ["at", "by", "capability", "fingerprint", "what"] {
            if text(entry, key).is_none_or(|text| text.trim().is_empty()) {
                found.extend(wrong(LintCode::MissingMetadata, format!("an entry does not say `{key}`")));
            }
        }
    }
    for capability in registry.iter() {
        let about = |entry: &&toml::Value| text(entry, "capability").as_deref() == Some(capability.id.as_str());
        let newest = entries.iter().rfind(about).and_then(|entry| text(entry, "fingerprint"));
        let fingerprint = capability.fingerprint.to_string();
        if newest.as_deref() != Some(&fingerprint[..16]) {
            let rule = format!("`{}` has become {} and no entry says so", capability.id, &fingerprint[..16]);
            found.extend(wrong(LintCode::ChangeUnrecorded, rule));
        }
    }
    found
}
