//! Policies that contradict, repeat or miss something.

use cedar_policy::{
    ActionConstraint, Effect, Policy, PolicySet, PrincipalConstraint, ResourceConstraint, ValidationMode,
    ValidationWarning, Validator,
};
use serde_json::Value as Json;

use crate::domain::capability::Registry;
use crate::domain::lint::{LintCode, LintFinding};
use crate::gate::policy::{PolicyFiles, PolicyText, schema, separate};

/// Everything that is wrong with the policies.
pub(super) fn lint(files: &PolicyFiles, registry: Option<&Registry>) -> Vec<LintFinding> {
    let (texts, mut found) = separate(files);
    match schema(files) {
        Ok(schema) => found.extend(validated(&texts, &Validator::new(schema))),
        Err(wrong) => found.push(wrong),
    }
    let bodies: Vec<Option<Json>> = texts.iter().map(|text| body(&text.policy)).collect();
    for (at, text) in texts.iter().enumerate() {
        found.extend(too_wide(text));
        found.extend(registry.and_then(|registry| orphaned(text, registry)));
        for (other, same) in texts.iter().zip(&bodies).skip(at + 1) {
            if same.is_some() && *same == bodies[at] {
                found.push(at_odds(text, other));
            }
        }
        if text.policy.effect() == Effect::Permit {
            found.extend(texts.iter().filter(|forbid| shadows(&forbid.policy, &text.policy)).map(|forbid| {
                let rule = format!("is always overruled by `{}`", forbid.policy.id());
                text.finding(LintCode::PolicyShadowed, rule)
            }));
        }
    }
    found
}

fn validated(texts: &[PolicyText], validator: &Validator) -> Vec<LintFinding> {
    let mut found = Vec::new();
    for text in texts {
        let mut alone = PolicySet::new();
        if let Err(error) = alone.add(text.policy.clone()) {
            found.push(text.finding(LintCode::PolicyId, error.to_string()));
            continue;
        }
        let result = validator.validate(&alone, ValidationMode::Strict);
        let errors = result.validation_errors();
        found.extend(errors.map(|error| text.finding(LintCode::PolicyInvalid, error.to_string())));
        found.extend(result.validation_warnings().map(|warning| text.finding(code_of(warning), warning.to_string())));
    }
    found
}

/// A policy that never applies; all other warnings are about letters that look like others.
const fn code_of(warning: &ValidationWarning) -> LintCode {
    let never =
        matches!(warning, ValidationWarning::ImpossiblePolicy(_) | ValidationWarning::InvalidActionApplication(_));
    if never { LintCode::PolicyImpossible } else { LintCode::Homoglyph }
}

fn too_wide(text: &PolicyText) -> Option<LintFinding> {
    let policy = &text.policy;
    let open = matches!(policy.principal_constraint(), PrincipalConstraint::Any)
        && matches!(policy.action_constraint(), ActionConstraint::Any)
        && matches!(policy.resource_constraint(), ResourceConstraint::Any);
    let permits = policy.effect() == Effect::Permit && open && !policy.has_non_scope_constraint();
    permits.then(|| text.finding(LintCode::PolicyTooWide, "permits everything to everybody"))
}

fn orphaned(text: &PolicyText, registry: &Registry) -> Option<LintFinding> {
    let named = text.policy.entity_literals();
    let capability = named
        .iter()
        .find(|uid| uid.type_name().to_string() == "Capability" && registry.find(uid.id().unescaped()).is_none())?;
    let rule = format!("is about `{}`, which the registry does not have", capability.id().unescaped());
    Some(text.finding(LintCode::PolicyOrphan, rule))
}

/// Two policies for exactly the same case: one of them says nothing new, or the opposite.
fn at_odds(one: &PolicyText, other: &PolicyText) -> LintFinding {
    match (one.policy.effect(), other.policy.effect()) {
        (Effect::Permit, Effect::Permit) | (Effect::Forbid, Effect::Forbid) => {
            other.finding(LintCode::PolicyDuplicate, format!("says the same as `{}`", one.policy.id()))
        }
        (Effect::Permit, Effect::Forbid) | (Effect::Forbid, Effect::Permit) => {
            let rule = format!("says the opposite of `{}` about the same case", one.policy.id());
            other.finding(LintCode::PolicyContradiction, rule)
        }
    }
}

/// Scope and conditions, without what only people and tests read.
fn body(policy: &Policy) -> Option<Json> {
    let mut json = policy.to_json().ok()?;
    let members = json.as_object_mut()?;
    members.remove("annotations");
    members.remove("effect");
    Some(json)
}

/// Does the forbid, without any condition, cover the whole scope of the permit?
fn shadows(forbid: &Policy, permit: &Policy) -> bool {
    forbid.effect() == Effect::Forbid
        && !forbid.has_non_scope_constraint()
        && match (forbid.principal_constraint(), permit.principal_constraint()) {
            (PrincipalConstraint::Any, _) => true,
            (forbidden, permitted) => forbidden == permitted,
        }
        && match (forbid.action_constraint(), permit.action_constraint()) {
            (ActionConstraint::Any, _) => true,
            (ActionConstraint::In(forbidden), ActionConstraint::Eq(permitted)) => forbidden.contains(&permitted),
            (ActionConstraint::In(forbidden), ActionConstraint::In(permitted)) => {
                permitted.iter().all(|action| forbidden.contains(action))
            }
            (ActionConstraint::Eq(forbidden), ActionConstraint::Eq(permitted)) => forbidden == permitted,
            (ActionConstraint::Eq(_), ActionConstraint::In(_))
            | (ActionConstraint::In(_) | ActionConstraint::Eq(_), ActionConstraint::Any) => false,
        }
        && match (forbid.resource_constraint(), permit.resource_constraint()) {
            (ResourceConstraint::Any, _) => true,
            (forbidden, permitted) => forbidden == permitted,
        }
}
