//! The only loop that waits: it runs a job's passes when something changed and when time has passed, until told to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::telemetry::{JobOutcome, JobRun, ReasonCode};

/// One idempotent pass over the whole state. Takes no hint about what changed.
pub trait Job: Send {
    /// The job's name in logs, metrics and the audit log.
    const NAME: &'static str;

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

/// Runs `job` until `stop`: a pass at once, then one after every change or period.
///
/// A failed pass is logged once and tried again after the period, not at the next change: what fails must not spin.
pub async fn drive<J: Job>(mut job: J, mut changed: watch::Receiver<u64>, stop: CancellationToken, clock: Clock) {
    while !stop.is_cancelled() {
        changed.mark_unchanged();
        let failed = run(&mut job, &clock).await;
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
async fn run<J: Job>(job: &mut J, clock: &Clock) -> bool {
    let run = JobRun::start(J::NAME, clock);
    match job.pass().instrument(run.span()).await {
        Ok(Pass::Idle) => {
            run.discard();
            false
        }
        Ok(Pass::Worked(reason)) => {
            run.finish(JobOutcome::Succeeded, reason);
            false
        }
        Err(error) => {
            run.fail(PASS_FAILED, error.as_ref());
            true
        }
    }
}
