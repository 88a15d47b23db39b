//! What every job of this process did last, for people who look: in memory, so that a pass writes nothing and wakes nobody.
//!
//! # Guarantees
//! * What is not known is not there: a new process knows of no run until there was one.
//! * A job that ends, by a panic too, is shown as ended.
//!
//! # Caveats
//! It begins anew with every start. What was before is in the log, as one `job.finished` for each run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use crate::domain::time::Timestamp;
use crate::telemetry::ReasonCode;

/// Every job of a process. Clones are the same board.
#[derive(Clone, Debug, Default)]
pub struct JobBoard(Arc<Mutex<BTreeMap<&'static str, JobStanding>>>);

/// What is known of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStanding {
    /// What it does, in a sentence.
    pub about: &'static str,
    /// What it does now.
    pub now: JobNow,
    /// When it last looked, whether or not there was anything to do.
    pub looked: Option<Timestamp>,
    /// The last run that did something or failed.
    pub last: Option<LastRun>,
    /// The last run that failed.
    pub last_failure: Option<LastRun>,
    /// How many runs in a row have failed until now.
    pub failures: u32,
}

/// What a job does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobNow {
    /// It was not begun.
    NotBegun,
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// It rests.
    Resting {
        /// Until when at the latest.
        until: Timestamp,
    },
    /// It ended.
    Ended {
        /// When it was last heard of.
        at: Option<Timestamp>,
    },
}

/// A run that did something, or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Its id, which finds the log; none where runs have none.
    pub id: Option<Uuid>,
    /// When it was over.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it came to, or why it failed.
    pub code: ReasonCode,
    /// What it was doing when it failed, without its causes; none when it did not.
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// There was nothing to do.
    Idle,
    /// It did something.
    Worked(ReasonCode),
    /// It failed; what it was doing.
    Failed(ReasonCode, String),
}

/// The place of one job on the board; held by the job, and by nobody else.
#[derive(Debug)]
pub struct Seat {
    board: JobBoard,
    name: &'static str,
    began: Option<Timestamp>,
}

impl JobBoard {
    /// Seats a job that has not begun.
    pub fn seat(&self, name: &'static str, about: &'static str) -> Seat {
        let standing =
            JobStanding { about, now: JobNow::NotBegun, looked: None, last: None, last_failure: None, failures: 0 };
        self.with(|jobs| jobs.insert(name, standing));
        Seat { board: self.clone(), name, began: None }
    }

    /// Every job, by name.
    pub fn all(&self) -> BTreeMap<&'static str, JobStanding> {
        self.with(|jobs| jobs.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<&'static str, JobStanding>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seat {
    /// A run begins.
    pub fn began(&mut self, now: Timestamp) {
        self.began = Some(now);
        self.change(|job| job.now = JobNow::Running { since: now });
    }

    /// A run is over; the next one begins after a change, or then.
    pub fn ended(&mut self, id: Option<Uuid>, end: RunEnd, now: Timestamp, next: Timestamp) {
        let took = self.began.take().map_or(Duration::ZERO, |began| now.since(began));
        let run = |code, error| Some(LastRun { id, at: now, took, code, error });
        self.change(|job| {
            job.now = JobNow::Resting { until: next };
            job.looked = Some(now);
            match end {
                RunEnd::Idle => job.failures = 0,
                RunEnd::Worked(code) => {
                    job.failures = 0;
                    job.last = run(code, None);
                }
                RunEnd::Failed(code, error) => {
                    job.failures = job.failures.saturating_add(1);
                    job.last = run(code, Some(error));
                    job.last_failure.clone_from(&job.last);
                }
            }
        });
    }

    /// What runs works again: earlier failures no longer count.
    pub fn recovered(&mut self) {
        self.change(|job| job.failures = 0);
    }

    fn change(&self, change: impl FnOnce(&mut JobStanding)) {
        self.board.with(|jobs| {
            if let Some(job) = jobs.get_mut(self.name) {
                change(job);
            }
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let began = self.began;
        self.change(|job| job.now = JobNow::Ended { at: began.or(job.looked) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_parts(1_773_853_200, 0);

    fn later(seconds: u64) -> Timestamp {
        AT.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_not_known_is_not_there_and_failures_are_counted_until_one_works() {
        let board = JobBoard::default();
        let mut seat = board.seat("prune", "Forgets what is old.");
        let job = |board: &JobBoard| board.all()["prune"].clone();
        assert_eq!((job(&board).now, job(&board).looked, job(&board).last), (JobNow::NotBegun, None, None));
        seat.began(AT);
        assert_eq!(job(&board).now, JobNow::Running { since: AT });
        let failed = RunEnd::Failed(ReasonCode::new("pass_failed"), "could not forget".to_owned());
        seat.ended(None, failed.clone(), later(2), later(60));
        seat.began(later(60));
        seat.ended(None, failed, later(61), later(120));
        assert_eq!(job(&board).failures, 2);
        assert_eq!(job(&board).now, JobNow::Resting { until: later(120) });
        seat.began(later(120));
        seat.ended(None, RunEnd::Idle, later(121), later(180));
        let known = job(&board);
        assert_eq!((known.failures, known.looked), (0, Some(later(121))));
        let last = known.last.expect("the one that failed is still the last that is worth telling");
        assert_eq!((last.at, last.took), (later(61), Duration::from_secs(1)));
    }

    #[test]
    fn a_job_that_is_gone_is_never_shown_as_resting() {
        let board = JobBoard::default();
        let mut seat = board.seat("push", "Sends.");
        seat.began(AT);
        drop(seat);
        assert_eq!(board.all()["push"].now, JobNow::Ended { at: Some(AT) });
    }
}
