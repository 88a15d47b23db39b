//! Counting what Firestore bills, where it happens.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gcloud_sdk::google::firestore::v1 as wire;
use wire::listen_response::ResponseType;
use wire::target_change::TargetChangeType;

use crate::authority::convert::timestamp;
use crate::authority::{Authority, ListenTarget};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads::{CHEAP_RESUME, Cause, Reads};
use crate::domain::time::Timestamp;

/// Reads that were billed and not yet taken to the ledger.
#[derive(Debug, Default)]
pub(super) struct Meter {
    waiting: Mutex<Waiting>,
}

/// Kept so that counting one more read of a known collection allocates nothing.
type Waiting = BTreeMap<Cause, BTreeMap<CollectionId, u64>>;

impl Meter {
    fn add(&self, collection: &CollectionId, cause: Cause, reads: u64) {
        if reads == 0 {
            return;
        }
        let mut waiting = self.waiting();
        let by_collection = waiting.entry(cause).or_default();
        match by_collection.get_mut(collection) {
            Some(known) => *known += reads,
            None => drop(by_collection.insert(collection.clone(), reads)),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authority {
    /// The same door, whose reads are counted for `cause`.
    pub fn because_of(&self, cause: Cause) -> Self {
        Self { cause, ..self.clone() }
    }

    /// Takes the reads that were billed since they were last taken, through any clone of this door.
    pub fn reads_take(&self) -> Vec<Reads> {
        let taken = std::mem::take(&mut *self.inner.meter.waiting());
        let lines = |(cause, by_collection): (Cause, BTreeMap<CollectionId, u64>)| {
            by_collection.into_iter().map(move |(collection, reads)| Reads { collection, cause, reads })
        };
        taken.into_iter().flat_map(lines).collect()
    }

    /// Gives back what could not be written down.
    pub fn reads_return(&self, reads: &[Reads]) {
        for Reads { collection, cause, reads } in reads {
            self.inner.meter.add(collection, *cause, *reads);
        }
    }

    /// How many reads wait to be taken.
    pub fn reads_waiting(&self) -> u64 {
        self.inner.meter.waiting().values().flat_map(BTreeMap::values).sum()
    }

    /// Counts what Firestore bills for a query of a collection.
    pub(super) fn bill(&self, collection: &CollectionId, reads: u64) {
        self.inner.meter.add(collection, self.cause, reads);
    }

    /// Counts what Firestore bills for documents asked for by their names: one each, found or not.
    pub(super) fn bill_named<'a>(&self, paths: impl IntoIterator<Item = &'a DocPath>) {
        for path in paths {
            self.bill(&path.collection(), 1);
        }
    }
}

/// What one stream costs, target by target.
#[derive(Debug)]
pub(super) struct StreamBill {
    authority: Authority,
    targets: BTreeMap<i32, TargetBill>,
}

#[derive(Debug)]
struct TargetBill {
    collection: CollectionId,
    /// As of when we know the target's documents.
    known_as_of: Option<Timestamp>,
    /// How many there are: as many as we know, until the server says.
    documents: u64,
    /// What was billed for it on this stream so far.
    billed: u64,
    /// The least that it costs to bring it up to date.
    least: u64,
    is_current: bool,
}

impl StreamBill {
    pub(super) fn new(authority: &Authority, targets: &[ListenTarget]) -> Self {
        let bill = |target: &ListenTarget| TargetBill {
            collection: target.collection.clone(),
            known_as_of: target.known_as_of,
            documents: target.known as u64,
            billed: 0,
            least: 0,
            is_current: false,
        };
        let targets = targets.iter().map(|target| (target.id.number(), bill(target))).collect();
        Self { authority: authority.clone(), targets }
    }

    /// Counts what one message costs.
    pub(super) fn count(&mut self, answer: &wire::ListenResponse) {
        match &answer.response_type {
            Some(ResponseType::DocumentChange(change)) => {
                self.documents(change.target_ids.iter().chain(&change.removed_target_ids));
            }
            // It left because it changed, as far as anybody can tell.
            Some(ResponseType::DocumentRemove(remove)) => self.documents(&remove.removed_target_ids),
            Some(ResponseType::Filter(filter)) => {
                if let (Some(target), Ok(count)) = (self.targets.get_mut(&filter.target_id), filter.count.try_into()) {
                    target.documents = count;
                }
            }
            Some(ResponseType::TargetChange(change)) => self.target_change(change),
            Some(ResponseType::DocumentDelete(_)) | None => {}
        }
    }

    fn documents<'a>(&mut self, ids: impl IntoIterator<Item = &'a i32>) {
        for id in ids {
            if let Some(target) = self.targets.get_mut(id) {
                target.billed += 1;
                self.authority.bill(&target.collection, 1);
            }
        }
    }

    fn target_change(&mut self, change: &wire::TargetChange) {
        let (kind, read_time) = (change.target_change_type(), change.read_time.as_ref().map(timestamp));
        for (id, target) in &mut self.targets {
            if !change.target_ids.is_empty() && !change.target_ids.contains(id) {
                continue;
            }
            match kind {
                TargetChangeType::Reset => {
                    // Everything is sent again, and costs at least one read.
                    (target.least, target.is_current) = (target.billed + 1, false);
                }
                TargetChangeType::Current if !target.is_current => {
                    target.is_current = true;
                    let is_new_query = match (target.known_as_of, read_time) {
                        (None, _) => true,
                        (Some(known), Some(now)) => now.since(known) > CHEAP_RESUME,
                        (Some(_), None) => false,
                    };
                    if is_new_query {
                        target.least = target.least.max(target.documents.max(1));
                    }
                    let more = target.least.saturating_sub(target.billed);
                    target.billed += more;
                    self.authority.bill(&target.collection, more);
                }
                TargetChangeType::Current
                | TargetChangeType::NoChange
                | TargetChangeType::Add
                | TargetChangeType::Remove => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::convert::wire_timestamp;
    use crate::authority::{Connect, PlainEndpoint, Position, Settings};
    use crate::domain::watch::TargetId;

    /// What a stream costs that resumes `known` documents after being away for so many minutes, and then hears this.
    fn check(minutes: i64, known: usize, heard: Vec<ResponseType>, expect: u64) {
        let authority = Authority::new(Settings {
            connect: Connect::Plain(PlainEndpoint::parse("127.0.0.1:1").expect("an endpoint")),
            project: "glass".to_owned(),
            database: "(default)".to_owned(),
            request_timeout: std::time::Duration::from_secs(1),
        });
        let known_as_of = Timestamp::from_parts((60 - minutes) * 60, 0);
        let target = ListenTarget {
            id: TargetId::new(1).expect("positive"),
            collection: CollectionId::parse("batches").expect("legal"),
            position: Position::ReadTime(known_as_of),
            known,
            known_as_of: Some(known_as_of),
        };
        let mut bill = StreamBill::new(&authority.because_of(Cause::Tail), &[target]);
        for response_type in heard {
            bill.count(&wire::ListenResponse { response_type: Some(response_type) });
        }
        assert_eq!(authority.reads_waiting(), expect);
    }

    fn changed() -> ResponseType {
        ResponseType::DocumentChange(wire::DocumentChange { target_ids: vec![1], ..Default::default() })
    }

    fn told(kind: TargetChangeType) -> ResponseType {
        ResponseType::TargetChange(wire::TargetChange {
            target_change_type: kind.into(),
            target_ids: vec![1],
            read_time: Some(wire_timestamp(Timestamp::from_parts(3_600, 0))),
            ..Default::default()
        })
    }

    fn filter(count: i32) -> ResponseType {
        ResponseType::Filter(wire::ExistenceFilter { target_id: 1, count, unchanged_names: None })
    }

    #[test]
    fn changes_cost_one_read_each_and_deletions_and_heartbeats_none() {
        let gone =
            ResponseType::DocumentDelete(wire::DocumentDelete { removed_target_ids: vec![1], ..Default::default() });
        check(5, 9, vec![changed(), gone, told(TargetChangeType::Current), told(TargetChangeType::NoChange)], 1);
    }

    #[test]
    fn a_stream_that_was_away_for_long_costs_as_much_as_a_new_query() {
        check(31, 9, vec![changed(), filter(8), told(TargetChangeType::Current), changed()], 8 + 1);
        check(30, 9, vec![changed(), filter(8), told(TargetChangeType::Current), changed()], 2);
        check(31, 0, vec![told(TargetChangeType::Current)], 1);
    }

    #[test]
    fn a_state_that_is_sent_again_costs_every_document_and_at_least_one_read() {
        let reset = || told(TargetChangeType::Reset);
        check(5, 9, vec![reset(), changed(), changed(), told(TargetChangeType::Current)], 2);
        check(5, 9, vec![reset(), told(TargetChangeType::Current)], 1);
    }
}
