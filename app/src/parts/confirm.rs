//! A page that asks once more, in place of a dialog: what will happen, a word to type, a reason, and a way back.

use leptos::prelude::*;

use super::{
    button::{Button, ButtonLink, Emphasis},
    field::{LineField, TextField},
    icon::{Glyph, Icon},
};
use crate::model::acts::{ActForm, ActProblem};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// A question that its button answers, such as `Stop all writes?`.
    pub(crate) title: String,
    /// What will happen, a sentence each.
    pub(crate) effects: Vec<String>,
    /// The word to type, where a slip of the hand would be dear.
    pub(crate) word: Option<&'static str>,
    /// The button's words: what it does, never `OK`.
    pub(crate) answer: String,
    /// Is it hard to undo?
    pub(crate) is_grave: bool,
}

/// What was typed, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Field `confirm`.
    pub(crate) word: String,
    /// Field `reason`.
    pub(crate) reason: String,
    /// What is wrong with the word.
    pub(crate) word_problem: Option<String>,
    /// What is wrong with the reason.
    pub(crate) reason_problem: Option<String>,
}

impl From<ActForm> for Typed {
    fn from(form: ActForm) -> Self {
        let (word_problem, reason_problem) = match form.problem {
            Some(ActProblem::Word(said)) => (Some(said), None),
            Some(ActProblem::Reason(said)) => (None, Some(said)),
            Some(ActProblem::Whole(_)) | None => (None, None),
        };
        Self { word: form.word, reason: form.reason, word_problem, reason_problem }
    }
}

/// Asks once more, as a form that works without scripts.
#[component]
pub(crate) fn Confirm(
    question: Question,
    typed: Typed,
    /// Where the answer is posted.
    #[prop(into)]
    action: String,
    /// Fields that are sent along.
    #[prop(default = Vec::new())]
    hidden: Vec<(&'static str, String)>,
    /// What has to be chosen before the reason is given.
    #[prop(default = None)]
    first: Option<AnyView>,
    /// The way back.
    #[prop(into)]
    back: String,
) -> impl IntoView {
    let emphasis = if question.is_grave { Emphasis::Grave } else { Emphasis::Primary };
    let Typed { word, reason, word_problem, reason_problem } = typed;
    view! {
        <section class="card confirm" aria-labelledby="confirm-title">
            <h2 id="confirm-title">{question.title}</h2>
            <ul class="confirm-effects">
                {question
                    .effects
                    .into_iter()
                    .map(|effect| view! { <li><Icon glyph=Glyph::Level /><span>{effect}</span></li> })
                    .collect_view()}
            </ul>
            <form method="post" action=action>
                {hidden
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                    .collect_view()}
                {first}
                {question
                    .word
                    .map(|wanted| {
                        view! {
                            <LineField
                                id="confirm"
                                label=format!("Type {wanted} to go on")
                                hint="In capitals, as shown."
                                value=word
                                problem=word_problem
                                is_required=true
                            />
                        }
                    })}
                <TextField
                    id="reason"
                    label="Reason"
                    hint="At least 10 characters. It is kept in the audit log."
                    value=reason
                    problem=reason_problem
                />
                <div class="buttons">
                    <Button label=question.answer emphasis=emphasis />
                    <ButtonLink label="Go back" href=back emphasis=Emphasis::Plain />
                </div>
            </form>
        </section>
    }
}
