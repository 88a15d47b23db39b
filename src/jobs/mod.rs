//! What moves: one file per job.
//!
//! A pass is idempotent and takes no hint of what changed: what runs after a crash is what runs every day.

/// The only loop that waits.
pub mod drive;

/// Firestore into the mirror.
pub mod mirror;

/// The mirror, our writes and the vocabulary against the cloud.
pub mod drift;

/// How the studio stands.
pub mod snapshot;

/// Proof that the mirror is what the server has.
pub mod verify;

/// Approved proposals out to Firestore.
pub mod push;

/// The ledger, made again from the receipts.
pub mod rebuild;

/// Signed heads of the audit log, kept outside of this box.
pub mod seal;

/// What members and agents ask for, read for what needs a person's look.
pub mod intake;

/// What Firestore bills, and the brake.
pub mod reads;

/// What is old enough to be forgotten.
pub mod prune;
