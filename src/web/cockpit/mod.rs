//! The cockpit: pages over the store, forms over the gate.
//!
//! # Guarantees
//! * A page changes nothing. A form changes something through the gate only, and is answered with a redirect.
//! * A form that was refused comes back with what was typed and a sentence beside the field.
//! * Whether a button is there was asked of the same rules that decide when it is pressed.

/// Files that pages ask for.
pub(in crate::web) mod assets;

/// One viewer's questions, answered from the store.
mod backend;

/// Domain nouns as pages show them.
mod facts;

/// Who is looking, and what every page's frame shows.
mod viewer;

/// The start page.
mod overview;

/// How many of what there is, and what changed.
mod state;

/// When somebody was here before.
mod visit;

/// Differences between the mirror and the cloud.
mod drift;

/// One finding.
mod findings;

/// How much of people's names and ids a viewer may read.
mod naming;

/// The mirror's documents.
mod browse;

/// One document, and the form that restores a version of it.
pub(in crate::web) mod documents;

/// The queue of proposals.
mod queue;

/// One proposal in full.
mod proposals;

/// What stands in a proposal's way, whom it touches, and how it would be taken back.
mod checks;

/// `GET` and `POST`: several proposals decided at once.
pub(in crate::web) mod bulk;

/// The form of a new proposal.
mod drafting;

/// The ledger of writes.
mod writes;

/// The audit log.
mod audit;

/// What the box is connected to.
mod connectors;

/// What the box does by itself.
mod jobs;

/// What Firestore bills.
mod costs;

/// What the box measures of itself, what might be done, and which studio this is.
mod measures;

/// Who is signed in where, and who may sign in.
pub(in crate::web) mod sessions;

/// `GET`: pages.
pub(in crate::web) mod pages;

/// `GET` and `POST`: what the box is and does.
pub(in crate::web) mod box_pages;

/// `GET` and `POST`: copies of the audit log.
pub(in crate::web) mod audit_copy;

/// `POST`: ignoring findings.
pub(in crate::web) mod ignoring;

/// The pages and forms of the rules: policy, agents, intake.
pub(in crate::web) mod rules;

/// `POST`: forms.
pub(in crate::web) mod forms;

/// The pages that the web's layers ask for: signing in, and what went wrong.
mod plain_pages;

pub use crate::web::table::cockpit as routes;
pub use plain_pages::CockpitPages;
