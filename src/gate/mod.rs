//! May this happen? One decision with a reason code, and the only ways to change a proposal.
//!
//! Cockpit, API, command line and push job all come through here. Every change and every denial is one transaction
//! with its audit entry.

/// What a decision rests on.
pub mod facts;

/// What a decision rests on beside the proposal.
pub mod circumstances;

/// The registry and the policies.
pub mod policy;

/// What is wrong with the rules themselves.
pub mod lint;

/// Making proposals.
mod propose;

/// Proposing to take writes back.
mod undo;

/// Deciding about proposals, taking them back, stopping and reopening them.
mod review;

/// Questions that change nothing.
mod questions;

/// Stopping everything, and letting it go on.
mod switch;

/// Deciding which box writes.
mod lease;

/// How every act of governance begins and ends.
mod begun;

/// Letting something happen without its approval for a while.
mod exemptions;

/// Ignoring findings for a while.
mod findings;

/// Filling a counter up again.
mod quotas;

/// Agents' keys, and agents that have to pause.
mod agents;

/// Who has to have signed in just now.
mod step_up;

/// The studio's own word on who may sign in.
mod staff;

/// Reviewing texts that the intake rules have stopped.
mod intake;

/// Where the service can be made to die.
pub mod failpoints;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::RwLock;

use crate::domain::capability::{BadInput, Capability, CapabilityId, Registry};
use crate::domain::decision::Stop;
use crate::domain::freshness::FreshnessBounds;
use crate::domain::ids::ProposalId;
use crate::domain::kill_switch::KillSwitch;
use crate::domain::quota::RetryAfter;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{self, Store, Tx};

use facts::Surroundings;
use policy::Policy;

pub use exemptions::NewExemption;
pub use findings::NewIgnore;
pub use intake::NewReview;
pub use propose::NewProposal;
pub use review::Decision;
pub use switch::{Departure, Stopped};
pub use undo::{Author, NewUndo, Overwritten, Undone};

/// The one place where proposals are made and decided. Clone it freely.
#[derive(Clone, Debug)]
pub struct Gate {
    store: Store,
    settings: GateSettings,
    policy: Arc<Policy>,
    bounds: Option<Arc<FreshnessBounds>>,
    /// How recent a sign-in has to be for what is hard to take back.
    step_up_within: Duration,
    /// Read by whoever sends, written by whoever stops: what makes a stop wait for what is under way.
    departures: Arc<RwLock<()>>,
}

/// What the gate has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateSettings {
    /// May approved writes leave for Firestore?
    pub writes: Writes,
    /// How long a proposal may wait; its approval is good for as long at most.
    pub lifetime: Duration,
}

/// How recent a sign-in has to be for what is hard to take back, unless told otherwise.
pub const STEP_UP_WITHIN: Duration = Duration::from_secs(5 * 60);

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
    /// Somebody changed what would be taken back, which is in the audit log, too.
    #[error("{}", Reason::OverwrittenSince.sentence())]
    Overwritten(Vec<Overwritten>),
    /// It was asked for too often, which is in the audit log.
    #[error("{} In {} s.", Reason::RateLimited.sentence(), .0.seconds())]
    Limited(RetryAfter),
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
    /// A gate over the studio's database, with the shipped policy.
    pub fn new(store: Store, settings: GateSettings) -> Self {
        Self {
            store,
            settings,
            policy: Policy::shipped(),
            bounds: None,
            step_up_within: STEP_UP_WITHIN,
            departures: Arc::default(),
        }
    }

    /// The same gate with another policy.
    pub fn with_policy(self, policy: Arc<Policy>) -> Self {
        Self { policy, ..self }
    }

    /// The same gate, which relies on no mirror that is older than this, whatever the capability says.
    pub fn bounded(self, bounds: FreshnessBounds) -> Self {
        Self { bounds: Some(Arc::new(bounds)), ..self }
    }

    /// What the gate was told.
    pub const fn settings(&self) -> GateSettings {
        self.settings
    }

    /// The registry and the policies.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Every capability.
    pub fn registry(&self) -> &Registry {
        self.policy.registry()
    }

    /// The capability with this id.
    ///
    /// # Errors
    /// The registry has none.
    pub fn capability(&self, id: &CapabilityId) -> Result<&Arc<Capability>, Reason> {
        self.policy.capability(id).ok_or(Reason::CapabilityUnknown)
    }

    /// What every question of this moment rests on.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn around(&self, now: Timestamp) -> store::Result<Surroundings> {
        Ok(Surroundings {
            studio: self.store.studio().clone(),
            now,
            writes: self.settings.writes,
            stop: stop(&self.store.kill_switch().await),
            lease: self.store.lease_answer().await,
            targets: self.store.targets().await?,
            bounds: self.bounds.clone(),
        })
    }

    /// The same, with the switches as this transaction sees them.
    pub(crate) async fn around_in(&self, tx: &mut Tx, now: Timestamp) -> store::Result<Surroundings> {
        Ok(Surroundings {
            studio: self.store.studio().clone(),
            now,
            writes: self.settings.writes,
            stop: stop(&tx.kill_switch().await),
            lease: tx.lease_answer(&self.store).await,
            targets: self.store.targets().await?,
            bounds: self.bounds.clone(),
        })
    }

    fn expiry(&self, now: Timestamp) -> Timestamp {
        now.plus(self.settings.lifetime)
    }
}

/// What the switches say, as the policies have it.
fn stop(switch: &KillSwitch) -> Stop {
    match switch.may_write() {
        Ok(()) => Stop::Off,
        Err(Reason::KillSwitchOn) => Stop::On,
        Err(_) => Stop::Unknown,
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
