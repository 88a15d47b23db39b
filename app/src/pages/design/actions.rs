//! Buttons, tabs, filters, pages, and asking once more.

use leptos::prelude::*;

use super::{side_by_side, specimen, state};
use crate::{
    parts::{
        button::{Button, ButtonLink, ButtonOff, Emphasis, WhyNot},
        confirm::{Confirm, Question, Typed},
        icon::Glyph,
        pager::{Breadcrumb, Neighbour, Pager},
        tabs::{Chip, Chips, Tab, Tabs},
    },
    paths,
};

/// Buttons, and what leads from list to list.
pub(super) fn part() -> AnyView {
    view! {
        {specimen(
            "buttons",
            "Words say what happens. One that cannot be pressed says why, near it.",
            buttons(),
        )}
        {specimen(
            "navigation",
            "Links, so that what is shown has an address: filter, sort and page can be kept and sent.",
            navigation(),
        )}
    }
    .into_any()
}

fn buttons() -> AnyView {
    view! {
        <form method="post" action=paths::DESIGN>
            <div class="buttons">
                <Button label="Approve" emphasis=Emphasis::Primary glyph=Glyph::Check sends=("pressed", "primary") />
                <Button label="Look again now" glyph=Glyph::Refresh sends=("pressed", "ordinary") />
                <Button label="Reject" emphasis=Emphasis::Danger glyph=Glyph::Cross sends=("pressed", "danger") />
                <Button label="Start over" emphasis=Emphasis::Plain sends=("pressed", "plain") />
                <Button label="Stop all writes" emphasis=Emphasis::Grave glyph=Glyph::Stop sends=("pressed", "grave") />
                <ButtonLink label="New proposal" href=paths::NEW_PROPOSAL glyph=Glyph::Plus />
                <ButtonOff label="Approve" why_id="design-why-not" />
            </div>
        </form>
        <WhyNot id="design-why-not" why="You proposed this; a colleague has to approve it." />
    }
    .into_any()
}

fn navigation() -> AnyView {
    let tab = |name: &str, is_current, count| Tab {
        name: name.to_owned(),
        href: format!("{}?show={}", paths::DESIGN, name.to_lowercase()),
        is_current,
        count,
    };
    let chip = |name: &str, value: &str| Chip {
        name: name.to_owned(),
        value: value.to_owned(),
        without: format!("{}?without={}", paths::DESIGN, name.to_lowercase()),
    };
    let page = |name: &str, number: u8| {
        Some(Neighbour { href: format!("{}?page={number}", paths::DESIGN), name: name.to_owned() })
    };
    let tabs = vec![tab("Waiting", true, Some(3)), tab("Decided", false, Some(1_204)), tab("All", false, None)];
    view! {
        <Tabs label="Which proposals" tabs=tabs />
        {side_by_side(
            vec![
                state(
                    "One filter",
                    view! { <Chips chips=vec![chip("Risk", "High")] clear=paths::DESIGN /> }.into_any(),
                ),
                state(
                    "Several",
                    view! { <Chips chips=vec![chip("Collection", "reservations"), chip("Kind", "Unknown word")] clear=paths::DESIGN /> }
                        .into_any(),
                ),
                state(
                    "First page",
                    view! { <Pager label="Pages, at the first" previous=None next=page("Older entries", 2) place="1 to 50 of 1,204" /> }
                        .into_any(),
                ),
                state(
                    "In the middle",
                    view! {
                        <Pager
                            label="Pages, in the middle"
                            previous=page("Newer", 1)
                            next=page("Older", 3)
                            place="51 to 100 of 1,204"
                        />
                    }
                        .into_any(),
                ),
                state(
                    "What lies above",
                    view! { <Breadcrumb trail=vec![(paths::OVERVIEW, "Today"), (paths::WRITES, "Writes")] /> }
                        .into_any(),
                ),
            ],
        )}
    }
    .into_any()
}

/// Asking once more, with a word that was mistyped.
pub(super) fn confirming() -> AnyView {
    let question = Question {
        title: "Stop all writes?".to_owned(),
        effects: vec![
            "Nothing leaves for the cloud until two people turn writes on again.".to_owned(),
            "3 approved proposals stay approved, and may expire while they wait.".to_owned(),
            "The mirror keeps following the cloud.".to_owned(),
        ],
        word: Some("STOP"),
        answer: "Stop all writes".to_owned(),
        is_grave: true,
    };
    let typed = Typed {
        word: "stop".to_owned(),
        reason: "The kiln controller is being replaced.".to_owned(),
        word_problem: Some("Type STOP in capitals.".to_owned()),
        reason_problem: None,
    };
    let content = view! {
        <Confirm
            question=question
            typed=typed
            action=paths::DESIGN
            hidden=vec![("idempotency_key", "k1".to_owned())]
            back=paths::DESIGN
        />
    };
    specimen(
        "confirming",
        "A page, not a dialog: it can be linked to, read aloud and left by going back. A word is typed only where a slip would be dear.",
        content.into_any(),
    )
}
