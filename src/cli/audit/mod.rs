//! `audit`: the log, its proofs, and copies of it that prove themselves.

/// What the log has.
mod look;

/// Does it hold, and is an entry in it?
mod proof;

/// Copies that prove themselves.
mod bundle;

/// A new key.
mod key;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::cli::{Exit, Global};
use crate::domain::audit::checkpoint::PublicKey;

/// Look at the audit log, prove what it says, and take a copy that proves itself.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Show the newest entries, the newest last
    #[command(after_help = "Example:\n  studio-brain audit tail\n  studio-brain audit tail --lines 200 --json")]
    Tail {
        /// How many
        #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
        lines: u16,
    },
    /// Show one entry, and how it is sealed and anchored
    #[command(after_help = "Example:\n  studio-brain audit show 1042\nExit 1 when there is no such entry.")]
    Show {
        /// Its number
        sequence: u64,
    },
    /// Walk along the whole log: exit 0 it is what was recorded and signed, 1 it is not, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain audit verify\n  studio-brain audit verify --key \"$(cat audit.pub)\" --json\nWithout --key, the key in the data directory's `audit.pub` has to have signed."
    )]
    Verify {
        /// The public key that has to have signed
        #[arg(long, value_name = "PUBKEY", value_parser = PublicKey::parse)]
        key: Option<PublicKey>,
    },
    /// Prove that one entry is in the log: the entry, the way to the root of the tree, and the signed checkpoint
    #[command(
        after_help = "Example:\n  studio-brain audit prove 1042 --json > proof.json\nExit 1 when no checkpoint covers the entry yet: one does within a minute."
    )]
    Prove {
        /// Its number
        sequence: u64,
    },
    /// Verify the proof of one entry, without a database: exit 0 it holds, 1 it does not, 2 could not tell
    #[command(
        name = "verify-proof",
        after_help = "Example:\n  studio-brain audit verify-proof audit-entry-1042-proof.json --key \"$(cat audit.pub)\"\nTakes what `audit prove --json` prints and what the page of an entry has as a file."
    )]
    VerifyProof {
        /// The proof
        file: PathBuf,
        /// The public key that has to have signed
        #[arg(long, value_name = "PUBKEY", value_parser = PublicKey::parse)]
        key: Option<PublicKey>,
    },
    /// Write a copy of the log that proves itself. The export is recorded, and the copy holds that record, too
    #[command(
        after_help = "Example:\n  studio-brain audit export audit-2026-03.tar\nAsks the running service to seal the log first; without one, the command does that itself."
    )]
    Export {
        /// Where to; it must not exist
        file: PathBuf,
    },
    /// Verify a copy, without a database: exit 0 it is what was recorded and signed, 1 it is not, 2 could not tell
    #[command(
        name = "verify-bundle",
        after_help = "Example:\n  studio-brain audit verify-bundle audit-2026-03.tar --key \"$(cat audit.pub)\"\nWithout --key, whoever made the copy can have put any key in it."
    )]
    VerifyBundle {
        /// The copy
        file: PathBuf,
        /// The public key that has to have signed
        #[arg(long, value_name = "PUBKEY", value_parser = PublicKey::parse)]
        key: Option<PublicKey>,
    },
    /// Replace the key that signs. The one before vouches for the new one, so that copies over the change verify
    #[command(name = "rotate-key", after_help = "Example:\n  studio-brain audit rotate-key")]
    RotateKey,
}

impl Audit {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Tail { lines } => look::tail(global, *lines).await,
            Self::Show { sequence } => look::show(global, *sequence).await,
            Self::Verify { key } => proof::verify(global, key.as_ref()).await,
            Self::Prove { sequence } => proof::prove(global, *sequence).await,
            Self::VerifyProof { file, key } => proof::verify_proof(global, file, key.as_ref()),
            Self::Export { file } => bundle::export(global, file).await,
            Self::VerifyBundle { file, key } => bundle::verify(global, file, key.as_ref()),
            Self::RotateKey => key::rotate(global).await,
        }
    }
}

/// The key that the service says it signs with, if the data directory has it.
fn published_key(data: &Path) -> Option<PublicKey> {
    let text = std::fs::read_to_string(data.join("audit.pub")).ok()?;
    PublicKey::parse(&text).ok()
}
