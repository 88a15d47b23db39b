//! The files that policy is made of: the shipped ones, or those of a folder.

use std::fs;
use std::path::Path;

use crate::domain::capability::{REGISTRY_FILE, Registry};
use crate::domain::intake::RuleSet;
use crate::gate::policy::PolicyError;

/// One file's name and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its name, for errors.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// All files of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFiles {
    /// The capability registry.
    pub registry: PolicyFile,
    /// The schema of the policies.
    pub schema: PolicyFile,
    /// The policies.
    pub policies: Vec<PolicyFile>,
    /// The rules of the intake.
    pub intake: PolicyFile,
    /// The change log of the registry, if there is one.
    pub changes: Option<PolicyFile>,
}

impl PolicyFiles {
    /// The files that are shipped.
    pub fn shipped() -> Self {
        let file = |name: &str, text: &str| PolicyFile { name: name.to_owned(), text: text.to_owned() };
        Self {
            registry: file(REGISTRY_FILE, Registry::shipped_text()),
            schema: file("infra/policy/schema.cedarschema", include_str!("../../../infra/policy/schema.cedarschema")),
            policies: vec![
                file("infra/policy/delegations.cedar", include_str!("../../../infra/policy/delegations.cedar")),
                file("infra/policy/forbids.cedar", include_str!("../../../infra/policy/forbids.cedar")),
                file("infra/policy/permits.cedar", include_str!("../../../infra/policy/permits.cedar")),
            ],
            intake: file("infra/policy/intake.toml", RuleSet::shipped_text()),
            changes: Some(file("infra/policy/changes.toml", include_str!("../../../infra/policy/changes.toml"))),
        }
    }

    /// The files of a folder: `capabilities.toml`, `schema.cedarschema`, `intake.toml`, every `*.cedar` and, if there,
    /// `changes.toml`.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn read(folder: &Path) -> Result<Self, PolicyError> {
        let read = |path: &Path| {
            let name = path.display().to_string();
            match fs::read_to_string(path) {
                Ok(text) => Ok(PolicyFile { name, text }),
                Err(source) => Err(PolicyError::Unreadable { file: name, source }),
            }
        };
        let unreadable = |source| PolicyError::Unreadable { file: folder.display().to_string(), source };
        let mut policies = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "cedar") {
                policies.push(path);
            }
        }
        policies.sort();
        let changes = folder.join("changes.toml");
        Ok(Self {
            registry: read(&folder.join("capabilities.toml"))?,
            schema: read(&folder.join("schema.cedarschema"))?,
            policies: policies.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
            intake: read(&folder.join("intake.toml"))?,
            changes: if changes.exists() { Some(read(&changes)?) } else { None },
        })
    }
}
