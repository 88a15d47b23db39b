//! May this happen? One decision with a reason code, and the only ways to change a proposal.
//!
//! Cockpit, API, command line and push job all come through here. Every change and every denial is one transaction
//! with its audit entry.

/// The rules: what is asked before every effect, and asked again before a write goes out.
pub mod rules;

/// Making proposals, undos among them.
mod propose;

/// Deciding about proposals, and taking them back.
mod review;

use std::time::Duration;

use crate::domain::capability::BadInput;
use crate::domain::ids::ProposalId;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

pub use propose::{NewProposal, NewUndo};
pub use review::Decision;

/// The one place where proposals are made and decided. Clone it freely.
#[derive(Clone, Debug)]
pub struct Gate {
    store: Store,
    settings: GateSettings,
}

/// What the gate has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateSettings {
    /// May approved writes leave for Firestore?
    pub writes: Writes,
    /// How long a proposal may wait, and its approval be used.
    pub lifetime: Duration,
}

/// Whether approved writes may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// They may.
    On,
    /// They may not.
    Off,
}

/// Why the gate did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It was denied, and the denial is in the audit log.
    #[error("{}", .0.sentence())]
    Denied(Reason),
    /// An input breaks its rule.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// There is no such proposal or write.
    #[error("there is no such {what}")]
    Missing {
        /// A proposal or a write.
        what: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Gate {
    /// A gate over the studio's database.
    pub const fn new(store: Store, settings: GateSettings) -> Self {
        Self { store, settings }
    }

    /// What the gate was told.
    pub const fn settings(&self) -> GateSettings {
        self.settings
    }

    fn expiry(&self, now: Timestamp) -> Timestamp {
        now.plus(self.settings.lifetime)
    }
}

/// A proposal that was made, or found made by the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its id.
    pub id: ProposalId,
    /// Was it there before?
    pub replayed: bool,
}
