//! Form fields and their problems.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// The shortest reason a decision may have, in characters.
pub(crate) const SHORTEST_REASON: usize = 10;

/// What is wrong with a form, as the first thing a reader meets; each problem leads to its field.
#[component]
pub(crate) fn ErrorSummary(
    /// The id of the field, or nothing, and the sentence.
    problems: Vec<(Option<&'static str>, String)>,
) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        view! {
            <div class="error-summary" id="problems" role="alert" tabindex="-1" autofocus>
                <h2>"There is a problem"</h2>
                <ul>
                    {problems
                        .into_iter()
                        .map(|(field, message)| match field {
                            Some(field) => {
                                view! { <li><a href=format!("#{field}")>{message}</a></li> }.into_any()
                            }
                            None => view! { <li>{message}</li> }.into_any(),
                        })
                        .collect_view()}
                </ul>
            </div>
        }
    })
}

/// A text of several lines, with its label, hint and problem; what was typed stays.
#[component]
pub(crate) fn TextField(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    /// What was typed before.
    value: String,
    /// What is wrong with it.
    #[prop(default = None)]
    problem: Option<String>,
    #[prop(default = SHORTEST_REASON)] shortest: usize,
    #[prop(default = 500)] longest: usize,
) -> impl IntoView {
    let described = match problem {
        Some(_) => format!("{id}-problem {id}-hint"),
        None => format!("{id}-hint"),
    };
    let invalid = problem.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            {problem
                .map(|problem| {
                    view! {
                        <p class="problem" id=format!("{id}-problem")>
                            <Icon glyph=Glyph::Warning />
                            <span>{problem}</span>
                        </p>
                    }
                })}
            <textarea
                id=id
                name=id
                rows="3"
                required
                minlength=shortest.to_string()
                maxlength=longest.to_string()
                aria-describedby=described
                aria-invalid=invalid
                inner_html=textarea_content(&value)
            ></textarea>
        </div>
    }
}

/// A textarea's content as markup.
///
/// Leptos does not escape a textarea's children, so this must; the newline in front is the one HTML drops.
fn textarea_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}
