//! The start page: is the mirror true, and what waits for me.

use std::collections::BTreeMap;
use std::time::Duration;

use studio_cockpit::model::facts::May;
use studio_cockpit::model::overview::{
    Backfill, CollectionMirror, FindingCounts, Freshness, Mirror, Overview, Proof, Reads, Stream,
};
use studio_cockpit::model::proposals::ProposalRow;
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::model::writes::WriteRow;

use crate::domain::actor::Actor;
use crate::domain::finding::KnownFinding;
use crate::domain::ids::CollectionId;
use crate::domain::ledger::{WriteRecord, WriteState};
use crate::domain::proof::{Verdict, Verification};
use crate::domain::reads::{Day, DayReads};
use crate::domain::time::Timestamp;
use crate::store::proposals::ProposalQuery;
use crate::store::{self, Held, Target, TargetState};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::costs::purpose;
use crate::web::cockpit::{findings, proposals};
use crate::web::desk;

/// A write that has not come on for this long needs a look.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// How many of the last writes the start page shows.
const RECENT: u16 = 6;

/// How many documents that can't be kept are named.
const UNREADABLE_SHOWN: u32 = 10;

impl Cockpit {
    pub(super) async fn overview_page(&self) -> Result<Overview, Unanswered> {
        let viewer = self.viewer()?;
        let open = self.store().findings(false, u16::MAX).await;
        let check = self.store().check_last().await;
        let findings = open.and_then(|open| Ok((open, check?)));
        let findings = self.panel("The findings", findings);
        let mirror = self.mirror(findings.as_ref().ok().map(|(open, _)| open.as_slice())).await;
        let to_decide = self.decidable(viewer).await;
        let stuck = self.stuck_writes().await;
        let recent = match self.store().writes(None, RECENT).await {
            Ok(records) => self.write_rows(records).await,
            Err(error) => Err(error),
        };
        let reads = self.store().reads_of(Day::of(self.now())).await;
        Ok(Overview {
            mirror: self.panel("The mirror's state", mirror),
            reads: self.panel("Today's reads", reads).map(|day| reads_today(&day)),
            to_decide: self.panel("What waits for you", to_decide),
            findings: findings.map(|(open, check)| counts(&open, check.as_ref())),
            stuck_writes: self.panel("Writes that need a look", stuck),
            recent_writes: self.panel("The last writes", recent),
        })
    }

    async fn decidable(&self, viewer: &Actor) -> store::Result<Vec<ProposalRow>> {
        let open = self.store().proposals(ProposalQuery::Open, proposals::MOST).await?;
        let mut rows = self.proposal_rows(viewer, open).await?;
        rows.retain(|row| row.may_decide == May::Yes);
        Ok(rows)
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
        let held = self.store().documents_held().await?;
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
            freshness: match desk::judge(&self.settings().bounds, target, self.now()) {
                desk::Freshness::Fresh => Freshness::Fresh,
                desk::Freshness::Aging => Freshness::Aging,
                desk::Freshness::Stale => Freshness::Stale,
                desk::Freshness::Unknown => Freshness::Unknown,
            },
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
