//! People, permissions, documents and field changes: the nouns every page shares.

/// Someone or something that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// A stable id, such as a uid.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// What kind of actor.
    pub kind: ActorKind,
}

/// What kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A member of the studio.
    Member,
    /// Staff.
    Staff,
    /// An administrator.
    Admin,
    /// An operator on the box itself.
    Operator,
    /// A software agent; it never counts as an approver.
    Agent,
    /// The service itself.
    Service,
}

/// Whether the viewer may do something, decided once on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum May {
    /// Yes.
    Yes,
    /// No, and this is why.
    No {
        /// One sentence to the viewer, such as `You proposed this; a colleague has to approve it.`
        why: String,
    },
}

/// A kind of change the studio allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The registered id, such as `reservation.status.set`.
    pub id: String,
    /// What it does, such as `Set a reservation's status`.
    pub title: String,
}

/// How much harm a change could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// Easily undone and seen by few.
    Low,
    /// Undone with some effort.
    Medium,
    /// Hard to undo.
    High,
    /// Money, access or safety.
    Critical,
}

impl Risk {
    /// Every risk, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it in addresses.
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

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's path, such as `stageStatus.stage`.
    pub path: String,
    /// The value on the left side.
    pub before: FieldValue,
    /// The value on the right side.
    pub after: FieldValue,
}

/// A field's value; a missing field is not null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// The field is not there.
    Missing,
    /// The field holds this.
    Present {
        /// Its type, because integer 1 is not double 1.0.
        kind: ValueKind,
        /// The value as text, shortened if long.
        text: String,
    },
}

/// The type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Null.
    Null,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A floating-point number.
    Double,
    /// An instant.
    Timestamp,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A document's name.
    Reference,
    /// A place on earth.
    GeoPoint,
    /// A list.
    Array,
    /// Named values.
    Map,
}

/// What a write does to its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Creates it.
    Create,
    /// Changes some of its fields.
    Update,
    /// Deletes it.
    Delete,
}

/// One entry of a thing's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEvent {
    /// When.
    pub at: jiff::Timestamp,
    /// Who.
    pub actor: Actor,
    /// What happened, such as `Approved`.
    pub what: String,
    /// The reason given, if one was.
    pub reason: Option<String>,
    /// The audit entry's sequence number, if there is one.
    pub audit_sequence: Option<u64>,
}
