//! What pages and API are made from: the store, the gate, the time, and what the studio is called.

use std::sync::Arc;

use axum::extract::FromRef;
use jiff::tz::TimeZone;
use studio_cockpit::model::viewer::Environment;

use crate::domain::actor::Actor;
use crate::domain::audit::{self, Action, Event};
use crate::domain::freshness::FreshnessBounds;
use crate::domain::ids::CollectionId;
use crate::domain::proof::Depth;
use crate::domain::time::Timestamp;
use crate::gate::Gate;
use crate::store::{self, Store, Target, TargetState};
use crate::telemetry::JobBoard;
use crate::web::cockpit::rules::once::Once;
use crate::web::state::{Now, WebState};

/// What pages and API are made from. Clone it freely: clones share everything.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    gate: Gate,
    now: Now,
    settings: Arc<DeskSettings>,
    once: Arc<Once>,
    installation: Arc<Installation>,
}

/// What pages may say of this process and what it is connected to; what nobody told is unknown.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    /// The cloud project.
    pub project: Option<String>,
    /// The database in it.
    pub database: Option<String>,
    /// Since when the process runs.
    pub since: Option<Timestamp>,
    /// What its jobs did last.
    pub jobs: JobBoard,
}

/// What pages and API have to be told.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// What people call the studio.
    pub studio_name: String,
    /// The studio's time zone, in which pages show times.
    pub zone: TimeZone,
    /// Which truth the mirror follows.
    pub environment: Environment,
    /// How old a mirror may be.
    pub bounds: FreshnessBounds,
}

/// How far what the mirror says can be trusted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Within the bound.
    Fresh,
    /// Past the first bound, not past the second.
    Aging,
    /// Past both.
    Stale,
    /// It was never read, or the cloud refuses it.
    Unknown,
}

/// How far what the mirror says of one collection can be trusted now.
pub fn judge(bounds: &FreshnessBounds, target: &Target, now: Timestamp) -> Freshness {
    let Some(read) = target.read_time else { return Freshness::Unknown };
    match target.state {
        TargetState::Refused => Freshness::Unknown,
        TargetState::Backfilling | TargetState::CatchingUp | TargetState::Current => match now.since(read) {
            age if age <= bounds.fresh_within => Freshness::Fresh,
            age if !bounds.is_stale(&target.collection, Some(age)) => Freshness::Aging,
            _ => Freshness::Stale,
        },
    }
}

impl Desk {
    /// Puts the parts together.
    pub fn new(store: Store, gate: Gate, now: Now, settings: DeskSettings) -> Self {
        let (once, installation) = (Arc::default(), Arc::default());
        Self { store, gate, now, settings: Arc::new(settings), once, installation }
    }

    /// The same, in this process.
    pub fn installed(self, installation: Installation) -> Self {
        Self { installation: Arc::new(installation), ..self }
    }

    /// This process, and what it is connected to.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The studio's database.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The one place where proposals are made and decided.
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Asks for a look at the cloud, unless one is under way; its number. The wish is in the audit log.
    pub async fn request_check(&self, actor: &Actor) -> store::Result<i64> {
        let (person, now) = (actor.person(), self.now());
        let mut tx = self.store.begin().await?;
        let id = tx.check_request(Some(&person.to_string()), now).await?;
        let target = audit::Target::Other(format!("drift check {id}"));
        tx.audit(self.store.studio(), Event::new(now, person, Action::DriftRequested, target)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Asks for collections to be proved, none named meaning all; the run's number. The wish is in the audit log.
    pub async fn request_verification(
        &self,
        actor: &Actor,
        mut collections: Vec<CollectionId>,
        depth: Depth,
    ) -> store::Result<i64> {
        if collections.is_empty() {
            collections = self.store.targets().await?.into_iter().map(|target| target.collection).collect();
        }
        let (person, now) = (actor.person(), self.now());
        let mut tx = self.store.begin().await?;
        let id = tx.run_request(Some(&person.to_string()), &collections, depth, now).await?;
        let target = audit::Target::Other(format!("verification {id}"));
        let event = Event::new(now, person, Action::VerificationRequested, target).detail("depth", depth.word());
        tx.audit(self.store.studio(), event).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What forms came to, for who sends one twice.
    pub(super) fn once(&self) -> &Once {
        &self.once
    }

    /// Asks for a snapshot of the studio's state; the wish's number. The wish is in the audit log.
    pub async fn request_snapshot(&self, actor: &Actor, from_nothing: bool) -> store::Result<i64> {
        let (person, now) = (actor.person(), self.now());
        let mut tx = self.store.begin().await?;
        let id = tx.snapshot_run_request(&person.to_string(), from_nothing, now).await?;
        let target = audit::Target::Other(format!("snapshot wish {id}"));
        let event = Event::new(now, person, Action::SnapshotRequested, target);
        tx.audit(self.store.studio(), event.detail("from_nothing", from_nothing.to_string())).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Asks for the ledger to be made again from its receipts; the wish's number. The wish is in the audit log.
    pub async fn request_rebuild(&self, actor: &Actor) -> store::Result<i64> {
        let (person, now) = (actor.person(), self.now());
        let mut tx = self.store.begin().await?;
        let id = tx.rebuild_request(Some(&person.to_string()), now).await?;
        let target = audit::Target::Other("ledger".to_owned());
        tx.audit(self.store.studio(), Event::new(now, person, Action::LedgerRebuildRequested, target)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What pages and API were told.
    pub fn settings(&self) -> &DeskSettings {
        &self.settings
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Desk").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What the handlers of pages and API may use.
#[derive(Clone, Debug)]
pub(super) struct DeskState {
    pub(super) web: WebState,
    pub(super) desk: Desk,
}

impl FromRef<DeskState> for WebState {
    fn from_ref(state: &DeskState) -> Self {
        state.web.clone()
    }
}

impl FromRef<DeskState> for Desk {
    fn from_ref(state: &DeskState) -> Self {
        state.desk.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::watch::TargetId;

    #[test]
    fn a_mirror_ages_and_what_was_never_read_is_unknown() {
        let bounds = FreshnessBounds::default();
        let now = Timestamp::from_parts(10_000, 0);
        let check = |read: Option<i64>, state| {
            let target = Target {
                collection: CollectionId::parse("batches").expect("legal"),
                id: TargetId::new(1).expect("positive"),
                state,
                generation: 1,
                read_time: read.map(|seconds| Timestamp::from_parts(10_000 - seconds, 0)),
                resume_token: None,
                backfill: Default::default(),
                heard: None,
                error: None,
            };
            judge(&bounds, &target, now)
        };
        assert_eq!(check(Some(0), TargetState::Current), Freshness::Fresh);
        assert_eq!(check(Some(120), TargetState::Current), Freshness::Fresh);
        assert_eq!(check(Some(121), TargetState::CatchingUp), Freshness::Aging);
        assert_eq!(check(Some(901), TargetState::Current), Freshness::Stale);
        assert_eq!(check(None, TargetState::Backfilling), Freshness::Unknown);
        assert_eq!(check(Some(0), TargetState::Refused), Freshness::Unknown);
    }
}
