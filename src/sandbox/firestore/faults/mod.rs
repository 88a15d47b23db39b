//! The fault injector: a typed plan, a file that holds one, and the rules that decide on each occasion.

/// What shall go wrong.
mod plan;

/// The methods of the service.
mod method;

/// A plan as a TOML file.
mod file;

/// Faults that wait for their occasions.
mod rule;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tonic::Status;

use super::refusal::connection_lost;

pub use self::file::BadFaults;
pub use self::method::{Method, UnknownMethod};
pub use self::plan::{BadNumber, CallFault, Chance, CutEnd, Fault, Faults, Latency, ListenFault, When};
use self::rule::{Dice, Waiting};

/// The faults that wait to happen on one server.
#[derive(Default)]
pub(super) struct Injector {
    waiting: Mutex<Waiting>,
    calls: Mutex<HashMap<Method, u64>>,
    breaks: watch::Sender<u64>,
    held: watch::Sender<bool>,
}

/// How a stream goes wrong after some messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) after: usize,
    pub(super) how: How,
}

/// What happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    EndStream,
    EndConnection,
    Silence,
}

/// What a listen stream does to a target that has done nothing wrong.
pub(super) enum Unasked {
    Reset,
    Remove(Status),
}

/// The limits of a slow consumer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) buffer: usize,
    pub(super) patience: Duration,
}

impl Injector {
    /// Puts this plan in the place of everything that waits.
    pub(super) fn set(&self, faults: Faults) {
        *self.waiting() = Waiting::new(faults);
    }

    /// One more fault, behind those that wait.
    pub(super) fn add(&self, fault: Fault) {
        self.waiting().add(fault);
    }

    /// Counts a call that has come in.
    pub(super) fn count(&self, method: Method) {
        *self.counts().entry(method).or_default() += 1;
    }

    /// How many calls of `method` have come in.
    pub(super) fn calls(&self, method: Method) -> u64 {
        self.counts().get(&method).copied().unwrap_or_default()
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Method, u64>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long this call, or this batch of a stream, waits before it goes on.
    pub(super) fn delay(&self, method: Method) -> Option<Duration> {
        self.on_call(method, |what| match what {
            CallFault::Delay(latency) => Some(latency.micros()),
            CallFault::Fail { .. } | CallFault::LoseReply | CallFault::Cut { .. } | CallFault::Stall { .. } => None,
        })
        .map(|(range, mut dice)| Duration::from_micros(dice.within(range)))
    }

    /// Fails this call if it shall fail.
    pub(super) fn failure(&self, method: Method) -> Result<(), Status> {
        let failure = self.on_call(method, |what| match what {
            CallFault::Fail { code, message } => Some(Status::new(*code, message)),
            CallFault::Delay(_) | CallFault::LoseReply | CallFault::Cut { .. } | CallFault::Stall { .. } => None,
        });
        failure.map_or(Ok(()), |(status, _)| Err(status))
    }

    /// Fails this call, which has done its work, if its reply shall be lost.
    pub(super) fn lost_reply(&self, method: Method) -> Result<(), Status> {
        let lost = self.on_call(method, |what| match what {
            CallFault::LoseReply => Some(()),
            CallFault::Delay(_) | CallFault::Fail { .. } | CallFault::Cut { .. } | CallFault::Stall { .. } => None,
        });
        lost.map_or(Ok(()), |_| Err(connection_lost()))
    }

    /// Where this call ends too early, if it does.
    pub(super) fn ending(&self, method: Method) -> Option<Ending> {
        let ending = self.on_call(method, |what| match what {
            CallFault::Cut { after, end: CutEnd::Stream } => Some(Ending { after: *after, how: How::EndStream }),
            CallFault::Cut { after, end: CutEnd::Connection } => {
                Some(Ending { after: *after, how: How::EndConnection })
            }
            CallFault::Stall { after } => Some(Ending { after: *after, how: How::Silence }),
            CallFault::Delay(_) | CallFault::Fail { .. } | CallFault::LoseReply => None,
        });
        ending.map(|(ending, _)| ending)
    }

    /// What befalls one of `targets` after a snapshot.
    pub(super) fn unasked(&self, targets: &[i32]) -> Option<(i32, Unasked)> {
        let last = targets.len().checked_sub(1)?;
        let fired = self.on_listen(|what| match what {
            ListenFault::Reset => Some(Unasked::Reset),
            ListenFault::Remove { code, message } => Some(Unasked::Remove(Status::new(*code, message))),
            ListenFault::WrongCount { .. }
            | ListenFault::RejectToken
            | ListenFault::Duplicate
            | ListenFault::Reorder
            | ListenFault::SlowConsumer { .. } => None,
        });
        let (unasked, mut dice) = fired?;
        let at = usize::try_from(dice.within(0..=last as u64)).unwrap_or(last);
        Some((targets[at], unasked))
    }

    /// How wrong this existence filter counts.
    pub(super) fn miscount(&self) -> Option<i32> {
        let by = self.on_listen(|what| match what {
            ListenFault::WrongCount { by } => Some(*by),
            ListenFault::Reset
            | ListenFault::Remove { .. }
            | ListenFault::RejectToken
            | ListenFault::Duplicate
            | ListenFault::Reorder
            | ListenFault::SlowConsumer { .. } => None,
        });
        by.map(|(by, _)| by)
    }

    /// True if this resume token is refused.
    pub(super) fn rejects_token(&self) -> bool {
        self.happens(&ListenFault::RejectToken)
    }

    /// True if the changes of this snapshot come twice.
    pub(super) fn duplicates(&self) -> bool {
        self.happens(&ListenFault::Duplicate)
    }

    /// Brings the changes of this snapshot into another order, if they shall come in one.
    pub(super) fn reorder<Item>(&self, items: &mut [Item]) {
        let fired = self.on_listen(|what| (*what == ListenFault::Reorder).then_some(()));
        if let Some(((), mut dice)) = fired {
            dice.shuffle(items);
        }
    }

    /// How slow the client of this stream may be.
    pub(super) fn slow_consumer(&self) -> Option<Bounds> {
        let bounds = self.on_listen(|what| match what {
            ListenFault::SlowConsumer { buffer, patience } => Some(Bounds { buffer: *buffer, patience: *patience }),
            ListenFault::Reset
            | ListenFault::Remove { .. }
            | ListenFault::WrongCount { .. }
            | ListenFault::RejectToken
            | ListenFault::Duplicate
            | ListenFault::Reorder => None,
        });
        bounds.map(|(bounds, _)| bounds)
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

    fn happens(&self, fault: &ListenFault) -> bool {
        self.on_listen(|what| (what == fault).then_some(())).is_some()
    }

    fn on_call<Effect>(&self, of: Method, pick: impl Fn(&CallFault) -> Option<Effect>) -> Option<(Effect, Dice)> {
        self.waiting().first(|fault| match fault {
            Fault::Call { method, what, .. } if method.is_none_or(|method| method == of) => pick(what),
            Fault::Call { .. } | Fault::Listen { .. } => None,
        })
    }

    fn on_listen<Effect>(&self, pick: impl Fn(&ListenFault) -> Option<Effect>) -> Option<(Effect, Dice)> {
        self.waiting().first(|fault| match fault {
            Fault::Listen { what, .. } => pick(what),
            Fault::Call { .. } => None,
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets time pass.
pub(super) async fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "latency is the fault: to wait is all that it does")]
    tokio::time::sleep(time).await;
}
