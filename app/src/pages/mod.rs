//! One file per page: from a view model to what is between header and footer.

/// Signing in.
pub(crate) mod sign_in;

/// The start page.
pub(crate) mod overview;

/// What today's reads cost.
mod reads;

/// How many of what there is, since when, and what changed.
pub(crate) mod state;

/// Numbers over days, drawn and as a table.
mod trends;

/// Differences between the mirror and the cloud.
pub(crate) mod drift;
pub(crate) mod finding;

/// The queue of proposals.
pub(crate) mod proposals;

/// One proposal.
pub(crate) mod proposal;

/// Deciding a proposal.
mod decide;

/// A new proposal.
pub(crate) mod new_proposal;

/// The ledger of writes.
pub(crate) mod writes;

/// One write.
pub(crate) mod write;

/// The audit log.
pub(crate) mod audit;

/// One entry of the audit log.
pub(crate) mod audit_entry;

/// The design itself.
pub(crate) mod design;

/// A form that was sent too late.
pub(crate) mod kept;

/// Who is signed in where.
pub(crate) mod sessions;

/// Who may sign in.
pub(crate) mod staff;

/// Pages that could not be shown.
pub(crate) mod failure;
