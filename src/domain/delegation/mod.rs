//! Delegations: what owners let agents do in their name, as the studio's own documents say it.
//!
//! # Guarantees
//! * Only a document of the mirror says what is delegated; what a caller says of it counts for nothing.
//! * What can't be understood permits nothing.
//! * Every refusal has one reason, and an attempt to borrow somebody else's rights is told apart.

/// From a mirrored document to a delegation.
mod document;

/// Whether an agent may do something, and if not, why.
mod permit;

pub use document::{BadDelegation, Delegation, Resource, Status, owner_of};
pub use permit::{Ask, DelegationRefusal, MirrorAge, Permitted, Refused, Suspicion, permits};

/// The collection that agents are in, by their ids.
pub const AGENTS: &str = "agentClients";

/// The collection that delegations are in.
pub const DELEGATIONS: &str = "delegations";
