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

/// Typed differences between two documents.
pub mod diff;

/// Who does something.
pub mod actor;

/// Whom the studio lets in, and as what.
pub mod staff;

/// A signed-in browser, and what it is told once.
pub mod session;
