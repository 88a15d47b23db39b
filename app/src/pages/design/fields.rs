//! Fields and their problems.

use leptos::prelude::*;

use super::{side_by_side, specimen, state};
use crate::{
    parts::{
        button::{Button, Emphasis},
        field::{Choice, ChoiceField, ErrorSummary, LineField, ManyField, SelectField, TextField},
        level::Level,
    },
    paths,
};

/// Fields, alone and in forms.
pub(super) fn part() -> AnyView {
    let problems = vec![
        (Some("design-short"), "The reason needs at least 10 characters.".to_owned()),
        (None, "The document changed while you were writing.".to_owned()),
    ];
    let content = view! {
        {state("What is wrong, first", view! { <ErrorSummary problems=problems takes_focus=false /> }.into_any())}
        <form method="post" action=paths::DESIGN class="form">
            {side_by_side(lines())}
            {choices()}
            <div class="buttons">
                <Button label="Send" emphasis=Emphasis::Primary />
            </div>
        </form>
        <search aria-label="Filter, as an example">
            <form class="filters" method="get" action=paths::DESIGN>
                <SelectField id="verdict" label="Verdict" options=verdicts() chosen="deny" />
                <LineField id="target" label="Target contains" value=String::new() kind="search" />
                <Button label="Show" />
                <a class="clear" href=paths::DESIGN>"Clear filters"</a>
            </form>
        </search>
    };
    specimen(
        "fields",
        "A label, a hint, and what is wrong, in this order and read out with the field. What was typed always stays.",
        content.into_any(),
    )
}

fn verdicts() -> Vec<(String, String)> {
    [("", "Any verdict"), ("allow", "Allowed"), ("deny", "Denied")]
        .map(|(value, shown)| (value.to_owned(), shown.to_owned()))
        .into()
}

fn lines() -> Vec<AnyView> {
    vec![
        view! { <LineField id="design-line" label="Document" hint="A path or an id." value="reservations/r-0042".to_owned() /> }
            .into_any(),
        view! {
            <LineField
                id="design-wrong"
                label="Until"
                value="yesterday".to_owned()
                problem=Some("Choose a day that is still to come.".to_owned())
                is_required=true
            />
        }
        .into_any(),
        view! { <LineField id="design-off" label="Studio" value="Monsoon West".to_owned() is_disabled=true /> }.into_any(),
        view! {
            <TextField
                id="design-short"
                label="Reason"
                hint="At least 10 characters. It is kept in the audit log."
                value="too short".to_owned()
                problem=Some("The reason needs at least 10 characters.".to_owned())
            />
        }
        .into_any(),
    ]
}

fn choices() -> AnyView {
    let choice =
        |value: &str, about: &str| Choice { value: value.to_owned(), title: value.to_owned(), about: about.to_owned() };
    let all = || {
        vec![
            choice("CONFIRMED", "The place is theirs."),
            choice("CANCELLED", "The place is free again; this is final."),
        ]
    };
    side_by_side(vec![
        view! { <ChoiceField id="design-status" legend="New status (now PENDING)" choices=all() chosen=Some("CONFIRMED".to_owned()) /> }
            .into_any(),
        view! {
            <ChoiceField
                id="design-unset"
                legend="New status, not chosen yet"
                choices=all()
                problem=Some("Choose the new status.".to_owned())
            />
        }
        .into_any(),
        view! {
            <ManyField
                id="design-many"
                legend="What it may do"
                choices=all()
                chosen=vec!["CANCELLED".to_owned()]
                problem=Some("Choose at least one.".to_owned())
            />
        }
        .into_any(),
        view! { <p>"Of a limit, " <Level remaining=Some(2) limit=Some(20) name="Left of the limit" /></p> }.into_any(),
        view! { <p>"Without one: " <Level remaining=None limit=None name="Left of no limit" /></p> }.into_any(),
    ])
}
