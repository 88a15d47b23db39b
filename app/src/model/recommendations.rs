//! What might be done, as far as something here can tell.

use super::trouble::Panel;

/// What is known today: findings whose fix can be proposed. Advisors come later.
#[derive(Debug, Clone)]
pub struct Recommendations {
    /// Findings that have a fix, the most urgent first.
    pub fixable: Panel<Vec<Fixable>>,
}

/// A finding that has a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixable {
    /// The finding's id.
    pub id: String,
    /// What was found.
    pub summary: String,
    /// In which document.
    pub document: String,
}
