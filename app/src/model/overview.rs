//! The start page.

use std::time::Duration;

use jiff::Timestamp;

use super::{proposals::ProposalRow, trouble::Panel, writes::WriteRow};

/// The start page: what waits for me, what is wrong, how things stand, and what changed.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Proposals the viewer can decide now.
    pub to_decide: Panel<ToDecide>,
    /// The numbers that tell most, with the days before.
    pub figures: Panel<Vec<KeyFigure>>,
    /// Numbers that are not the same as before.
    pub changes: Panel<Moved>,
    /// The mirror.
    pub mirror: Panel<Mirror>,
    /// What today's reads cost.
    pub reads: Panel<Reads>,
    /// Open findings, counted.
    pub findings: Panel<FindingCounts>,
    /// Writes that are unknown or stuck.
    pub stuck_writes: Panel<Vec<WriteRow>>,
    /// The last few writes.
    pub recent_writes: Panel<Vec<WriteRow>>,
}

/// Proposals that the viewer can decide.
#[derive(Debug, Clone, Default)]
pub struct ToDecide {
    /// The first of them: the riskiest, then the oldest.
    pub rows: Vec<ProposalRow>,
    /// Are there more?
    pub is_more: bool,
}

/// A number that tells much.
#[derive(Debug, Clone)]
pub struct KeyFigure {
    /// Its name, by which one asks for the documents behind it.
    pub number: String,
    /// What is counted.
    pub meaning: String,
    /// How many; nothing when unknown.
    pub value: Option<i64>,
    /// What it was on the days before, oldest first; nothing where it is unknown.
    pub days: Vec<Option<i64>>,
}

/// Numbers that moved.
#[derive(Debug, Clone)]
pub enum Moved {
    /// There is nothing to compare with.
    Nothing {
        /// Why not.
        why: String,
    },
    /// Compared.
    Since {
        /// With how it stood then.
        at: Timestamp,
        /// The first of the numbers that moved: its name, what it was, what it is.
        numbers: Vec<MovedNumber>,
        /// How many more there are.
        more: u64,
    },
}

/// A number that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedNumber {
    /// Its name.
    pub number: String,
    /// What is counted, in words where there are some.
    pub meaning: String,
    /// What it was; nothing when unknown.
    pub before: Option<i64>,
    /// What it is; nothing when unknown.
    pub after: Option<i64>,
}

/// The mirror as a whole.
#[derive(Debug, Clone)]
pub struct Mirror {
    /// Whether changes are flowing.
    pub stream: Stream,
    /// Every mirrored collection.
    pub collections: Vec<CollectionMirror>,
    /// Documents that exist in the cloud and can't be kept, with why; the first of them.
    pub unreadable: Vec<(String, String)>,
    /// How many there are.
    pub unreadable_count: u64,
    /// Collections of the cloud that nobody configured.
    pub not_mirrored: Vec<String>,
}

/// The reads that the cloud bills because of us today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// Reads so far.
    pub spent: u64,
    /// Reads that the day may cost; `None` when unknown.
    pub budget: Option<u64>,
    /// Whether the budget is spent, so that what can wait does.
    pub is_paused: bool,
    /// Reads by what they were for, in words.
    pub by_cause: Vec<(String, u64)>,
}

/// Whether changes flow from the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// Changes arrive as they happen.
    Listening {
        /// When the cloud was last heard.
        heard: Timestamp,
    },
    /// Reading everything for the first time, or again.
    Backfilling {
        /// When that began.
        since: Timestamp,
    },
    /// The connection is gone and is tried again.
    Reconnecting {
        /// When it was lost.
        since: Timestamp,
        /// What the last attempt met.
        why: String,
    },
    /// Nothing is known yet.
    Unknown,
}

/// One mirrored collection.
#[derive(Debug, Clone)]
pub struct CollectionMirror {
    /// Its name, such as `reservations`.
    pub collection: String,
    /// How many documents the mirror holds; `None` when unknown.
    pub documents: Option<u64>,
    /// The cloud's read time the mirror stands at; `None` when unknown.
    pub as_of: Option<Timestamp>,
    /// How far that can be trusted now.
    pub freshness: Freshness,
    /// How far the first read has come.
    pub backfill: Backfill,
    /// Whether it was proved to be what the cloud has.
    pub proof: Proof,
    /// Open findings about it; `None` when unknown.
    pub open_findings: Option<u64>,
}

/// Whether a mirrored collection was proved to be what the cloud has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nobody looked yet.
    Never,
    /// The last look found it equal.
    Proved {
        /// As of this read time of the cloud.
        as_of: Timestamp,
        /// The first digits of the hash of all its documents.
        hash: String,
    },
    /// The last look found differences.
    Differed {
        /// How many documents differed.
        documents: u64,
        /// How many of them were put right.
        repaired: u64,
        /// As of when.
        as_of: Timestamp,
    },
    /// The last look could not tell.
    Unknown {
        /// Why.
        why: String,
        /// As of when it was last proved, if ever.
        proved: Option<Timestamp>,
    },
}

/// How far a derived number can be trusted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Within the bound.
    Fresh,
    /// Close to the bound.
    Aging,
    /// Past the bound.
    Stale,
    /// Could not be read.
    Unknown,
}

/// How far the first read has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backfill {
    /// It has not begun.
    Waiting,
    /// Under way.
    Running {
        /// Documents read so far.
        done: u64,
        /// Documents there are, if known.
        total: Option<u64>,
        /// Documents read per second, if known.
        per_second: Option<u64>,
        /// How long the rest takes at this pace, if known.
        left: Option<Duration>,
    },
    /// Whole.
    Done,
}

/// Open findings, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingCounts {
    /// Open findings by kind, largest first.
    pub by_kind: Vec<(super::drift::FindingKind, u64)>,
    /// Findings that could not be judged.
    pub could_not_tell: u64,
    /// When mirror and cloud were last compared; `None` means that nothing is known, which is not zero.
    pub compared_at: Option<Timestamp>,
}
