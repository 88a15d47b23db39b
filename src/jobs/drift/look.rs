//! What a look saw, how far it went, and what it could not tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::finding::{Family, Finding, FindingKind};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;

/// How much a look re-reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Every mirrored document, within the budget.
    Everything,
    /// The counts, the documents with open findings, and a sample that starts where the last one ended.
    Sample {
        /// Which turn this is.
        turn: i64,
    },
}

/// What a look saw, and how far it went.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What differs.
    pub(super) findings: Vec<Finding>,
    /// Documents read from the cloud.
    pub(super) documents_read: u64,
    /// Documents of the mirror that were put right.
    pub(super) repaired: u64,
    /// As of when each collection was looked at.
    pub(super) shown: BTreeMap<CollectionId, Timestamp>,
    /// Every mirrored collection.
    pub(super) mirrored: BTreeSet<CollectionId>,
    /// Collections that were compared as a whole.
    pub(super) compared: BTreeSet<CollectionId>,
    /// Documents that were compared.
    pub(super) documents: BTreeSet<DocPath>,
    /// Collections that were counted.
    pub(super) counted: BTreeSet<CollectionId>,
    /// Numbers that could not be held against the cloud.
    pub(super) numbers_untold: BTreeSet<(CollectionId, String)>,
    /// Rules that could not be judged.
    pub(super) rules_unjudged: BTreeSet<String>,
    /// What could not be told about our clock and configuration.
    pub(super) settings_untold: BTreeSet<FindingKind>,
    untold: BTreeMap<Family, Vec<String>>,
}

impl Look {
    /// Remembers that something could not be told, and why.
    pub(super) fn complain(&mut self, family: Family, why: impl Into<String>) {
        self.untold.entry(family).or_default().push(why.into());
    }

    /// What could not be told about a question, and why.
    pub(super) fn untold(&self, family: Family) -> Option<String> {
        self.untold.get(&family).map(|reasons| reasons.join("; "))
    }

    /// All that could not be told, each reason once.
    pub(super) fn all_untold(&self) -> Option<String> {
        let mut reasons: Vec<&str> = Vec::new();
        for reason in self.untold.values().flatten() {
            if !reasons.contains(&reason.as_str()) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Would this look have seen the finding, were it still there?
    pub(super) fn has_covered(&self, finding: &Finding) -> bool {
        let family = finding.kind.family();
        let is_about_documents = match family {
            Family::Writes | Family::Settings => false,
            Family::Mirror | Family::Numbers | Family::Schema | Family::Rules => true,
        };
        if is_about_documents && !self.mirrored.contains(&finding.collection) {
            return true; // Nobody looks at it any more.
        }
        let rule = finding.rule.as_deref().unwrap_or_default();
        match family {
            Family::Mirror => {
                self.compared.contains(&finding.collection)
                    || match &finding.path {
                        Some(path) => self.documents.contains(path),
                        None => self.counted.contains(&finding.collection),
                    }
            }
            Family::Numbers => {
                self.shown.contains_key(&finding.collection)
                    && !self.numbers_untold.contains(&(finding.collection.clone(), rule.to_owned()))
            }
            Family::Writes => true,
            Family::Schema if finding.kind == FindingKind::DanglingReference => !self.rules_unjudged.contains(rule),
            Family::Schema => self.shown.contains_key(&finding.collection),
            Family::Rules => !self.rules_unjudged.contains(rule),
            Family::Settings => !self.settings_untold.contains(&finding.kind),
        }
    }
}
