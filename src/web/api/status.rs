//! How the studio stands.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{CollectionId, StudioId};
use crate::domain::reads::Day;
use crate::domain::time::Timestamp;
use crate::gate::Writes;
use crate::store::TargetState;
use crate::web::api::reads::ReadsToday;
use crate::web::api::verifications::Verification;
use crate::web::caller::Caller;
use crate::web::desk::{self, Desk};
use crate::web::openapi::words::{Moment, Name};
use crate::web::problem::Problem;

/// How the studio stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The studio.
    #[schema(value_type = Name)]
    pub studio: StudioId,
    /// The version of the service.
    pub version: String,
    /// The service's time.
    #[schema(value_type = Moment)]
    pub now: Timestamp,
    /// May approved writes leave for Firestore?
    pub writes: WriteSwitch,
    /// Every mirrored collection, by name.
    pub mirror: Vec<MirroredCollection>,
    /// Collections of the cloud that nobody configured, by name.
    #[schema(value_type = Vec<Name>)]
    pub not_mirrored: Vec<CollectionId>,
    /// What today's reads cost, and what they may.
    pub reads: ReadsToday,
    /// How many there are of what.
    pub counts: Counts,
    /// The number of changes since the service started, for `GET /api/v1/changes`.
    pub change: u64,
}

/// May approved writes leave for Firestore?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteSwitch {
    /// They may.
    On,
    /// They may not.
    Off,
}

/// One mirrored collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MirroredCollection {
    /// Its name.
    #[schema(value_type = Name)]
    pub collection: CollectionId,
    /// What is being done with it.
    pub state: MirrorState,
    /// How far what it says can be trusted now.
    pub freshness: Freshness,
    /// How many documents the mirror holds; null when it was never read.
    pub documents: Option<u64>,
    /// How many exist but can't be kept; null when it was never read.
    pub unreadable: Option<u64>,
    /// The cloud's time as of which it is shown; null when it was never read.
    #[schema(value_type = Option<Moment>)]
    pub read_time: Option<Timestamp>,
    /// How often it was read as a whole.
    pub generation: u64,
    /// How many documents of the read under way are there, and of how many if the cloud said so.
    pub backfill: Option<BackfillProgress>,
    /// What went wrong last; null once it works again.
    pub error: Option<String>,
    /// The cloud's time as of which it was last proved to be what the cloud has; null when it never was.
    #[schema(value_type = Option<Moment>)]
    pub proved_as_of: Option<Timestamp>,
    /// The last proof, whatever came of it; null before the first.
    pub verification: Option<Verification>,
}

/// How far a read of the whole collection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackfillProgress {
    /// Documents read so far.
    pub documents: u64,
    /// Documents there are, if known.
    pub expected: Option<u64>,
    /// Documents read per second, on the average; null before the first.
    pub per_second: Option<u64>,
    /// How many seconds the rest takes at this pace; null when that can't be told.
    pub seconds_left: Option<u64>,
}

/// What is being done with a mirrored collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MirrorState {
    /// It is being read as a whole.
    Backfilling,
    /// Its changes since are being fetched.
    CatchingUp,
    /// Every change arrives as it happens.
    Current,
    /// The cloud refuses it.
    Refused,
}

/// How far what the mirror says can be trusted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Within the bound.
    Fresh,
    /// Past the first bound.
    Aging,
    /// Past the last bound.
    Stale,
    /// It could not be told.
    Unknown,
}

/// How many there are of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Proposals that may still lead to a write.
    pub proposals_open: u64,
    /// Proposals that are over.
    pub proposals_over: u64,
    /// Open findings.
    pub findings_open: u64,
    /// All writes ever meant.
    pub writes: u64,
    /// Those of which it is not known whether they landed.
    pub writes_open: u64,
}

impl From<TargetState> for MirrorState {
    fn from(state: TargetState) -> Self {
        match state {
            TargetState::Backfilling => Self::Backfilling,
            TargetState::CatchingUp => Self::CatchingUp,
            TargetState::Current => Self::Current,
            TargetState::Refused => Self::Refused,
        }
    }
}

impl From<desk::Freshness> for Freshness {
    fn from(freshness: desk::Freshness) -> Self {
        match freshness {
            desk::Freshness::Fresh => Self::Fresh,
            desk::Freshness::Aging => Self::Aging,
            desk::Freshness::Stale => Self::Stale,
            desk::Freshness::Unknown => Self::Unknown,
        }
    }
}

pub(in crate::web) async fn read(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<Status>, Problem> {
    let (store, now) = (desk.store(), desk.now());
    let change = *store.changed().borrow();
    let held = store.documents_held().await?;
    let (proved, last) = (store.proved_as_of().await?, store.verifications_last().await?);
    let mirror = store.targets().await?.into_iter().map(|target| {
        let held = target.read_time.map(|_| held.get(&target.collection).copied().unwrap_or_default());
        let (backfill, pace) = (&target.backfill, target.backfill.pace(now));
        MirroredCollection {
            state: target.state.into(),
            freshness: desk::judge(&desk.settings().bounds, &target, now).into(),
            documents: held.map(|held| held.documents),
            unreadable: held.map(|held| held.unreadable),
            read_time: target.read_time,
            generation: target.generation,
            backfill: backfill.read_time.map(|_| BackfillProgress {
                documents: backfill.documents,
                expected: backfill.expected,
                per_second: pace.map(|pace| pace.per_second.round() as u64),
                seconds_left: pace.and_then(|pace| pace.left).map(|left| left.as_secs()),
            }),
            error: target.error.map(|(_, why)| why),
            proved_as_of: proved.get(&target.collection).copied(),
            verification: last.get(&target.collection).map(Verification::from),
            collection: target.collection,
        }
    });
    let mirror = mirror.collect();
    let not_mirrored = store.collections_found().await?.into_iter().map(|found| found.collection).collect();
    let reads = ReadsToday::from(&store.reads_of(Day::of(now)).await?);
    let (proposals_open, proposals_over) = store.proposal_counts().await?;
    let findings_open = store.finding_count().await?;
    let (writes, writes_open) = store.write_counts().await?;
    Ok(Json(Status {
        studio: store.studio().clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        writes: match desk.gate().settings().writes {
            Writes::On => WriteSwitch::On,
            Writes::Off => WriteSwitch::Off,
        },
        mirror,
        not_mirrored,
        reads,
        counts: Counts { proposals_open, proposals_over, findings_open, writes, writes_open },
        change,
    }))
}
