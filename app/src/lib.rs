//! The cockpit: server-rendered pages, view models and styles.
//!
//! A page asks the [`backend::Backend`] for its view model first and renders afterwards, so a page is whole before its
//! first byte leaves, works without scripts, and knows nothing of SQL, Firestore or HTTP.

// Views nest deeply as types.
#![recursion_limit = "256"]

/// What a page shows: plain data, already decided and already in the reader's words.
#[cfg(feature = "pages")]
pub mod model;

/// The questions a page may ask.
#[cfg(feature = "pages")]
pub mod backend;

/// From a page's name to its HTML.
#[cfg(feature = "pages")]
pub mod render;

/// Every address a page links or posts to.
#[cfg(feature = "pages")]
pub mod paths;

/// Files the pages ask for.
#[cfg(feature = "pages")]
pub mod assets;

/// What surrounds every page.
#[cfg(feature = "pages")]
#[expect(unreachable_pub, reason = "leptos generates public names for every component")]
mod frame;

/// One file per page.
#[cfg(feature = "pages")]
mod pages;

/// Parts of pages.
#[cfg(feature = "pages")]
#[expect(unreachable_pub, reason = "leptos generates public names for every component")]
mod parts;

/// How long ago, in words.
mod ages;

/// What scripts add in the browser.
#[cfg(any(test, feature = "islands"))]
pub mod islands;
