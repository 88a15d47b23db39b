//! The design: every component in every state, on one page that a person and a test can look at.

use leptos::prelude::*;

use crate::frame::{PageHead, Sheet};

/// Buttons, tabs, filters, pages, and asking once more.
mod actions;

/// Charts and numbers.
mod charts;

/// Fields and their problems.
mod fields;

/// Colours, type and icons.
mod foundations;

/// Tables, facts, differences and what happened.
mod records;

/// States in words: badges, notices, and parts of a page that are empty, stale or not there.
mod states;

/// The parts of the page: ids and names.
const CONTENTS: [(&str, &str); 16] = [
    ("colours", "Colours"),
    ("type", "Type"),
    ("icons", "Icons"),
    ("badges", "Badges"),
    ("messages", "Messages"),
    ("panels", "Panels"),
    ("buttons", "Buttons"),
    ("navigation", "Tabs, filters, pages"),
    ("fields", "Fields"),
    ("confirming", "Asking once more"),
    ("tables", "Tables"),
    ("facts", "Facts"),
    ("differences", "Differences"),
    ("histories", "What happened"),
    ("stats", "Numbers"),
    ("charts", "Charts"),
];

/// The page.
pub(crate) fn sheet() -> Sheet {
    let lede = view! {
        <p>"Every component in every state. What is not here should not be on a page; what is on a page should be here."</p>
    }
    .into_any();
    let body = view! {
        <PageHead title="Design" lede=lede />
        <nav class="contents" aria-label="Components">
            <ul>
                {CONTENTS
                    .into_iter()
                    .map(|(id, name)| view! { <li><a href=format!("#{id}")>{name}</a></li> })
                    .collect_view()}
            </ul>
        </nav>
        {foundations::part()}
        {states::part()}
        {actions::part()}
        {fields::part()}
        {actions::confirming()}
        {records::part()}
        {charts::part()}
    }
    .into_any();
    Sheet { status: 200, title: "Design".to_owned(), section: None, body }
}

/// One component: what it is for, and all its states.
fn specimen(id: &'static str, about: &'static str, content: AnyView) -> AnyView {
    let name = CONTENTS.into_iter().find(|(each, _)| *each == id).map_or("", |(_, name)| name);
    view! {
        <section class="specimen" aria-labelledby=id>
            <h2 id=id>{name}</h2>
            <p>{about}</p>
            {content}
        </section>
    }
    .into_any()
}

/// One state of a component.
fn state(name: &'static str, content: AnyView) -> AnyView {
    view! {
        <div class="state">
            <h3>{name}</h3>
            {content}
        </div>
    }
    .into_any()
}

/// States side by side.
fn side_by_side(states: Vec<AnyView>) -> AnyView {
    view! { <div class="states">{states}</div> }.into_any()
}
