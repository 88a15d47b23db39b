//! Which studio this is, and what serves it.

use jiff::Timestamp;

use super::trouble::Panel;

/// The studio that this process serves.
#[derive(Debug, Clone)]
pub struct Studios {
    /// The studio's id.
    pub id: String,
    /// The cloud project; `None` when nobody said.
    pub project: Option<String>,
    /// The database in it; `None` when nobody said.
    pub database: Option<String>,
    /// Since when this process runs; `None` when nobody said.
    pub since: Option<Timestamp>,
    /// This box's id, and how many collections it mirrors.
    pub held: Panel<Held>,
}

/// What the box holds of the studio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How many collections are mirrored.
    pub collections: u64,
    /// How many entries the audit log has.
    pub audit_entries: u64,
    /// Whether this box is the one that writes, in a sentence.
    pub lease: String,
}
