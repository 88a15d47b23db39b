//! The only loop that waits: it runs a job's passes when something changed and when time has passed, until told to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::telemetry::{JobBoard, JobOutcome, JobRun, ReasonCode, RunEnd, Seat};

/// One idempotent pass over the whole state. Takes no hint about what changed.
pub trait Job: Send {
    /// The job's name in logs, metrics and the audit log.
    const NAME: &'static str;

    /// What the job does, in a sentence for people.
    const ABOUT: &'static str;

    /// How long to wait for a change before looking anyway.
    fn period(&self) -> Duration;

    /// Looks at the whole state and does what is to be done.
    fn pass(&mut self) -> impl Future<Output = anyhow::Result<Pass>> + Send;
}

/// What a pass found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Nothing: not worth a line in the log.
    Idle,
    /// Something, with what it came to.
    Worked(ReasonCode),
}

/// A pass gave up; the error tells why.
pub const PASS_FAILED: ReasonCode = ReasonCode::new("pass_failed");

/// Runs `job` until `stop`: a pass at once, then one after every change or period. The board tells how it stands.
///
/// A failed pass is logged once and tried again after the period, not at the next change: what fails must not spin.
pub async fn drive<J: Job>(
    mut job: J,
    mut changed: watch::Receiver<u64>,
    stop: CancellationToken,
    clock: Clock,
    board: JobBoard,
) {
    let mut seat = board.seat(J::NAME, J::ABOUT);
    while !stop.is_cancelled() {
        changed.mark_unchanged();
        let failed = run(&mut job, &clock, &mut seat).await;
        let wait = tokio::time::timeout(job.period(), async {
            if failed || changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        tokio::select! {
            () = stop.cancelled() => {}
            _ = wait => {}
        }
    }
}

/// One pass with its terminal event; says whether it failed.
async fn run<J: Job>(job: &mut J, clock: &Clock, seat: &mut Seat) -> bool {
    let run = JobRun::start(J::NAME, clock);
    let id = run.id();
    seat.began(clock.now().into());
    let (failed, end) = match job.pass().instrument(run.span()).await {
        Ok(Pass::Idle) => {
            run.discard();
            (false, RunEnd::Idle)
        }
        Ok(Pass::Worked(reason)) => {
            run.finish(JobOutcome::Succeeded, reason);
            (false, RunEnd::Worked(reason))
        }
        Err(error) => {
            run.fail(PASS_FAILED, error.as_ref());
            (true, RunEnd::Failed(PASS_FAILED, error.to_string()))
        }
    };
    let now = Timestamp::from(clock.now());
    seat.ended(Some(id), end, now, now.plus(job.period()));
    failed
}
