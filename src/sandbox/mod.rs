//! Honest stand-ins for the world outside. They speak its protocol and can be told to fail.

/// A Firestore v1 gRPC server in memory.
pub mod firestore;

/// The sample studio: deterministic documents with every edge case in them.
pub mod studio;

/// An identity provider for made-up people, with real keys.
pub mod identity;
