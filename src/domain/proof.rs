//! Whether a mirrored collection is what the server has, and how that is known.

use std::fmt;

use crate::domain::ids::{CollectionId, Hash};
use crate::domain::time::Timestamp;

/// How closely a collection is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Counts, and our documents against the digests that were kept; only what differs is read again.
    Digests,
    /// Every document is read again.
    Everything,
}

impl Depth {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Digests => "digests",
            Self::Everything => "everything",
        }
    }

    /// The depth that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Digests, Self::Everything].into_iter().find(|depth| depth.word() == word)
    }
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As many documents as the server has, and each of them as it was kept.
    Equal,
    /// Something was not, whether or not it was put right.
    Differed,
    /// It could not be told.
    Unknown,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Equal, Self::Differed, Self::Unknown];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Differed => "differed",
            Self::Unknown => "unknown",
        }
    }

    /// The verdict that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// How a document of ours and the server's differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The server has it, we do not.
    Missing,
    /// We have it, the server does not.
    Extra,
    /// Both have it, but not the same.
    Changed,
}

impl Mismatch {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// What was not as it should be, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Leaves that were not as they were kept.
    pub leaves: u64,
    /// Documents read again.
    pub reread: u64,
    /// The server had them, we did not.
    pub missing: u64,
    /// We had them, the server did not.
    pub extra: u64,
    /// Both had them, but not the same.
    pub changed: u64,
    /// Of these, those that were put right. The others had changed again meanwhile.
    pub repaired: u64,
}

impl Differences {
    /// How many documents differed.
    pub const fn documents(&self) -> u64 {
        self.missing + self.extra + self.changed
    }

    /// Counts a document that differed.
    pub const fn count(&mut self, mismatch: Mismatch) {
        match mismatch {
            Mismatch::Missing => self.missing += 1,
            Mismatch::Extra => self.extra += 1,
            Mismatch::Changed => self.changed += 1,
        }
    }
}

/// What one look at one collection came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The collection.
    pub collection: CollectionId,
    /// What it came to.
    pub verdict: Verdict,
    /// What could not be told or put right, and why.
    pub why: Option<String>,
    /// No digests were kept yet: there was nothing to compare our documents with.
    pub is_first: bool,
    /// The server read time of all that was compared; none when it was never read.
    pub read_time: Option<Timestamp>,
    /// How many documents we had then, those that can't be kept too; none when they were not compared.
    pub documents: Option<u64>,
    /// How many the server had then; none when it was not asked.
    pub server_documents: Option<u64>,
    /// The hash of all we had then.
    pub hash: Option<Hash>,
    /// What differed.
    pub differences: Differences,
    /// Reads billed for all this.
    pub reads: u64,
    /// When it was over, by our clock.
    pub checked: Timestamp,
}

impl Verification {
    /// A look that has told nothing yet.
    pub const fn untold(collection: CollectionId, read_time: Option<Timestamp>, checked: Timestamp) -> Self {
        Self {
            collection,
            verdict: Verdict::Unknown,
            why: None,
            is_first: false,
            read_time,
            documents: None,
            server_documents: None,
            hash: None,
            differences: Differences { leaves: 0, reread: 0, missing: 0, extra: 0, changed: 0, repaired: 0 },
            reads: 0,
            checked,
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.read_time, self.documents, self.server_documents, self.hash) {
            (Some(at), Some(ours), Some(theirs), Some(hash)) => {
                write!(out, "as of read time {at}: {ours} documents, the server says {theirs}, hash {hash}")?;
            }
            (Some(at), _, _, _) => write!(out, "the mirror is as of {at}")?,
            (None, _, _, _) => write!(out, "never read")?,
        }
        if self.is_first {
            write!(out, "; first look: nothing was kept to compare our documents with")?;
        }
        let Differences { leaves, reread, missing, extra, changed, repaired } = self.differences;
        if self.verdict == Verdict::Differed {
            write!(
                out,
                "; {leaves} leaves differed, {reread} documents read again: {missing} missing, {extra} extra, \
                 {changed} changed, {repaired} repaired"
            )?;
        }
        match &self.why {
            Some(why) => write!(out, "; {why}"),
            None => Ok(()),
        }
    }
}
