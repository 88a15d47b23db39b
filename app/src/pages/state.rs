//! How the studio stands, what changed, and how it went over days. Every number leads to its documents.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
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
    view! {
        <table class="list">
            <caption class="hidden">"Mirrored collections: how many, how old, how sure"</caption>
            <thead>
                <tr>
                    <th scope="col">"Collection"</th>
                    <th scope="col" class="number">"Documents"</th>
                    <th scope="col" class="number">"Open"</th>
                    <th scope="col" class="number">"Overdue"</th>
                    <th scope="col">"Oldest open"</th>
                    <th scope="col">"Words"</th>
                    <th scope="col">"As of"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| collection(row, choice)).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn collection(row: CollectionStanding, choice: &StateChoice) -> AnyView {
    let name = row.collection.clone();
    let words = row.words.into_iter().map(|(number, word, count)| {
        view! { <li><a href=behind(&number, choice)>{word}</a> " " <span class="number">{count.to_string()}</span></li> }
    });
    view! {
        <tr>
            <th scope="row" data-label="Collection"><code class="code">{row.collection}</code></th>
            <td class="number" data-label="Documents">
                {linked(row.documents, &format!("documents/{name}"), choice)}
            </td>
            <td class="number" data-label="Open">
                {row.open.map(|open| linked(Some(open), &format!("standing/{name}/open"), choice))}
            </td>
            <td class="number" data-label="Overdue">
                {row.overdue.map(|over| linked(Some(over), &format!("overdue/{name}"), choice))}
            </td>
            <td data-label="Oldest open">{row.oldest_open.map(|at| view! { <When at=at /> })}</td>
            <td data-label="Words"><ul class="tally">{words.collect_view()}</ul></td>
            <td data-label="As of">
                {state::freshness(row.freshness)}
                " "
                {row.as_of.map(|at| view! { <When at=at /> })}
            </td>
        </tr>
    }
    .into_any()
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
                <Code text=path />
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
    let entries = Since::ALL.into_iter().map(|since| {
        let name = match since {
            Since::Yesterday => "Since yesterday",
            Since::LastVisit => "Since my last visit",
        };
        let here = (since == choice.since).then_some("page");
        let target = paths::state(&StateChoice { since, ..StateChoice::default() });
        view! { <li><a href=target aria-current=here>{name}</a></li> }
    });
    view! {
        <nav class="tabs" aria-label="Since when">
            <ul>{entries.collect_view()}</ul>
        </nav>
    }
    .into_any()
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
    view! {
        <p class="aside">"Compared with how it stood " <When at=since /></p>
        <table class="list">
            <caption class="hidden">"Numbers that changed, with the documents behind them"</caption>
            <thead>
                <tr>
                    <th scope="col">"Number"</th>
                    <th scope="col" class="number">"Was"</th>
                    <th scope="col" class="number">"Is"</th>
                    <th scope="col">"Documents"</th>
                </tr>
            </thead>
            <tbody>{numbers.into_iter().map(|number| change(number, choice)).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn change(change: NumberChange, choice: &StateChoice) -> AnyView {
    let before = change.before.map_or_else(|| "unknown".to_owned(), |before| before.to_string());
    let names = change.documents.into_iter().map(|path| view! { <Code text=path /> " " }).collect_view();
    view! {
        <tr>
            <th scope="row" data-label="Number"><code class="code">{change.number.clone()}</code></th>
            <td class="number" data-label="Was">{before}</td>
            <td class="number" data-label="Is">{linked(change.after, &change.number, choice)}</td>
            <td data-label="Documents">
                {names}
                {(change.more > 0).then(|| format!("and {} more", change.more))}
                {change.untold.map(|why| view! { <span class="missing">{why}</span> })}
            </td>
        </tr>
    }
    .into_any()
}
