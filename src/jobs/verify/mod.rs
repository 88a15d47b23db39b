//! Proof that the mirror is what the server has: "as of read time T: N documents, the server says N, hash H".
//!
//! # Expected flow
//! all of a collection as of T from one read transaction → the server's count at T → our documents against the digests
//! that were kept when they were written → what differs is found by ranges, read again, compared and put right.
//!
//! # Guarantees
//! * An equal collection costs count queries and nothing else; a leaf that differs costs its documents, 192 at most.
//! * What has changed since it was compared is never overwritten: see
//!   [`Tx::document_repair`](crate::store::Tx::document_repair).
//! * Reading again stays within the day's budget. Proofs that nobody asked for pause when it is spent.
//!
//! # Caveats
//! The server keeps no digests. A change that its stream never told us of, and that leaves the count as it was, is found
//! only when everything is read again (`Depth::Everything`).

/// Where the counts differ.
mod counting;

/// One range, read again and put right.
mod mending;

/// One collection.
mod proving;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::ids::CollectionId;
use crate::domain::proof::{Depth, Verdict, Verification};
use crate::domain::reads::Cause;
use crate::domain::time::Timestamp;
use crate::jobs::drive::{Job, Pass};
use crate::jobs::reads;
use crate::store::verifications::Run;
use crate::store::{Store, Target, TargetState};
use crate::telemetry::{ReasonCode, names};

/// How often to look whether something is due.
const PERIOD: Duration = Duration::from_secs(30);

/// A mirror that changes all the time is no reason to look more often than this.
const NOT_SOONER: Duration = Duration::from_secs(5);

/// How soon a proof that could not tell is tried again, if it is not due sooner.
const TRY_AGAIN: Duration = Duration::from_secs(10 * 60);

const EQUAL: ReasonCode = ReasonCode::new("equal");
const DIFFERED: ReasonCode = ReasonCode::new("differed");
const UNKNOWN: ReasonCode = ReasonCode::new("unknown");

/// What proofs have to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifySettings {
    /// How long after a proof of a collection the next one is due.
    pub every: Duration,
    /// Reads that a day may cost.
    pub read_budget: u64,
}

/// Proves collections, those that somebody asked for first. It can't write to Firestore: it never asks for more than reads.
#[derive(Clone, Debug)]
pub struct Verify {
    store: Store,
    authority: Authority,
    clock: Clock,
    settings: VerifySettings,
    stop: CancellationToken,
    /// When it last found that nothing was due.
    idle: Option<Timestamp>,
}

impl Verify {
    /// The proofs of a studio's mirror. They end early, and go on at the next start, when told to stop.
    pub fn new(
        store: Store,
        authority: Authority,
        clock: Clock,
        settings: VerifySettings,
        stop: CancellationToken,
    ) -> Self {
        Self { store, authority: authority.because_of(Cause::Verify), clock, settings, stop, idle: None }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Proves what a run asks for, except for what it has come to already. Says the worst that came of it.
    pub async fn carry_out(&self, run: &Run) -> anyhow::Result<Verdict> {
        let done = self.store.run_by_id(run.id).await?.map(|(_, done)| done).unwrap_or_default();
        let mut worst = done.iter().map(|one| one.verdict).fold(Verdict::Equal, worse);
        for collection in &run.collections {
            if done.iter().any(|one| one.collection == *collection) {
                continue;
            }
            let Some(verification) = self.prove(collection, run.depth).await? else { return Ok(worst) };
            worst = worse(worst, verification.verdict);
            self.tell(&verification);
            let mut tx = self.store.begin().await?;
            tx.verification_add(run.id, &verification).await?;
            tx.commit().await?;
        }
        let mut tx = self.store.begin().await?;
        tx.run_finish(run.id, self.now()).await?;
        tx.commit().await?;
        Ok(worst)
    }

    fn tell(&self, verification: &Verification) {
        let Verification { collection, verdict, differences, reads, .. } = verification;
        let documents = verification.documents.unwrap_or_default();
        match verdict {
            Verdict::Equal => info!(
                event = "mirror.verified",
                mirror.collection = %collection,
                mirror.verdict = verdict.word(),
                mirror.documents = documents,
                mirror.reads = reads,
                "Mirror proved `{collection}`: {verification}"
            ),
            Verdict::Differed | Verdict::Unknown => warn!(
                event = "mirror.verified",
                mirror.collection = %collection,
                mirror.verdict = verdict.word(),
                mirror.documents = documents,
                mirror.differing = differences.documents(),
                mirror.repaired = differences.repaired,
                mirror.reads = reads,
                "Mirror could not prove `{collection}` ({}): {verification}", verdict.word()
            ),
        }
        let studio = self.store.studio().to_string();
        metrics::counter!(names::MIRROR_VERIFIED, "studio" => studio, "verdict" => verdict.word()).increment(1);
    }

    /// What is to be proved now, if anything.
    async fn next_run(&self) -> anyhow::Result<Option<Run>> {
        if let Some(run) = self.store.run_pending().await? {
            let may_wait = run.requested_by.is_none() && self.is_spent().await?;
            return Ok(Some(run).filter(|_| !may_wait));
        }
        if self.idle.is_some_and(|idle| self.now().since(idle) < NOT_SOONER) {
            return Ok(None);
        }
        let (targets, last) = (self.store.targets().await?, self.store.verifications_last().await?);
        let Some(due) = due(&targets, &last, self.settings.every, self.now()) else { return Ok(None) };
        if self.is_spent().await? {
            return Ok(None);
        }
        let mut tx = self.store.begin().await?;
        tx.run_request(None, std::slice::from_ref(due), Depth::Digests, self.now()).await?;
        tx.commit().await?;
        Ok(self.store.run_pending().await?)
    }

    async fn is_spent(&self) -> anyhow::Result<bool> {
        Ok(reads::is_spent(&self.store, &self.authority, self.settings.read_budget, self.now()).await?)
    }
}

impl Job for Verify {
    const NAME: &'static str = "verify";
    const ABOUT: &'static str = "Proves that the mirror is what the cloud has, and puts right what is not.";

    fn period(&self) -> Duration {
        PERIOD.min(self.settings.every)
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let Some(run) = self.next_run().await? else {
            self.idle = self.idle.filter(|idle| self.now().since(*idle) < NOT_SOONER).or(Some(self.now()));
            return Ok(Pass::Idle);
        };
        self.idle = None;
        Ok(Pass::Worked(match self.carry_out(&run).await? {
            Verdict::Equal => EQUAL,
            Verdict::Differed => DIFFERED,
            Verdict::Unknown => UNKNOWN,
        }))
    }
}

const fn worse(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Differed, _) | (_, Verdict::Differed) => Verdict::Differed,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Equal, Verdict::Equal) => Verdict::Equal,
    }
}

/// The collection whose proof is due: one that was never looked at at once, the others spread over the time there is.
fn due<'a>(
    targets: &'a [Target],
    last: &BTreeMap<CollectionId, Verification>,
    every: Duration,
    now: Timestamp,
) -> Option<&'a CollectionId> {
    let is_there = |target: &&Target| {
        target.read_time.is_some() && matches!(target.state, TargetState::Current | TargetState::CatchingUp)
    };
    let there: Vec<&CollectionId> = targets.iter().filter(is_there).map(|target| &target.collection).collect();
    if let Some(new) = there.iter().find(|collection| !last.contains_key(**collection)) {
        return Some(new);
    }
    let pause = every / (2 * u32::try_from(there.len()).unwrap_or(u32::MAX)).max(1);
    let wait = |one: &Verification| match one.verdict {
        Verdict::Equal | Verdict::Differed => every,
        Verdict::Unknown => every.min(TRY_AGAIN),
    };
    if last.values().any(|one| now.since(one.checked) < pause.min(TRY_AGAIN)) {
        return None;
    }
    let known = there.into_iter().filter_map(|collection| Some((collection, last.get(collection)?)));
    let due = known.filter(|(_, one)| now.since(one.checked) >= wait(one));
    due.min_by_key(|(_, one)| one.checked).map(|(collection, _)| collection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::watch::TargetId;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_parts(minutes * 60, 0)
    }

    /// Which of `a`, `b` and `c` is due at minute 1,000, when they were looked at then, with proofs due every six hours.
    fn check(looked: [Option<(i64, Verdict)>; 3], expect: Option<&str>) {
        let names = ["a", "b", "c"].map(|name| CollectionId::parse(name).expect("legal"));
        let targets: Vec<Target> = (1..)
            .zip(&names)
            .map(|(id, name)| Target {
                collection: name.clone(),
                id: TargetId::new(id).expect("positive"),
                state: TargetState::Current,
                generation: 1,
                read_time: Some(at(999)),
                resume_token: None,
                backfill: Default::default(),
                heard: None,
                error: None,
            })
            .collect();
        let last = names.iter().zip(looked).filter_map(|(name, looked)| {
            let (minute, verdict) = looked?;
            let one = Verification::untold(name.clone(), None, at(minute));
            Some((name.clone(), Verification { verdict, ..one }))
        });
        let found = due(&targets, &last.collect(), Duration::from_secs(6 * 3_600), at(1_000));
        assert_eq!(found.map(CollectionId::as_str), expect, "{looked:?}");
    }

    #[test]
    fn what_was_never_proved_is_due_at_once_and_the_rest_one_after_the_other() {
        let equal = |minute| Some((minute, Verdict::Equal));
        check([equal(999), None, equal(999)], Some("b"));
        check([equal(999), equal(999), equal(999)], None);
        check([equal(500), equal(400), equal(900)], Some("b"));
        check([equal(500), equal(400), equal(995)], None);
        check([equal(900), Some((980, Verdict::Unknown)), equal(950)], Some("b"));
    }
}
