//! How the studio stands, what changed, and how it went over days. Every number leads to its documents.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        documents::DocumentFilter,
        state::{
            Behind, Changes, CollectionStanding, Completeness, Counted, Figure, FigureBlock, NumberChange, Since,
            StateChoice, StudioState,
        },
        trouble::Panel,
    },
    pages::trends,
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Notice, Tone},
        icon::Glyph,
        naming::Code,
        state,
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        when::When,
    },
    paths,
};

/// The page.
pub(crate) fn sheet(model: StudioState, choice: &StateChoice) -> Sheet {
    let body = view! {
        <PageHead title="State" lede=lede(&model.now) />
        {model.behind.map(|behind| panel(behind, |behind| documents(behind, choice)))}
        {panel(model.now, |now| standing(now, choice))}
        <section aria-labelledby="changed">
            <h2 id="changed">"What changed"</h2>
            {choices(choice)}
            {panel(model.changes, |changes| changed(changes, choice))}
        </section>
        <section aria-labelledby="trends">
            <h2 id="trends">"Over the days"</h2>
            {panel(model.trends, trends::part)}
        </section>
    }
    .into_any();
    Sheet::new(Section::State, "State", body)
}

fn lede(now: &Panel<Option<Counted>>) -> AnyView {
    let Ok(Some(counted)) = now else {
        return view! { <p>"How the studio stands is not known yet."</p> }.into_any();
    };
    let (tone, glyph, word) = match counted.completeness {
        Completeness::Full => (Tone::Good, Glyph::Checked, "Everything is known"),
        Completeness::Partial => (Tone::Warn, Glyph::Warning, "Not everything is known"),
        Completeness::Unknown => (Tone::Quiet, Glyph::Question, "Nothing is known"),
    };
    view! {
        <p>
            <Badge tone=tone glyph=glyph word=word />
            {format!(" Derived from cloud, for the studio's day {}, counted ", counted.day)}
            <When at=counted.at />
        </p>
    }
    .into_any()
}

fn standing(now: Option<Counted>, choice: &StateChoice) -> AnyView {
    let Some(counted) = now else {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="Nothing was counted yet"
                more="The state is counted once the first collection was read."
            />
        }
        .into_any();
    };
    view! {
        {(!counted.warnings.is_empty())
            .then(|| {
                view! {
                    <Notice tone=Tone::Warn glyph=Glyph::Warning>
                        <ul>
                            {counted.warnings.into_iter().map(|warning| view! { <li>{warning}</li> }).collect_view()}
                        </ul>
                    </Notice>
                }
            })}
        <div class="halves">{counted.blocks.into_iter().map(|each| block(each, choice)).collect_view()}</div>
        <section aria-labelledby="collections">
            <h2 id="collections">"Collections"</h2>
            {collections(counted.collections, choice)}
        </section>
    }
    .into_any()
}

/// The page with the documents behind this number.
fn behind(number: &str, choice: &StateChoice) -> String {
    let since = choice.since;
    paths::state(&StateChoice { since, number: Some(number.to_owned()), ..StateChoice::default() })
}

/// A number that leads to its documents; what is unknown leads nowhere.
fn linked(value: Option<i64>, number: &str, choice: &StateChoice) -> AnyView {
    match value {
        Some(value) => view! { <a href=behind(number, choice)>{value.to_string()}</a> }.into_any(),
        None => view! { <span class="missing">"unknown"</span> }.into_any(),
    }
}

fn block(block: FigureBlock, choice: &StateChoice) -> AnyView {
    let row = |figure: Figure| {
        view! {
            <li>
                <span>{figure.meaning}</span>
                <span class="number">
                    {linked(figure.value, &figure.number, choice)}
                    {figure.worth.into_iter().map(|worth| format!(" ({worth})")).collect_view()}
                </span>
            </li>
        }
    };
    let label = block.title.clone();
    view! {
        <section aria-label=label>
            <h2>{block.title}</h2>
            <ul class="tally">{block.figures.into_iter().map(row).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn collections(rows: Vec<CollectionStanding>, choice: &StateChoice) -> AnyView {
    let columns = vec![
        Column::text("Collection"),
        Column::number("Documents"),
        Column::number("Open"),
        Column::number("Overdue"),
        Column::text("Oldest open"),
        Column::text("Words"),
        Column::text("As of"),
    ];
    let rows = rows.into_iter().map(|row| collection(row, choice)).collect();
    view! { <Table caption="Mirrored collections: how many, how old, how sure" columns=columns rows=rows /> }.into_any()
}

fn collection(row: CollectionStanding, choice: &StateChoice) -> Row {
    let name = row.collection.clone();
    let of = DocumentFilter { collection: Some(name.clone()), ..DocumentFilter::default() };
    let words = row.words.into_iter().map(|(number, word, count)| {
        view! { <li><a href=behind(&number, choice)>{word}</a> " " <span class="number">{count.to_string()}</span></li> }
    });
    let none = || view! { <span class="missing">"none"</span> }.into_any();
    let asked = |value: Option<i64>, number: String| match value {
        Some(value) => linked(Some(value), &number, choice),
        None => none(),
    };
    Row::of(vec![
        view! { <a href=paths::documents(&of)><Code text=row.collection /></a> }.into_any(),
        linked(row.documents, &format!("documents/{name}"), choice),
        asked(row.open, format!("standing/{name}/open")),
        asked(row.overdue, format!("overdue/{name}")),
        row.oldest_open.map_or_else(none, |at| view! { <When at=at /> }.into_any()),
        view! { <ul class="tally">{words.collect_view()}</ul> }.into_any(),
        view! { {state::freshness(row.freshness)} " " {row.as_of.map(|at| view! { <When at=at /> })} }.into_any(),
    ])
}

fn documents(behind: Behind, choice: &StateChoice) -> AnyView {
    let next = behind.next.map(|after| {
        let next = StateChoice {
            since: choice.since,
            number: Some(behind.number.clone()),
            after: Some(after),
            last_visit: None,
        };
        view! { <p class="aside"><a href=paths::state(&next)>"The next documents"</a></p> }
    });
    let rows = behind.documents.into_iter().map(|(path, due)| {
        view! {
            <li>
                <a href=paths::document(&path)><Code text=path.clone() /></a>
                {due.map(|due| view! { " due " <When at=due /> })}
            </li>
        }
    });
    let value = behind.value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
    view! {
        <section aria-labelledby="behind">
            <h2 id="behind">{format!("{}: {value}", behind.number)}</h2>
            <ul class="feed">{rows.collect_view()}</ul>
            {next}
            <p class="aside"><a href=paths::STATE>"Close"</a></p>
        </section>
    }
    .into_any()
}

fn choices(choice: &StateChoice) -> AnyView {
    let tab = |since| {
        let name = match since {
            Since::Yesterday => "Since yesterday",
            Since::LastVisit => "Since my last visit",
        };
        let href = paths::state(&StateChoice { since, ..StateChoice::default() });
        Tab { name: name.to_owned(), href, is_current: since == choice.since, count: None }
    };
    view! { <Tabs label="Since when" tabs=Since::ALL.map(tab).into() /> }.into_any()
}

fn changed(changes: Changes, choice: &StateChoice) -> AnyView {
    let (since, numbers) = match changes {
        Changes::Nothing { why } => {
            return view! { <Empty glyph=Glyph::Clock what="Nothing to compare with" more=why /> }.into_any();
        }
        Changes::Compared { since, numbers } => (since, numbers),
    };
    if numbers.is_empty() {
        return view! {
            <Empty glyph=Glyph::Checked what="Every number is the same" more="Nothing that is counted has changed." />
            <p class="aside">"Compared with " <When at=since /></p>
        }
        .into_any();
    }
    let columns = vec![Column::text("Number"), Column::number("Was"), Column::number("Is"), Column::text("Documents")];
    let rows = numbers.into_iter().map(|number| change(number, choice)).collect();
    view! {
        <p class="aside">"Compared with how it stood " <When at=since /></p>
        <Table caption="Numbers that changed, with the documents behind them" columns=columns rows=rows />
    }
    .into_any()
}

fn change(change: NumberChange, choice: &StateChoice) -> Row {
    let before = change.before.map_or_else(|| "unknown".to_owned(), |before| before.to_string());
    let names = change.documents.into_iter().map(|path| {
        let page = paths::document(&path);
        view! { <a href=page><Code text=path /></a> " " }
    });
    Row::of(vec![
        view! { <Code text=change.number.clone() /> }.into_any(),
        before.into_any(),
        linked(change.after, &change.number, choice),
        view! {
            {names.collect_view()}
            {(change.more > 0).then(|| format!("and {} more", change.more))}
            {change.untold.map(|why| view! { <span class="missing">{why}</span> })}
        }
        .into_any(),
    ])
}
