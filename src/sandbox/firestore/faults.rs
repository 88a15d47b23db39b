//! What can be made to go wrong.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use tonic::Status;

/// The faults that wait to happen on one server.
#[derive(Default)]
pub(super) struct Faults {
    lost_replies: AtomicU64,
    failures: Mutex<HashMap<&'static str, VecDeque<Status>>>,
    breaks: watch::Sender<u64>,
    held: watch::Sender<bool>,
}

impl Faults {
    /// One more commit will be applied without an answer.
    pub(super) fn lose_commit_reply(&self) {
        self.lost_replies.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes one lost reply, if one waits.
    pub(super) fn take_lost_reply(&self) -> bool {
        let take = |waiting: u64| waiting.checked_sub(1);
        self.lost_replies.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    }

    /// One more call of `method` will fail before it does anything.
    pub(super) fn fail(&self, method: &'static str, status: Status) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.entry(method).or_default().push_back(status);
    }

    /// Takes the failure that waits for this call, if one does.
    pub(super) fn take_failure(&self, method: &str) -> Result<(), Status> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get_mut(method).and_then(VecDeque::pop_front).map_or(Ok(()), Err)
    }

    /// Ends every open stream.
    pub(super) fn break_streams(&self) {
        self.breaks.send_modify(|count| *count += 1);
    }

    /// Changes when the open streams shall end.
    pub(super) fn breaks(&self) -> watch::Receiver<u64> {
        let mut breaks = self.breaks.subscribe();
        breaks.mark_unchanged();
        breaks
    }

    /// Makes streams silent, or lets them speak again.
    pub(super) fn hold_streams(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// True while streams are silent.
    pub(super) fn held(&self) -> watch::Receiver<bool> {
        self.held.subscribe()
    }
}
