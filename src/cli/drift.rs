//! `drift check`: is there drift?

use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};

/// Compare the mirror with the cloud.
#[derive(Debug, Subcommand)]
pub(super) enum Drift {
    /// Re-read every mirrored document and say what differs: exit 0 same, 1 drift, 2 could not tell
    #[command(after_help = "Example:\n  studio-brain drift check --data /var/lib/studio-brain\n  studio-brain drift check --demo --json")]
    Check,
}
