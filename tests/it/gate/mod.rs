//! Who may do what, and the rules about the rules.

/// A studio's database with a mirror, and four people.
mod stage;

/// Approving, rejecting, stopping, opening again.
mod approvals;

/// What the gate denies, and everything that it says about it.
mod denials;

/// The lint, and what it finds in broken rules.
mod lint;

/// Agents, their keys and their owners' delegations.
mod agents;

/// What is counted, what is exempt, and what needs a person's look first.
mod limits;
