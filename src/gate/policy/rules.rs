//! The policies, compiled: default deny, a forbid beats every permit, and an error in any of them is a no.

use std::collections::HashMap;

use cedar_policy::{
    AuthorizationError, Authorizer, Decision as Answer, Effect, Entities, Policy, PolicyId, PolicySet, Schema,
    ValidationMode, Validator,
};

use crate::domain::capability::Registry;
use crate::domain::decision::Decision;
use crate::domain::lint::{LintCode, LintFinding};
use crate::domain::reason::Reason;
use crate::gate::facts::Facts;
use crate::gate::policy::PolicyFiles;
use crate::gate::policy::context::{Names, Untellable};

/// The policies, compiled.
pub(super) struct Rules {
    authorizer: Authorizer,
    all: PolicySet,
    permits: PolicySet,
    reasons: HashMap<PolicyId, Reason>,
    entities: Entities,
    schema: Schema,
    names: Names,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Rules").field("policies", &self.len()).finish_non_exhaustive()
    }
}

/// One policy and the file that it is from.
#[derive(Clone, Debug)]
pub(in crate::gate) struct PolicyText {
    pub(in crate::gate) file: String,
    pub(in crate::gate) policy: Policy,
}

impl PolicyText {
    pub(in crate::gate) fn finding(&self, code: LintCode, rule: impl Into<String>) -> LintFinding {
        LintFinding { code, place: format!("{}: policy `{}`", self.file, self.policy.id()), rule: rule.into() }
    }
}

/// Every policy under its own id, and what is wrong with their texts.
pub(in crate::gate) fn separate(files: &PolicyFiles) -> (Vec<PolicyText>, Vec<LintFinding>) {
    let (mut found, mut wrong): (Vec<PolicyText>, Vec<LintFinding>) = (Vec::new(), Vec::new());
    for file in &files.policies {
        let whole = |code, rule: String| LintFinding { code, place: file.name.clone(), rule };
        let set: PolicySet = match file.text.parse() {
            Ok(set) => set,
            Err(error) => {
                wrong.push(whole(LintCode::PolicySyntax, error.to_string()));
                continue;
            }
        };
        if set.templates().next().is_some() {
            wrong.push(whole(LintCode::PolicySyntax, "holds a template, which nothing would fill in".to_owned()));
        }
        let mut policies: Vec<&Policy> = set.policies().collect();
        policies.sort_by_key(|policy| policy.id().to_string().trim_start_matches("policy").parse::<usize>().ok());
        for policy in policies {
            let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()) else {
                wrong.push(whole(LintCode::PolicyId, format!("has a policy without @id: {policy}")));
                continue;
            };
            let text = PolicyText { file: file.name.clone(), policy: policy.new_id(PolicyId::new(id)) };
            if found.iter().any(|other| other.policy.id() == text.policy.id()) {
                wrong.push(text.finding(LintCode::PolicyId, "is the id of another policy, too"));
                continue;
            }
            if policy.effect() == Effect::Forbid && reason_of(policy).is_none() {
                wrong.push(text.finding(LintCode::PolicyReason, "has no @reason, or one that is no reason code"));
            }
            found.push(text);
        }
    }
    (found, wrong)
}

fn reason_of(policy: &Policy) -> Option<Reason> {
    Reason::parse(policy.annotation("reason")?).filter(|reason| *reason != Reason::Ok)
}

impl Rules {
    /// Compiles the policies against schema and registry, strictly.
    pub(super) fn compile(files: &PolicyFiles, registry: &Registry) -> Result<Self, Vec<LintFinding>> {
        let schema = schema(files).map_err(|wrong| vec![wrong])?;
        let (texts, mut wrong) = separate(files);
        let (mut all, mut permits, mut reasons) = (PolicySet::new(), PolicySet::new(), HashMap::new());
        for text in &texts {
            let add = |set: &mut PolicySet| {
                set.add(text.policy.clone()).map_err(|error| text.finding(LintCode::PolicyId, error.to_string()))
            };
            wrong.extend(add(&mut all).err());
            match text.policy.effect() {
                Effect::Permit => wrong.extend(add(&mut permits).err()),
                Effect::Forbid => {
                    let reason = reason_of(&text.policy).unwrap_or(Reason::BlockedByPolicy);
                    reasons.insert(text.policy.id().clone(), reason);
                }
            }
        }
        let validator = Validator::new(schema.clone());
        for error in validator.validate(&all, ValidationMode::Strict).validation_errors() {
            let text = texts.iter().find(|text| text.policy.id() == error.policy_id());
            let place = text.map_or_else(
                || files.schema.name.clone(),
                |text| format!("{}: policy `{}`", text.file, text.policy.id()),
            );
            wrong.push(LintFinding { code: LintCode::PolicyInvalid, place, rule: error.to_string() });
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let names = Names::new();
        let entities = entities(&names, registry, &schema).map_err(|error| {
            let rule = format!("does not fit the registry: {}", std::error::Error::source(&error).unwrap_or(&error));
            vec![LintFinding { code: LintCode::PolicyInvalid, place: files.schema.name.clone(), rule }]
        })?;
        Ok(Self { authorizer: Authorizer::new(), all, permits, reasons, entities, schema, names })
    }

    /// How many policies there are.
    pub(super) fn len(&self) -> usize {
        self.all.num_of_policies()
    }

    /// Evaluates every policy; the answer says everything that stands in the way.
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Decision {
        let Ok(request) = self.names.request(facts, &self.schema) else {
            return Decision::denied(vec![(Reason::PolicyError, None)]);
        };
        let answer = self.authorizer.is_authorized(&request, &self.all, &self.entities);
        let (deciding, failed) = (answer.diagnostics().reason(), answer.diagnostics().errors());
        let failed: Vec<String> =
            failed.map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id().to_string()).collect();
        let deciding = deciding.map(PolicyId::to_string);
        let denials = match answer.decision() {
            // A policy that can't be evaluated is left out by Cedar, be it a forbid: so it counts as one.
            Answer::Allow if failed.is_empty() => {
                let mut policies: Vec<String> = deciding.collect();
                policies.sort();
                return Decision::allowed(policies);
            }
            Answer::Allow => Vec::new(),
            Answer::Deny => answer.diagnostics().reason().cloned().collect(),
        };
        let mut because: Vec<(Reason, Option<String>)> = denials
            .iter()
            .map(|id| (self.reasons.get(id).copied().unwrap_or(Reason::BlockedByPolicy), Some(id.to_string())))
            .collect();
        because.extend(failed.into_iter().map(|id| (Reason::PolicyError, Some(id))));
        let permitted = self.authorizer.is_authorized(&request, &self.permits, &self.entities).decision();
        if permitted == Answer::Deny {
            because.push((Reason::RoleMissing, None));
        }
        Decision::denied(because)
    }

    /// Cedar's bare answer to a question that was put into its words before.
    pub(super) fn bare<'a>(&'a self, facts: &Facts<'_>) -> impl Fn() -> bool + use<'a> {
        let request = self.names.request(facts, &self.schema);
        move || match &request {
            Ok(request) => {
                self.authorizer.is_authorized(request, &self.all, &self.entities).decision() == Answer::Allow
            }
            Err(_) => false,
        }
    }
}

/// The schema.
pub(in crate::gate) fn schema(files: &PolicyFiles) -> Result<Schema, LintFinding> {
    let wrong = |rule: String| LintFinding { code: LintCode::PolicySyntax, place: files.schema.name.clone(), rule };
    match Schema::from_cedarschema_str(&files.schema.text) {
        Ok((schema, _)) => Ok(schema),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn entities(names: &Names, registry: &Registry, schema: &Schema) -> Result<Entities, Untellable> {
    let capabilities = registry.iter().map(|capability| names.entity(capability)).collect::<Result<Vec<_>, _>>()?;
    Entities::from_entities(capabilities, Some(schema)).map_err(Untellable::because)
}
