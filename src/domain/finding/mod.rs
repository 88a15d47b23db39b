//! Findings: where the mirror, the cloud, our numbers, our writes, the vocabulary and the documents disagree.

/// What kinds there are.
mod kind;

/// What is ignored, by whom and until when.
mod ignore;

/// Where a finding stands.
mod state;

/// What the vocabulary finds strange.
mod strange;

/// From when on two numbers differ.
mod threshold;

/// What our writes have become.
mod overwritten;

use uuid::Uuid;

pub use ignore::{Ignore, IgnoreScope, LONGEST, SHORTEST, WantedIgnore, ignored, may_ignore};
pub use kind::{Confidence, Family, FindingKind};
pub use overwritten::overwritten;
pub use state::{Answer, Standing};
pub use strange::{Strange, in_document};
pub use threshold::Threshold;

use crate::domain::diff::FieldChange;
use crate::domain::ids::{CollectionId, DocPath, WriteId};
use crate::domain::time::Timestamp;

/// One disagreement, as one look saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// The collection.
    pub collection: CollectionId,
    /// The document; `None` when it is about the whole collection.
    pub path: Option<DocPath>,
    /// One sentence.
    pub summary: String,
    /// Fields that differ: what we have (or what was found) on the left, what the cloud says (or what the vocabulary
    /// expects) on the right.
    pub changes: Vec<FieldChange>,
    /// The write that was overwritten, if it is about one.
    pub write: Option<WriteId>,
    /// The rule that is broken, or the field or number that it is about, where kind and place do not say it all.
    pub rule: Option<String>,
    /// Other documents that it rests on.
    pub evidence: Vec<DocPath>,
    /// How sure we are.
    pub confidence: Confidence,
    /// The server's time as of which it was seen, if it was seen there.
    pub as_of: Option<Timestamp>,
}

impl Finding {
    const NAMESPACE: Uuid = Uuid::from_u128(0x2f0f_3c61_9a3e_4d0e_8b7a_6f2d_11c4_b002);

    /// A finding about a document of which we are sure, with nothing more to say.
    pub fn about(kind: FindingKind, path: DocPath, summary: impl Into<String>) -> Self {
        let collection = path.collection();
        Self { path: Some(path), ..Self::about_all(kind, collection, summary) }
    }

    /// A finding about a whole collection of which we are sure, with nothing more to say.
    pub fn about_all(kind: FindingKind, collection: CollectionId, summary: impl Into<String>) -> Self {
        Self {
            kind,
            collection,
            path: None,
            summary: summary.into(),
            changes: Vec::new(),
            write: None,
            rule: None,
            evidence: Vec::new(),
            confidence: Confidence::High,
            as_of: None,
        }
    }

    /// Its id: the same disagreement always has the same one, so that its onset is kept.
    pub fn id(&self) -> Uuid {
        let place = self.path.as_ref().map_or(self.collection.as_str(), DocPath::as_str);
        let write = self.write.map(|write| write.to_string()).unwrap_or_default();
        let mut name = format!("{}\n{place}\n{write}", self.kind.word());
        if let Some(rule) = &self.rule {
            name.push('\n');
            name.push_str(rule);
        }
        Uuid::new_v5(&Self::NAMESPACE, name.as_bytes())
    }

    /// Every document that it names.
    pub fn documents(&self) -> impl Iterator<Item = &DocPath> {
        self.path.iter().chain(&self.evidence)
    }
}

/// A finding with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFinding {
    /// Its id.
    pub id: Uuid,
    /// What was seen when it was last looked at.
    pub finding: Finding,
    /// When it was first seen.
    pub since: Timestamp,
    /// When it was last looked at.
    pub looked: Timestamp,
    /// Since when it is gone; `None` while it is open.
    pub resolved: Option<Timestamp>,
}
