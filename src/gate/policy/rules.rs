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
use crate::gate::policy::slices::{Slice, Slices};

/// The policies, compiled.
pub(super) struct Rules {
    authorizer: Authorizer,
    slices: Slices,
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
        let (mut all, mut reasons) = (PolicySet::new(), HashMap::new());
        for text in &texts {
            let added = all.add(text.policy.clone());
            wrong.extend(added.err().map(|error| text.finding(LintCode::PolicyId, error.to_string())));
            match text.policy.effect() {
                Effect::Permit => {}
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
        let policies = texts.into_iter().map(|text| text.policy).collect();
        let slices = Slices::new(policies, registry, &names, &entities);
        Ok(Self { authorizer: Authorizer::new(), slices, reasons, entities, schema, names })
    }

    /// How many policies there are.
    pub(super) fn len(&self) -> usize {
        self.slices.whole().all.num_of_policies()
    }

    /// Evaluates every policy that can have a say; the answer says everything that stands in the way.
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Decision {
        self.judge_by(self.slices.of(facts), facts)
    }

    fn judge_by(&self, slice: &Slice, facts: &Facts<'_>) -> Decision {
        let Ok(request) = self.names.request(facts, &self.schema) else {
            return Decision::denied(vec![(Reason::PolicyError, None)]);
        };
        let answer = self.authorizer.is_authorized(&request, &slice.all, &self.entities);
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
        let permitted = self.authorizer.is_authorized(&request, &slice.permits, &self.entities).decision();
        if permitted == Answer::Deny {
            because.push((Reason::RoleMissing, None));
        }
        Decision::denied(because)
    }

    /// Cedar's bare answer, over all policies, to a question that was put into its words before.
    pub(super) fn bare<'a>(&'a self, facts: &Facts<'_>) -> impl Fn() -> bool + use<'a> {
        let (request, all) = (self.names.request(facts, &self.schema), &self.slices.whole().all);
        move || match &request {
            Ok(request) => self.authorizer.is_authorized(request, all, &self.entities).decision() == Answer::Allow,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::{Actor, ActorKind, Issuer};
    use crate::domain::capability::Capability;
    use crate::domain::change::{Change, Changes};
    use crate::domain::decision::{Act, AgentStanding, Base, Delegated, Intake, Stop};
    use crate::domain::ids::{DocPath, Hash, ProposalId, StudioId, Uid};
    use crate::domain::proposal::{GivenReason, Proposal, ProposalState};
    use crate::domain::time::Timestamp;
    use crate::domain::write::Write;
    use crate::gate::Writes;
    use crate::gate::circumstances::Circumstances;
    use crate::gate::facts::Surroundings;
    use crate::gate::policy::PolicyFile;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    /// Every kind of scope that a policy can have, on top of those of the shipped policies.
    const SCOPES: &str = r#"
        @id("odd.1") @reason("BLOCKED_BY_POLICY") forbid (principal == Staff::"ines", action, resource);
        @id("odd.2") @reason("BLOCKED_BY_POLICY") forbid (principal == Staff::"dov", action, resource);
        @id("odd.3") @reason("BLOCKED_BY_POLICY") forbid (principal in Admin::"ines", action, resource);
        @id("odd.4") @reason("BLOCKED_BY_POLICY") forbid (principal is Agent in Agent::"ines", action, resource);
        @id("odd.5") @reason("BLOCKED_BY_POLICY") forbid (principal, action in Action::"apply", resource);
        @id("odd.6") @reason("BLOCKED_BY_POLICY") forbid (principal, action, resource is Capability);
        @id("odd.7") @reason("BLOCKED_BY_POLICY") forbid (principal, action, resource in Capability::"CAPABILITY");
        @id("odd.8") @reason("BLOCKED_BY_POLICY") forbid (principal, action, resource == Capability::"CAPABILITY");
        @id("odd.9") @reason("BLOCKED_BY_POLICY")
        forbid (principal, action == Action::"read", resource is Capability in Capability::"CAPABILITY");
        @id("odd.10") permit (principal is Human, action == Action::"stop", resource == Capability::"CAPABILITY");
        @id("odd.11") @reason("BLOCKED_BY_POLICY") forbid (principal is System, action == Action::"send", resource)
        when { context.now + 9223372036854775807 > 0 };
    "#;

    fn around(stop: Stop, writes: Writes) -> Surroundings {
        let studio = StudioId::parse("west").expect("a studio");
        Surroundings {
            studio,
            now: NOW,
            writes,
            stop,
            lease: crate::domain::decision::Lease::Ours,
            targets: Vec::new(),
            bounds: None,
        }
    }

    fn proposal(capability: &Capability, by: &Actor, state: ProposalState, expires: Timestamp) -> Proposal {
        let path = DocPath::parse("batches/b-1").expect("a path");
        Proposal {
            id: ProposalId::from_uuid(uuid::Uuid::nil()),
            capability: capability.id.clone(),
            changes: Changes::one(Change {
                subject: path.clone(),
                write: Write::Update { path, changes: Default::default(), base: NOW },
                undoes: None,
            }),
            summary: String::new(),
            reason: GivenReason::parse("Every question is asked twice.").expect("a reason"),
            proposer: by.person(),
            behalf: None,
            created: NOW,
            expires,
            finding: None,
            state,
            state_since: NOW,
            round: 1,
            held: None,
        }
    }

    fn facts<'a>(
        (who, act): (&'a Actor, Act),
        capability: &'a Capability,
        around: &'a Surroundings,
        (about, base): (&'a Proposal, Base),
    ) -> Facts<'a> {
        let seen = matches!(base, Base::Moved).then(|| Hash::of("something else"));
        let facts = Facts::asking(who, act, capability, around);
        let asks = matches!(act, Act::Read | Act::Propose);
        if asks { facts } else { facts.about(about, &[], base, seen) }
    }

    /// Asks every question twice, of the slice and of all policies; how many answers were no.
    #[track_caller]
    fn denials(files: &PolicyFiles) -> usize {
        let registry = Registry::parse(&files.registry.name, &files.registry.text).expect("a registry");
        let rules = Rules::compile(files, &registry).expect("compiles");
        let uid = |text: &str| Uid::parse(text).expect("a uid");
        let actor = |name: &str, kind, studio: &str| {
            let studio = StudioId::parse(studio).expect("a studio");
            Actor::verified(uid(name), kind, name.to_owned(), studio, Issuer::Real)
        };
        let calm = around(Stop::Off, Writes::On);
        let (stopped, unknown) = (around(Stop::On, Writes::Off), around(Stop::Unknown, Writes::Off));
        let permitted = Circumstances { delegated: Delegated::Permitted, ..Circumstances::CALM };
        let (other, owner) = (actor("theo", ActorKind::Agent, "west"), uid("mara"));
        let (mut denied, mut asked) = (0, 0);
        let mut ask = |facts: Facts<'_>| {
            let whole = rules.judge_by(rules.slices.whole(), &facts);
            assert_eq!(rules.judge(&facts), whole, "{facts:?}");
            denied += usize::from(whole.reason != Reason::Ok);
            asked += 1;
        };
        for capability in registry.iter() {
            for (kind, act) in ActorKind::ALL.into_iter().flat_map(|kind| Act::ALL.map(|act| (kind, act))) {
                let (ines, away) = (actor("ines", kind, "west"), actor("ines", kind, "elsewhere"));
                let of = |by, state, seconds| {
                    proposal(capability, by, state, NOW.plus(std::time::Duration::from_secs(seconds)))
                };
                for state in [ProposalState::Waiting, ProposalState::Approved, ProposalState::Rejected] {
                    let open = of(&other, state, 9);
                    ask(facts((&ines, act), capability, &calm, (&open, Base::Current))
                        .for_owner(&owner)
                        .beside(permitted));
                }
                let (sent, own) = (of(&other, ProposalState::Sent, 0), of(&ines, ProposalState::Sent, 9));
                for delegated in Delegated::ALL {
                    let (agent, intake) = (AgentStanding::Suspended, Intake::Denied);
                    let wrong = Circumstances { delegated, agent, intake, exempt: false, quota_left: false };
                    ask(facts((&away, act), capability, &stopped, (&sent, Base::Moved))
                        .for_owner(&owner)
                        .beside(wrong));
                }
                let refused = Circumstances { agent: AgentStanding::KeyRefused, exempt: true, ..permitted };
                ask(facts((&ines, act), capability, &unknown, (&own, Base::Unknown)).beside(refused));
            }
        }
        assert_eq!(asked, registry.iter().count() * ActorKind::ALL.len() * Act::ALL.len() * 15);
        assert!(rules.slices.whole().all.num_of_policies() > 50);
        denied
    }

    #[test]
    fn a_slice_answers_as_all_policies_do() {
        let mut files = PolicyFiles::shipped();
        let shipped = denials(&files);
        assert!(shipped > 0);
        let text = SCOPES.replace("CAPABILITY", "report.triage.set");
        files.policies.push(PolicyFile { name: "odd.cedar".to_owned(), text });
        assert!(denials(&files) > shipped, "the odd policies deny, too");
    }

    #[test]
    fn a_question_is_put_to_few_policies() {
        let files = PolicyFiles::shipped();
        let registry = Registry::parse(&files.registry.name, &files.registry.text).expect("a registry");
        let rules = Rules::compile(&files, &registry).expect("compiles");
        let studio = StudioId::parse("west").expect("a studio");
        let (push, calm) = (Actor::system(&studio, "push"), around(Stop::Off, Writes::On));
        let capability = registry.iter().next().expect("it has one");
        let slice = rules.slices.of(&Facts::asking(&push, Act::Propose, capability, &calm));
        assert!(slice.all.num_of_policies() * 5 < rules.len());
        assert_eq!(slice.permits.num_of_policies(), 1, "a denial asks once more about the permits alone");
    }
}
