//! Addresses of the rules: policy, agents, intake.

use crate::model::{
    agents::{AgentFilter, DenialFilter, Within},
    capabilities::CapabilityFilter,
    exemptions::{ExemptionFilter, ExemptionShow},
    facts::Risk,
    intake::IntakeFilter,
    may_i::MayQuestion,
    policy::SwitchScope,
    quotas::{QuotaFilter, QuotaShow},
};

use super::{segment, with_given, with_query};

/// The rules, the switch and the lease.
pub const POLICY: &str = "/policy";
/// Stopping; `POST` stops.
pub const STOP: &str = "/policy/stop";
/// Resuming; `POST` asks for it.
pub const RESUME: &str = "/policy/resume";
/// `POST`: confirm that writes go on.
pub const RESUME_CONFIRM: &str = "/policy/resume/confirm";
/// What may be done without its approval, for a while; `POST` grants.
pub const EXEMPTIONS: &str = "/policy/exemptions";
/// The form of a new exemption.
pub const NEW_EXEMPTION: &str = "/policy/exemptions/new";
/// How often things may be done.
pub const QUOTAS: &str = "/policy/quotas";
/// One counter, by the query parameter `bucket`; `POST` fills it up.
pub const COUNTER: &str = "/policy/quotas/counter";
/// The registry.
pub const CAPABILITIES: &str = "/policy/capabilities";
/// May I?
pub const MAY_I: &str = "/policy/may-i";
/// Which box sends; `POST` takes the lease.
pub const LEASE: &str = "/policy/lease";
/// Programs with a key of their own.
pub const AGENTS: &str = "/agents";
/// What was denied to them.
pub const DENIALS: &str = "/agents/denials";
/// `POST` issues a key.
pub const AGENT_KEYS: &str = "/agents/keys";
/// The form of a new key.
pub const NEW_KEY: &str = "/agents/keys/new";
/// Texts that wait for a person.
pub const INTAKE: &str = "/intake";

/// Resuming one switch.
pub fn resume(scope: SwitchScope) -> String {
    with_query(RESUME, &[("scope", scope.word())])
}

/// The exemptions with a filter.
pub fn exemptions(filter: &ExemptionFilter) -> String {
    let show = (filter.show != ExemptionShow::default()).then(|| filter.show.word());
    let pairs = [("show", show), ("capability", filter.capability.as_deref()), ("before", filter.before.as_deref())];
    with_given(EXEMPTIONS, pairs)
}

/// One exemption.
pub fn exemption(id: &str) -> String {
    format!("{EXEMPTIONS}/{}", segment(id))
}

/// `POST`: take an exemption back.
pub fn exemption_end(id: &str) -> String {
    format!("{EXEMPTIONS}/{}/revoke", segment(id))
}

/// The counters with a filter.
pub fn quotas(filter: &QuotaFilter) -> String {
    let show = (filter.show != QuotaShow::default()).then(|| filter.show.word());
    with_given(QUOTAS, [("show", show), ("subject", filter.subject.as_deref())])
}

/// One counter.
pub fn counter(bucket: &str) -> String {
    with_query(COUNTER, &[("bucket", bucket)])
}

/// The capabilities with a filter.
pub fn capabilities(filter: &CapabilityFilter) -> String {
    with_given(CAPABILITIES, [("risk", filter.risk.map(Risk::word)), ("about", filter.about.as_deref())])
}

/// One capability.
pub fn capability(id: &str) -> String {
    format!("{CAPABILITIES}/{}", segment(id))
}

/// May I?
pub fn may_i(question: &MayQuestion) -> String {
    let MayQuestion { act, capability, document, proposal } = question;
    let pairs = [("act", act), ("capability", capability), ("document", document), ("proposal", proposal)];
    with_given(MAY_I, pairs.map(|(name, value)| (name, Some(value.as_str()).filter(|value| !value.is_empty()))))
}

/// The agents with a filter.
pub fn agents(filter: &AgentFilter) -> String {
    with_given(AGENTS, [("keys", filter.all_keys.then_some("all")), ("name", filter.name.as_deref())])
}

/// One agent.
pub fn agent(id: &str) -> String {
    format!("{AGENTS}/{}", segment(id))
}

/// `POST`: let an agent go on before its pause is over.
pub fn agent_resume(id: &str) -> String {
    format!("{AGENTS}/{}/resume", segment(id))
}

/// The form of a new key for this agent.
pub fn new_key_for(agent: &str) -> String {
    with_query(NEW_KEY, &[("agent", agent)])
}

/// One key.
pub fn agent_key(prefix: &str) -> String {
    format!("{AGENT_KEYS}/{}", segment(prefix))
}

/// `POST`: take a key back.
pub fn agent_key_end(prefix: &str) -> String {
    format!("{AGENT_KEYS}/{}/revoke", segment(prefix))
}

/// The denials with a filter.
pub fn denials(filter: &DenialFilter) -> String {
    let before = filter.before.map(|number| number.to_string());
    let within = (filter.within != Within::default()).then(|| filter.within.word());
    let pairs = [
        ("agent", filter.agent.as_deref()),
        ("reason", filter.reason.as_deref()),
        ("within", within),
        ("before", before.as_deref()),
    ];
    with_given(DENIALS, pairs)
}

/// The texts with a filter.
pub fn intake(filter: &IntakeFilter) -> String {
    let from = filter.from.map(|number| number.to_string());
    let category = filter.category.map(|category| category.word());
    with_given(
        INTAKE,
        [("show", filter.decided.then_some("decided")), ("category", category), ("from", from.as_deref())],
    )
}

/// One text.
pub fn intake_item(id: u64) -> String {
    format!("{INTAKE}/{id}")
}

/// `POST`: decide about a text.
pub fn intake_decision(id: u64) -> String {
    format!("{INTAKE}/{id}/decision")
}
