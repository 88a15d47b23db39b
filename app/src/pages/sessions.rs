//! Who is signed in where.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Sheet},
    model::sessions::{SessionFilter, SessionRow, Sessions},
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Tone},
        button::{Button, ButtonLink, Emphasis},
        field::LineField,
        icon::Glyph,
        naming::kind_word,
        table::{Column, Row, Table},
        titled::Titled,
        when::When,
    },
    paths,
};

/// The page.
pub(crate) fn sheet(sessions: Sessions, filter: &SessionFilter) -> Sheet {
    let lede = view! { <p>"Every browser in which you are signed in. End what you do not know."</p> }.into_any();
    let is_admin = sessions.others.is_some();
    let actions = is_admin
        .then(|| view! { <ButtonLink label="Who may sign in" href=paths::STAFF glyph=Glyph::Person /> }.into_any());
    let filter = filter.clone();
    let body = view! {
        <PageHead title="Sessions" lede=lede actions=actions />
        <Titled id="mine" title="Yours">{panel(sessions.mine, mine)}</Titled>
        {sessions
            .others
            .map(|others| {
                view! {
                    <Titled id="others" title="Everybody else’s">
                        {narrow(&filter)} {panel(others, move |rows| everybody(rows, &filter))}
                    </Titled>
                }
            })}
    }
    .into_any();
    Sheet { status: 200, title: "Sessions".to_owned(), section: None, body }
}

fn mine(rows: Vec<SessionRow>) -> AnyView {
    let several = rows.len() > 1;
    let columns = ["Where", "Signed in", "Last seen", "Ends if unused", "Action"].map(Column::text).into();
    let rows = rows
        .into_iter()
        .map(|row| Row::of(vec![place(&row), when(row.began), when(row.seen), when(row.ends), end(&row)]));
    view! {
        <Table caption="Your sessions, the most recently used first" columns=columns rows=rows.collect() />
        {several
            .then(|| {
                view! {
                    <form method="post" action=paths::SESSIONS_END_OTHERS>
                        <Button label="End all others" emphasis=Emphasis::Danger glyph=Glyph::SignOut />
                    </form>
                }
            })}
    }
    .into_any()
}

fn everybody(rows: Vec<SessionRow>, filter: &SessionFilter) -> AnyView {
    if rows.is_empty() {
        return match &filter.person {
            Some(_) => {
                view! { <FilteredEmpty what="Nobody with that id is signed in" clear=paths::SESSIONS /> }.into_any()
            }
            None => view! {
                <Empty glyph=Glyph::Person what="Nobody else is signed in" more="Whoever signs in is listed here." />
            }
            .into_any(),
        };
    }
    let columns = ["Who", "Where", "Signed in", "Last seen", "Action"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let who = view! {
            <strong>{row.person.name.clone()}</strong>
            " "
            <span class="who-kind">{kind_word(row.person.kind)}</span>
        };
        Row::of(vec![who.into_any(), place(&row), when(row.began), when(row.seen), end(&row)])
    });
    view! { <Table caption="Everybody’s sessions, by person" columns=columns rows=rows.collect() /> }.into_any()
}

fn narrow(filter: &SessionFilter) -> AnyView {
    let person = filter.person.clone().unwrap_or_default();
    view! {
        <form method="get" action=paths::SESSIONS class="filters" role="search">
            <LineField id="person" label="Only this person’s id" value=person kind="search" />
            <Button label="Show" />
        </form>
    }
    .into_any()
}

fn place(row: &SessionRow) -> AnyView {
    let browser = if row.browser.is_empty() { "A browser that does not say".to_owned() } else { row.browser.clone() };
    view! {
        {browser} " "
        {row.is_this.then(|| view! { <Badge tone=Tone::Good glyph=Glyph::Checked word="This one" /> })}
    }
    .into_any()
}

fn when(at: jiff::Timestamp) -> AnyView {
    view! { <When at=at /> }.into_any()
}

fn end(row: &SessionRow) -> AnyView {
    let label = if row.is_this { "Sign out here" } else { "End" };
    view! {
        <form method="post" action=paths::SESSIONS_END>
            <input type="hidden" name="session" value=row.id.clone() />
            <Button label=label emphasis=Emphasis::Plain glyph=Glyph::SignOut />
        </form>
    }
    .into_any()
}
