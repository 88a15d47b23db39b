//! The one integration test binary: every file here is one promise kept.

/// Who is let in, and on what proof.
mod identity;

/// At a provider and back, by every way that goes wrong.
mod sign_in;

/// What was typed outlives the session, and what is hard to take back wants a recent sign-in.
mod step_up;

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

/// The pages that tell what the box is, does and has recorded.
mod cockpit_box;
/// The pages of the rules: policy, agents, intake.
mod cockpit_policy;
/// What waits, in which order, several at once, and the documents behind it all.
mod cockpit_work;

/// What the tests of cockpit and API share: a studio with documents in its mirror.
mod cockpit_stage;

/// Each part broken in turn, and every page still in words.
mod faults;

/// The JSON API.
mod api;

/// What changes is told to open pages.
mod live;

/// Who may call which route: every route, every role, two studios.
mod walk;

/// What `/readyz` says of a mirror that gets old.
mod readiness;

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
