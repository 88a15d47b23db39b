//! Moving a backfill on to a later moment: Firestore answers as of a read time for one hour only, however much there is
//! to read.
//!
//! What was put aside is brought up to date by the changes since, as a stream from the old read time tells them; the
//! rest is read as of the moment that this stream became consistent at. All of it is then of one moment again.

use tracing::info;

use crate::authority::{ListenTarget, Position};
use crate::domain::ids::DocPath;
use crate::domain::reads::Cause;
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::domain::watch::{Message, Missing, Order, Snapshot, TargetId, Watch};
use crate::jobs::mirror::backfill::generation_of;
use crate::jobs::mirror::brake::cause_of;
use crate::jobs::mirror::{Means, MirrorError};
use crate::store::{Range, Staged, Target};

/// The revision of everything that a stream names here, so that all it says is news.
const BEFORE: Timestamp = Timestamp::from_micros(0);

/// More documents than there are: which of them are put aside is the ranges' to say.
const MANY: u64 = u64::MAX / 2;

impl Means {
    /// Brings what was put aside as of `read_time` to a later moment, from which the rest is read. Answers that moment.
    pub(super) async fn move_on(&self, planned: &[Target], read_time: Timestamp) -> Result<Timestamp, MirrorError> {
        let snapshot = self.changes_since(planned, read_time).await?;
        let (at, changes) = (snapshot.read_time, snapshot.len());
        let mut counts = Vec::new();
        for target in planned {
            let authority = self.authority.because_of(cause_of(target));
            counts.push(authority.count(&target.collection, Some(at)).await?.count);
        }
        let readable = snapshot.upserts.into_iter().map(Sighting::Readable);
        let rows: Vec<(DocPath, Staged)> = readable
            .chain(snapshot.unreadable.into_iter().map(Sighting::Unreadable))
            .map(|sighting| (sighting.path().clone(), Staged::of(sighting)))
            .collect();
        let mut open = Vec::new();
        for target in planned {
            open.push(self.store.backfill_ranges(&target.collection).await?);
        }
        let mut tx = self.store.begin().await?;
        for ((target, expected), ranges) in planned.iter().zip(counts).zip(open) {
            let is_put_aside = |path: &&DocPath| {
                path.is_root()
                    && path.collection() == target.collection
                    && !ranges.iter().any(|range| range.awaits(path))
            };
            let rows: Vec<Staged> =
                rows.iter().filter(|(path, _)| is_put_aside(&path)).map(|(_, row)| row.clone()).collect();
            let gone: Vec<DocPath> = snapshot.deletes.iter().filter(is_put_aside).cloned().collect();
            let under_way = (generation_of(target), at);
            tx.backfill_advance(&target.collection, under_way, &rows, &gone, expected).await?;
        }
        tx.commit().await?;
        info!(mirror.changes = changes, "Mirror moved a backfill on from {read_time} to {at}: {changes} changes");
        Ok(at)
    }

    /// Everything that changed between `read_time` and the first moment that a stream is consistent at.
    async fn changes_since(&self, planned: &[Target], read_time: Timestamp) -> Result<Snapshot, MirrorError> {
        let wanted: Vec<ListenTarget> = planned
            .iter()
            .map(|target| ListenTarget {
                id: target.id,
                collection: target.collection.clone(),
                position: Position::ReadTime(read_time),
                known: usize::try_from(target.backfill.documents).unwrap_or(usize::MAX),
                known_as_of: Some(read_time),
            })
            .collect();
        let mut watch = Watch::counting(self.authority.root(), planned.iter().map(|target| (target.id, MANY)));
        let cause = planned.iter().map(cause_of).min().unwrap_or(Cause::Backfill);
        let mut messages = self.authority.because_of(cause).listen(&wanted).await?;
        loop {
            let message = messages.next(self.settings.watchdog).await?.ok_or(MirrorError::Ended)?;
            if let Message::Filter { .. } = message {
                continue; // It counts the whole collection, of which only a part is here.
            }
            if let Missing::Revisions(asked) = watch.missing(&message) {
                for (target, path) in asked {
                    watch.learn(target, &path, Some(BEFORE));
                }
            }
            if let Missing::Everything(target) = watch.missing(&message) {
                return Err(stranded(planned, target, "everything is sent again"));
            }
            match watch.step(message)?.into_iter().next() {
                None => {}
                Some(Order::Snapshot(mut snapshot)) => {
                    self.look_up(&mut snapshot, &mut watch).await?;
                    return Ok(snapshot);
                }
                Some(
                    Order::Relist { target, .. }
                    | Order::Restart { target, .. }
                    | Order::Fail { target, .. }
                    | Order::Search { target, .. },
                ) => return Err(stranded(planned, target, "its changes since could not be had")),
            }
        }
    }
}

fn stranded(planned: &[Target], target: TargetId, why: &str) -> MirrorError {
    match planned.iter().find(|known| known.id == target) {
        Some(known) => MirrorError::Dropped {
            collection: known.collection.clone(),
            why: format!("while its backfill moved on, {why}"),
            exhausted: false,
        },
        None => MirrorError::Ended,
    }
}

impl Range {
    /// Is the document, if there is one, still to be read with this range?
    fn awaits(&self, path: &DocPath) -> bool {
        let before =
            |bound: &Option<DocPath>, or: bool| bound.as_ref().map_or(or, |bound| path.name_order(bound).is_lt());
        let is_read = self.after.as_ref().is_some_and(|after| path.name_order(after).is_le());
        !is_read && !before(&self.first, false) && before(&self.until, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_awaits_what_lies_in_it_behind_its_last_document() {
        let path = |id: &str| DocPath::parse(format!("c/{id}")).expect("a legal path");
        let range = |first: Option<&str>, after: Option<&str>, until: Option<&str>| Range {
            position: 0,
            first: first.map(path),
            after: after.map(path),
            until: until.map(path),
        };
        let awaited = |range: Range| ["__id9__", "a", "b", "c", "d"].map(|id| range.awaits(&path(id)));
        assert_eq!(awaited(range(None, None, None)), [true; 5]);
        assert_eq!(awaited(range(Some("b"), None, Some("d"))), [false, false, true, true, false]);
        assert_eq!(awaited(range(Some("b"), Some("b"), Some("d"))), [false, false, false, true, false]);
        assert_eq!(awaited(range(None, Some("a"), None)), [false, false, true, true, true]);
    }
}
