//! The form of a new proposal.

use jiff::Timestamp;

use super::facts::{Capability, May};

/// What the form of a new proposal needs to know.
#[derive(Debug, Clone)]
pub struct Drafting {
    /// What the viewer could propose.
    pub choices: Vec<DraftChoice>,
    /// What the chosen capability and document allow; `None` until both are chosen.
    pub subject: Option<Subject>,
}

/// A capability to choose.
#[derive(Debug, Clone)]
pub struct DraftChoice {
    /// The capability.
    pub capability: Capability,
    /// One sentence: what it does and what it leaves alone.
    pub about: String,
    /// What to type, such as `Reservation id`.
    pub document_label: String,
    /// Documents to suggest, as path and title; a few dozen at most.
    pub suggestions: Vec<(String, String)>,
    /// Whether the viewer may propose it.
    pub may: May,
}

/// What the chosen capability and document allow.
#[derive(Debug, Clone)]
pub enum Subject {
    /// The mirror has no such document.
    Missing {
        /// What was asked for.
        document: String,
    },
    /// `reservation.status.set`.
    ReservationStatus {
        /// The document it is about.
        about: SubjectDocument,
        /// The status it has now.
        current: String,
        /// The statuses it may get; empty when none is allowed.
        allowed: Vec<Transition>,
    },
    /// `ops_note.append`.
    OpsNote {
        /// The batch the note is about.
        about: SubjectDocument,
    },
}

/// The document a draft is about.
#[derive(Debug, Clone)]
pub struct SubjectDocument {
    /// Its path, sent back as the form field `document`.
    pub path: String,
    /// What a person calls it, if known.
    pub title: Option<String>,
    /// Its update time in the mirror.
    pub updated_at: Timestamp,
    /// A few facts to recognise it by, as name and text.
    pub facts: Vec<(String, String)>,
}

/// A status a reservation may get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The value, sent back as the form field `status`.
    pub status: String,
    /// One sentence: what that means.
    pub meaning: String,
}
