//! The mirror against the sandbox's Firestore.

/// A sandbox, a store and a mirror between them.
mod bench;

/// Reading whole collections.
mod backfill;

/// Applying changes as they happen, and finding those that happened while we were away.
mod following;

/// Writing through the same door.
mod committing;

/// What was observed of a document.
mod history;

/// What Firestore bills.
mod reads;

/// Proof that the mirror is what the server has, and what is put right.
mod verify;

/// The digests that are kept, whatever happens to documents.
mod digests;
