//! What may be proposed: each capability writes one kind of document in one way.

use std::collections::BTreeMap;

use crate::domain::actor::ActorKind;
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, ProposalId, Uid};
use crate::domain::reason::Reason;
use crate::domain::restore::{self, RESTORABLE};
use crate::domain::time::{BadTimestamp, Timestamp};
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::vocabulary::{BATCHES, RESERVATIONS, ReservationStatus};
use crate::domain::write::Write;

/// The collection that receipts are created in.
pub const RECEIPTS: &str = "studioBrainReceipts";

/// The collection that notes for staff are created in.
pub const OPS_NOTES: &str = "studioBrainOpsNotes";

/// The collection that rollback drills are run on: nothing of the studio's business is in it.
pub const DRILLS: &str = "studioBrainDrills";

/// How much harm a capability could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing that matters to a member.
    Low,
    /// A member could be put out.
    Medium,
    /// Many fields change at once.
    High,
}

/// A capability. One without an executor does not exist: [`Request::plan`] is the executor of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Leaves a note for staff about a batch.
    OpsNoteAppend,
    /// Moves a reservation to another status.
    ReservationStatusSet,
    /// Changes the drill document, to rehearse a rollback.
    DrillDocumentSet,
    /// Brings a document back to a version that the mirror observed.
    ///
    /// A capability of its own, so that whoever decides sees what it is: it may change many fields at once.
    DocumentRestore,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 4] =
        [Self::ReservationStatusSet, Self::OpsNoteAppend, Self::DrillDocumentSet, Self::DocumentRestore];

    /// Its id, such as `reservation.status.set`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OpsNoteAppend => "ops_note.append",
            Self::ReservationStatusSet => "reservation.status.set",
            Self::DrillDocumentSet => "drill.document.set",
            Self::DocumentRestore => "document.restore",
        }
    }

    /// The capability with this id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.id() == id)
    }

    /// What it does, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::OpsNoteAppend => "Leave a note about a batch",
            Self::ReservationStatusSet => "Set a reservation's status",
            Self::DrillDocumentSet => "Rehearse a rollback",
            Self::DocumentRestore => "Restore an earlier version",
        }
    }

    /// How much harm it could do.
    pub const fn risk(self) -> Risk {
        match self {
            Self::OpsNoteAppend | Self::ReservationStatusSet => Risk::Medium,
            Self::DrillDocumentSet => Risk::Low,
            Self::DocumentRestore => Risk::High,
        }
    }

    /// How many people other than the proposer have to approve.
    pub const fn approvals_needed(self) -> usize {
        1
    }

    /// May an actor of this kind propose it?
    pub const fn may_be_proposed_by(self, kind: ActorKind) -> bool {
        match (self, kind) {
            (Self::DrillDocumentSet, ActorKind::System | ActorKind::Operator) => true,
            (Self::DrillDocumentSet, ActorKind::Staff | ActorKind::Admin | ActorKind::Agent) => false,
            (Self::DocumentRestore, ActorKind::Staff | ActorKind::Admin | ActorKind::Operator) => true,
            (Self::DocumentRestore, ActorKind::Agent | ActorKind::System) => false,
            (Self::OpsNoteAppend | Self::ReservationStatusSet, ActorKind::System) => false,
            (
                Self::OpsNoteAppend | Self::ReservationStatusSet,
                ActorKind::Staff | ActorKind::Admin | ActorKind::Operator | ActorKind::Agent,
            ) => true,
        }
    }

    /// May an actor of this kind decide about it?
    pub const fn may_be_decided_by(self, kind: ActorKind) -> bool {
        match (self, kind) {
            (_, ActorKind::Agent | ActorKind::System) => false,
            (Self::DocumentRestore, ActorKind::Admin) => true,
            (Self::DocumentRestore, ActorKind::Staff | ActorKind::Operator) => false,
            (Self::DrillDocumentSet, ActorKind::Operator | ActorKind::Admin) => true,
            (Self::DrillDocumentSet, ActorKind::Staff) => false,
            (Self::OpsNoteAppend | Self::ReservationStatusSet, ActorKind::Staff | ActorKind::Admin) => true,
            (Self::OpsNoteAppend | Self::ReservationStatusSet, ActorKind::Operator) => false,
        }
    }
}

/// A parsed request for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A note about a batch.
    OpsNote {
        /// The batch.
        batch: DocPath,
        /// 5 to 500 characters.
        note: NoteText,
    },
    /// A reservation's next status.
    ReservationStatus {
        /// The reservation.
        reservation: DocPath,
        /// What it becomes.
        status: ReservationStatus,
    },
    /// A mark on the drill document.
    Drill {
        /// The drill document.
        document: DocPath,
        /// The mark.
        mark: String,
    },
    /// An earlier version of a document.
    Restore {
        /// The document.
        document: DocPath,
        /// The version that stood at this moment.
        at: Timestamp,
    },
}

/// What was looked up for a request before it is planned.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The request's subject as the mirror has it; `None` when it has none.
    pub subject: Option<&'a Document>,
    /// The version to restore, if it is known to have stood.
    pub version: Option<&'a Document>,
}

/// The text of a note: 5 to 500 characters, without control characters other than line breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteText(String);

/// An input breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct BadInput {
    /// The form field or member.
    pub field: &'static str,
    /// What it has to be.
    pub rule: String,
}

impl NoteText {
    /// Trims and checks the text.
    pub fn parse(text: &str) -> Result<Self, BadInput> {
        let text = text.trim().replace("\r\n", "\n");
        let length = text.chars().count();
        if !(5..=500).contains(&length) {
            return Err(BadInput { field: "note", rule: format!("use 5 to 500 characters, not {length}") });
        }
        if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            return Err(BadInput { field: "note", rule: "leave out control characters".to_owned() });
        }
        Ok(Self(text))
    }
}

impl Request {
    /// Parses what a form or a program sent: `document` is a path, or an id in the capability's own collection.
    pub fn parse(capability: Capability, document: &str, status: &str, note: &str) -> Result<Self, BadInput> {
        let inside = |collection: &'static str| {
            let document = document.trim();
            let text = if document.contains('/') { document.to_owned() } else { format!("{collection}/{document}") };
            let path = DocPath::parse(text).map_err(|error| BadInput { field: "document", rule: error.to_string() })?;
            if path.is_root() && path.collection().as_str() == collection {
                return Ok(path);
            }
            Err(BadInput { field: "document", rule: format!("name a document in `{collection}`") })
        };
        match capability {
            Capability::OpsNoteAppend => Ok(Self::OpsNote { batch: inside(BATCHES)?, note: NoteText::parse(note)? }),
            Capability::ReservationStatusSet => Ok(Self::ReservationStatus {
                reservation: inside(RESERVATIONS)?,
                status: ReservationStatus::parse(status).ok_or_else(|| BadInput {
                    field: "status",
                    rule: "choose one of the offered statuses".to_owned(),
                })?,
            }),
            Capability::DrillDocumentSet => {
                let mark = NoteText::parse(note)?.0;
                Ok(Self::Drill { document: inside(DRILLS)?, mark })
            }
            Capability::DocumentRestore => {
                Err(BadInput { field: "at", rule: "say which version to restore".to_owned() })
            }
        }
    }

    /// Parses a request for the version of a document that stood at `at`. Only some collections' documents come back so.
    pub fn restore(document: &str, at: &str) -> Result<Self, BadInput> {
        let path =
            DocPath::parse(document.trim()).map_err(|error| BadInput { field: "document", rule: error.to_string() })?;
        if !path.is_root() || !RESTORABLE.contains(&path.collection().as_str()) {
            let rule = format!("name a document in one of: {}", RESTORABLE.join(", "));
            return Err(BadInput { field: "document", rule });
        }
        let at = at.trim().parse().map_err(|error: BadTimestamp| BadInput { field: "at", rule: error.to_string() })?;
        Ok(Self::Restore { document: path, at })
    }

    /// The capability it asks for.
    pub const fn capability(&self) -> Capability {
        match self {
            Self::OpsNote { .. } => Capability::OpsNoteAppend,
            Self::ReservationStatus { .. } => Capability::ReservationStatusSet,
            Self::Drill { .. } => Capability::DrillDocumentSet,
            Self::Restore { .. } => Capability::DocumentRestore,
        }
    }

    /// The document that the request is about: it has to be looked at before planning.
    pub const fn subject(&self) -> &DocPath {
        match self {
            Self::OpsNote { batch, .. } => batch,
            Self::ReservationStatus { reservation, .. } => reservation,
            Self::Drill { document, .. } | Self::Restore { document, .. } => document,
        }
    }

    /// The moment whose version has to be looked up before planning.
    pub const fn version(&self) -> Option<Timestamp> {
        match self {
            Self::Restore { at, .. } => Some(*at),
            Self::OpsNote { .. } | Self::ReservationStatus { .. } | Self::Drill { .. } => None,
        }
    }

    /// The exact write, and one sentence about it, given what is known of the subject.
    pub fn plan(
        &self,
        known: Known<'_>,
        proposal: ProposalId,
        proposer: &Uid,
        now: Timestamp,
    ) -> Result<(Write, String), Reason> {
        let subject = known.subject;
        match self {
            Self::OpsNote { batch, note } => {
                let subject = subject.ok_or(Reason::DocumentMissing)?;
                let path = DocPath::parse(format!("{OPS_NOTES}/{proposal}")).expect("BUG: a UUID is a legal id");
                let fields = Fields::from([
                    ("ownerUid".to_owned(), subject.fields.get("ownerUid").cloned().unwrap_or(Value::Null)),
                    ("resourceCollection".to_owned(), Value::text(BATCHES)),
                    ("resourceId".to_owned(), Value::text(batch.id())),
                    ("note".to_owned(), Value::text(&note.0)),
                    ("proposalId".to_owned(), Value::text(proposal.to_string())),
                    ("createdAt".to_owned(), Value::Timestamp(now)),
                    ("createdByUid".to_owned(), Value::text(proposer.as_str())),
                ]);
                Ok((Write::Create { path, fields }, format!("Leave a note about batch {}", batch.id())))
            }
            Self::ReservationStatus { reservation, status } => {
                let subject = subject.ok_or(Reason::DocumentMissing)?;
                let current = subject.fields.get("status").and_then(Value::as_text).unwrap_or("no status");
                if current == status.word() {
                    return Err(Reason::AlreadySo);
                }
                if !ReservationStatus::allowed_from(current).contains(status) {
                    return Err(Reason::TransitionNotAllowed);
                }
                let changes = BTreeMap::from([
                    (FieldPath::top("status"), Some(Value::text(status.word()))),
                    (FieldPath::top("updatedAt"), Some(Value::Timestamp(now))),
                ]);
                let summary = format!("Set reservation {} from {current} to {}", reservation.id(), status.word());
                Ok((Write::Update { path: reservation.clone(), changes, base: subject.update_time }, summary))
            }
            Self::Drill { document, mark } => {
                let summary = format!("Rehearse a rollback on {document}");
                let changes = [("mark".to_owned(), Value::text(mark)), ("markedAt".to_owned(), Value::Timestamp(now))];
                let write = match subject {
                    Some(subject) => Write::Update {
                        path: document.clone(),
                        changes: changes.map(|(name, value)| (FieldPath::top(name), Some(value))).into(),
                        base: subject.update_time,
                    },
                    None => Write::Create { path: document.clone(), fields: changes.into() },
                };
                Ok((write, summary))
            }
            Self::Restore { document, at } => {
                let write = restore::plan(document, subject, known.version)?;
                Ok((write, format!("Restore {document} as it was at {at}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(status: &str) -> Document {
        Document {
            path: DocPath::parse("reservations/r-1").expect("legal"),
            fields: Fields::from([("status".to_owned(), Value::text(status))]),
            create_time: Timestamp::from_micros(1),
            update_time: Timestamp::from_micros(2),
        }
    }

    #[track_caller]
    fn plan(request: &Request, subject: Option<&Document>) -> Result<(Write, String), Reason> {
        let proposal = ProposalId::from_uuid(uuid::Uuid::from_u128(1));
        request.plan(
            Known { subject, version: None },
            proposal,
            &Uid::parse("u").expect("legal"),
            Timestamp::from_micros(9),
        )
    }

    #[test]
    fn a_status_is_only_set_along_an_allowed_step() {
        let request = Request::parse(Capability::ReservationStatusSet, "r-1", "CONFIRMED", "").expect("parses");
        let (write, summary) = plan(&request, Some(&reservation("REQUESTED"))).expect("allowed");
        assert_eq!(write.base(), Some(Timestamp::from_micros(2)));
        assert_eq!(summary, "Set reservation r-1 from REQUESTED to CONFIRMED");
        assert_eq!(plan(&request, Some(&reservation("CONFIRMED"))), Err(Reason::AlreadySo));
        assert_eq!(plan(&request, Some(&reservation("CANCELLED"))), Err(Reason::TransitionNotAllowed));
        assert_eq!(plan(&request, None), Err(Reason::DocumentMissing));
    }

    #[test]
    fn inputs_are_parsed_with_the_field_and_the_rule() {
        let bad = |capability, document, status, note| {
            Request::parse(capability, document, status, note).expect_err("is refused").field
        };
        assert_eq!(bad(Capability::ReservationStatusSet, "batches/b", "CONFIRMED", ""), "document");
        assert_eq!(bad(Capability::ReservationStatusSet, "reservations/r/x/y", "CONFIRMED", ""), "document");
        assert_eq!(bad(Capability::ReservationStatusSet, "r", "CANCELED", ""), "status");
        assert_eq!(bad(Capability::OpsNoteAppend, "b", "", "abc"), "note");
        assert_eq!(bad(Capability::OpsNoteAppend, "b", "", "abcde\u{7}f"), "note");
    }

    #[test]
    fn agents_and_jobs_never_decide() {
        for capability in Capability::ALL {
            assert!(!capability.may_be_decided_by(ActorKind::Agent));
            assert!(!capability.may_be_decided_by(ActorKind::System));
        }
    }
}
