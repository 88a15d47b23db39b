//! Is the log what was recorded? A walk over all of it, entry by entry, in constant memory.
//!
//! # Guarantees
//! * Every entry is the leaf that the tree has for it, and every stored hash of the tree follows from the leaves.
//! * Every checkpoint is signed by the key that was in force, and is the head of the tree as it was then: each older one
//!   is the beginning of every newer one.
//! * A key comes into force when the one before has signed the entry that names it. One that nobody vouched for is told.

use std::collections::VecDeque;

use crate::domain::audit::checkpoint::{Checkpoint, PublicKey};
use crate::domain::audit::tree::{Frontier, leaf_hash};
use crate::domain::audit::{Action, Entry};
use crate::domain::ids::Hash;

/// The fact under which an entry names a key.
pub const KEY: &str = "key";

/// The fact under which an entry says through which entry payloads were dropped.
pub const THROUGH: &str = "through";

/// What only the entries about the log itself contain; whether one of them is meant is then read.
const ABOUT_ITSELF: &str = r#""action":"audit."#;

/// What is wrong with a log: the first thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The entry is not what the tree has for it.
    #[error("entry {sequence} is not what was recorded")]
    Changed {
        /// Its place.
        sequence: u64,
    },
    /// There is no such entry, though later ones or a checkpoint need it.
    #[error("entry {sequence} is missing")]
    Missing {
        /// Its place.
        sequence: u64,
    },
    /// There is something that does not belong to the log at all.
    #[error("entry {sequence} was never recorded")]
    Strange {
        /// Where it claims to be.
        sequence: u64,
    },
    /// A payload is gone, and no entry says that it was dropped.
    #[error("the payload of entry {sequence} is gone, and nothing says that it was dropped")]
    Dropped {
        /// Its place.
        sequence: u64,
    },
    /// The tree is not the one that was signed.
    #[error("the entries {since} to {size} are not those that the checkpoint of {size} was signed for")]
    Root {
        /// The first entry that no older checkpoint covers.
        since: u64,
        /// How many the checkpoint covers.
        size: u64,
    },
    /// A checkpoint is not signed by the key that was in force.
    #[error("the checkpoint of {size} entries is not signed by the log's key")]
    Signature {
        /// How many it covers.
        size: u64,
    },
    /// A checkpoint is none, or not where it has to be.
    #[error("checkpoint {number} is {what}")]
    Checkpoint {
        /// Its number.
        number: u64,
        /// What it is.
        what: &'static str,
    },
    /// The key that was asked for has signed nothing that vouches for all of it.
    #[error("the log is not signed by the key that was asked for")]
    OtherKey,
}

impl Fault {
    /// The first entry that can't be trusted, if that can be told.
    pub const fn entry(&self) -> Option<u64> {
        match self {
            Self::Changed { sequence }
            | Self::Missing { sequence }
            | Self::Strange { sequence }
            | Self::Dropped { sequence } => Some(*sequence),
            Self::Root { since, .. } => Some(*since),
            Self::Signature { .. } | Self::Checkpoint { .. } | Self::OtherKey => None,
        }
    }
}

/// What a walk came to, when nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The root of their tree.
    pub root: Hash,
    /// How many of them the newest checkpoint covers.
    pub sealed: u64,
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// The keys that signed them, oldest first.
    pub keys: Vec<PublicKey>,
    /// The entries that replaced a key without the one before: what is older is vouched for by whoever held the new one.
    pub unvouched: Vec<u64>,
    /// How many payloads were dropped.
    pub dropped: u64,
}

#[derive(Clone, Debug)]
struct KeyChange {
    sequence: u64,
    key: PublicKey,
    is_vouched: bool,
}

/// A walk that is under way. It can be kept, and go on when there is more.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    frontier: Frontier,
    /// Of every checkpoint; empty until the first is known.
    origin: String,
    ahead: VecDeque<Checkpoint>,
    known: u64,
    sealed: u64,
    key: Option<PublicKey>,
    changes: Vec<KeyChange>,
    signers: Vec<PublicKey>,
    /// Those of `signers` from here on have signed everything there is.
    signers_since: usize,
    unvouched: Vec<u64>,
    first_dropped: Option<u64>,
    last_dropped: u64,
    dropped: u64,
    pruned_through: u64,
}

impl Walk {
    /// A walk along the log with this origin.
    pub fn along(origin: String) -> Self {
        Self { origin, ..Self::default() }
    }

    /// Whose log it is, as its checkpoints say.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries are behind it.
    pub const fn at(&self) -> u64 {
        self.frontier.size()
    }

    /// How many entries the newest checkpoint that it knows covers, at least those behind it.
    pub fn covered(&self) -> u64 {
        self.ahead.back().map_or(self.at(), Checkpoint::size)
    }

    /// How many checkpoints it knows.
    pub const fn checkpoints(&self) -> u64 {
        self.known
    }

    /// The root of the tree over what is behind it.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// One more checkpoint that is to be met.
    ///
    /// # Errors
    /// It is none, or out of order.
    pub fn expect(&mut self, number: u64, note: &str) -> Result<(), Fault> {
        let fault = |what| Fault::Checkpoint { number, what };
        if number != self.known + 1 {
            return Err(fault("not where it has to be: one before it is missing"));
        }
        let checkpoint = Checkpoint::parse(note).map_err(|_| fault("no signed checkpoint"))?;
        if self.origin.is_empty() {
            checkpoint.origin().clone_into(&mut self.origin);
        }
        if checkpoint.origin() != self.origin {
            return Err(fault("of another log"));
        }
        let before = self.ahead.back().map_or(self.sealed, Checkpoint::size);
        if checkpoint.size() < before.max(1) {
            return Err(fault("older than the one before"));
        }
        self.known = number;
        self.ahead.push_back(checkpoint);
        // Those of the same size as one that was met: a new key signs what the old one signed.
        self.meet()
    }

    /// The next entry, with the hashes that the tree stores with it; `None` when its payload was dropped.
    ///
    /// # Errors
    /// It is not what was recorded, or a checkpoint was signed for something else.
    pub fn entry(&mut self, text: Option<&[u8]>, stored: &[u8]) -> Result<(), Fault> {
        let changed = Fault::Changed { sequence: self.at() + 1 };
        let recorded = stored.get(..32).and_then(|hash| hash.try_into().ok()).map(Hash::from_bytes);
        let recorded = recorded.ok_or_else(|| changed.clone())?;
        let (mut rest, mut fits) = (stored, true);
        let leaf = text.map_or(recorded, leaf_hash);
        self.frontier.push(leaf, |hash| {
            fits &= rest.starts_with(hash.bytes());
            rest = rest.get(32..).unwrap_or_default();
        });
        if !fits || !rest.is_empty() {
            return Err(changed);
        }
        self.read(text)
    }

    /// The next entry, with the hash of its leaf as the tree has it; `None` when its payload was dropped.
    ///
    /// # Errors
    /// It is not what was recorded, or a checkpoint was signed for something else.
    pub fn leaf(&mut self, text: Option<&[u8]>, recorded: Hash) -> Result<(), Fault> {
        let changed = Fault::Changed { sequence: self.at() + 1 };
        if text.is_some_and(|text| leaf_hash(text) != recorded) {
            return Err(changed);
        }
        self.frontier.push(recorded, |_| {});
        self.read(text)
    }

    /// That was all.
    ///
    /// # Errors
    /// A checkpoint covers more, a payload is gone, or `pinned` did not sign.
    pub fn finish(&self, pinned: Option<&PublicKey>) -> Result<Verified, Fault> {
        if !self.ahead.is_empty() {
            return Err(Fault::Missing { sequence: self.at() + 1 });
        }
        if self.last_dropped > self.pruned_through {
            let first = self.first_dropped.unwrap_or(self.last_dropped);
            return Err(Fault::Dropped { sequence: first.max(self.pruned_through + 1) });
        }
        if pinned.is_some_and(|pinned| !self.signers[self.signers_since..].contains(pinned)) {
            return Err(Fault::OtherKey);
        }
        Ok(Verified {
            entries: self.at(),
            root: self.root(),
            sealed: self.sealed,
            checkpoints: self.known,
            keys: self.signers.clone(),
            unvouched: self.unvouched.clone(),
            dropped: self.dropped,
        })
    }

    /// What the entry that was just pushed says about the log itself, and the checkpoints that end with it.
    fn read(&mut self, text: Option<&[u8]>) -> Result<(), Fault> {
        let sequence = self.at();
        match text.map(std::str::from_utf8) {
            None => {
                self.first_dropped.get_or_insert(sequence);
                self.last_dropped = sequence;
                self.dropped += 1;
            }
            Some(Ok(text)) if text.contains(ABOUT_ITSELF) => self.note(sequence, text),
            Some(Ok(_)) => {}
            Some(Err(_)) => return Err(Fault::Changed { sequence }),
        }
        self.meet()
    }

    fn note(&mut self, sequence: u64, text: &str) {
        let Ok(entry) = Entry::parse(text, Hash::from_bytes([0; 32])) else { return };
        let details = &entry.event.details;
        let key = details.get(KEY).and_then(|key| PublicKey::parse(key).ok());
        let action = entry.event.action;
        if action == Action::AuditPruned {
            let through = details.get(THROUGH).and_then(|through| through.parse::<u64>().ok()).unwrap_or(0);
            self.pruned_through = self.pruned_through.max(through.min(sequence.saturating_sub(1)));
        } else if let Some(key) = key.filter(|_| matches!(action, Action::AuditKeyCreated | Action::AuditKeyRotated)) {
            self.changes.push(KeyChange { sequence, key, is_vouched: action == Action::AuditKeyRotated });
        }
    }

    fn meet(&mut self) -> Result<(), Fault> {
        while let Some(checkpoint) = self.ahead.front().filter(|next| next.size() <= self.at()) {
            let size = checkpoint.size();
            if size != self.at() || checkpoint.root() != self.frontier.root() {
                return Err(Fault::Root { since: self.sealed + 1, size });
            }
            let mut next = None;
            for change in self.changes.drain(..) {
                if change.is_vouched {
                    next = Some(change.key);
                } else {
                    if self.key.is_some() {
                        self.unvouched.push(change.sequence);
                        self.signers_since = self.signers.len();
                    }
                    (self.key, next) = (Some(change.key), None);
                }
            }
            let signer =
                self.key.clone().filter(|key| checkpoint.is_signed_by(key)).ok_or(Fault::Signature { size })?;
            if !self.signers[self.signers_since..].contains(&signer) {
                self.signers.push(signer);
            }
            if next.is_some() {
                self.key = next;
            }
            self.sealed = size;
            self.ahead.pop_front();
        }
        Ok(())
    }
}
