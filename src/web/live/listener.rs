//! One page that listens: what it has been told, and what is to be told next.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::Stream;
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::domain::time::Timestamp;
use crate::identity::sessions::SessionRef;
use crate::store::{self, Place};
use crate::web::desk::DeskState;
use crate::web::live::place;
use crate::web::live::streams::Slot;
use crate::web::live::topic::Topic;

/// How many entries are told one by one; more than that are many.
const EACH: u16 = 256;

/// How long changes are gathered before they are told.
const GATHERED: Duration = Duration::from_secs(1);

/// How often the session is looked at when nothing changes.
const LOOKED_AT: Duration = Duration::from_secs(15);

/// A session that lasts longer by less than this is not worth telling.
const WORTH_TELLING: Duration = Duration::from_secs(20);

/// How soon a browser comes back that lost its stream.
const BACK_AFTER: Duration = Duration::from_secs(2);

/// One page that listens.
pub(super) struct Listener {
    state: DeskState,
    session: SessionRef,
    /// When the page was told that its session ends.
    told_end: Option<Timestamp>,
    /// What it knows of.
    at: Place,
    waiting: VecDeque<Event>,
    changed: watch::Receiver<u64>,
    stop: CancellationToken,
    is_over: bool,
    _slot: Slot,
}

impl Listener {
    pub(super) fn new(state: DeskState, session: SessionRef, slot: Slot, at: Place, stop: CancellationToken) -> Self {
        let mut changed = state.desk.store().changed();
        // What changed before the first look is seen by it.
        changed.mark_changed();
        let waiting = VecDeque::from([Event::default().retry(BACK_AFTER).comment("open")]);
        Self { state, session, told_end: None, at, waiting, changed, stop, is_over: false, _slot: slot }
    }

    /// Everything that is told, until the session or the service ends.
    pub(super) fn events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        futures_util::stream::unfold(self, |mut listener| async move {
            let event = listener.next().await?;
            Some((Ok(event), listener))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                // Either way it is time to look.
                _woken = tokio::time::timeout(LOOKED_AT, self.changed.changed()) => {}
            }
            if let Err(cause) = self.look().await {
                let cause = anyhow::Error::new(cause);
                error!("What changed could not be read for an open page: {cause:#}");
                return None;
            }
            if self.waiting.is_empty() {
                continue;
            }
            let _gathering = tokio::time::timeout(GATHERED, self.stop.cancelled()).await;
        }
    }

    /// Finds out what is to be told.
    async fn look(&mut self) -> store::Result<()> {
        self.look_at_session().await?;
        if self.is_over {
            return Ok(());
        }
        let store = self.state.desk.store();
        let now = store.place().await?;
        if now.audit < self.at.audit || now.audit - self.at.audit > u64::from(EACH) {
            // A page that knows more than there is was made before the database came back from a copy.
            let count = now.audit.abs_diff(self.at.audit);
            let many = Event::default().event("many").id(place::words(now)).data(json!({ "count": count }).to_string());
            self.waiting.push_back(many);
            self.at = now;
            return Ok(());
        }
        let mut runs: Vec<(Topic, u64, Place)> = Vec::new();
        if now.audit > self.at.audit {
            for (sequence, action) in store.audit_actions_after(self.at.audit, EACH).await? {
                let (topic, at) = (Topic::of(action), Place { audit: sequence, ..self.at });
                match runs.last_mut() {
                    Some((last, count, upto)) if *last == topic => (*count, *upto) = (*count + 1, at),
                    Some(_) | None => runs.push((topic, 1, at)),
                }
                self.at = at;
            }
        }
        if now.feed != self.at.feed {
            let count = now.feed.abs_diff(self.at.feed);
            self.at.feed = now.feed;
            runs.push((Topic::Documents, count, self.at));
        }
        self.waiting.extend(runs.into_iter().map(|(topic, count, at)| {
            let data = json!({ "topic": topic.word(), "count": count }).to_string();
            Event::default().event("changed").id(place::words(at)).data(data)
        }));
        Ok(())
    }

    /// Is the person still here, and for how long?
    async fn look_at_session(&mut self) -> store::Result<()> {
        let now = self.state.web.now();
        let looked = self.state.web.sessions().look(self.state.desk.store(), &self.session.key, now).await?;
        let Ok((_, session)) = looked else {
            self.is_over = true;
            self.waiting.push_back(Event::default().event("ended").data("{}"));
            return Ok(());
        };
        let (ends, can_stay) = (session.ends.min(session.idles), session.idles < session.ends);
        if self.told_end.is_none_or(|told| ends.since(told) >= WORTH_TELLING) {
            self.told_end = Some(ends);
            let data = json!({ "seconds": ends.since(now).as_secs(), "can_stay": can_stay }).to_string();
            self.waiting.push_back(Event::default().event("session").data(data));
        }
        Ok(())
    }
}
