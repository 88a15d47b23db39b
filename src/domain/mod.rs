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

/// A document as it arrived from the server: readable, or not.
pub mod sighting;

/// What we may ask Firestore to write.
pub mod write;

/// The Listen protocol as a state machine without IO.
pub mod watch;
