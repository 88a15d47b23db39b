//! What is wrong with the rules themselves: found before they decide about anything.

/// Policies that contradict, repeat or miss something.
mod policies;

/// What every policy has to deny, asked for real.
mod probes;

/// Documents, tests and the change log.
mod checkout;

use crate::domain::capability::{CapabilityId, Registry, Risk};
use crate::domain::ids::Uid;
use crate::domain::lint::{LintCode, LintFinding};
use crate::domain::time::Timestamp;
use crate::gate::policy::{Policy, PolicyFile, PolicyFiles};

pub use checkout::Checkout;

/// How long an exemption may last.
const LONGEST_EXEMPTION: std::time::Duration = std::time::Duration::from_secs(72 * 3_600);

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// The policy's files.
    pub files: &'a PolicyFiles,
    /// Documents and tests; without a checkout nothing is said about them.
    pub checkout: Option<&'a Checkout>,
    /// The exemptions that are listed.
    pub exemptions: &'a [ListedExemption],
    /// The time now.
    pub now: Timestamp,
}

/// An exemption, as far as the lint looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedExemption {
    /// Its id.
    pub id: String,
    /// From which capability's approvals.
    pub capability: CapabilityId,
    /// Whom it serves.
    pub beneficiary: Uid,
    /// Who granted it.
    pub granted_by: Uid,
    /// Why.
    pub justification: String,
    /// When.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// Is it listed as in force?
    pub active: bool,
}

/// Everything that is wrong, in order of code and place.
pub fn lint(looked: Looked<'_>) -> Vec<LintFinding> {
    let mut found = Vec::new();
    found.extend(look_alikes(&looked.files.registry));
    let registry = match Registry::parse(&looked.files.registry.name, &looked.files.registry.text) {
        Ok(registry) => Some(registry),
        Err(errors) => {
            found.extend(errors.0.into_iter().map(|error| LintFinding {
                code: error.code,
                place: format!("{}: capability `{}`: `{}`", error.file, error.capability, error.field),
                rule: error.rule,
            }));
            None
        }
    };
    found.extend(policies::lint(looked.files, registry.as_ref()));
    if let Some(registry) = &registry {
        if let Ok(policy) = Policy::parse(looked.files) {
            found.extend(probes::lint(&policy, &looked.files.schema.name));
        }
        found.extend(checkout::lint_changes(registry, looked.files));
        if let Some(checkout) = looked.checkout {
            found.extend(checkout::lint(registry, &looked.files.registry.name, checkout));
        }
        found.extend(looked.exemptions.iter().flat_map(|exemption| exempted(exemption, registry, looked.now)));
    }
    found.sort();
    found.dedup();
    found
}

/// Letters that look like Latin ones, wherever a machine compares text: a person would not see the difference.
fn look_alikes(file: &PolicyFile) -> Vec<LintFinding> {
    let strange = |letter: char| matches!(letter, '\u{370}'..='\u{52f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{ff00}'..='\u{ff5e}');
    let lines = file.text.lines().enumerate().filter(|(_, line)| line.chars().any(strange));
    lines
        .map(|(at, _)| LintFinding {
            code: LintCode::Homoglyph,
            place: format!("{}:{}", file.name, at + 1),
            rule: "holds a letter that only looks like one of ours".to_owned(),
        })
        .collect()
}

fn exempted(exemption: &ListedExemption, registry: &Registry, now: Timestamp) -> Vec<LintFinding> {
    let finding =
        |code, rule: &str| LintFinding { code, place: format!("exemption `{}`", exemption.id), rule: rule.to_owned() };
    let mut found = Vec::new();
    if exemption.active && exemption.expires <= now {
        found.push(finding(LintCode::ExemptionExpired, "is over and still listed as active"));
    }
    let invalid = |rule| finding(LintCode::ExemptionInvalid, rule);
    if exemption.expires.since(exemption.created) > LONGEST_EXEMPTION {
        found.push(invalid("lasts longer than 72 hours"));
    }
    if exemption.granted_by == exemption.beneficiary {
        found.push(invalid("was granted by the one whom it serves"));
    }
    if exemption.justification.trim().chars().count() < 10 {
        found.push(invalid("does not say why"));
    }
    match registry.get(&exemption.capability) {
        None => found.push(invalid("is from a capability that is not there")),
        Some(capability) if capability.risk == Risk::Critical => {
            found.push(invalid("is from a critical capability"));
        }
        Some(_) => {}
    }
    found
}
