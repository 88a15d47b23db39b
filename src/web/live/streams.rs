//! How many streams there may be: each holds a connection for as long as a page is looked at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::domain::ids::{Hash, StudioId};
use crate::telemetry::names;
use crate::web::problem::{Problem, ProblemKind};

/// The most pages of one session that listen at the same time.
const OF_ONE_SESSION: usize = 8;

/// The most pages that listen at the same time: half of the connections there may be stay for everything else.
const IN_ALL: usize = 256;

/// When a page may try again that found no room.
const LATER: Duration = Duration::from_secs(30);

/// The streams that are open.
#[derive(Debug)]
pub(in crate::web) struct Streams {
    studio: String,
    open: Mutex<HashMap<Hash, usize>>,
}

/// The place of one open stream, free again once it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    streams: Arc<Streams>,
    session: Hash,
}

impl Streams {
    pub(in crate::web) fn of(studio: &StudioId) -> Self {
        Self { studio: studio.to_string(), open: Mutex::default() }
    }

    /// A place for one more stream of this session.
    pub(super) fn take(self: &Arc<Self>, session: Hash) -> Result<Slot, Problem> {
        let mut open = self.open();
        if open.values().sum::<usize>() >= IN_ALL {
            return Err(full("Too many pages are told of changes as they happen. Reload this one to see them."));
        }
        let own = open.entry(session).or_default();
        if *own >= OF_ONE_SESSION {
            return Err(full("Too many of your pages are told of changes as they happen. Close some of them."));
        }
        *own += 1;
        self.tell(&open);
        Ok(Slot { streams: Arc::clone(self), session })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Hash, usize>> {
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn tell(&self, open: &HashMap<Hash, usize>) {
        let count = open.values().sum::<usize>();
        metrics::gauge!(names::LIVE_STREAMS, "studio" => self.studio.clone()).set(count as f64);
    }
}

fn full(why: &str) -> Problem {
    Problem::new(ProblemKind::TooMany, "TOO_MANY_STREAMS", why).after(LATER)
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        let left = open.get(&self.session).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            open.remove(&self.session);
        } else {
            open.insert(self.session, left);
        }
        self.streams.tell(&open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_some_and_again_when_they_have_gone() {
        let streams = Arc::new(Streams::of(&StudioId::parse("monsoon-west").expect("a studio")));
        let session = |number: usize| Hash::of(number.to_string());
        let mut slots: Vec<Slot> = (0..OF_ONE_SESSION).map(|_| streams.take(session(0)).expect("room")).collect();
        assert_eq!(streams.take(session(0)).expect_err("no more of one").code(), "TOO_MANY_STREAMS");
        slots.pop();
        slots.push(streams.take(session(0)).expect("room again"));
        let others = (OF_ONE_SESSION..IN_ALL).map(|number| streams.take(session(number)).expect("room"));
        slots.extend(others.collect::<Vec<_>>());
        assert!(streams.take(session(IN_ALL)).is_err(), "no more in all");
        drop(slots);
        assert!(streams.open().is_empty(), "nothing is remembered of who has gone");
    }
}
