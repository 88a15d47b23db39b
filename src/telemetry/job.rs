//! Every run of a job ends in one event.

use std::error::Error;

use tracing::Span;
use uuid::{NoContext, Uuid};

use super::{
    names,
    reason::{ABANDONED, ReasonCode},
    trace::Trace,
};
use crate::clock::{Clock, Stopwatch};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did what it is for.
    Succeeded,
    /// It looked, and there was nothing to do.
    NothingToDo,
    /// It did not look: something said not to.
    Skipped,
    /// It was told to stop before it was done.
    Stopped,
    /// It could not do what it is for.
    Failed,
}

impl JobOutcome {
    /// The word in entries and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::NothingToDo => "nothing_to_do",
            Self::Skipped => "skipped",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// One run of a job.
///
/// # Guarantees
/// Every run ends in exactly one `job.finished` entry and is counted once: a run that is dropped, because it panicked or
/// was cancelled, ends as failed with the reason `abandoned`.
#[derive(Debug)]
pub struct JobRun {
    name: &'static str,
    run: Uuid,
    trace: Trace,
    span: Span,
    watch: Stopwatch,
    ended: bool,
}

impl JobRun {
    /// Begins a run; its trace id is its run id.
    pub fn start(name: &'static str, clock: &Clock) -> Self {
        let now = clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        let run = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos));
        let trace = Trace::of_run(run);
        // An error span, so that its fields are there whatever level is logged.
        let span = tracing::error_span!(
            "job",
            job.name = name,
            job.run = %run,
            trace.id = %trace.id(),
            span.id = %trace.span_id(),
        );
        Self { name, run, trace, span, watch: clock.stopwatch(), ended: false }
    }

    /// The id of this run.
    pub fn id(&self) -> Uuid {
        self.run
    }

    /// The trace of this run.
    pub fn trace(&self) -> Trace {
        self.trace
    }

    /// The span to run in, such as `pass().instrument(run.span())`.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Ends the run without an error.
    pub fn finish(mut self, outcome: JobOutcome, reason: ReasonCode) {
        self.end(outcome, reason, None);
    }

    /// Ends the run as failed; the entry holds the error with all its causes.
    pub fn fail(mut self, reason: ReasonCode, error: &(dyn Error + 'static)) {
        self.end(JobOutcome::Failed, reason, Some(error));
    }

    /// Forgets the run: it looked, found nothing to do, and is worth no entry.
    pub fn discard(mut self) {
        self.ended = true;
    }

    fn end(&mut self, outcome: JobOutcome, reason: ReasonCode, error: Option<&(dyn Error + 'static)>) {
        self.ended = true;
        let elapsed = self.watch.elapsed();
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let (name, word) = (self.name, outcome.as_str());
        metrics::counter!(names::JOB_RUNS, "job" => name, "outcome" => word, "reason" => reason.as_str()).increment(1);
        metrics::histogram!(names::JOB_SECONDS, "job" => name).record(elapsed.as_secs_f64());
        self.span.in_scope(|| match outcome {
            JobOutcome::Failed => tracing::error!(
                event = "job.finished",
                outcome = word,
                reason_code = reason.as_str(),
                duration_ms = millis,
                error,
                operation.last = true,
                "Job {name} failed ({reason}) after {millis} ms"
            ),
            JobOutcome::Succeeded | JobOutcome::NothingToDo | JobOutcome::Skipped | JobOutcome::Stopped => {
                tracing::info!(
                    event = "job.finished",
                    outcome = word,
                    reason_code = reason.as_str(),
                    duration_ms = millis,
                    operation.last = true,
                    "Job {name} {} ({reason}) after {millis} ms",
                    word.replace('_', " ")
                )
            }
        });
    }
}

impl Drop for JobRun {
    fn drop(&mut self) {
        if !self.ended {
            self.end(JobOutcome::Failed, ABANDONED, None);
        }
    }
}
