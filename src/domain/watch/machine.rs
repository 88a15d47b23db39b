//! The state machine of one Listen stream.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::DocPath;
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::domain::watch::target::{Filter, Pending, Settled, Target};
use crate::domain::watch::{
    Cause, Distrust, Message, Missing, Order, ProtocolError, ResumeToken, Snapshot, TargetChangeKind, TargetId,
};

/// Codes of `google.rpc.Code` with which the server says that a target will not work again.
const REFUSED: [i32; 3] = [5, 7, 12]; // NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED

/// Codes with which the server refuses the position that a target should continue from.
const POSITION: [i32; 3] = [3, 9, 11]; // INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE

/// One Listen stream: what is known of its targets, and what waits for the next snapshot.
///
/// # Guarantees
/// A [`Snapshot`] comes out only when the server says that the whole stream is consistent and every target is
/// current. What was said since the last one is then complete; after an error or a dropped stream it is forgotten.
#[derive(Clone, Debug)]
pub struct Watch {
    /// What stands before a document's path in its full resource name.
    root: String,
    targets: BTreeMap<TargetId, Target>,
}

impl Watch {
    /// A stream of targets whose documents and revisions are known as of where each continues.
    ///
    /// `root` is what stands before a path in a full resource name, such as `projects/p/databases/d/documents`.
    pub fn new(
        root: impl Into<String>,
        targets: impl IntoIterator<Item = (TargetId, BTreeMap<DocPath, Timestamp>)>,
    ) -> Self {
        let targets = targets.into_iter().map(|(id, known)| (id, Target::knowing(known))).collect();
        Self { root: root.into(), targets }
    }

    /// A stream of targets of which only the numbers of documents are known here, and somebody else knows the rest.
    ///
    /// Before every message ask [`Watch::missing`] what must be learned first.
    pub fn counting(root: impl Into<String>, targets: impl IntoIterator<Item = (TargetId, u64)>) -> Self {
        let targets = targets.into_iter().map(|(id, count)| (id, Target::counting(count))).collect();
        Self { root: root.into(), targets }
    }

    /// How many documents of a target are known: what the server should expect us to have.
    pub fn known(&self, target: TargetId) -> u64 {
        self.targets.get(&target).map_or(0, Target::count)
    }

    /// What must be learned before this message is taken, so that nothing is guessed.
    pub fn missing(&self, message: &Message) -> Missing {
        if !message.is_boundary() {
            return Missing::Nothing;
        }
        let first =
            |needs: fn(&Target) -> bool| self.targets.iter().find(|(_, target)| needs(target)).map(|(id, _)| *id);
        if let Some(replaced) = first(Target::replaces_unseen) {
            return Missing::Everything(replaced);
        }
        let unknown =
            |(id, target): (&TargetId, &Target)| target.unknown().map(|path| (*id, path.clone())).collect::<Vec<_>>();
        let revisions: Vec<(TargetId, DocPath)> = self.targets.iter().flat_map(unknown).collect();
        if !revisions.is_empty() {
            return Missing::Revisions(revisions);
        }
        first(Target::miscounts_unseen).map_or(Missing::Nothing, Missing::Everything)
    }

    /// Takes note of a document's revision as of the last snapshot, or that the target did not have it.
    pub fn learn(&mut self, target: TargetId, path: &DocPath, revision: Option<Timestamp>) {
        if let Some(target) = self.targets.get_mut(&target) {
            target.learn(path, revision);
        }
    }

    /// Takes note of all documents of a target as of the last snapshot.
    pub fn learn_all(&mut self, target: TargetId, known: BTreeMap<DocPath, Timestamp>) {
        if let Some(target) = self.targets.get_mut(&target) {
            target.learn_all(known);
        }
    }

    /// Remembers only how many documents there are: every snapshot so far is kept where they can be looked up.
    pub fn forget(&mut self) {
        self.targets.values_mut().for_each(Target::forget);
    }

    /// Takes note that a document that left `target` without a word is at this revision after all.
    pub fn found(&mut self, target: TargetId, path: &DocPath, revision: Timestamp) {
        if let Some(target) = self.targets.get_mut(&target) {
            target.known.insert(path.clone(), revision);
        }
    }

    /// Takes note that these documents of `target` are gone, and goes on with the boundary that waited to know.
    pub fn searched(&mut self, target: TargetId, gone: Vec<DocPath>, read_time: Timestamp) -> Vec<Order> {
        if let Some(target) = self.targets.get_mut(&target) {
            target.searching = false;
            target.gone(gone);
        }
        self.boundary(read_time)
    }

    /// Are there no targets left on the stream?
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Takes one message, and says what to do now.
    pub fn step(&mut self, message: Message) -> Result<Vec<Order>, ProtocolError> {
        match message {
            Message::TargetChange { kind, targets, cause, resume_token, read_time } => {
                self.target_change(kind, targets, cause, resume_token, read_time)
            }
            Message::DocumentChange { document, targets, removed } => {
                self.document_change(document, &targets, &removed);
                Ok(Vec::new())
            }
            Message::DocumentDelete { path } => {
                for target in self.targets.values_mut() {
                    target.pending.insert(path.clone(), Pending::Deleted);
                }
                Ok(Vec::new())
            }
            Message::DocumentRemove { path, removed } => {
                self.leave(&path, &removed);
                Ok(Vec::new())
            }
            Message::Filter { target, count, names } => {
                let only = || self.targets.keys().next().copied().filter(|_| self.targets.len() == 1);
                let id = target.or_else(only).ok_or(ProtocolError::NamelessFilter)?;
                if let Some(target) = self.targets.get_mut(&id) {
                    target.filter = Some(Filter { count, names });
                }
                Ok(Vec::new())
            }
        }
    }

    fn named(&self, targets: Vec<TargetId>) -> Vec<TargetId> {
        if targets.is_empty() { self.targets.keys().copied().collect() } else { targets }
    }

    fn target_change(
        &mut self,
        kind: TargetChangeKind,
        targets: Vec<TargetId>,
        cause: Option<Cause>,
        resume_token: Option<ResumeToken>,
        read_time: Option<Timestamp>,
    ) -> Result<Vec<Order>, ProtocolError> {
        let everyone = targets.is_empty();
        let named = self.named(targets);
        if kind == TargetChangeKind::Add
            && let Some(unknown) = named.iter().find(|id| !self.targets.contains_key(id))
        {
            return Err(ProtocolError::UnknownTarget(*unknown));
        }
        if kind == TargetChangeKind::Remove {
            return Ok(named.into_iter().filter_map(|id| self.removed(id, cause.clone())).collect());
        }
        for id in &named {
            let Some(target) = self.targets.get_mut(id) else { continue };
            match kind {
                TargetChangeKind::Current => target.current = true,
                TargetChangeKind::Reset => target.reset(),
                TargetChangeKind::NoChange | TargetChangeKind::Add | TargetChangeKind::Remove => {}
            }
            // A token for all targets says nothing of one whose first state is still on its way.
            let tells = kind != TargetChangeKind::Reset && (target.current || !everyone);
            if let Some(token) = resume_token.clone().filter(|_| tells) {
                target.token = Some(token);
            }
        }
        match read_time {
            Some(read_time) if everyone && kind == TargetChangeKind::NoChange => Ok(self.boundary(read_time)),
            Some(_) | None => Ok(Vec::new()),
        }
    }

    /// The server dropped a target.
    fn removed(&mut self, target: TargetId, cause: Option<Cause>) -> Option<Order> {
        self.targets.remove(&target)?;
        Some(match cause {
            Some(cause) if REFUSED.contains(&cause.code) => Order::Fail { target, cause },
            Some(cause) if POSITION.contains(&cause.code) => Order::Relist { target, why: Distrust::Position(cause) },
            cause => Order::Restart { target, cause },
        })
    }

    fn document_change(&mut self, document: Sighting, targets: &[TargetId], removed: &[TargetId]) {
        for id in targets {
            if let Some(target) = self.targets.get_mut(id) {
                target.pending.insert(document.path().clone(), Pending::Here(Box::new(document.clone())));
            }
        }
        if !removed.is_empty() {
            self.leave(document.path(), removed);
        }
    }

    fn leave(&mut self, path: &DocPath, removed: &[TargetId]) {
        for (id, target) in &mut self.targets {
            if removed.is_empty() || removed.contains(id) {
                target.pending.insert(path.clone(), Pending::Left);
            }
        }
    }

    /// The whole stream is consistent at `read_time`.
    ///
    /// Counts are compared now even when another target is not current yet: they are of this moment.
    fn boundary(&mut self, read_time: Timestamp) -> Vec<Order> {
        let root = &self.root;
        let mut first = Vec::new();
        for (id, target) in self.targets.iter_mut().filter(|(_, target)| target.current) {
            match target.settle(|path| format!("{root}/{path}")) {
                Ok(Settled::Whole) => {}
                Ok(Settled::Hidden { among, count }) => {
                    first.push(Order::Search { target: *id, among, count, read_time });
                }
                Err(why) => first.push(Order::Relist { target: *id, why }),
            }
        }
        let settled = |target: &Target| target.current && !target.searching;
        let consistent = !self.targets.is_empty() && self.targets.values().all(settled);
        match first.is_empty() {
            false => first,
            true if consistent => vec![Order::Snapshot(self.snapshot(read_time))],
            true => Vec::new(),
        }
    }

    fn snapshot(&mut self, read_time: Timestamp) -> Snapshot {
        let mut tokens = BTreeMap::new();
        let mut here = BTreeMap::new();
        let mut deleted = BTreeSet::new();
        let mut left = BTreeMap::new();
        for (id, target) in &mut self.targets {
            tokens.extend(target.token.take().map(|token| (*id, token)));
            for (path, pending) in target.apply() {
                match pending {
                    Pending::Here(sighting) => {
                        here.insert(path, *sighting);
                    }
                    Pending::Deleted => {
                        deleted.insert(path);
                    }
                    Pending::Left => {
                        left.insert(path, *id);
                    }
                }
            }
        }
        let gone = |path: &DocPath| !self.targets.values().any(|target| target.known.contains_key(path));
        deleted.retain(gone);
        left.retain(|path, _| gone(path) && !deleted.contains(path));
        let (mut upserts, mut unreadable) = (Vec::new(), Vec::new());
        for sighting in here.into_values() {
            match sighting {
                Sighting::Readable(document) => upserts.push(document),
                Sighting::Unreadable(document) => unreadable.push(document),
            }
        }
        Snapshot { read_time, tokens, upserts, unreadable, deletes: deleted.into_iter().collect(), lookups: left }
    }
}
