//! All versions of all documents of one database, and the log of its commits.
//!
//! Times only move forward: a commit is later than every commit and every read before it,
//! so a read time once given out will never see another result.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::{Document, Value};
use prost_types::Timestamp;
use tonic::Status;

use super::bill::{BilledReads, Cause};
use super::names::{DatabaseName, ResourcePath};
use super::refusal::{invalid, snapshot_too_old};
use super::times::{Micros, ServerClock};
use super::transactions::Transactions;

/// One document in one version.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) path: ResourcePath,
    pub(super) fields: HashMap<String, Value>,
    pub(super) created: Micros,
    pub(super) updated: Micros,
}

impl Stored {
    /// The document as the protocol sends it.
    pub(super) fn document(&self, database: &DatabaseName) -> Document {
        Document {
            name: database.name_of(&self.path),
            fields: self.fields.clone(),
            create_time: Some(self.created.timestamp()),
            update_time: Some(self.updated.timestamp()),
        }
    }
}

/// Which documents a query looks at.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) parent: ResourcePath,
    /// Absent: every collection.
    pub(super) collection: Option<String>,
    /// Also below subcollections, or only directly below the parent.
    pub(super) descendants: bool,
}

impl Scope {
    /// True if a document at `path` is one of them.
    pub(super) fn contains(&self, path: &ResourcePath) -> bool {
        let below = path.depth().saturating_sub(self.parent.depth());
        path.is_within(&self.parent)
            && (below == 2 || (self.descendants && below > 0))
            && self.collection.as_ref().is_none_or(|id| id == path.collection_id())
    }
}

/// Who hears of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// Every listener whose targets it touches.
    Heard,
    /// Nobody: the change is lost on the way. A fault.
    Lost,
}

struct Version {
    at: Micros,
    document: Option<Arc<Stored>>,
}

struct LogEntry {
    at: Micros,
    paths: Vec<ResourcePath>,
    echo: Echo,
}

/// See the module.
pub(super) struct Ledger {
    /// Documents by collection id, then by path: a collection is a range, a collection group is a whole map.
    groups: BTreeMap<String, BTreeMap<ResourcePath, Vec<Version>>>,
    log: Vec<LogEntry>,
    /// The latest time given out to a commit or a read.
    latest: Micros,
    clock: ServerClock,
    read_window: Duration,
    reads: BilledReads,
    pub(super) transactions: Transactions,
}

impl Ledger {
    /// An empty database.
    pub(super) fn new(clock: ServerClock, read_window: Duration, transactions: Transactions) -> Self {
        Self {
            groups: BTreeMap::new(),
            log: Vec::new(),
            latest: Micros::default(),
            clock,
            read_window,
            reads: BilledReads::default(),
            transactions,
        }
    }

    /// The time on the wall.
    pub(super) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// A time at which everything committed so far is seen, and nothing later ever will be.
    pub(super) fn read_now(&mut self) -> Micros {
        self.latest = self.latest.max(self.now());
        self.latest
    }

    /// Checks a read time that a client chose.
    pub(super) fn check_read_time(&mut self, time: &Timestamp) -> Result<Micros, Status> {
        let at = Micros::aligned("read_time", time)?;
        let now = self.read_now();
        if at > now {
            return Err(invalid("read_time", "is in the future"));
        }
        if at.until(now) > self.read_window {
            return Err(snapshot_too_old());
        }
        Ok(at)
    }

    /// The document at `path` as of `at`.
    pub(super) fn get(&self, path: &ResourcePath, at: Micros) -> Option<&Arc<Stored>> {
        as_of(self.versions(path), at)
    }

    /// Every document of the scope as of `at`, ordered by name within each collection id.
    pub(super) fn scan<'ledger>(
        &'ledger self,
        scope: &'ledger Scope,
        at: Micros,
    ) -> impl Iterator<Item = &'ledger Arc<Stored>> {
        let groups = self.groups.iter().filter(|(id, _)| scope.collection.as_ref().is_none_or(|wanted| wanted == *id));
        groups
            .flat_map(|(_, group)| group.range(&scope.parent..).take_while(|(path, _)| path.is_within(&scope.parent)))
            .filter(|(path, _)| scope.contains(path))
            .filter_map(move |(_, versions)| as_of(versions, at))
    }

    /// The time of the next commit. It must be followed by [`Self::append`].
    pub(super) fn next_commit_time(&mut self) -> Micros {
        self.latest = self.latest.next().max(self.now());
        self.latest
    }

    /// Appends one commit. `None` is a deletion.
    pub(super) fn append(&mut self, at: Micros, changes: Vec<(ResourcePath, Option<Stored>)>, echo: Echo) {
        let mut paths = Vec::with_capacity(changes.len());
        for (path, document) in changes {
            let group = self.groups.entry(path.collection_id().to_owned()).or_default();
            let version = Version { at, document: document.map(Arc::new) };
            group.entry(path.clone()).or_default().push(version);
            paths.push(path);
        }
        if !paths.is_empty() {
            self.log.push(LogEntry { at, paths, echo });
        }
    }

    /// Paths changed after `after` and not after `until`.
    pub(super) fn changed(&self, after: Micros, until: Micros) -> BTreeSet<ResourcePath> {
        self.entries(after, until).flat_map(|entry| entry.paths.iter().cloned()).collect()
    }

    /// As [`Self::changed`], without the changes that were lost on the way to the listeners.
    pub(super) fn heard(&self, after: Micros, until: Micros) -> BTreeSet<ResourcePath> {
        let heard = self.entries(after, until).filter(|entry| entry.echo == Echo::Heard);
        heard.flat_map(|entry| entry.paths.iter().cloned()).collect()
    }

    /// How many commits changed the document.
    pub(super) fn changes_of(&self, path: &ResourcePath) -> usize {
        self.versions(path).len()
    }

    /// Adds to the reads that a bill would show.
    pub(super) fn bill(&mut self, cause: Cause, reads: usize) {
        self.reads.add(cause, reads);
    }

    /// The reads billed so far.
    pub(super) fn billed(&self) -> BilledReads {
        self.reads
    }

    /// Starts the count of billed reads again.
    pub(super) fn reset_bill(&mut self) {
        self.reads = BilledReads::default();
    }

    fn versions(&self, path: &ResourcePath) -> &[Version] {
        self.groups.get(path.collection_id()).and_then(|group| group.get(path)).map_or(&[], Vec::as_slice)
    }

    fn entries(&self, after: Micros, until: Micros) -> impl Iterator<Item = &LogEntry> {
        let first = self.log.partition_point(|entry| entry.at <= after);
        self.log[first..].iter().take_while(move |entry| entry.at <= until)
    }
}

fn as_of(versions: &[Version], at: Micros) -> Option<&Arc<Stored>> {
    versions.iter().rev().find(|version| version.at <= at)?.document.as_ref()
}
