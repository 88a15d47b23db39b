//! The audit log proves itself: to this program, to whoever holds a copy, and against whoever changes it.

/// A log with keys and checkpoints, and whoever comes to change it.
mod stage;

/// Whatever is changed in the database is found.
mod tampering;

/// Whatever is changed in a copy is found.
mod bundles;

/// Proofs, as another implementation sees them.
mod proofs;

/// The job that seals, with a cloud of its own.
mod sealing;
