//! What moves: one file per job.

/// Keeps the mirror true: Firestore → SQLite.
pub mod mirror;
