//! Texts that the intake rules have stopped until a person has looked.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::intake::{Intake, IntakeCategory, IntakeFilter, IntakeRow, IntakeStanding, Subject},
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Tone},
        button::Button,
        field::SelectField,
        icon::Glyph,
        naming::{Code, Who},
        pager::{Neighbour, Pager},
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        when::When,
    },
    paths,
};

/// The page.
pub(super) fn sheet(found: Intake, filter: &IntakeFilter) -> Sheet {
    let (waiting, decided) = found.counts.unzip();
    let title = match waiting {
        Some(count) if count > 0 => format!("{count} waiting · Intake"),
        Some(_) | None => "Intake".to_owned(),
    };
    let lede = view! {
        <p>"Words that may ask for what the studio must not do. Rules stop them until a person has looked; nobody lets their own pass."</p>
    };
    let tabs = [(false, "Waiting", waiting), (true, "Decided", decided)]
        .map(|(decided, name, count)| Tab {
            name: name.to_owned(),
            href: paths::intake(&IntakeFilter { decided, from: None, ..filter.clone() }),
            is_current: filter.decided == decided,
            count,
        })
        .to_vec();
    let next = found.next.map(|from| Neighbour {
        href: paths::intake(&IntakeFilter { from: Some(from), ..filter.clone() }),
        name: if filter.decided { "Older" } else { "Newer" }.to_owned(),
    });
    let first = filter.from.map(|_| Neighbour {
        href: paths::intake(&IntakeFilter { from: None, ..filter.clone() }),
        name: if filter.decided { "Newest" } else { "Oldest" }.to_owned(),
    });
    let filter_now = filter.clone();
    let body = view! {
        <PageHead title="Intake" lede=lede.into_any() />
        <Tabs label="Which texts" tabs=tabs />
        {narrowing(filter)}
        {panel(found.rows, move |rows| list(rows, &filter_now))}
        <Pager label="Pages" previous=first next=next />
    };
    Sheet::new(Section::Intake, title, body.into_any())
}

fn narrowing(filter: &IntakeFilter) -> AnyView {
    let options = [(String::new(), "Anything".to_owned())]
        .into_iter()
        .chain(IntakeCategory::ALL.map(|category| (category.word().to_owned(), category.title().to_owned())))
        .collect();
    let show = filter.decided.then(|| view! { <input type="hidden" name="show" value="decided" /> });
    let without = IntakeFilter { category: None, from: None, ..filter.clone() };
    view! {
        <search>
            <form class="filters" method="get" action=paths::INTAKE>
                {show}
                <SelectField
                    id="category"
                    label="May be about"
                    options=options
                    chosen=filter.category.map_or("", IntakeCategory::word)
                />
                <Button label="Show" />
                {filter
                    .category
                    .is_some()
                    .then(|| view! { <a class="clear" href=paths::intake(&without)>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<IntakeRow>, filter: &IntakeFilter) -> AnyView {
    if rows.is_empty() && filter.category.is_some() {
        let clear = paths::intake(&IntakeFilter { category: None, from: None, ..filter.clone() });
        return view! { <FilteredEmpty what="No text matches" clear=clear /> }.into_any();
    }
    if rows.is_empty() {
        let (what, more) = match (filter.from.is_some(), filter.decided) {
            (true, _) => ("No more texts", "This is the end of the list."),
            (false, true) => ("Nothing was decided yet", "What was decided is kept here."),
            (false, false) => ("Nothing waits", "Every text that the rules have stopped was looked at."),
        };
        return view! { <Empty glyph=Glyph::Checked what=what more=more /> }.into_any();
    }
    let columns = ["May be about", "Belongs to", "Written by", "Since", "State"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Sure")]).collect();
    let rows = rows.into_iter().map(|row| {
        Row::of(vec![
            view! {
                <a class="row-title" href=paths::intake_item(row.id)>{row.category.title()}</a>
                <span class="row-note">{excerpt(row.excerpt)}</span>
            }
            .into_any(),
            subject(row.subject),
            view! { <Who actor=row.requester /> }.into_any(),
            view! { <When at=row.since /> }.into_any(),
            standing(row.standing),
            format!("{} %", row.score).into_any(),
        ])
    });
    let caption =
        if filter.decided { "Texts that were decided, newest first" } else { "Texts that wait, oldest first" };
    view! { <Table caption=caption columns=columns rows=rows.collect() /> }.into_any()
}

/// A few harmless words around the first find.
pub(super) fn excerpt(text: String) -> AnyView {
    if text.is_empty() {
        view! { <span class="missing">"no words were kept"</span> }.into_any()
    } else {
        view! { <q>{text}</q> }.into_any()
    }
}

/// What a text belongs to.
pub(super) fn subject(subject: Subject) -> AnyView {
    match subject {
        Subject::Proposal(id) => {
            let short: String = id.chars().take(13).collect();
            view! { "Proposal " <a class="code" href=paths::proposal(&id)>{short} "…"</a> }.into_any()
        }
        Subject::Document(path) => view! { <Code text=path /> }.into_any(),
        Subject::Other(name) => name.into_any(),
    }
}

/// Where a text stands.
pub(super) fn standing(standing: IntakeStanding) -> AnyView {
    let (tone, glyph, word) = match standing {
        IntakeStanding::Waiting => (Tone::Active, Glyph::Clock, "Waits"),
        IntakeStanding::Granted => (Tone::Good, Glyph::Checked, "May go on"),
        IntakeStanding::Denied => (Tone::Bad, Glyph::Refused, "Stopped"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}
