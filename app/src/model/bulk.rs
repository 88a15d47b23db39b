//! Several proposals decided at once: only of low risk, only of one kind.

use super::{
    facts::{Capability, May},
    proposals::ProposalRow,
};

/// What was chosen, and what may be done with it.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Each proposal that was chosen and is there.
    pub items: Vec<BulkItem>,
    /// The one kind of change that they are of; `None` when they are of several, or none was chosen.
    pub capability: Option<Capability>,
    /// Whether they may be decided together.
    pub may: May,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct BulkItem {
    /// What the list shows.
    pub row: ProposalRow,
    /// The hash that an approval covers.
    pub content_hash: String,
    /// What the viewer has decided about it, if they have.
    pub decided: Option<super::proposals::Choice>,
}

/// The form that decides them: `POST /proposals/bulk`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkForm {
    /// Fields `item`: the proposals, by their ids.
    pub ids: Vec<String>,
    /// Field `reason`.
    pub reason: String,
    /// Has it just been sent? Then each item tells what came of it.
    pub is_done: bool,
    /// What is wrong with it.
    pub problem: Option<super::forms::FormProblem>,
}

impl BulkForm {
    /// The most proposals that are decided at once.
    pub const MOST: usize = 50;

    /// Reads decoded query parameters or form fields; unknown names are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name {
                "item" if !form.ids.iter().any(|id| id == value) => form.ids.push(value.to_owned()),
                "done" => form.is_done = true,
                _ => {}
            }
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_twice_is_meant_once() {
        let form = BulkForm::from_pairs([("item", "a"), ("item", "b"), ("item", "a"), ("x", "y")]);
        assert_eq!(form.ids, ["a", "b"]);
        assert!(!form.is_done);
    }
}
