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
    /// It does, but where it is only shown.
    #[prop(default = true)]
    takes_focus: bool,
) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        view! {
            <div class="error-summary" id="problems" role="alert" tabindex="-1" autofocus=takes_focus>
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
            {problem.map(|problem| wrong(id, problem))}
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

/// A text of several lines under any name: what somebody typed into a form that is not here.
#[component]
pub(crate) fn TextArea(name: String, value: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name.clone()>{words_of(&name)}</label>
            <textarea id=name.clone() name=name rows="3" inner_html=textarea_content(&value)></textarea>
        </div>
    }
}

/// The name of a field as words: `freshness_bound` is `Freshness bound`.
pub(crate) fn words_of(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    first + &letters.as_str().replace(['_', '-'], " ")
}

/// A text of one line, with its label, hint and problem; what was typed stays.
#[component]
pub(crate) fn LineField(
    /// Its id and its name.
    id: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] hint: Option<&'static str>,
    /// What was typed before.
    value: String,
    /// What is wrong with it.
    #[prop(default = None)]
    problem: Option<String>,
    #[prop(default = false)] is_required: bool,
    #[prop(default = false)] is_disabled: bool,
    /// Filters search, forms take text.
    #[prop(default = "text")]
    kind: &'static str,
) -> impl IntoView {
    let described = described(id, problem.is_some(), hint.is_some());
    let invalid = problem.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {problem.map(|problem| wrong(id, problem))}
            <input
                id=id
                name=id
                type=kind
                value=value
                required=is_required
                disabled=is_disabled
                autocomplete="off"
                spellcheck="false"
                aria-describedby=described
                aria-invalid=invalid
            />
        </div>
    }
}

/// One of a list of words that need no explaining.
#[component]
pub(crate) fn SelectField(
    /// Its id and its name.
    id: &'static str,
    #[prop(into)] label: String,
    /// Values and what is shown for them.
    options: Vec<(String, String)>,
    /// The value that is chosen.
    #[prop(into)]
    chosen: String,
    #[prop(optional)] hint: Option<&'static str>,
    /// What is wrong with it.
    #[prop(default = None)]
    problem: Option<String>,
) -> impl IntoView {
    let described = described(id, problem.is_some(), hint.is_some());
    let invalid = problem.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {problem.map(|problem| wrong(id, problem))}
            <select id=id name=id aria-describedby=described aria-invalid=invalid>
                {options
                    .into_iter()
                    .map(|(value, shown)| {
                        let selected = value == chosen;
                        view! { <option value=value selected=selected>{shown}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// One thing that can be chosen, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What it is called.
    pub(crate) title: String,
    /// What it means.
    pub(crate) about: String,
}

/// One of a few things that need explaining.
#[component]
pub(crate) fn ChoiceField(
    /// Its name; the first choice's id, to which an error summary leads.
    id: &'static str,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    /// The value that is chosen, if one is.
    #[prop(default = None)]
    chosen: Option<String>,
    /// What is wrong with it.
    #[prop(default = None)]
    problem: Option<String>,
) -> impl IntoView {
    let described = problem.is_some().then(|| format!("{id}-problem"));
    let invalid = problem.is_some().then_some("true");
    view! {
        <fieldset class="options" aria-describedby=described aria-invalid=invalid>
            <legend>{legend}</legend>
            {problem.map(|problem| wrong(id, problem))}
            {choices
                .into_iter()
                .enumerate()
                .map(|(at, choice)| {
                    let each = if at == 0 { id.to_owned() } else { format!("{id}-{at}") };
                    let checked = chosen.as_ref() == Some(&choice.value);
                    view! {
                        <div class="option">
                            <input id=each.clone() type="radio" name=id value=choice.value checked=checked required />
                            <label for=each>
                                <strong>{choice.title}</strong>
                                <span>{choice.about}</span>
                            </label>
                        </div>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

/// Some of several things that need explaining.
#[component]
pub(crate) fn ManyField(
    /// Its name; the first choice's id, to which an error summary leads.
    id: &'static str,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    /// The values that are chosen.
    chosen: Vec<String>,
    /// What is wrong with them.
    #[prop(default = None)]
    problem: Option<String>,
) -> impl IntoView {
    let described = problem.is_some().then(|| format!("{id}-problem"));
    view! {
        <fieldset class="options" aria-describedby=described>
            <legend>{legend}</legend>
            {problem.map(|problem| wrong(id, problem))}
            {choices
                .into_iter()
                .enumerate()
                .map(|(at, choice)| {
                    let each = if at == 0 { id.to_owned() } else { format!("{id}-{at}") };
                    let checked = chosen.contains(&choice.value);
                    view! {
                        <div class="option">
                            <input id=each.clone() type="checkbox" name=id value=choice.value checked=checked />
                            <label for=each>
                                <strong>{choice.title}</strong>
                                <span>{choice.about}</span>
                            </label>
                        </div>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

/// The ids of what describes a field.
fn described(id: &str, has_problem: bool, has_hint: bool) -> Option<String> {
    let ids = [has_problem.then(|| format!("{id}-problem")), has_hint.then(|| format!("{id}-hint"))];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn wrong(id: &str, problem: String) -> AnyView {
    view! {
        <p class="problem" id=format!("{id}-problem")>
            <Icon glyph=Glyph::Warning />
            <span>{problem}</span>
        </p>
    }
    .into_any()
}

/// A textarea's content as markup.
///
/// Leptos does not escape a textarea's children, so this must; the newline in front is the one HTML drops.
fn textarea_content(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}
