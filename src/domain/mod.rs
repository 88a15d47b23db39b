//! What things are. Pure: no await, no SQL, no network, no clock.

/// Moments, to the microsecond.
pub mod time;

/// Names of things: studios, people, collections, documents, proposals, writes, hashes.
pub mod ids;

/// Firestore values, type-exact.
pub mod value;

/// The canonical text of values: what is stored, hashed, compared and shown.
pub mod canonical;

/// A document and its hash.
pub mod document;

/// What many documents come to: how many, and a sum over what each of them is.
pub mod digest;

/// Whether a mirrored collection is what the server has, and how that is known.
pub mod proof;

/// Typed differences between two documents.
pub mod diff;

/// One conditional write to one document.
pub mod write;

/// What a proposal does: one write or several.
pub mod change;

/// Why something was allowed or denied.
pub mod reason;

/// Who does something.
pub mod actor;

/// What the documents have to agree on.
pub mod consistency;

/// The words that the studio's documents use.
pub mod vocabulary;

/// The studio's state: how many of what, since when, and how sure we are.
pub mod snapshot;

/// What can be wrong with the rules themselves.
pub mod lint;

/// What may be done, and the registry that says so.
pub mod capability;

/// The write that brings an earlier version back.
mod restore;

/// A proposal and the decisions about it.
pub mod proposal;

/// What the gate is asked, and what it answers.
pub mod decision;

/// The ledger of one write.
pub mod ledger;

/// Taking a write back.
pub mod undoing;

/// The receipt of a write.
pub mod receipt;

/// Making the ledger again.
pub mod rebuild;

/// Taking a write back on paper.
pub mod rehearsal;

/// Where mirror, cloud, writes and vocabulary disagree.
pub mod finding;

/// What is recorded, and the chain of hashes.
pub mod audit;

/// How often something may happen.
pub mod quota;

/// Whether anything may be written at all.
pub mod kill_switch;

/// Which of a studio's boxes may write.
pub mod lease;

/// How fast writes may be sent.
pub mod ramp;

/// What may be done without the approval that it needs otherwise, for a while.
pub mod exemption;

/// What a text asks for that the studio must not do.
pub mod intake;

/// Programs with a key of their own.
pub mod agent;

/// What owners let agents do in their name.
pub mod delegation;

/// Who acts, in whose name, and how far that reaches.
pub mod standing;

/// How old a mirror may be.
pub mod freshness;

/// A document as it arrived from the server: readable, or not.
pub mod sighting;

/// The versions of a document that the mirror observed.
pub mod history;

/// What Firestore bills.
pub mod reads;

/// The Listen protocol as a state machine without IO.
pub mod watch;

/// Whom the studio lets in, and as what.
pub mod staff;

/// A signed-in browser, and what it is told once.
pub mod session;

/// Signing in at a provider, and what is kept until somebody has.
pub mod sign_in;
