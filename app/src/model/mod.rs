//! View models: what a page shows, with nothing left to decide.
//!
//! The other side converts its own types by exhaustive match, so a state it learns does not compile until it can be
//! shown. Times are UTC instants; the studio's zone is applied when a page is rendered.

/// Who is looking, from where, and what every page's frame shows.
pub mod viewer;

/// What went wrong, for a whole page or for one panel.
pub mod trouble;

/// People, permissions, documents and field changes: the nouns every page shares.
pub mod facts;

/// The start page.
pub mod overview;

/// How many of what there is, since when, and what changed.
pub mod state;

/// Differences between the mirror and the cloud.
pub mod drift;

/// Proposals: the queue and one proposal in full.
pub mod proposals;

/// The form of a new proposal.
pub mod drafting;

/// What a person typed, kept when a form comes back.
pub mod forms;

/// The ledger of writes.
pub mod writes;

/// The audit log.
pub mod audit;

/// Signing in.
pub mod sign_in;

/// Who is signed in where, and who may sign in.
pub mod sessions;
