//! The ledger of writes.

use jiff::Timestamp;

use super::{
    facts::{Actor, Capability, Effect, FieldChange, May, TimelineEvent},
    queue::Turn,
    trouble::Panel,
};

/// The ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// A page of the writes that match the filter, newest first.
    pub rows: Panel<LedgerPart>,
    /// How many there are without the filter, to tell "none" from "none that match".
    pub unfiltered: Option<u64>,
    /// The last rehearsal of every undo; `None` when there never was one.
    pub rehearsed: Panel<Option<LastRehearsal>>,
}

/// A page of the ledger.
#[derive(Debug, Clone, Default)]
pub struct LedgerPart {
    /// The writes, newest first.
    pub rows: Vec<WriteRow>,
    /// The page before, with newer ones, if there is one.
    pub previous: Option<Turn>,
    /// The page after, with older ones, if there is one.
    pub next: Option<Turn>,
}

/// How taking back every write that stands would have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRehearsal {
    /// When.
    pub at: Timestamp,
    /// How many undos would have landed.
    pub clean: u64,
    /// Of how many.
    pub all: u64,
    /// How many the mirror could not tell of.
    pub unknown: u64,
}

/// A write in a list.
#[derive(Debug, Clone)]
pub struct WriteRow {
    /// Its id, which is also its idempotency key.
    pub id: String,
    /// The proposal it carries out.
    pub proposal_id: String,
    /// One sentence.
    pub summary: String,
    /// Which capability it uses.
    pub capability: Capability,
    /// The document's path.
    pub document: String,
    /// Where it stands.
    pub state: WriteState,
    /// Who approved it.
    pub approved_by: Vec<Actor>,
    /// When it reached its state.
    pub at: Timestamp,
    /// Whether it was undone.
    pub undo: Undo,
}

/// Where a write stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteState {
    /// Recorded here, perhaps not yet sent.
    Intended,
    /// Firestore accepted it.
    Landed,
    /// The mirror has seen it.
    Observed,
    /// Firestore refused it; nothing was written.
    Refused,
    /// The document had moved; nothing was written.
    Stale,
    /// The answer was lost; its receipt is being looked up.
    Unknown,
    /// Its key was used for another content; nothing was written by us.
    Conflicted,
    /// The gate said no before it was sent; nothing was written.
    Abandoned,
}

impl WriteState {
    /// Every state, in the order a write passes through them.
    pub const ALL: [Self; 8] = [
        Self::Intended,
        Self::Landed,
        Self::Observed,
        Self::Refused,
        Self::Stale,
        Self::Unknown,
        Self::Conflicted,
        Self::Abandoned,
    ];

    /// The word used in the query parameter `state`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Landed => "landed",
            Self::Observed => "observed",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
            Self::Conflicted => "conflicted",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Which writes to show; from the query string of `/writes`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteFilter {
    /// Query parameter `state`.
    pub state: Option<WriteState>,
    /// Query parameters `after` and `before`.
    pub turn: Option<Turn>,
}

impl WriteFilter {
    /// How many writes a page shows.
    pub const PAGE: usize = 50;

    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let given = || Some(value.to_owned()).filter(|value| !value.is_empty());
            match name {
                "state" => filter.state = WriteState::ALL.into_iter().find(|state| state.word() == value),
                "after" => filter.turn = given().map(Turn::After),
                "before" => filter.turn = given().map(Turn::Before),
                _ => {}
            }
        }
        filter
    }
}

/// Whether a write was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// Nobody asked.
    None,
    /// An undo was proposed and is not over.
    Proposed {
        /// That proposal's id.
        proposal_id: String,
    },
    /// It was undone.
    Undone {
        /// The write that undid it.
        write_id: String,
    },
}

/// One write in full.
#[derive(Debug, Clone)]
pub struct WriteDetail {
    /// Its id, which is also its idempotency key.
    pub id: String,
    /// The proposal it carries out.
    pub proposal_id: String,
    /// That proposal in a sentence, and how many documents its commit wrote.
    pub origin: Panel<Origin>,
    /// The document's path.
    pub document: String,
    /// Where it stands.
    pub state: WriteState,
    /// What it does to the document.
    pub effect: Effect,
    /// The write it undoes, if it is an undo.
    pub undo_of: Option<String>,
    /// Is it known from its receipt only, because the ledger was lost?
    pub rebuilt: bool,
    /// The steps from proposed to observed, in order.
    pub steps: Panel<Vec<Step>>,
    /// Fields it changed: the before-image on the left, after on the right.
    pub changes: Vec<FieldChange>,
    /// The receipt document's path in Firestore.
    pub receipt: String,
    /// The update time it was conditional on; `None` when the document must not exist.
    pub base: Option<Timestamp>,
    /// The update time Firestore gave it, once landed.
    pub landed_as: Option<Timestamp>,
    /// The hash the approval covered.
    pub content_hash: String,
    /// The before-image's hash; `None` when the document did not exist.
    pub before_hash: Option<String>,
    /// The hash of the document as written; `None` while unknown, or after a delete.
    pub after_hash: Option<String>,
    /// What Firestore or the gate said, when it did not land.
    pub answer: Option<String>,
    /// Whether it was undone, and whether the viewer may propose that.
    pub undoing: Panel<Undoing>,
    /// What happened so far, oldest first.
    pub timeline: Panel<Vec<TimelineEvent>>,
}

/// What a write comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// One sentence, as in a list.
    pub summary: String,
    /// Who approved it.
    pub approved_by: Panel<Vec<Actor>>,
    /// How many documents its commit wrote.
    pub together: usize,
}

/// Whether a write was undone, or can be.
#[derive(Debug, Clone)]
pub struct Undoing {
    /// Whether it was undone.
    pub undo: Undo,
    /// Whether the viewer may propose its undo; `None` when there is nothing to undo.
    pub may: Option<May>,
}

/// One step of a write.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which one.
    pub kind: StepKind,
    /// Whether it is done.
    pub state: StepState,
}

/// The steps of a write, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Somebody proposed it.
    Proposed,
    /// Somebody else approved it.
    Approved,
    /// The push job took it.
    Claimed,
    /// Intent and before-image were stored.
    Intended,
    /// It was sent.
    Sent,
    /// Firestore accepted it.
    Landed,
    /// The mirror saw it.
    Observed,
}

/// Whether a step is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done {
        /// When.
        at: Timestamp,
        /// By whom, when a person did it.
        by: Option<Actor>,
    },
    /// Not yet.
    Waiting,
    /// It ended here.
    Failed {
        /// When.
        at: Timestamp,
        /// What was met.
        why: String,
    },
    /// It will not happen.
    Skipped,
}
