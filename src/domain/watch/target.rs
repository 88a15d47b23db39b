//! What is known of one target, and what waits for the next snapshot.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::DocPath;
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::domain::watch::{BloomFilter, Distrust, ResumeToken};

/// What the server last said of a document, not yet part of a snapshot.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// It matches, and this is what it is.
    Here(Box<Sighting>),
    /// It was deleted.
    Deleted,
    /// It left the target, nobody said why.
    Left,
}

/// A count that waits for the snapshot it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) count: u64,
    pub(super) names: Option<BloomFilter>,
}

/// What a count came to.
pub(super) enum Settled {
    /// What is known is all there is.
    Whole,
    /// Only `count` of these documents exist; the filter of names does not say which.
    Hidden { among: Vec<DocPath>, count: u64 },
}

/// One query whose results are listened to.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// Documents of the last snapshot and their revisions: all of them, but for `unseen` ones.
    pub(super) known: BTreeMap<DocPath, Timestamp>,
    /// How many more documents the last snapshot has: somebody else remembers which.
    unseen: u64,
    /// Documents that were asked for and are not in the last snapshot.
    absent: BTreeSet<DocPath>,
    /// What has been said since.
    pub(super) pending: BTreeMap<DocPath, Pending>,
    /// Does the target show everything committed before it was added?
    pub(super) current: bool,
    /// The first state is being sent again: what is not in it is gone.
    replaced: bool,
    /// The last count that was sent.
    pub(super) filter: Option<Filter>,
    /// Is it being found out which documents are gone?
    pub(super) searching: bool,
    /// The last token that was sent for this target alone.
    pub(super) token: Option<ResumeToken>,
}

impl Target {
    pub(super) fn knowing(known: BTreeMap<DocPath, Timestamp>) -> Self {
        Self { known, ..Self::default() }
    }

    /// A target of which only the number of documents is known.
    pub(super) fn counting(unseen: u64) -> Self {
        Self { unseen, ..Self::default() }
    }

    /// How many documents the last snapshot has.
    pub(super) fn count(&self) -> u64 {
        self.unseen + self.known.len() as u64
    }

    /// The documents that something was said of and that may be among the unseen ones.
    pub(super) fn unknown(&self) -> impl Iterator<Item = &DocPath> {
        let told = |path: &&DocPath| self.known.contains_key(*path) || self.absent.contains(*path);
        self.pending.keys().filter(move |path| self.unseen > 0 && !told(path))
    }

    /// Was the first state sent again, so that whatever was not in it is gone?
    pub(super) fn replaces_unseen(&self) -> bool {
        self.unseen > 0 && self.current && self.replaced
    }

    /// Does the server count otherwise, so that the names of all documents are needed?
    pub(super) fn miscounts_unseen(&self) -> bool {
        let differs = |filter: &Filter| filter.count != self.remaining_count();
        self.unseen > 0 && self.current && self.filter.as_ref().is_some_and(differs)
    }

    /// A document of the last snapshot, or that it is not in it.
    pub(super) fn learn(&mut self, path: &DocPath, revision: Option<Timestamp>) {
        match revision {
            Some(revision) if !self.known.contains_key(path) => {
                self.unseen = self.unseen.saturating_sub(1);
                self.known.insert(path.clone(), revision);
            }
            Some(_) => {}
            None => {
                self.absent.insert(path.clone());
            }
        }
    }

    /// Every document as of the last snapshot that is remembered elsewhere; what has been seen since stays.
    pub(super) fn learn_all(&mut self, mut known: BTreeMap<DocPath, Timestamp>) {
        known.retain(|path, _| !self.absent.contains(path));
        known.append(&mut self.known);
        (self.known, self.unseen) = (known, 0);
        self.absent.clear();
    }

    /// Remembers only how many documents there are: somebody else remembers which.
    pub(super) fn forget(&mut self) {
        self.unseen = self.count();
        self.known.clear();
        self.absent.clear();
    }

    /// The first state will be sent again.
    pub(super) fn reset(&mut self) {
        self.pending.clear();
        self.current = false;
        self.replaced = true;
        self.filter = None;
        self.searching = false;
        self.token = None;
    }

    /// Is the document in the target, as far as has been said?
    pub(super) fn holds(&self, path: &DocPath) -> bool {
        match self.pending.get(path) {
            Some(Pending::Here(_)) => true,
            Some(Pending::Deleted | Pending::Left) => false,
            None => !self.replaced && self.known.contains_key(path),
        }
    }

    /// Settles what was said since the last snapshot against the server's count.
    ///
    /// Documents that turn out to be gone are marked deleted. An error says why the target can't be trusted.
    pub(super) fn settle(&mut self, name_of: impl Fn(&DocPath) -> String) -> Result<Settled, Distrust> {
        if std::mem::take(&mut self.replaced) {
            for path in self.known.keys() {
                self.pending.entry(path.clone()).or_insert(Pending::Deleted);
            }
        }
        let Some(filter) = self.filter.take() else { return Ok(Settled::Whole) };
        let (server, ours) = (filter.count, self.remaining_count());
        if server == ours {
            return Ok(Settled::Whole);
        }
        let distrust = Distrust::Count { server, ours };
        let Some(names) = filter.names else { return Err(distrust) };
        let gone: Vec<DocPath> =
            self.remaining().into_iter().filter(|path| !names.might_contain(&name_of(path))).cloned().collect();
        let left = ours.saturating_sub(gone.len() as u64);
        if left < server {
            return Err(distrust);
        }
        self.gone(gone);
        if left == server {
            return Ok(Settled::Whole);
        }
        self.searching = true;
        Ok(Settled::Hidden { among: self.remaining().into_iter().cloned().collect(), count: server })
    }

    /// Takes note that these documents exist no more.
    pub(super) fn gone(&mut self, paths: impl IntoIterator<Item = DocPath>) {
        self.pending.extend(paths.into_iter().map(|path| (path, Pending::Deleted)));
    }

    /// The documents that are in the target once everything said is applied.
    fn remaining(&self) -> Vec<&DocPath> {
        let new = self.pending.keys().filter(|path| !self.known.contains_key(*path));
        self.known.keys().chain(new).filter(|path| self.holds(path)).collect()
    }

    /// How many documents are in the target once everything said is applied.
    fn remaining_count(&self) -> u64 {
        let unseen = if self.replaced { 0 } else { self.unseen };
        unseen + self.remaining().len() as u64
    }

    /// Takes everything said since the last snapshot into what is known.
    ///
    /// Returns what really changed: a document at the revision that is known already did not, and neither did
    /// one that came and went between two snapshots.
    pub(super) fn apply(&mut self) -> Vec<(DocPath, Pending)> {
        let mut changes = Vec::new();
        for (path, pending) in std::mem::take(&mut self.pending) {
            let changed = match &pending {
                Pending::Here(sighting) => {
                    let revision = sighting.update_time();
                    self.known.insert(path.clone(), revision) != Some(revision)
                }
                Pending::Deleted | Pending::Left => {
                    if self.unseen > 0 {
                        self.absent.insert(path.clone()); // Whoever remembers the rest may not know this yet.
                    }
                    self.known.remove(&path).is_some()
                }
            };
            if changed {
                changes.push((path, pending));
            }
        }
        changes
    }
}
