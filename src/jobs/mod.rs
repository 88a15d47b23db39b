//! What moves: one file per job.
