//! Rehearsals: how taking back every write that stands would go, by the mirror as it is now. Nothing is proposed.
//! The table admits operators only.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::domain::actor::Person;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, ProposalId, WriteId};
use crate::domain::ledger::WriteRecord;
use crate::domain::rehearsal::{Conflict, Rehearsed, rehearsed};
use crate::domain::time::Timestamp;
use crate::domain::write::{Standing, Write};
use crate::store::rehearsals::{RehearsalCounts, RehearsalRecord};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::{Desk, Freshness, judge};
use crate::web::openapi::words::{DocumentPath, Id, Moment};
use crate::web::problem::Problem;

/// How many writes are looked at, the newest: as many as the ledger gives at once.
const MOST: u16 = u16::MAX;

/// How many results an answer lists; those that are not clean come first.
const LISTED: usize = 20_000;

/// How many fields of a conflict are named.
const FIELDS_NAMED: usize = 20;

/// Holds a rehearsal: the body of `POST /api/v1/drills/rehearse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RehearsalRequest {}

/// How taking everything back would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rehearsal {
    /// Its number.
    pub id: i64,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// The oldest of the moments as of which the documents are known; null when there was none to know.
    #[schema(value_type = Option<Moment>)]
    pub as_of: Option<Timestamp>,
    /// How many writes stand.
    pub standing: u64,
    /// How many undos would land.
    pub clean: u64,
    /// How many documents somebody has changed since.
    pub conflicting: u64,
    /// How many writes have nothing to put back.
    pub impossible: u64,
    /// How many documents the mirror can't tell of.
    pub unknown: u64,
    /// Older writes that were not looked at.
    pub not_looked_at: u64,
    /// Write by write: what is not clean first, then the newest first.
    pub writes: Vec<RehearsedWrite>,
    /// Results that are counted and not listed.
    pub left_off: u64,
}

/// How taking one write back would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RehearsedWrite {
    /// The write.
    #[schema(value_type = Id)]
    pub write: WriteId,
    /// Its document.
    #[schema(value_type = DocumentPath)]
    pub document: DocPath,
    /// How it would go.
    pub outcome: RehearsedOutcome,
    /// Why it would not go well, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whose change stands in the way, if it was made through this service; null: it came from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When the document was changed.
    #[schema(value_type = Option<Moment>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Timestamp>,
    /// The fields that are not as the write left them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// How taking one write back would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RehearsedOutcome {
    /// Somebody has changed the document since.
    Conflict,
    /// There is nothing to put back.
    Impossible,
    /// The mirror can't tell how the document is.
    Unknown,
    /// It would land.
    Clean,
}

pub(in crate::web) async fn rehearse(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(RehearsalRequest {}): JsonBody<RehearsalRequest>,
) -> Result<Json<Rehearsal>, Problem> {
    let (watch, at) = (Clock::system().stopwatch(), desk.now());
    let looked = look(&desk, at).await?;
    let counts = counted(&looked.writes);
    let held = RehearsalRecord { at, took: watch.elapsed(), as_of: looked.as_of, counts };
    let (studio, by) = (desk.store().studio(), caller.person());
    let mut tx = desk.store().begin().await?;
    let id = tx.rehearsal_add(&by, &held).await?;
    let event = Event::new(at, by, Action::DrillStarted, Target::Other(format!("rehearsal {id}")))
        .detail("drill", "rehearse")
        .detail("clean", format!("{} of {}", counts.clean, counts.all()));
    tx.audit(studio, event).await?;
    tx.commit().await?;
    let mut writes = looked.writes;
    // Stable: within an outcome they stay the newest first.
    writes.sort_by_key(|one| one.outcome);
    let left_off = writes.len().saturating_sub(LISTED);
    writes.truncate(LISTED);
    Ok(Json(Rehearsal {
        id,
        at,
        took_ms: u64::try_from(held.took.as_millis()).unwrap_or(u64::MAX),
        as_of: held.as_of,
        standing: counts.all(),
        clean: counts.clean,
        conflicting: counts.conflicting,
        impossible: counts.impossible,
        unknown: counts.unknown,
        not_looked_at: looked.not_looked_at,
        writes,
        left_off: left_off as u64,
    }))
}

/// What a look at everything that stands has found.
struct Looked {
    writes: Vec<RehearsedWrite>,
    as_of: Option<Timestamp>,
    not_looked_at: u64,
}

async fn look(desk: &Desk, now: Timestamp) -> Result<Looked, Problem> {
    let store = desk.store();
    let (all, _) = store.write_counts().await?;
    let records = store.writes(MOST).await?;
    let not_looked_at = all.saturating_sub(records.len() as u64);
    let standing = standing(&records);
    let paths: BTreeSet<&DocPath> = standing.iter().map(|record| record.write.path()).collect();
    let collections: BTreeSet<CollectionId> = paths.iter().map(|path| path.collection()).collect();
    let targets = store.targets().await?;
    let told = |collection: &CollectionId| {
        let target = targets.iter().find(|target| target.collection == *collection)?;
        match judge(&desk.settings().bounds, target, now) {
            Freshness::Fresh | Freshness::Aging => target.read_time,
            Freshness::Stale | Freshness::Unknown => None,
        }
    };
    let as_of: BTreeMap<CollectionId, Timestamp> =
        collections.into_iter().filter_map(|collection| told(&collection).map(|at| (collection, at))).collect();
    let documents = store.documents_at(&paths).await?;
    let mut writes = Vec::with_capacity(standing.len());
    let mut movers: Vec<(usize, ProposalId)> = Vec::new();
    let ours = Ours::of(&records);
    for record in standing {
        let path = record.write.path();
        let current = documents.get(path);
        if !as_of.contains_key(&path.collection()) {
            writes.push(shown(record, RehearsedOutcome::Unknown, "The mirror does not know how the document is now."));
            continue;
        }
        let shown = match rehearsed(record, current) {
            Rehearsed::Clean => bare(record, RehearsedOutcome::Clean),
            Rehearsed::Impossible(reason) => shown(record, RehearsedOutcome::Impossible, reason.sentence()),
            Rehearsed::Conflict(conflict) => {
                movers.extend(ours.who_moved(record, current).map(|proposal| (writes.len(), proposal)));
                conflicting(record, &conflict, current)
            }
        };
        writes.push(shown);
    }
    name_movers(desk, &mut writes, &movers).await?;
    Ok(Looked { writes, as_of: as_of.into_values().min(), not_looked_at })
}

async fn name_movers(
    desk: &Desk,
    writes: &mut [RehearsedWrite],
    movers: &[(usize, ProposalId)],
) -> Result<(), Problem> {
    let proposals = movers.iter().map(|(_, proposal)| *proposal).collect();
    let people: BTreeMap<ProposalId, Person> = desk.store().proposers(&proposals).await?;
    for (place, proposal) in movers {
        if let (Some(write), Some(person)) = (writes.get_mut(*place), people.get(proposal)) {
            write.by = Some(format!("{} ({person})", person.name));
        }
    }
    Ok(())
}

/// The writes that stand: they landed, were not taken back, and take nothing back themselves.
///
/// An undo that was undone leaves the first write's effect standing: the last of the three stands for it.
fn standing(records: &[WriteRecord]) -> Vec<&WriteRecord> {
    let landed: BTreeMap<WriteId, &WriteRecord> =
        records.iter().filter(|record| record.state.landing().is_some()).map(|record| (record.id, record)).collect();
    let undone: BTreeSet<WriteId> = landed.values().filter_map(|record| record.undoes).collect();
    let takes_back = |record: &WriteRecord| {
        let steps = std::iter::successors(record.undoes, |id| landed.get(id).and_then(|record| record.undoes));
        steps.take(landed.len()).count() % 2 == 1
    };
    let stands =
        |record: &&WriteRecord| landed.contains_key(&record.id) && !undone.contains(&record.id) && !takes_back(record);
    records.iter().filter(stands).collect()
}

/// Every write of ours that landed, by where and as what.
struct Ours<'a> {
    by_time: BTreeMap<(&'a DocPath, Timestamp), &'a WriteRecord>,
    deletes: BTreeMap<&'a DocPath, &'a WriteRecord>,
}

impl<'a> Ours<'a> {
    /// `records` come the newest first.
    fn of(records: &'a [WriteRecord]) -> Self {
        let (mut by_time, mut deletes) = (BTreeMap::new(), BTreeMap::new());
        for record in records {
            let Some(landing) = record.state.landing() else { continue };
            match record.write {
                Write::Create { .. } | Write::Update { .. } => {
                    by_time.insert((record.write.path(), landing.update_time), record);
                }
                Write::Delete { .. } => {
                    deletes.entry(record.write.path()).or_insert(record);
                }
            }
        }
        Self { by_time, deletes }
    }

    /// The proposal of ours that left the document as it is, if it was one of ours.
    fn who_moved(&self, record: &WriteRecord, current: Option<&Document>) -> Option<ProposalId> {
        let path = record.write.path();
        let mover = match current {
            Some(document) => self.by_time.get(&(path, document.update_time)),
            None => self.deletes.get(path).filter(|delete| delete.intended > record.intended),
        };
        mover.map(|mover| mover.proposal)
    }
}

fn conflicting(record: &WriteRecord, conflict: &Conflict, current: Option<&Document>) -> RehearsedWrite {
    let why = match conflict.standing {
        Standing::Current => "Nothing stands in the way.",
        Standing::Moved { .. } => "The document was changed since.",
        Standing::Gone => "The document was deleted since.",
        Standing::Appeared => "There is a new document in its place.",
    };
    let fields = conflict.fields.iter().take(FIELDS_NAMED).map(ToString::to_string).collect();
    let changed = current.map(|document| document.update_time);
    RehearsedWrite { changed, fields, ..shown(record, RehearsedOutcome::Conflict, why) }
}

fn shown(record: &WriteRecord, outcome: RehearsedOutcome, why: &str) -> RehearsedWrite {
    RehearsedWrite { why: Some(why.to_owned()), ..bare(record, outcome) }
}

fn bare(record: &WriteRecord, outcome: RehearsedOutcome) -> RehearsedWrite {
    let document = record.write.path().clone();
    RehearsedWrite { write: record.id, document, outcome, why: None, by: None, changed: None, fields: Vec::new() }
}

fn counted(writes: &[RehearsedWrite]) -> RehearsalCounts {
    let mut counts = RehearsalCounts::default();
    for write in writes {
        match write.outcome {
            RehearsedOutcome::Clean => counts.clean += 1,
            RehearsedOutcome::Conflict => counts.conflicting += 1,
            RehearsedOutcome::Impossible => counts.impossible += 1,
            RehearsedOutcome::Unknown => counts.unknown += 1,
        }
    }
    counts
}
