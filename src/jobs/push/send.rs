//! Sending what was claimed: one commit of writes and receipts for each proposal, several commits at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::OnceCell;

use crate::authority::{Code, CommitError};
use crate::domain::decision::{Act, Base};
use crate::domain::ids::DocPath;
use crate::domain::ledger::{Landing, WriteState};
use crate::domain::proposal::Proposal;
use crate::domain::reason::Reason;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::write::CommitAnswer;
use crate::gate::Departure;
use crate::jobs::push::claim::Before;
use crate::jobs::push::{ABREAST, Claimed, Push, receipts_of};

/// What became of one commit, as far as it is known.
enum Outcome {
    /// It is settled by this.
    Settled(Claimed),
    /// A condition did not hold, so that the receipt tells whether it was ours.
    Refused(Claimed),
    /// The answer was lost.
    Lost(Claimed),
    /// It did not leave, and waits.
    Waits,
    /// It was too much at once, and may be sent again later.
    Contended(anyhow::Error),
    /// It was not applied, and may be sent again.
    Failed(anyhow::Error),
}

impl Push {
    /// Sends one commit for each, and settles on the answers; the documents whose writes are settled.
    ///
    /// # Errors
    /// The first of those that may be sent again; the others are settled all the same.
    pub(super) async fn send(&mut self, claimed: Vec<Claimed>) -> anyhow::Result<BTreeSet<DocPath>> {
        let this = &*self;
        // All of them are awaited before anything is settled: one that is not polled could hold what settling waits for.
        let answers: Vec<anyhow::Result<Outcome>> = stream::iter(together(claimed))
            .map(|(claimed, departure)| this.commit(claimed, departure))
            .buffer_unordered(ABREAST)
            .collect()
            .await;
        fail::fail_point!("push::after-send", |_| std::process::abort());
        let (mut told, mut refused, mut lost, mut failed) = (Vec::new(), Vec::new(), Vec::new(), None);
        for answer in answers {
            match answer {
                Ok(Outcome::Settled(claimed)) => told.push(claimed),
                Ok(Outcome::Refused(claimed)) => refused.push(claimed),
                Ok(Outcome::Lost(claimed)) => lost.push(claimed),
                Ok(Outcome::Waits) => {}
                Ok(Outcome::Contended(error)) => {
                    let pause = self.ramp.contended(self.since.elapsed(), rand::random());
                    self.pause = pause.saturating_sub(self.since.elapsed());
                    failed = failed.or(Some(error));
                }
                Ok(Outcome::Failed(error)) | Err(error) => failed = failed.or(Some(error)),
            }
        }
        told.extend(self.refused(refused).await?);
        let mut settled: BTreeSet<DocPath> = paths_of(&told);
        self.ramp.landed(2 * settled.len());
        self.settle(told).await?;
        self.settle(lost.clone()).await?;
        let found = self.look_receipts_up(&mut lost).await?;
        settled.extend(paths_of(&found));
        self.settle(found).await?;
        match failed {
            Some(error) => Err(error).context("could not send an approved write"),
            None => Ok(settled),
        }
    }

    /// Those that may still be sent: what was claimed some time ago is asked about once more. The others wait or are given
    /// up, as the answer says.
    pub(super) async fn still_allowed(&self, claimed: Vec<Claimed>) -> anyhow::Result<Vec<Claimed>> {
        if claimed.is_empty() {
            return Ok(claimed);
        }
        let now = self.now();
        let around = self.gate.around(now).await?;
        let proposals: Vec<&Proposal> = claimed.iter().map(|claimed| &claimed.proposal).collect();
        let beside = self.gate.circumstances_now(&proposals, now).await?;
        let (mut allowed, mut given_up) = (Vec::with_capacity(claimed.len()), Vec::new());
        for (mut claimed, beside) in claimed.into_iter().zip(beside) {
            let about = (&claimed.proposal, claimed.verdicts.as_slice());
            let decision = self.gate.judge(&self.me, Act::Send, about, (Base::Current, None), (&around, beside));
            let Err(reason) = decision.asked() else {
                allowed.push(claimed);
                continue;
            };
            for record in &mut claimed.records {
                tracing::warn!(write.id = %record.id, reason_code = reason.code(), "Write {} is not sent", record.id);
                record.state = WriteState::Abandoned { at: now, reason };
            }
            if !decision.passes() {
                given_up.push(claimed);
            }
        }
        self.settle(given_up).await?;
        Ok(allowed)
    }

    /// Sends one commit of writes and receipts.
    async fn commit(&self, mut claimed: Claimed, departure: Together) -> anyhow::Result<Outcome> {
        let may_leave = match departure.get_or_try_init(|| self.gate.depart()).await? {
            Ok(departure) => self.gate.may_still_depart(departure).await,
            Err(reason) => Err(*reason),
        };
        if let Err(reason) = may_leave {
            let id = claimed.proposal.id;
            tracing::warn!(proposal.id = %id, reason_code = reason.code(), "Proposal {id} is not sent");
            return Ok(Outcome::Waits);
        }
        let mut commit: Vec<_> = claimed.records.iter().map(|record| record.write.clone()).collect();
        let creation = |record| receipt::creation(record, &claimed.proposal, &claimed.verdicts);
        commit.extend(claimed.records.iter().map(creation));
        let sent = self.now();
        let answer = self.authority.commit(&commit).await;
        drop(departure);
        let now = self.now();
        for record in &mut claimed.records {
            record.sent = Some(sent);
        }
        Ok(match answer {
            Ok(answer) => {
                land(&mut claimed, &answer, now);
                Outcome::Settled(claimed)
            }
            Err(CommitError::Precondition(_)) => Outcome::Refused(claimed),
            Err(CommitError::Refused(error)) => {
                let (reason, answer) = (Reason::RefusedByServer, error.chain());
                all(&mut claimed, &WriteState::Refused { at: now, reason, answer });
                Outcome::Settled(claimed)
            }
            Err(error @ CommitError::NotApplied(_)) => match error.cause().code() {
                Code::Aborted | Code::ResourceExhausted => Outcome::Contended(error.into()),
                Code::Ok
                | Code::Cancelled
                | Code::Unknown
                | Code::InvalidArgument
                | Code::DeadlineExceeded
                | Code::NotFound
                | Code::AlreadyExists
                | Code::PermissionDenied
                | Code::FailedPrecondition
                | Code::OutOfRange
                | Code::Unimplemented
                | Code::Internal
                | Code::Unavailable
                | Code::DataLoss
                | Code::Unauthenticated => Outcome::Failed(error.into()),
            },
            Err(CommitError::Unknown(_)) => {
                all(&mut claimed, &WriteState::Unknown { at: now });
                for record in &mut claimed.records {
                    record.lost = Some(now);
                }
                Outcome::Lost(claimed)
            }
        })
    }

    /// What a refused condition means: an earlier call of ours had landed, or a document is not as it had to be.
    async fn refused(&self, mut refused: Vec<Claimed>) -> anyhow::Result<Vec<Claimed>> {
        let mut known = self.look_receipts_up(&mut refused).await?;
        let now = self.now();
        for mut claimed in refused {
            all(&mut claimed, &WriteState::Stale { at: now });
            known.push(claimed);
        }
        Ok(known)
    }

    /// Takes those out of `open` of which a receipt tells, with what it tells: that they landed, or that their key was
    /// used for something else.
    async fn look_receipts_up(&self, open: &mut Vec<Claimed>) -> anyhow::Result<Vec<Claimed>> {
        let receipts = self.look_up(&receipts_of(open)).await.context("could not look receipts up")?;
        Ok(self.told(open, &receipts))
    }

    /// The same, given the receipts.
    pub(super) fn told(&self, open: &mut Vec<Claimed>, receipts: &Before) -> Vec<Claimed> {
        let (mut told, mut rest) = (Vec::new(), Vec::new());
        for mut claimed in std::mem::take(open) {
            let first = claimed.records.first().map(|record| receipt::path(record.id));
            let Some(receipt) = first.and_then(|path| receipts.get(&path)) else {
                rest.push(claimed);
                continue;
            };
            let now = self.now();
            if receipt::content_hash(receipt) == Some(claimed.proposal.content_hash()) {
                claimed.known_by = Reason::ReceiptFound;
                for record in &mut claimed.records {
                    let update_time = record.update_time(receipt.create_time);
                    record.state = WriteState::Landed(Landing { at: now, update_time });
                }
            } else {
                all(&mut claimed, &WriteState::Conflicted { at: now });
            }
            told.push(claimed);
        }
        *open = rest;
        told
    }
}

/// Those that leave together have one departure: a stop waits until the last of them has its answer.
type Together = Arc<OnceCell<Result<Departure, Reason>>>;

/// Lets as many leave together as are under way at a time.
fn together(claimed: Vec<Claimed>) -> impl Iterator<Item = (Claimed, Together)> {
    let mut departure = Together::default();
    claimed.into_iter().enumerate().map(move |(place, claimed)| {
        if place % ABREAST == 0 {
            departure = Together::default();
        }
        (claimed, Arc::clone(&departure))
    })
}

/// The documents that these write.
fn paths_of(claimed: &[Claimed]) -> BTreeSet<DocPath> {
    claimed.iter().flat_map(|claimed| &claimed.records).map(|record| record.write.path().clone()).collect()
}

/// All writes of the commit have landed.
fn land(claimed: &mut Claimed, answer: &CommitAnswer, now: Timestamp) {
    for (record, update_time) in claimed.records.iter_mut().zip(&answer.update_times) {
        let update_time = update_time.unwrap_or(answer.commit_time);
        record.state = WriteState::Landed(Landing { at: now, update_time });
    }
}

/// All writes of the commit are in this state.
fn all(claimed: &mut Claimed, state: &WriteState) {
    for record in &mut claimed.records {
        record.state = state.clone();
    }
}
