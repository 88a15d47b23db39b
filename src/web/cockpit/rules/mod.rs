//! The pages of the rules: policy, agents and intake. Each form calls the function that the API calls.

/// What a form came to, for who sends it twice; and keys on their way to the one page that shows them.
pub(in crate::web) mod once;

/// What a browser is told after a form of the rules.
pub(super) mod told;

/// What was typed, and what is wrong with it.
mod typed;

/// The switch, the lease, and what stands close to a bound.
pub(in crate::web) mod policy;

/// Exemptions.
pub(in crate::web) mod exemptions;

/// Counters.
pub(in crate::web) mod quotas;

/// The registry.
pub(in crate::web) mod capabilities;

/// May I?
pub(in crate::web) mod may_i;

/// Agents and denials.
pub(in crate::web) mod agents;

/// Agents' keys.
pub(in crate::web) mod keys;

/// Texts that wait for a person.
pub(in crate::web) mod intake;

/// The switch.
pub(in crate::web) mod switch;
