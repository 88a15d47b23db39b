//! The lint, and what it finds in broken rules.
//!
//! Each file of `fixtures` breaks the shipped rules in one way and names the code that has to be found.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use studio_brain::domain::capability::CapabilityId;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::lint::LintFinding;
use studio_brain::domain::time::Timestamp;
use studio_brain::gate::lint::{Checkout, ListedExemption, Looked, lint};
use studio_brain::gate::policy::{Policy, PolicyFile, PolicyFiles};

use super::stage::NOW;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    /// What has to be found.
    code: String,
    /// Does the service have to refuse to start with it?
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    change: Vec<Change>,
    #[serde(default)]
    exemption: Vec<Exemption>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    /// What is replaced, wherever it stands; without it, `to` is put at the end.
    from: Option<String>,
    #[serde(default)]
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exemption {
    capability: String,
    beneficiary: String,
    granted_by: String,
    justification: String,
    created: String,
    expires: String,
}

fn checkout() -> Checkout {
    Checkout::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("can be read").expect("is a checkout")
}

fn look(files: &PolicyFiles, checkout: &Checkout, exemptions: &[ListedExemption]) -> Vec<LintFinding> {
    lint(Looked { files, checkout: Some(checkout), exemptions, now: NOW })
}

impl Fixture {
    fn find(&self) -> (PolicyFiles, Vec<LintFinding>) {
        let (mut files, mut checkout) = (PolicyFiles::shipped(), checkout());
        for change in &self.change {
            change.apply(&mut files, &mut checkout);
        }
        let moment = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let exemptions: Vec<ListedExemption> = self
            .exemption
            .iter()
            .map(|exemption| ListedExemption {
                id: "e-1".to_owned(),
                capability: CapabilityId::parse(&exemption.capability).expect("legal"),
                beneficiary: Uid::parse(&exemption.beneficiary).expect("legal"),
                granted_by: Uid::parse(&exemption.granted_by).expect("legal"),
                justification: exemption.justification.clone(),
                created: moment(&exemption.created),
                expires: moment(&exemption.expires),
                active: true,
            })
            .collect();
        let found = look(&files, &checkout, &exemptions);
        (files, found)
    }
}

impl Change {
    fn apply(&self, files: &mut PolicyFiles, checkout: &mut Checkout) {
        if let Some(spec) = self.file.strip_prefix("docs/") {
            let text = checkout.specs.entry(format!("docs/{spec}")).or_default();
            *text = self.edited(text);
            if text.is_empty() {
                checkout.specs.remove(&self.file);
            }
            return;
        }
        if self.file == "tests" {
            for text in &mut checkout.tests {
                *text = text.replace(self.from.as_deref().expect("something to replace"), &self.to);
            }
            return;
        }
        let ending = format!("/{}", self.file);
        let known = [&mut files.registry, &mut files.schema].into_iter().chain(&mut files.changes);
        if let Some(file) = known.chain(&mut files.policies).find(|file| file.name.ends_with(&ending)) {
            file.text = self.edited(&file.text);
            return;
        }
        files.policies.push(PolicyFile { name: self.file.clone(), text: self.to.clone() });
    }

    fn edited(&self, text: &str) -> String {
        match self.from.as_deref() {
            None => format!("{text}\n{}", self.to),
            Some("*") => self.to.clone(),
            Some(from) => {
                assert!(text.contains(from), "{}: there is no `{from}` to break", self.file);
                text.replace(from, &self.to)
            }
        }
    }
}

#[test]
fn our_own_rules_have_nothing_wrong_with_them() {
    let found = look(&PolicyFiles::shipped(), &checkout(), &[]);
    assert!(found.is_empty(), "\n{}", found.iter().map(|each| format!("{each}\n")).collect::<String>());
}

#[test]
fn every_broken_fixture_is_found_by_its_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gate/fixtures");
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("is there") {
        let path = entry.expect("can be read").path();
        let text = fs::read_to_string(&path).expect("can be read");
        let fixture: Fixture = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (files, found) = fixture.find();
        let named: BTreeSet<&str> = found.iter().map(|finding| finding.code.code()).collect();
        assert!(named.contains(fixture.code.as_str()), "{}: found {found:#?}", path.display());
        assert_eq!(Policy::parse(&files).is_err(), fixture.refused, "{}: {found:#?}", path.display());
        codes.insert(fixture.code);
    }
    assert!(codes.len() >= 15, "only {} codes have a fixture", codes.len());
}
