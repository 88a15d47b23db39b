//! Applying changes as they happen, one transaction per consistent snapshot.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::authority::{ListenTarget, Position};
use crate::domain::ids::DocPath;
use crate::domain::reads;
use crate::domain::watch::{Cause, Order, Snapshot, TargetId, Watch};
use crate::jobs::mirror::{End, Mirror, MirrorError};
use crate::store::{Target, TargetState};

/// `google.rpc.Code.RESOURCE_EXHAUSTED`.
const EXHAUSTED: i32 = 8;

/// A stream that has lived for this long works: one that breaks sooner makes the waits longer still.
const HEALTHY_AFTER: Duration = Duration::from_secs(120);

impl Mirror {
    /// Listens to every collection that was read, until the stream ends or can't be trusted.
    pub(super) async fn tail(&mut self) -> Result<End, MirrorError> {
        let mut targets: Vec<Target> = self.store.targets().await?;
        targets.retain(|target| target.read_time.is_some() && target.state != TargetState::Backfilling);
        let (mut watch, wanted) = self.continue_from(&targets).await?;
        if watch.is_empty() {
            return Err(MirrorError::AllRefused);
        }
        let opened = Instant::now();
        let mut messages = match self.authority.because_of(reads::Cause::Tail).listen(&wanted).await {
            Ok(messages) => messages,
            Err(error) if error.is_position_refused() => return self.step_back(&targets, error.chain()).await,
            Err(error) => return Err(error.into()),
        };
        let mut stored: Option<Instant> = None;
        loop {
            let left = self.settings.reconnect_after.saturating_sub(opened.elapsed());
            let limit = self.settings.watchdog.min(left);
            let message = match messages.next(limit).await {
                Ok(Some(message)) => message,
                Ok(None) => return Err(MirrorError::Ended),
                Err(_) if opened.elapsed() >= self.settings.reconnect_after => return Ok(End::Due),
                Err(error) if error.is_position_refused() => return self.step_back(&targets, error.chain()).await,
                Err(error) => return Err(error.into()),
            };
            let mut orders = VecDeque::from(watch.step(message)?);
            while let Some(order) = orders.pop_front() {
                match order {
                    Order::Snapshot(snapshot) => self.apply(&targets, snapshot, &mut watch, &mut stored).await?,
                    Order::Relist { target, why } => {
                        let Some(target) = targets.iter().find(|known| known.id == target) else { continue };
                        return self.relist(target, why.to_string()).await;
                    }
                    Order::Search { target: id, among, count, read_time } => {
                        let Some(target) = targets.iter().find(|known| known.id == id) else { continue };
                        match self.search(target, among, count, read_time).await? {
                            Some(gone) => orders.extend(watch.searched(id, gone, read_time)),
                            None => {
                                return self
                                    .relist(target, "its documents can't be told apart by counts".to_owned())
                                    .await;
                            }
                        }
                    }
                    Order::Restart { target, cause } => return Err(dropped(&targets, target, cause)),
                    Order::Fail { target, cause } => {
                        self.refuse(target, &cause).await?;
                        targets.retain(|known| known.id != target);
                        if watch.is_empty() {
                            return Err(MirrorError::AllRefused);
                        }
                    }
                }
            }
            if opened.elapsed() >= HEALTHY_AFTER {
                self.patience.reset();
            }
            if opened.elapsed() >= self.settings.reconnect_after {
                return Ok(End::Due);
            }
        }
    }

    /// What each target continues from, as the database says.
    async fn continue_from(&self, targets: &[Target]) -> Result<(Watch, Vec<ListenTarget>), MirrorError> {
        let (mut known, mut wanted) = (Vec::new(), Vec::new());
        for target in targets {
            let Some(read_time) = target.read_time else { continue };
            let documents = self.store.documents_known(&target.collection).await?;
            let position = target.resume_token.clone().map_or(Position::ReadTime(read_time), Position::Token);
            let (id, collection) = (target.id, target.collection.clone());
            wanted.push(ListenTarget {
                id,
                collection,
                position,
                known: documents.len(),
                known_as_of: Some(read_time),
            });
            known.push((id, documents));
        }
        Ok((Watch::new(self.authority.root(), known), wanted))
    }

    /// The server refuses to continue from a token or read time, and does not say whose.
    ///
    /// Tokens are given up first: the read time still saves reading everything. Without tokens all are read again.
    async fn step_back(&mut self, targets: &[Target], why: String) -> Result<End, MirrorError> {
        if targets.iter().any(|target| target.resume_token.is_some()) {
            warn!("Mirror gives its resume tokens up: {why}");
            let mut tx = self.store.begin().await?;
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

    /// Applies one consistent snapshot in one transaction, with the tokens that continue after it.
    async fn apply(
        &mut self,
        targets: &[Target],
        mut snapshot: Snapshot,
        watch: &mut Watch,
        stored: &mut Option<Instant>,
    ) -> Result<(), MirrorError> {
        let heartbeat = snapshot.is_heartbeat();
        if heartbeat && stored.is_some_and(|at| at.elapsed() < self.settings.heartbeat_every) {
            return Ok(());
        }
        self.look_up(&mut snapshot, watch).await?;
        let mut tx = self.store.begin().await?;
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
        let heard = (self.now)();
        for target in targets {
            let token = snapshot.tokens.get(&target.id);
            tx.target_advance(target.id, snapshot.read_time, token, heard).await?;
        }
        tx.commit().await?;
        let (upserts, deletes, read_time) = (snapshot.upserts.len(), snapshot.deletes.len(), snapshot.read_time);
        if stored.is_none() {
            info!(mirror.upserts = upserts, mirror.deletes = deletes, "Mirror is current as of {read_time}");
        } else {
            debug!(mirror.upserts = upserts, mirror.deletes = deletes, "Mirror applied a snapshot as of {read_time}");
        }
        *stored = Some(Instant::now());
        Ok(())
    }

    /// Finds out what became of documents that left every target without a word.
    async fn look_up(&self, snapshot: &mut Snapshot, watch: &mut Watch) -> Result<(), MirrorError> {
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
