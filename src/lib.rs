//! Studio Brain: Firestore → mirror → SQLite → drift → a person → push → Firestore.
//!
//! ```text
//!                   Firestore: the truth
//!             reads │                  ▲ approved writes, each with a precondition and a receipt
//!                   ▼                  │
//!              authority ──────────────┘        the only door to Firestore
//!               │                 ▲
//!        jobs::mirror         jobs::push        the only movers
//!               │                 ▲
//!               ▼                 │
//!              store ─────────────┘             the only door to SQLite
//!               ▲  ▲
//!  jobs::drift ─┘  └─ web, cli ◄─ app           people look, decide and undo here
//! ```

/// One Edge per studio: the one place of wiring.
pub mod edge;

/// Every setting: what it is, its unit, its default and its variable.
pub mod config;

/// Cloud Logging entries, metrics, request and job ids.
pub mod telemetry;

/// The only reader of the wall clock.
pub mod clock;

/// What things are.
pub mod domain;

/// What we remember.
pub mod store;

/// What Firestore says.
pub mod authority;

/// Who someone is.
pub mod identity;

/// May this happen?
pub mod gate;

/// What moves.
pub mod jobs;

/// HTTP only.
pub mod web;

/// One file per command.
pub mod cli;

/// Stand-ins for the world outside.
#[cfg(feature = "sandbox")]
pub mod sandbox;
