//! The sandbox's Firestore through the client that gcloud-sdk generates, over a real socket.

/// A sandbox, a client and one stream.
mod harness;

/// Commits: preconditions, no-ops, lost replies, transactions.
mod commits;

/// Reads: queries, moments, bills, refusals.
mod reads;

/// Listen: snapshots, resuming, silence.
mod listening;

/// Limits of the service, one refusal each.
mod limits;

/// What grows old: transactions, read times, resume tokens, silence.
mod ageing;

/// What the bill says.
mod billing;

/// The fault injector, seen from a client.
mod faults;

/// Faults of listen streams.
mod listen_faults;

/// The emulator's plain HTTP.
mod rest;

/// firestore-rs's fluent API.
mod fluent;
