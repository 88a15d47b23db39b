//! The one integration test binary: every file here is one promise kept.

/// Who is let in, and on what proof.
mod identity;

/// Sessions, from the store's side to the browser's.
mod sessions;

/// The web, in the hands of people.
mod web;

/// The web, in the hands of enemies.
mod web_hostile;

/// What the tests of the web share: one studio's web, with a clock to turn.
mod web_stage;
