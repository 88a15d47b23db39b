//! What is known of one target, and what waits for the next snapshot.

use std::collections::BTreeMap;

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
    /// The documents of the last snapshot and their revisions.
    pub(super) known: BTreeMap<DocPath, Timestamp>,
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
        let remaining = self.remaining();
        let (server, ours) = (filter.count, remaining.len() as u64);
        if server == ours {
            return Ok(Settled::Whole);
        }
        let distrust = Distrust::Count { server, ours };
        let Some(names) = filter.names else { return Err(distrust) };
        let gone: Vec<DocPath> =
            remaining.into_iter().filter(|path| !names.might_contain(&name_of(path))).cloned().collect();
        let left = ours - gone.len() as u64;
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
                Pending::Deleted | Pending::Left => self.known.remove(&path).is_some(),
            };
            if changed {
                changes.push((path, pending));
            }
        }
        changes
    }
}
