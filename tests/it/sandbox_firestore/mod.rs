//! The sandbox's Firestore through the client that gcloud-sdk generates, over a real socket.

/// A sandbox, a client and one stream.
mod harness;

/// Commits: preconditions, no-ops, lost replies, transactions.
mod commits;

/// Reads: queries, moments, bills, refusals.
mod reads;

/// Listen: snapshots, resuming, silence.
mod listening;
