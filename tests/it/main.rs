//! The one integration test binary: every file here is one promise kept.

mod config;
mod telemetry;
