//! Applying changes as they happen, one transaction per consistent snapshot.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::authority::{ListenTarget, Position};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads;
use crate::domain::watch::{Cause, Order, Snapshot, TargetId, Watch};
use crate::jobs::mirror::{End, Means, Mirror, MirrorError};
use crate::store::{Target, TargetState, Tx};

/// How many snapshots, or documents in them, are stored together at most.
const TOGETHER: usize = 1_000;

/// `google.rpc.Code.RESOURCE_EXHAUSTED`.
const EXHAUSTED: i32 = 8;

/// A stream that has lived for this long works: one that breaks sooner makes the waits longer still.
const HEALTHY_AFTER: Duration = Duration::from_secs(120);

impl Mirror {
    /// Listens to these collections until the stream ends or can't be trusted.
    ///
    /// `reading` are those that are read as a whole meanwhile.
    /// Snapshots that arrive while one is being stored are stored together, in order, in the next transaction.
    pub(super) async fn tail(
        &mut self,
        mut targets: Vec<Target>,
        reading: &[CollectionId],
    ) -> Result<End, MirrorError> {
        let means = self.means.clone();
        let (mut watch, wanted) = means.continue_from(&targets).await?;
        if watch.is_empty() {
            return Err(MirrorError::AllRefused);
        }
        let opened = Instant::now();
        let due = self.due(opened, reading);
        let mut messages = match means.authority.because_of(reads::Cause::Tail).listen(&wanted).await {
            Ok(messages) => messages,
            Err(error) if error.is_position_refused() => return self.step_back(&targets, error.chain()).await,
            Err(error) => return Err(error.into()),
        };
        let mut stored: Option<Instant> = None;
        let mut ready: Vec<Snapshot> = Vec::new();
        loop {
            let limit = means.settings.watchdog.min(due.saturating_duration_since(Instant::now()));
            let next = match messages.arrived() {
                Some(next) => next,
                None if ready.is_empty() => messages.next(limit).await,
                None => {
                    means.store_all(&targets, &mut ready, &mut watch, &mut stored).await?;
                    continue;
                }
            };
            let message = match next {
                Ok(Some(message)) => message,
                Ok(None) => return means.ended(&targets, ready, watch, MirrorError::Ended).await,
                Err(_) if Instant::now() >= due => return Ok(End::Due),
                Err(error) if error.is_position_refused() => return self.step_back(&targets, error.chain()).await,
                Err(error) => return means.ended(&targets, ready, watch, error.into()).await,
            };
            means.recall(&targets, &mut watch, &message).await?;
            let mut orders = VecDeque::from(watch.step(message)?);
            while let Some(order) = orders.pop_front() {
                match order {
                    Order::Snapshot(mut snapshot) => {
                        means.look_up(&mut snapshot, &mut watch).await?;
                        ready.push(snapshot);
                    }
                    Order::Relist { target, why } => {
                        means.store_all(&targets, &mut ready, &mut watch, &mut stored).await?;
                        let Some(target) = targets.iter().find(|known| known.id == target) else { continue };
                        return self.relist(target, why.to_string()).await;
                    }
                    Order::Search { target: id, among, count, read_time } => {
                        let Some(target) = targets.iter().find(|known| known.id == id) else { continue };
                        match means.search(target, among, count, read_time).await? {
                            Some(gone) => orders.extend(watch.searched(id, gone, read_time)),
                            None => {
                                means.store_all(&targets, &mut ready, &mut watch, &mut stored).await?;
                                let why = "its documents can't be told apart by counts";
                                return self.relist(target, why.to_owned()).await;
                            }
                        }
                    }
                    Order::Restart { target, cause } => {
                        let dropped = dropped(&targets, target, cause);
                        return means.ended(&targets, ready, watch, dropped).await;
                    }
                    Order::Fail { target, cause } => {
                        means.store_all(&targets, &mut ready, &mut watch, &mut stored).await?;
                        means.refuse(target, &cause).await?;
                        targets.retain(|known| known.id != target);
                        if watch.is_empty() {
                            return Err(MirrorError::AllRefused);
                        }
                    }
                }
            }
            if opened.elapsed() >= HEALTHY_AFTER {
                self.patience.reset();
                self.teller.works();
            }
            if ready.iter().map(Snapshot::len).sum::<usize>() >= TOGETHER || ready.len() >= TOGETHER {
                means.store_all(&targets, &mut ready, &mut watch, &mut stored).await?;
            }
            if ready.is_empty() && Instant::now() >= due {
                return Ok(End::Due);
            }
        }
    }

    /// When the stream must be opened again: routinely, or because a collection has rested long enough.
    ///
    /// What is being read meanwhile needs nobody to wake it.
    fn due(&self, opened: Instant, reading: &[CollectionId]) -> Instant {
        let routine = opened + self.means.settings.reconnect_after;
        let asleep = self.resting.iter().filter(|(collection, _)| !reading.contains(collection));
        asleep.map(|(_, until)| *until).chain([routine]).min().unwrap_or(routine)
    }

    /// The server refuses to continue from a token or read time, and does not say whose.
    ///
    /// Tokens are given up first: the read time still saves reading everything. Without tokens all are read again.
    async fn step_back(&mut self, targets: &[Target], why: String) -> Result<End, MirrorError> {
        if targets.iter().any(|target| target.resume_token.is_some()) {
            warn!("Mirror gives its resume tokens up: {why}");
            let mut tx = self.means.store.begin().await?;
            for target in targets {
                tx.target_forget_token(target.id).await?;
            }
            tx.commit().await?;
            return Ok(End::Relist);
        }
        let mut end = Err(MirrorError::AllRefused);
        for target in targets {
            end = Ok(self.relist(target, why.clone()).await?);
        }
        end
    }
}

impl Means {
    /// What each target continues from, as the database says: which documents there are is looked up when it matters.
    async fn continue_from(&self, targets: &[Target]) -> Result<(Watch, Vec<ListenTarget>), MirrorError> {
        let held = self.store.documents_held().await?;
        let (mut counts, mut wanted) = (Vec::new(), Vec::new());
        for target in targets {
            let Some(read_time) = target.read_time else { continue };
            let held = held.get(&target.collection).copied().unwrap_or_default();
            let known = held.documents + held.unreadable;
            let position = target.resume_token.clone().map_or(Position::ReadTime(read_time), Position::Token);
            let (id, collection) = (target.id, target.collection.clone());
            wanted.push(ListenTarget {
                id,
                collection,
                position,
                known: usize::try_from(known).unwrap_or(usize::MAX),
                known_as_of: Some(read_time),
            });
            counts.push((id, known));
        }
        Ok((Watch::counting(self.authority.root(), counts), wanted))
    }

    /// The stream is over: what it completed is stored first.
    async fn ended(
        &self,
        targets: &[Target],
        mut ready: Vec<Snapshot>,
        mut watch: Watch,
        why: MirrorError,
    ) -> Result<End, MirrorError> {
        self.store_all(targets, &mut ready, &mut watch, &mut None).await?;
        Err(why)
    }

    /// Stores consistent snapshots in one transaction, in order, with the tokens that continue after the last one.
    async fn store_all(
        &self,
        targets: &[Target],
        ready: &mut Vec<Snapshot>,
        watch: &mut Watch,
        stored: &mut Option<Instant>,
    ) -> Result<(), MirrorError> {
        let quiet = ready.iter().all(Snapshot::is_heartbeat);
        if ready.is_empty() || (quiet && stored.is_some_and(|at| at.elapsed() < self.settings.heartbeat_every)) {
            ready.clear();
            return Ok(());
        }
        let mut tx = self.store.begin_rebuildable().await?;
        let mut tokens = BTreeMap::new();
        for snapshot in ready.iter() {
            self.put(&mut tx, snapshot).await?;
            tokens.extend(snapshot.tokens.iter());
        }
        let Some(last) = ready.last() else { return Ok(()) };
        let heard = (self.now)();
        let advanced = targets.iter().map(|target| (target.id, tokens.get(&target.id).copied()));
        tx.targets_advance(advanced, last.read_time, heard).await?;
        tx.commit().await?;
        watch.forget(); // The store remembers it now.
        let (changes, read_time) = (ready.iter().map(Snapshot::len).sum::<usize>(), last.read_time);
        if stored.is_none() {
            info!(mirror.changes = changes, "Mirror is current as of {read_time}: {changes} changes");
        } else {
            debug!(mirror.changes = changes, "Mirror stored {} snapshots as of {read_time}", ready.len());
        }
        ready.clear();
        *stored = Some(Instant::now());
        Ok(())
    }

    async fn put(&self, tx: &mut Tx, snapshot: &Snapshot) -> Result<(), MirrorError> {
        for document in &snapshot.upserts {
            tx.document_put(document, snapshot.read_time).await?;
        }
        for document in &snapshot.unreadable {
            warn!(doc.path = %document.path, "Mirror can't keep `{}`: {}", document.path, document.why);
            tx.document_unreadable(document, snapshot.read_time).await?;
        }
        for path in &snapshot.deletes {
            tx.document_delete(path, snapshot.read_time).await?;
        }
        Ok(())
    }

    /// Finds out what became of documents that left every target without a word.
    pub(super) async fn look_up(&self, snapshot: &mut Snapshot, watch: &mut Watch) -> Result<(), MirrorError> {
        if snapshot.lookups.is_empty() {
            return Ok(());
        }
        let left = std::mem::take(&mut snapshot.lookups);
        let paths: Vec<DocPath> = left.keys().cloned().collect();
        let found = self.authority.because_of(reads::Cause::Tail).get(&paths, Some(snapshot.read_time)).await?;
        let readable = found.found.iter().map(|document| (&document.path, document.update_time));
        let unreadable = found.unreadable.iter().map(|document| (&document.path, document.update_time));
        for (path, revision) in readable.chain(unreadable) {
            if let Some(target) = left.get(path) {
                watch.found(*target, path, revision);
            }
        }
        snapshot.upserts.extend(found.found);
        snapshot.unreadable.extend(found.unreadable);
        snapshot.deletes.extend(found.missing);
        Ok(())
    }

    async fn refuse(&self, target: TargetId, cause: &Cause) -> Result<(), MirrorError> {
        warn!(mirror.target = target.number(), "Firestore refuses the target {target}: {}", cause.message);
        let text = format!("Firestore refuses it (code {}): {}", cause.code, cause.message);
        let mut tx = self.store.begin().await?;
        tx.target_failed(target, TargetState::Refused, &text, (self.now)()).await?;
        Ok(tx.commit().await?)
    }
}

fn dropped(targets: &[Target], target: TargetId, cause: Option<Cause>) -> MirrorError {
    let Some(known) = targets.iter().find(|known| known.id == target) else { return MirrorError::Ended };
    let exhausted = cause.as_ref().is_some_and(|cause| cause.code == EXHAUSTED);
    let why = cause
        .map_or_else(|| "it did not say why".to_owned(), |cause| format!("{} (code {})", cause.message, cause.code));
    MirrorError::Dropped { collection: known.collection.clone(), why, exhausted }
}
