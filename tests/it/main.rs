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

/// The cockpit in the hands of people: propose, decide, withdraw, undo, look.
mod cockpit;

/// Every page of the cockpit, and what it says.
mod cockpit_pages;

/// What the tests of cockpit and API share: a studio with documents in its mirror.
mod cockpit_stage;

/// Each part broken in turn, and every page still in words.
mod faults;

/// The JSON API.
mod api;

/// Who may call which route: every route, every role, two studios.
mod walk;

mod config;
mod telemetry;

/// The Listen state machine against the case files of Google's own clients.
mod conformance;

/// The mirror against the sandbox's Firestore.
mod mirror;

/// What differs, between mirror and cloud and between documents.
mod drift;

/// The mirror against chance.
mod machine;

/// Chance that can be thrown again.
mod dice;

/// Google's own Node client against the sandbox.
mod node_client;

/// The sandbox's Firestore through the generated client.
mod sandbox_firestore;

/// The house rules, kept by reading the source.
mod tidy;

/// Who may do what, and the rules about the rules.
mod gate;

/// Stopping, exempting, resetting, reviewing and letting in, through the API.
mod governance;

/// How many of what there is, as it is and as it was.
mod state;

/// The whole circle.
mod circle;

/// Two boxes of one studio.
mod boxes;

/// The real program as a process.
mod process;

/// The audit log proves itself.
mod audit;
