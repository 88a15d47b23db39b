//! One file per page: from a view model to what is between header and footer.

/// Signing in.
pub(crate) mod sign_in;

/// The start page.
pub(crate) mod overview;

/// What is wrong, the mirror and what today's reads cost, as parts of it.
mod mirror;
mod reads;
mod wrong;

/// How many of what there is, since when, and what changed.
pub(crate) mod state;

/// Numbers over days, drawn and as a table.
mod trends;

/// The mirror's documents.
pub(crate) mod documents;

/// One document, and its versions.
pub(crate) mod document;
mod versions;

/// Differences between the mirror and the cloud.
pub(crate) mod drift;
pub(crate) mod finding;

/// The queue of proposals.
pub(crate) mod proposals;

/// One proposal.
pub(crate) mod proposal;

/// Several proposals decided at once.
pub(crate) mod bulk;

/// What a proposal would do, document by document.
mod changes;

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

/// The rules: policy, agents, intake.
pub(crate) mod rules;

/// What the box is connected to.
pub(crate) mod connectors;

/// What the box does by itself.
pub(crate) mod jobs;

/// What Firestore bills.
pub(crate) mod read_costs;

/// What the box measures of itself.
pub(crate) mod scorecard;

/// What might be done.
pub(crate) mod recommendations;

/// What the words mean and how a change happens.
pub(crate) mod help;

/// Which studio this is.
pub(crate) mod studios;

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
