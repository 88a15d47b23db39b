//! What may be done: each capability reads or writes one kind of document in one way, and stands in the registry.

/// Field updates: what is set to what.
mod field;

/// One table of the registry's text.
mod section;

/// From the registry's text to capabilities.
mod parse;

/// The registry.
mod registry;

/// A parsed request for a change, and the write that it becomes.
mod request;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::actor::ActorKind;
use crate::domain::ids::{CollectionId, DocPath, Hash};
use crate::domain::quota::Scope;
use crate::domain::write::Write;

pub use field::{Choice, FieldRule, FieldUpdate, Requirement, Source, Transition, ValueKind};
pub use registry::{REGISTRY_FILE, Registry, RegistryError, RegistryErrors};
pub use request::{BadInput, Inputs, Known, NoteText, Request, Requests};

/// The collection that receipts are created in.
pub const RECEIPTS: &str = "studioBrainReceipts";

/// The collection that notes for staff are created in.
pub const OPS_NOTES: &str = "studioBrainOpsNotes";

/// The collection that rollback drills are run on: nothing of the studio's business is in it.
pub const DRILLS: &str = "studioBrainDrills";

/// The ids of the capabilities that pages and drills name.
pub mod shipped {
    /// Leaves a note for staff about a batch.
    pub const OPS_NOTE_APPEND: &str = "ops_note.append";
    /// Moves a reservation to another status.
    pub const RESERVATION_STATUS_SET: &str = "reservation.status.set";
    /// Changes the drill document, to rehearse a rollback.
    pub const DRILL_DOCUMENT_SET: &str = "drill.document.set";
    /// Brings a document back to a version that the mirror observed.
    pub const DOCUMENT_RESTORE: &str = "document.restore";
}

/// The id of a capability, such as `reservation.status.set`.
///
/// Invariant: two to five words of `a-z`, `0-9` and `_`, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapabilityId(Arc<str>);

/// The text is no capability's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no capability's id: use two to five words of a-z, 0-9 and _, joined by dots")]
pub struct BadCapabilityId {
    text: String,
}

impl CapabilityId {
    /// Checks the text. Whether the registry has such a capability is another question.
    pub fn parse(text: &str) -> Result<Self, BadCapabilityId> {
        let word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let words = text.split('.').count();
        if (2..=5).contains(&words) && text.len() <= 80 && text.split('.').all(word) {
            Ok(Self(text.into()))
        } else {
            Err(BadCapabilityId { text: text.chars().take(80).collect() })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CapabilityId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How much harm a capability could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Nothing that matters to a member.
    Low,
    /// A member could be put out.
    Medium,
    /// Many fields change at once, or members are told something that can't be unsaid.
    High,
    /// Money, access or safety.
    Critical,
}

impl Risk {
    /// Every risk.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The risk that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|risk| risk.word() == word)
    }
}

/// What the registry says about one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Its id.
    pub id: CapabilityId,
    /// What it does, in a few words.
    pub title: String,
    /// What it is about.
    pub targets: Vec<Target>,
    /// How much harm it could do.
    pub risk: Risk,
    /// Reading, or writing and how.
    pub access: Access,
    /// How often it may be used.
    pub quotas: Vec<Quota>,
    /// How old the mirror may be that it relies on.
    pub freshness: Duration,
    /// Who answers for it.
    pub owner: String,
    /// Whom to call, first to last.
    pub escalation: Vec<String>,
    /// The document that describes it, from the top of the checkout.
    pub spec: String,
    /// The hash of its entry in the registry: what the change log records.
    pub fingerprint: Hash,
}

/// What a capability is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The documents of a top-level collection.
    Documents(CollectionId),
    /// What a connector reads, by the connector's name.
    Connector(String),
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documents(collection) => write!(out, "{collection}/{{id}}"),
            Self::Connector(name) => write!(out, "connector:{name}"),
        }
    }
}

/// The kinds of actor that may do something.
pub type Roles = BTreeSet<ActorKind>;

/// Reading, or writing and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It only reads, and nobody has to approve.
    Read {
        /// Who may use it.
        readers: Roles,
    },
    /// It writes what was approved.
    Write(Box<WriteRules>),
}

/// How a capability writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRules {
    /// What makes the write.
    pub executor: Executor,
    /// Who may propose.
    pub proposers: Roles,
    /// Who may approve and reject.
    pub approvers: Roles,
    /// Who may carry an approved proposal out.
    pub appliers: Roles,
    /// How many approvals it needs.
    pub approvals: Approvals,
    /// How long an approval stays good.
    pub lifetime: Duration,
    /// How long an approved proposal waits, so that anyone may stop it.
    pub delay: Duration,
    /// How it is taken back.
    pub rollback: String,
}

/// What makes the write. There is code for each, and no capability without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executor {
    /// Sets fields as the registry says.
    FieldUpdate(FieldUpdate),
    /// Creates a note about the document in another collection.
    Note {
        /// Where notes are created.
        creates: CollectionId,
    },
    /// Marks the document, or creates it with the mark.
    Mark,
    /// Brings an earlier version back.
    Restore,
}

impl Executor {
    /// The word for it in the registry.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::FieldUpdate(_) => "field_update",
            Self::Note { .. } => "note",
            Self::Mark => "mark",
            Self::Restore => "restore",
        }
    }
}

/// How many approvals a write needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// Of how many people.
    pub count: u32,
    /// How many of them have to be admins.
    pub admins: u32,
}

impl Approvals {
    /// Are these enough for what could go wrong? High: two people, or an admin. Critical: two, one of them an admin.
    pub const fn fit(self, risk: Risk) -> bool {
        match risk {
            Risk::Low | Risk::Medium => self.count >= 1,
            Risk::High => self.count >= 2 || self.admins >= 1,
            Risk::Critical => self.count >= 2 && self.admins >= 1,
        }
    }
}

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Counted for whom.
    pub per: Scope,
    /// How often.
    pub limit: u32,
    /// In how long.
    pub window: Duration,
}

impl Quota {
    /// Uses per hour.
    pub fn hourly(&self) -> f64 {
        f64::from(self.limit) * 3_600.0 / self.window.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl Capability {
    /// How it writes; `None` when it only reads.
    pub fn write(&self) -> Option<&WriteRules> {
        match &self.access {
            Access::Read { .. } => None,
            Access::Write(rules) => Some(rules),
        }
    }

    /// May it be about this document? Only documents of top-level collections.
    pub fn is_about(&self, path: &DocPath) -> bool {
        path.is_root()
            && self.targets.iter().any(|target| match target {
                Target::Documents(collection) => *collection == path.collection(),
                Target::Connector(_) => false,
            })
    }

    /// The fields that it sets, if it is a field update.
    pub fn field_update(&self) -> Option<&FieldUpdate> {
        match &self.write()?.executor {
            Executor::FieldUpdate(update) => Some(update),
            Executor::Note { .. } | Executor::Mark | Executor::Restore => None,
        }
    }

    /// The one collection that it is about, if it is one.
    pub fn collection(&self) -> Option<&CollectionId> {
        match self.targets.as_slice() {
            [Target::Documents(collection)] => Some(collection),
            _ => None,
        }
    }

    /// Is this write, or its undo, one that the capability may make? What is stored is not trusted to have stayed so.
    pub fn covers(&self, write: &Write) -> bool {
        let Some(rules) = self.write() else { return false };
        let about = self.is_about(write.path());
        match (&rules.executor, write) {
            (Executor::FieldUpdate(update), Write::Update { changes, .. }) => {
                about && changes.keys().all(|path| update.fields.iter().any(|field| field.path == *path))
            }
            (Executor::FieldUpdate(_), Write::Create { .. } | Write::Delete { .. }) => false,
            (Executor::Note { creates }, Write::Create { path, .. } | Write::Delete { path, .. }) => {
                path.is_root() && path.collection() == *creates
            }
            (Executor::Note { creates }, Write::Update { path, .. }) => path.is_root() && path.collection() == *creates,
            (Executor::Mark | Executor::Restore, _) => about,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_words_joined_by_dots_and_nothing_that_only_looks_like_it() {
        for good in ["ops_note.append", "reservation.status.set", "a.b2"] {
            assert_eq!(CapabilityId::parse(good).expect("legal").as_str(), good);
        }
        for bad in ["", "a", "a.", ".a", "A.b", "a.b.c.d.e.f", "reservаtion.status.set", "a b.c", "1.a"] {
            assert!(CapabilityId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn more_harm_needs_more_people() {
        let fit = |count, admins, risk| Approvals { count, admins }.fit(risk);
        assert!(fit(1, 0, Risk::Low) && fit(1, 0, Risk::Medium) && !fit(0, 0, Risk::Low));
        assert!(fit(2, 0, Risk::High) && fit(1, 1, Risk::High) && !fit(1, 0, Risk::High));
        assert!(fit(2, 1, Risk::Critical) && !fit(2, 0, Risk::Critical) && !fit(1, 1, Risk::Critical));
    }
}
