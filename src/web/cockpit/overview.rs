//! The start page: what waits for me, what is wrong, how things stand, and what changed.

use std::collections::BTreeMap;
use std::time::Duration;

use studio_cockpit::model::facts::May;
use studio_cockpit::model::overview::{
    Backfill, CollectionMirror, FindingCounts, KeyFigure, Mirror, Moved, MovedNumber, Overview, Proof, Reads, Stream,
    ToDecide,
};
use studio_cockpit::model::queue::ProposalFilter;
use studio_cockpit::model::state::{Since, StateChoice};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::model::writes::WriteRow;

use crate::domain::actor::Actor;
use crate::domain::finding::KnownFinding;
use crate::domain::ids::CollectionId;
use crate::domain::ledger::{WriteRecord, WriteState};
use crate::domain::proof::{Verdict, Verification};
use crate::domain::reads::{Day, DayReads};
use crate::domain::snapshot::{Number, Snapshot, difference};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{CollectionVocabulary, Vocabulary};
use crate::store::{self, Held, Target, TargetState};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::costs::purpose;
use crate::web::cockpit::{findings, proposals};

/// A write that has not come on for this long needs a look.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// How many of the last writes the start page shows.
const RECENT: u16 = 6;

/// How many proposals that the viewer can decide the start page shows.
const MINE: usize = 8;

/// How many numbers that moved it shows.
const MOVED: usize = 8;

/// How many days its numbers go back.
const DAYS: u32 = 14;

/// The numbers that tell most.
const FIGURES: [&str; 8] = [
    "batchesActive",
    "batchesReady",
    "reservationsOpen",
    "firingsScheduled",
    "reportsOpen",
    "agentRequestsPending",
    "pendingOrders",
    "unsettledPayments",
];

/// How many documents that can't be kept are named.
const UNREADABLE_SHOWN: u32 = 10;

impl Cockpit {
    pub(super) async fn overview_page(&self, choice: &StateChoice) -> Result<Overview, Unanswered> {
        let viewer = self.viewer()?;
        let open = self.store().findings(false, u16::MAX).await;
        let check = self.store().check_last().await;
        let findings = open.and_then(|open| Ok((open, check?)));
        let findings = self.panel("The findings", findings);
        let mirror = self.mirror(findings.as_ref().ok().map(|(open, _)| open.as_slice())).await;
        let to_decide = self.decidable(viewer).await;
        let stuck = self.stuck_writes().await;
        let recent = match self.store().writes(RECENT).await {
            Ok(records) => self.write_rows(records).await,
            Err(error) => Err(error),
        };
        let reads = self.store().reads_of(Day::of(self.now())).await;
        Ok(Overview {
            to_decide: self.panel("What waits for you", to_decide),
            figures: self.panel("The studio's numbers", self.key_figures().await),
            changes: self.panel("What changed", self.moved(choice).await),
            mirror: self.panel("The mirror's state", mirror),
            reads: self.panel("Today's reads", reads).map(|day| reads_today(&day)),
            findings: findings.map(|(open, check)| counts(&open, check.as_ref())),
            stuck_writes: self.panel("Writes that need a look", stuck),
            recent_writes: self.panel("The last writes", recent),
        })
    }

    /// The first proposals that the viewer can decide: the riskiest, then the oldest.
    async fn decidable(&self, viewer: &Actor) -> store::Result<ToDecide> {
        let part = self.queue_start(viewer, &ProposalFilter::default()).await?;
        let mut rows = part.rows;
        rows.retain(|row| row.may_decide == May::Yes);
        let is_more = rows.len() > MINE || part.next.is_some();
        rows.truncate(MINE);
        Ok(ToDecide { rows, is_more })
    }

    /// The numbers that tell most, with the days before.
    async fn key_figures(&self) -> store::Result<Vec<KeyFigure>> {
        let Some(newest) = self.store().snapshot_newest().await? else { return Ok(Vec::new()) };
        let days: Vec<Snapshot> =
            self.store().snapshots_daily(DAYS).await?.into_iter().map(|kept| kept.snapshot).collect();
        let today = newest.snapshot_date;
        let figure = |name: &str| {
            let number = Number::Figure(name.to_owned());
            KeyFigure {
                value: newest.number(&number),
                days: days.iter().filter(|day| day.snapshot_date != today).map(|day| day.number(&number)).collect(),
                meaning: meaning(&number).unwrap_or_else(|| name.to_owned()),
                number: number.to_string(),
            }
        };
        let known = |figure: &KeyFigure| figure.value.is_some() || figure.days.iter().any(Option::is_some);
        Ok(FIGURES.into_iter().map(figure).filter(known).collect())
    }

    /// Which numbers moved, without the documents behind them.
    async fn moved(&self, choice: &StateChoice) -> store::Result<Moved> {
        let nothing = |why: &str| Ok(Moved::Nothing { why: why.to_owned() });
        let (kept, missing) = match (choice.since, choice.last_visit) {
            (Since::Yesterday, _) => {
                (self.desk().snapshot_called("yesterday").await?, "No snapshot of a day before this one is kept.")
            }
            (Since::LastVisit, Some(visit)) => {
                (self.store().snapshot_at(visit.into()).await?, "No snapshot from before your last visit is kept.")
            }
            (Since::LastVisit, None) => return nothing("This browser does not remember an earlier visit of yours."),
        };
        let (Some(kept), Some(newest)) = (kept, self.store().snapshot_newest().await?) else { return nothing(missing) };
        let changes = difference(&kept.snapshot, &newest);
        // Numbers with a meaning in words tell more than counts of single words.
        let (told, rest): (Vec<_>, Vec<_>) =
            changes.iter().map(|change| (meaning(&change.number), change)).partition(|(meaning, _)| meaning.is_some());
        let ordered: Vec<_> = told.into_iter().chain(rest).collect();
        let more = ordered.len().saturating_sub(MOVED) as u64;
        let numbers = ordered.into_iter().take(MOVED).map(|(meaning, change)| MovedNumber {
            meaning: meaning.unwrap_or_else(|| change.number.to_string()),
            number: change.number.to_string(),
            before: change.before,
            after: change.after,
        });
        Ok(Moved::Since { at: kept.taken.to_jiff(), numbers: numbers.collect(), more })
    }

    async fn stuck_writes(&self) -> store::Result<Vec<WriteRow>> {
        let now = self.now();
        let is_stuck = |record: &WriteRecord| match &record.state {
            WriteState::Unknown { .. } => true,
            WriteState::Intended => now.since(record.intended) > STUCK_AFTER,
            WriteState::Landed(landing) => now.since(landing.at) > STUCK_AFTER,
            WriteState::Conflicted { .. } => true,
            WriteState::Observed { .. }
            | WriteState::Stale { .. }
            | WriteState::Refused { .. }
            | WriteState::Abandoned { .. } => false,
        };
        let mut records = self.store().writes_open(proposals::MOST).await?;
        records.extend(self.store().writes_unobserved(proposals::MOST).await?);
        records.retain(is_stuck);
        self.write_rows(records).await
    }

    async fn mirror(&self, findings: Option<&[KnownFinding]>) -> store::Result<Mirror> {
        let targets = self.store().targets().await?;
        let held = self.held(&targets).await?;
        let (proved, last) = (self.store().proved_as_of().await?, self.store().verifications_last().await?);
        let collections = targets.iter().map(|target| {
            let name = &target.collection;
            let proof = proof(last.get(name), proved.get(name).copied());
            self.collection(target, &held, proof, findings)
        });
        let collections = collections.collect();
        let unreadable = self.store().documents_unreadable(UNREADABLE_SHOWN).await?;
        let not_mirrored = self.store().collections_found().await?;
        Ok(Mirror {
            stream: stream(&targets),
            collections,
            unreadable: unreadable.into_iter().map(|document| (document.path.to_string(), document.why)).collect(),
            unreadable_count: held.values().map(|held| held.unreadable).sum(),
            not_mirrored: not_mirrored.into_iter().map(|found| found.collection.to_string()).collect(),
        })
    }

    /// How many documents the mirror holds: as counted with the studio's state, and one by one before that was.
    pub(super) async fn held(&self, targets: &[Target]) -> store::Result<BTreeMap<CollectionId, Held>> {
        let newest = self.store().snapshot_newest().await?;
        let of = |target: &Target| {
            let state = newest.as_ref()?.collections.get(&target.collection)?;
            let whole = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
            let held = Held { documents: whole(state.documents)?, unreadable: whole(state.unreadable)? };
            Some((target.collection.clone(), held))
        };
        let read: Vec<&Target> = targets.iter().filter(|target| target.read_time.is_some()).collect();
        let counted: BTreeMap<_, _> = read.iter().filter_map(|target| of(target)).collect();
        if counted.len() == read.len() { Ok(counted) } else { self.store().documents_held().await }
    }

    fn collection(
        &self,
        target: &Target,
        held: &BTreeMap<CollectionId, Held>,
        proof: Proof,
        findings: Option<&[KnownFinding]>,
    ) -> CollectionMirror {
        let name = &target.collection;
        let about =
            |open: &[KnownFinding]| open.iter().filter(|known| known.finding.collection == *name).count() as u64;
        CollectionMirror {
            collection: name.to_string(),
            documents: target.read_time.map(|_| held.get(name).copied().unwrap_or_default().documents),
            as_of: target.read_time.map(Timestamp::to_jiff),
            freshness: self.freshness(target),
            backfill: match (target.state, target.backfill.read_time, target.read_time) {
                (TargetState::Backfilling, Some(_), _) => {
                    let pace = target.backfill.pace(self.now());
                    Backfill::Running {
                        done: target.backfill.documents,
                        total: target.backfill.expected,
                        per_second: pace.map(|pace| pace.per_second.round() as u64),
                        left: pace.and_then(|pace| pace.left),
                    }
                }
                (TargetState::Backfilling, None, _)
                | (TargetState::CatchingUp | TargetState::Current | TargetState::Refused, _, None) => Backfill::Waiting,
                (TargetState::CatchingUp | TargetState::Current | TargetState::Refused, _, Some(_)) => Backfill::Done,
            },
            proof,
            // Nothing can have been found in what was never read.
            open_findings: target.read_time.and(findings).map(about),
        }
    }
}

/// What a figure counts, in words.
fn meaning(number: &Number) -> Option<String> {
    let Number::Figure(name) = number else { return None };
    let mut figures = Vocabulary::shipped().iter().flat_map(CollectionVocabulary::figures);
    figures.find(|figure| figure.name() == name).map(|figure| figure.meaning().trim_end_matches('.').to_owned())
}

/// What the last proof of a collection says.
fn proof(last: Option<&Verification>, proved: Option<Timestamp>) -> Proof {
    let Some(last) = last else { return Proof::Never };
    match (last.verdict, last.read_time, last.hash) {
        (Verdict::Equal, Some(as_of), Some(hash)) => {
            Proof::Proved { as_of: as_of.to_jiff(), hash: hash.to_string().chars().take(12).collect() }
        }
        (Verdict::Differed, Some(as_of), _) => Proof::Differed {
            documents: last.differences.documents(),
            repaired: last.differences.repaired,
            as_of: as_of.to_jiff(),
        },
        (Verdict::Equal | Verdict::Differed | Verdict::Unknown, _, _) => {
            Proof::Unknown { why: last.why.clone().unwrap_or_default(), proved: proved.map(Timestamp::to_jiff) }
        }
    }
}

/// What the targets say together: the worst of them, because that is what a person has to know.
fn stream(targets: &[Target]) -> Stream {
    let failed =
        targets.iter().filter_map(|target| Some((target.error.as_ref()?, target))).min_by_key(|(error, _)| error.0);
    if let Some(((since, why), target)) = failed {
        return Stream::Reconnecting { since: since.to_jiff(), why: format!("`{}`: {why}", target.collection) };
    }
    let backfilling = |target: &&Target| target.state == TargetState::Backfilling;
    if let Some(since) = targets.iter().filter(backfilling).filter_map(|target| target.backfill.read_time).min() {
        return Stream::Backfilling { since: since.to_jiff() };
    }
    let is_current = |target: &Target| target.state == TargetState::Current;
    let heard = targets.iter().filter_map(|target| target.heard).max();
    match heard {
        Some(heard) if targets.iter().all(is_current) => Stream::Listening { heard: heard.to_jiff() },
        Some(_) | None => Stream::Unknown,
    }
}

fn reads_today(day: &DayReads) -> Reads {
    Reads {
        spent: day.spent(),
        budget: day.budget,
        is_paused: day.is_spent(),
        by_cause: day.by_cause().into_iter().map(|(cause, reads)| (purpose(cause).to_owned(), reads)).collect(),
    }
}

fn counts(open: &[KnownFinding], check: Option<&store::findings::Check>) -> FindingCounts {
    let mut counts = FindingCounts::default();
    for known in open {
        if findings::unjudged(known, check).is_some() {
            counts.could_not_tell += 1;
        }
        let kind = findings::kind(known.finding.kind);
        match counts.by_kind.iter_mut().find(|(found, _)| *found == kind) {
            Some((_, count)) => *count += 1,
            None => counts.by_kind.push((kind, 1)),
        }
    }
    counts.by_kind.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
