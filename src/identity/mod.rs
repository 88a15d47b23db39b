//! Who someone is: ID tokens, sessions, operators on the box.
//!
//! # Guarantees
//! * An [`Actor`](crate::domain::actor::Actor) comes from a checked credential only: a session that began with a
//!   verified ID token, or the operating system's word about the other end of the socket.
//! * There is one way to check a token. The sandbox mints real ones; nothing skips a check.
//! * The studio's own word on a person is asked with every request, so taking it back acts at once.

/// Why someone is not let in.
pub mod refusal;

/// What an ID token claims, and the rules for it.
pub mod token;

/// Public keys: their set, their source, and how long they are believed.
pub mod keys;

/// Where public keys come from.
pub mod key_source;

/// Whose ID tokens are accepted, and the one way to check them.
pub mod verifier;

/// Whom the studio lets in, and as what.
pub mod staff;

/// Signed-in browsers: begin, resume, end.
pub mod sessions;

/// What the audit log says about sessions.
pub mod session_audit;

/// People on the box, known by the operating system.
pub mod operator;

/// Programs, known by their keys.
pub mod agents;

/// Every way to sign in, behind one trait.
pub mod sources;

/// What a browser holds, and nobody else.
pub mod secret;

/// Made-up people to sign in as, where an identity provider offers them.
pub mod personas;

pub use refusal::Refusal;
pub use verifier::{VerifiedIdentity, Verifier};
