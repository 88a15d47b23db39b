//! What was typed into a form that asks for a reason, and sometimes for a word.

/// A form that asks for a reason before something is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActForm {
    /// Field `confirm`: the word that had to be typed.
    pub word: String,
    /// Field `reason`.
    pub reason: String,
    /// Field `idempotency_key`: made new for a fresh form, kept when it comes back.
    pub idempotency_key: String,
    /// What is wrong with it.
    pub problem: Option<ActProblem>,
}

/// What is wrong with such a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActProblem {
    /// The word; the sentence is shown at the field.
    Word(String),
    /// The reason; the sentence is shown at the field.
    Reason(String),
    /// Something else; the sentence is shown above the form.
    Whole(String),
}

impl ActForm {
    /// The problem of the whole form, and where it leads.
    pub(crate) fn summary(&self) -> Vec<(Option<&'static str>, String)> {
        match &self.problem {
            None => Vec::new(),
            Some(ActProblem::Word(said)) => vec![(Some("confirm"), said.clone())],
            Some(ActProblem::Reason(said)) => vec![(Some("reason"), said.clone())],
            Some(ActProblem::Whole(said)) => vec![(None, said.clone())],
        }
    }

    /// The status of the page that shows it.
    pub(crate) fn status(&self) -> u16 {
        if self.problem.is_some() { 422 } else { 200 }
    }
}
