//! The cockpit: server-rendered pages, view models and styles.
//!
//! A page asks the [`backend::Backend`] for its view model first and renders afterwards, so a page is whole before its
//! first byte leaves, works without scripts, and knows nothing of SQL, Firestore or HTTP.

/// What a page shows: plain data, already decided and already in the reader's words.
pub mod model;

/// The questions a page may ask.
pub mod backend;
