//! Field changes: old and new, told by mark and word as well as by colour.

use leptos::prelude::*;

use crate::model::facts::{FieldChange, FieldValue, ValueKind};

/// What the two sides of a comparison are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    /// What the table compares, for its caption.
    pub(crate) caption: &'static str,
    /// The left side.
    pub(crate) before: &'static str,
    /// The right side.
    pub(crate) after: &'static str,
}

/// Field changes as a table.
#[component]
pub(crate) fn Diff(changes: Vec<FieldChange>, sides: Sides) -> impl IntoView {
    view! {
        <div class="scroll" role="group" aria-label=sides.caption tabindex="0">
            <table class="diff">
                <caption class="hidden">{sides.caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">{sides.before}</th>
                        <th scope="col">{sides.after}</th>
                    </tr>
                </thead>
                <tbody>
                    {changes
                        .into_iter()
                        .map(|change| {
                            let types_differ = matches!(
                                (kind_of(&change.before), kind_of(&change.after)),
                                (Some(before), Some(after)) if before != after
                            );
                            view! {
                                <tr>
                                    <th scope="row" data-label="Field">
                                        <code class="code">{change.path}</code>
                                    </th>
                                    <td data-label=sides.before>{old(change.before, types_differ)}</td>
                                    <td data-label=sides.after>{new(change.after, types_differ)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// How many fields a change adds, removes and alters, such as `+1 added, ~2 changed`.
pub(crate) fn tally(changes: &[FieldChange]) -> String {
    let (mut added, mut removed, mut altered) = (0, 0, 0);
    for change in changes {
        match (&change.before, &change.after) {
            (FieldValue::Missing, FieldValue::Missing) => {}
            (FieldValue::Missing, FieldValue::Present { .. }) => added += 1,
            (FieldValue::Present { .. }, FieldValue::Missing) => removed += 1,
            (FieldValue::Present { .. }, FieldValue::Present { .. }) => altered += 1,
        }
    }
    let parts: Vec<String> = [("+", added, "added"), ("−", removed, "removed"), ("~", altered, "changed")]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(mark, count, word)| format!("{mark}{count} {word}"))
        .collect();
    if parts.is_empty() { "no field changes".to_owned() } else { parts.join(", ") }
}

fn old(value: FieldValue, show_kind: bool) -> AnyView {
    match value {
        FieldValue::Missing => view! { <span class="missing">"not there"</span> }.into_any(),
        FieldValue::Present { kind, text } => view! {
            <del>
                <span class="mark" aria-hidden="true">"−"</span>
                <span class="hidden">"removed: "</span>
                <span class="value">{shown(kind, text)}</span>
            </del>
            {(show_kind && kind != ValueKind::Null).then(|| view! { " " <span class="kind">{kind_word(kind)}</span> })}
        }
        .into_any(),
    }
}

fn new(value: FieldValue, show_kind: bool) -> AnyView {
    match value {
        FieldValue::Missing => view! { <span class="missing">"not there"</span> }.into_any(),
        FieldValue::Present { kind, text } => view! {
            <ins>
                <span class="mark" aria-hidden="true">"+"</span>
                <span class="hidden">"added: "</span>
                <span class="value">{shown(kind, text)}</span>
            </ins>
            {(show_kind && kind != ValueKind::Null).then(|| view! { " " <span class="kind">{kind_word(kind)}</span> })}
        }
        .into_any(),
    }
}

fn shown(kind: ValueKind, text: String) -> String {
    match kind {
        ValueKind::Text if text.is_empty() => "\u{201c}\u{201d} (empty text)".to_owned(),
        ValueKind::Null => "null".to_owned(),
        ValueKind::Text
        | ValueKind::Boolean
        | ValueKind::Integer
        | ValueKind::Double
        | ValueKind::Timestamp
        | ValueKind::Bytes
        | ValueKind::Reference
        | ValueKind::GeoPoint
        | ValueKind::Array
        | ValueKind::Map => text,
    }
}

fn kind_of(value: &FieldValue) -> Option<ValueKind> {
    match value {
        FieldValue::Missing => None,
        FieldValue::Present { kind, .. } => Some(*kind),
    }
}

/// The type of a value, in words.
pub(crate) fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "boolean",
        ValueKind::Integer => "integer",
        ValueKind::Double => "double",
        ValueKind::Timestamp => "timestamp",
        ValueKind::Text => "text",
        ValueKind::Bytes => "bytes",
        ValueKind::Reference => "reference",
        ValueKind::GeoPoint => "geo point",
        ValueKind::Array => "array",
        ValueKind::Map => "map",
    }
}
