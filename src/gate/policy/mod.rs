//! The registry and the Cedar policies: read once, validated strictly, and asked for every decision.

/// The files that policy is made of.
mod files;

/// The policies, compiled.
mod rules;

/// Of all policies, those that can have a say.
mod slices;

/// What the policies are told.
mod context;

/// What the rules of the intake say.
mod intake;

use std::sync::{Arc, OnceLock};

use crate::domain::capability::{Capability, CapabilityId, Registry, RegistryErrors};
use crate::domain::decision::Decision;
use crate::domain::intake::{BadRules, Classification, RuleSet, Text};
use crate::domain::lint::LintFinding;
use crate::gate::facts::Facts;

pub use files::{PolicyFile, PolicyFiles};
pub(super) use rules::{PolicyText, schema, separate};

use intake::Intake;
use rules::Rules;

/// The registry and the policies. There is no other word on who may do what.
#[derive(Debug)]
pub struct Policy {
    registry: Registry,
    rules: Rules,
    intake: Intake,
}

/// Why there is no policy, and so no service.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file could not be read.
    #[error("could not read `{file}`")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The registry is wrong.
    #[error(transparent)]
    Registry(#[from] RegistryErrors),
    /// The rules of the intake are wrong.
    #[error("the rules of the intake are wrong")]
    Intake(#[source] BadRules),
    /// The policies are wrong.
    #[error("the policies are wrong:{}", .0.iter().map(|finding| format!("\n  {finding}")).collect::<String>())]
    Rules(Vec<LintFinding>),
}

impl Policy {
    /// Reads policy from its files' texts.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(files: &PolicyFiles) -> Result<Self, PolicyError> {
        let registry = Registry::parse(&files.registry.name, &files.registry.text)?;
        let rules = Rules::compile(files, &registry).map_err(PolicyError::Rules)?;
        let intake = Intake::new(RuleSet::parse(&files.intake.text).map_err(PolicyError::Intake)?);
        Ok(Self { registry, rules, intake })
    }

    /// The policy that is shipped.
    pub fn shipped() -> Arc<Self> {
        static POLICY: OnceLock<Arc<Policy>> = OnceLock::new();
        let made = || Arc::new(Self::parse(&PolicyFiles::shipped()).expect("BUG: the shipped policy is wrong"));
        Arc::clone(POLICY.get_or_init(made))
    }

    /// Every capability.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The rules of the intake.
    pub const fn intake(&self) -> &RuleSet {
        &self.intake.rules
    }

    /// What the rules of the intake say of the text.
    pub fn classify(&self, text: &Text) -> Classification {
        self.intake.classify(text)
    }

    /// The capability with this id, if the registry has it.
    pub fn capability(&self, id: &CapabilityId) -> Option<&Arc<Capability>> {
        self.registry.get(id)
    }

    /// The decision. Cockpit, API, command line and push job all get theirs here.
    pub fn judge(&self, facts: &Facts<'_>) -> Decision {
        self.rules.judge(facts)
    }

    /// Cedar's bare answer to the same question, without any reasons: what a decision is measured against.
    pub fn bare<'a>(&'a self, facts: &Facts<'_>) -> impl Fn() -> bool + use<'a> {
        self.rules.bare(facts)
    }

    /// How many policies there are.
    pub fn policies(&self) -> usize {
        self.rules.len()
    }
}
