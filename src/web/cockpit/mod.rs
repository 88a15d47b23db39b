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

/// Proposals: the queue and one proposal in full.
mod proposals;

/// The form of a new proposal.
mod drafting;

/// The ledger of writes.
mod writes;

/// The audit log.
mod audit;

/// Who is signed in where, and who may sign in.
pub(in crate::web) mod sessions;

/// `GET`: pages.
pub(in crate::web) mod pages;

/// `POST`: ignoring findings.
pub(in crate::web) mod ignoring;

/// `POST`: forms.
pub(in crate::web) mod forms;

/// The pages that the web's layers ask for: signing in, and what went wrong.
mod plain_pages;

pub use crate::web::table::cockpit as routes;
pub use plain_pages::CockpitPages;
