//! The one integration test binary: every file here is one promise kept.

mod config;
mod telemetry;

/// The Listen state machine against the case files of Google's own clients.
mod conformance;

/// The mirror against the sandbox's Firestore.
mod mirror;

/// Google's own Node client against the sandbox.
mod node_client;

/// The sandbox's Firestore through the generated client.
mod sandbox_firestore;

/// The house rules, kept by reading the source.
mod tidy;
