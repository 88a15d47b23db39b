//! A Firestore v1 gRPC server in memory.
//!
//! Every document keeps all its versions, and every commit is one entry of one ordered log.
//! A read, a transaction and a listen stream are the same thing: a look at the versions of one moment.
//!
//! ```text
//! service ──► query, writes, transactions ──► ledger ──► watch ──► listen
//!                                               ▲
//!                                   world ──────┘   (we, who stand beside the server)
//! ```
//!
//! What production does and this does not: `Write` and `ExecutePipeline`, pessimistic locks, security rules,
//! composite indexes, vector search and point-in-time recovery beyond the read window.

/// The running server: an address, its tasks and their end.
mod server;

/// The hands of whoever runs the sandbox: seed, change, look, count.
mod world;

/// What can be made to go wrong.
mod faults;

/// A connection that can be cut from inside.
mod wire;

/// What the official emulator serves over plain HTTP.
mod rest;

/// The service: one method per RPC.
mod service;

/// Listen: targets, views, consistent snapshots.
mod listen;

/// Queries: parsed once, then asked of documents.
mod query;

/// One commit: preconditions, masks, transforms, versions.
mod writes;

/// Field transforms such as increment and array union.
mod transforms;

/// Transactions with optimistic conflict detection.
mod transactions;

/// All versions of all documents of one database, and the log of its commits.
mod ledger;

/// Reads as a bill would show them.
mod bill;

/// Databases by name.
mod databases;

/// Resource names, parsed once.
mod names;

/// Field paths and masks.
mod field_paths;

/// The order and the two equalities of values.
mod values;

/// What may be stored, and how large it is.
mod storable;

/// Times in whole microseconds.
mod times;

/// The refusals of the service, worded in one place.
mod refusal;

pub use bill::BilledReads;
pub use faults::{
    BadFaults, BadNumber, CallFault, Chance, CutEnd, Fault, Faults, Latency, ListenFault, Method, UnknownMethod, When,
};
pub use server::{FirestoreServer, Options, ResumedRemovals};
pub use world::{Database, World};

/// `google.protobuf.Empty`, under the name that the generated service asks for.
pub type Empty = ();

/// The server side of the protocol, made by `src/build.rs`.
#[expect(unreachable_pub, clippy::allow_attributes_without_reason, reason = "generated code has its own habits")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/google.firestore.v1.Firestore.rs"));
}
