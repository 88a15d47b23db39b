//! The registry: every capability, parsed once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::domain::capability::{Capability, CapabilityId, Quota, parse};
use crate::domain::lint::LintCode;

/// The registry's own text, as it is shipped.
const SHIPPED: &str = include_str!("../../../infra/policy/capabilities.toml");

/// What the shipped registry's file is called.
pub const REGISTRY_FILE: &str = "infra/policy/capabilities.toml";

/// Every capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    capabilities: BTreeMap<CapabilityId, Arc<Capability>>,
    shared: Vec<Quota>,
}

/// What is wrong with one field of one capability.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RegistryError {
    /// The file.
    pub file: String,
    /// The capability's id, or its place in the file; empty for the file as a whole.
    pub capability: String,
    /// The field.
    pub field: String,
    /// What is wrong, for programs.
    pub code: LintCode,
    /// What it has to be.
    pub rule: String,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.file)?;
        if !self.capability.is_empty() {
            write!(out, "capability `{}`: ", self.capability)?;
        }
        if !self.field.is_empty() {
            write!(out, "`{}` ", self.field)?;
        }
        out.write_str(&self.rule)
    }
}

/// Everything that is wrong with a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryErrors(pub Vec<RegistryError>);

impl fmt::Display for RegistryErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the capability registry is wrong")?;
        self.0.iter().try_for_each(|error| write!(out, "\n  {} ({})", error, error.code))
    }
}

impl std::error::Error for RegistryErrors {}

impl Registry {
    /// Parses a registry; `file` is its name in errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, not only the first thing.
    pub fn parse(file: &str, text: &str) -> Result<Self, RegistryErrors> {
        let (capabilities, shared, problems) = parse::registry(file, text);
        if !problems.is_empty() {
            return Err(RegistryErrors(problems));
        }
        let capabilities =
            capabilities.into_iter().map(|capability| (capability.id.clone(), Arc::new(capability))).collect();
        Ok(Self { capabilities, shared })
    }

    /// The shipped registry's text.
    pub const fn shipped_text() -> &'static str {
        SHIPPED
    }

    /// The shipped registry.
    pub fn shipped() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| Self::parse(REGISTRY_FILE, SHIPPED).expect("BUG: the shipped registry is wrong"))
    }

    /// The capability with this id.
    pub fn find(&self, id: &str) -> Option<&Arc<Capability>> {
        self.capabilities.get(&CapabilityId::parse(id).ok()?)
    }

    /// The capability with this id.
    pub fn get(&self, id: &CapabilityId) -> Option<&Arc<Capability>> {
        self.capabilities.get(id)
    }

    /// Every capability, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Capability>> {
        self.capabilities.values()
    }

    /// What a studio, and the whole service, may do together.
    pub fn shared_quotas(&self) -> &[Quota] {
        &self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::ActorKind;
    use crate::domain::capability::{Source, shipped};
    use crate::domain::value::Value;
    use crate::domain::vocabulary::ReservationStatus;

    #[test]
    fn the_shipped_registry_is_right_and_has_what_was_promised() {
        let registry = Registry::shipped();
        for id in [
            "ops_note.append",
            "reservation.status.set",
            "batch.close",
            "batch.state.correct",
            "report.triage.set",
            "order.pickup.mark",
            "firing.unloaded.mark",
            "document.restore",
            "drill.document.set",
            "drill.step.set",
        ] {
            assert!(registry.find(id).and_then(|capability| capability.write()).is_some(), "{id}");
        }
        let reads = registry.iter().filter(|capability| capability.write().is_none()).count();
        assert_eq!(reads, 2, "the connectors'");
    }

    #[test]
    fn agents_and_jobs_never_decide() {
        for capability in Registry::shipped().iter() {
            let Some(rules) = capability.write() else { continue };
            for kind in [ActorKind::Agent, ActorKind::System] {
                assert!(!rules.approvers.contains(&kind), "{}", capability.id);
            }
        }
    }

    #[test]
    fn the_registry_and_the_vocabulary_know_the_same_steps() {
        let capability = Registry::shipped().find(shipped::RESERVATION_STATUS_SET).expect("is there");
        let update = capability.field_update().expect("is a field update");
        let Source::Chosen(choice) = &update.fields[0].source else { panic!("the status is chosen") };
        for word in ReservationStatus::all().map(ReservationStatus::word).chain(["CANCELED", "ON_HOLD"]) {
            let allowed: Vec<Value> =
                ReservationStatus::allowed_from(word).into_iter().map(|status| Value::text(status.word())).collect();
            assert_eq!(choice.allowed_from(Some(&Value::text(word))), allowed, "{word}");
        }
    }
}
