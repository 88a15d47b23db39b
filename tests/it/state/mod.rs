//! How many of what there is, as it is, as it was, and as somebody else would count it.

/// A store, a clock and the job that counts.
mod stage;

/// The sample studio, counted by plain iteration.
mod sample;

/// Counting what changed against counting everything.
mod incremental;

/// Hashes, sizes, and what could not be read.
mod sureness;

/// What is kept, what differs, and the documents behind it.
mod kept;
