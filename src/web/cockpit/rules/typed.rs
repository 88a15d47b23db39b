//! What was typed into a form that asks for a reason, and what is wrong with it.

use axum::http::StatusCode;
use serde::Deserialize;
use studio_cockpit::model::acts::{ActForm, ActProblem};

use crate::domain::capability::BadInput;
use crate::domain::reason::Reason;
use crate::gate::GateError;
use crate::web::cockpit::pages::fresh_key;
use crate::web::denial::{is_about_reason, kind_of};
use crate::web::problem::Problem;

/// The fields of a form that asks for a reason.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct ActFields {
    pub(super) confirm: String,
    pub(super) reason: String,
    pub(super) idempotency_key: String,
}

impl ActFields {
    /// The form as it comes back.
    pub(super) fn back(self, problem: ActProblem) -> ActForm {
        let Self { confirm, reason, idempotency_key } = self;
        ActForm { word: confirm, reason, idempotency_key, problem: Some(problem) }
    }

    /// What is wrong with the word that had to be typed, if anything is.
    pub(super) fn word_missing(&self, word: &str) -> Option<ActProblem> {
        let is_typed = self.confirm.trim() == word;
        (!is_typed).then(|| ActProblem::Word(format!("Type {word} in capitals, as shown.")))
    }
}

/// A form that nobody has filled in.
pub(super) fn fresh() -> ActForm {
    ActForm { idempotency_key: fresh_key(), ..ActForm::default() }
}

/// What the gate did not do, in the words of the form, and the status of the answer.
///
/// # Errors
/// It was nothing that the form could tell: the problem that it is.
pub(super) fn refused(error: GateError) -> Result<(ActProblem, StatusCode), Problem> {
    match error {
        GateError::Denied(reason) => {
            let said = reason.sentence().to_owned();
            let problem = if is_about_reason(reason) { ActProblem::Reason(said) } else { ActProblem::Whole(said) };
            Ok((problem, kind_of(reason).status()))
        }
        GateError::Input(input) => Ok((ActProblem::Whole(sentence(&input)), kind_of(Reason::InputInvalid).status())),
        error @ (GateError::Overwritten(_)
        | GateError::Limited(_)
        | GateError::Missing { .. }
        | GateError::Store(_)) => Err(error.into()),
    }
}

/// A rule as a sentence.
pub(super) fn sentence(input: &BadInput) -> String {
    let mut rule = input.rule.chars();
    let first = rule.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rule).chain(['.']).collect()
}
