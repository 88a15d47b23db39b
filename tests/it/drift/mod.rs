//! Drift: six questions, each with findings that come when something differs and go when it is mended.

/// A made-up cloud with the sample studio, the real mirror, and the drift job.
mod stage;

/// Every edge case of the sample studio that is about data.
mod sample;

/// Differences that are put there: found in one pass, rightly named, gone when mended.
mod injected;

/// What is ignored, by whom and until when; and what is too old.
mod ignoring;
