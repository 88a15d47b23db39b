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

/// The mirror's documents.
pub mod documents;

/// Differences between the mirror and the cloud.
pub mod drift;

/// Proposals: the queue and one proposal in full.
pub mod proposals;

/// What is shown of the queue of proposals, and in which order.
pub mod queue;

/// Several proposals decided at once.
pub mod bulk;

/// The form of a new proposal.
pub mod drafting;

/// What a person typed, kept when a form comes back.
pub mod forms;

/// The ledger of writes.
pub mod writes;

/// The audit log.
pub mod audit;

/// What the box is connected to.
pub mod connectors;

/// What the box does by itself.
pub mod jobs;

/// What Firestore bills because of us.
pub mod reads;

/// What the box measures of itself.
pub mod scorecard;

/// What might be done.
pub mod recommendations;

/// Which studio this is.
pub mod studios;

/// Signing in.
pub mod sign_in;

/// What was typed into forms that ask for a reason.
pub mod acts;

/// What holds for every write.
pub mod policy;

/// What may be done without its approval, for a while.
pub mod exemptions;

/// How often things may be done.
pub mod quotas;

/// The registry.
pub mod capabilities;

/// May I?
pub mod may_i;

/// Programs with a key of their own.
pub mod agents;

/// Their keys.
pub mod keys;

/// Texts that wait for a person.
pub mod intake;

/// Who is signed in where, and who may sign in.
pub mod sessions;
