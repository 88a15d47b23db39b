//! A document's versions: what was seen when, two of them to compare, one to bring back.

use leptos::prelude::*;

use crate::{
    model::{
        documents::{DocumentChoice, DocumentHistory, VersionRow, VersionSeen},
        facts::May,
    },
    parts::{
        badge::{Badge, Tone},
        button::{Button, WhyNot},
        diff::tally,
        icon::Glyph,
        pager::{Neighbour, Pager},
        table::{Column, Row, Table},
        when::{Exactly, Revision},
    },
    paths,
};

/// The versions, with a choice of two to compare.
pub(super) fn part(history: DocumentHistory, address: &str, choice: &DocumentChoice, may_restore: &May) -> AnyView {
    if history.versions.is_empty() {
        return view! { <p class="missing">"No version of it is kept."</p> }.into_any();
    }
    let why = match may_restore {
        May::Yes => None,
        May::No { why } => Some(why.clone()),
    };
    let several = history.versions.len() > 1;
    let mut columns = vec![Column::text("Seen"), Column::text("What"), Column::text("Changed")];
    if several {
        columns.push(Column::text("Compare"));
    }
    if why.is_none() {
        columns.push(Column::text("Bring back"));
    }
    // Without a choice the two newest are offered.
    let newest = history.versions.first().map(|version| version.name.clone());
    let second = history.versions.get(1).map(|version| version.name.clone());
    let to = choice.to.clone().or(newest);
    let from = choice.from.clone().or(second);
    let rows = history
        .versions
        .into_iter()
        .enumerate()
        .map(|(at, version)| row((at, version), address, (&from, &to), several, why.is_none()))
        .collect();
    let older = history.older.map(|before| Neighbour {
        href: paths::document_at(address, &DocumentChoice { before: Some(before), ..DocumentChoice::default() }),
        name: "Older versions".to_owned(),
    });
    let first =
        choice.before.is_some().then(|| Neighbour { href: address.to_owned(), name: "Newest versions".to_owned() });
    let table = view! { <Table caption="Versions that were seen, newest first" columns=columns rows=rows /> };
    let table = if several {
        view! {
            <form method="get" action=address.to_owned() class="versions">
                {choice.before.clone().map(|before| view! { <input type="hidden" name="before" value=before /> })}
                {table}
                <div class="buttons">
                    <Button label="Compare the chosen two" glyph=Glyph::Level />
                </div>
            </form>
        }
        .into_any()
    } else {
        table.into_any()
    };
    view! {
        <p class="aside">{history.note}</p>
        {table}
        {why.map(|why| view! { <WhyNot why=format!("Restoring: {why}") /> })}
        <Pager label="Pages of versions" previous=first next=older />
    }
    .into_any()
}

fn row(
    (place, version): (usize, VersionRow),
    address: &str,
    (from, to): (&Option<String>, &Option<String>),
    several: bool,
    may_restore: bool,
) -> Row {
    let is_newest = version.is_newest;
    let restorable = matches!(version.seen, VersionSeen::Document { .. }) && !is_newest;
    let seen = match version.seen {
        VersionSeen::Document { updated_at } => view! { "Revision " <Revision at=updated_at /> }.into_any(),
        VersionSeen::Unreadable { why } => view! {
            <Badge tone=Tone::Warn glyph=Glyph::Question word="Could not be kept" />
            <span class="row-note">{why}</span>
        }
        .into_any(),
        VersionSeen::Deleted => view! { <Badge tone=Tone::Quiet glyph=Glyph::Cross word="Deleted" /> }.into_any(),
    };
    let changed = match &version.changes {
        Some(changes) => tally(changes).into_any(),
        None => view! { <span class="missing">"nothing to compare with"</span> }.into_any(),
    };
    let at = view! {
        <Exactly at=version.observed />
        {is_newest.then(|| view! { " " <Badge tone=Tone::Good glyph=Glyph::Checked word="Stands now" /> })}
    };
    let mut cells = vec![at.into_any(), seen, changed];
    if several {
        let side = |name: &'static str, word: &'static str, chosen: &Option<String>| {
            let checked = chosen.as_ref() == Some(&version.name);
            let id = format!("{name}-{place}");
            let named = id.clone();
            view! {
                <span class="pick">
                    <input id=id type="radio" name=name value=version.name.clone() checked=checked />
                    <label for=named>{word}</label>
                </span>
            }
        };
        cells.push(
            view! { <span class="sides">{side("from", "Earlier", from)} {side("to", "Later", to)}</span> }.into_any(),
        );
    }
    if may_restore {
        let href =
            paths::document_at(address, &DocumentChoice { restore: Some(version.name), ..DocumentChoice::default() });
        cells.push(if restorable {
            view! { <a href=href>"Restore this one"</a> }.into_any()
        } else {
            view! { <span class="missing">"not this one"</span> }.into_any()
        });
    }
    Row::of(cells)
}
