//! The ledger of writes.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        queue::Turn,
        writes::{LastRehearsal, Ledger, LedgerPart, WriteFilter, WriteState},
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        icon::Glyph,
        pager::{Neighbour, Pager},
        rows::WriteTable,
        state,
        tabs::{Tab, Tabs},
        when::{When, counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(ledger: Ledger, filter: WriteFilter) -> Sheet {
    let unfiltered = ledger.unfiltered;
    let lede =
        view! { <p>"Every write that was sent, or meant to be sent, to the cloud. Nothing is ever removed."</p> }
            .into_any();
    let tabs = [tab(None, "All", &filter)]
        .into_iter()
        .chain(WriteState::ALL.into_iter().map(|each| tab(Some(each), state::write_word(each), &filter)))
        .collect();
    let body = view! {
        <PageHead title="Writes" lede=lede />
        <Tabs label="Which writes" tabs=tabs />
        {panel(ledger.rehearsed, rehearsed)}
        {panel(ledger.rows, move |part| list(part, unfiltered, &filter))}
    }
    .into_any();
    Sheet::new(Section::Writes, "Writes", body)
}

/// One line: could everything be taken back when that was last tried on paper?
fn rehearsed(last: Option<LastRehearsal>) -> AnyView {
    let Some(LastRehearsal { at, clean, all, unknown }) = last else {
        return view! { <p class="list-count">"Taking everything back was never rehearsed."</p> }.into_any();
    };
    let told = match (all, unknown) {
        (0, _) => "no write stood".to_owned(),
        (_, 0) => format!("{clean} of {all} clean"),
        _ => format!("{clean} of {all} clean, {unknown} could not be told"),
    };
    view! { <p class="list-count">"Taking everything back: last rehearsed " <When at=at /> ", " {told} "."</p> }
        .into_any()
}

fn tab(each: Option<WriteState>, name: &'static str, current: &WriteFilter) -> Tab {
    let href = paths::writes(&WriteFilter { state: each, turn: None });
    Tab { name: name.to_owned(), href, is_current: each == current.state, count: None }
}

fn list(part: LedgerPart, unfiltered: Option<u64>, filter: &WriteFilter) -> AnyView {
    let meaning = filter.state.map(|state| view! { <p class="list-count">{state::write_meaning(state)}</p> });
    if !part.rows.is_empty() {
        let shown = counted(part.rows.len() as u64, "write", "writes");
        let place = match unfiltered {
            Some(all) if filter.state.is_none() && all > part.rows.len() as u64 => {
                format!("{shown} of {}, newest first", number(all))
            }
            Some(_) | None => format!("{shown}, newest first"),
        };
        let beside = |turn: Option<Turn>, name: &str| {
            turn.map(|turn| Neighbour {
                href: paths::writes(&WriteFilter { turn: Some(turn), ..filter.clone() }),
                name: name.to_owned(),
            })
        };
        let (previous, next) = (beside(part.previous, "Newer"), beside(part.next, "Older"));
        return view! {
            {meaning}
            <p class="list-count">{place.clone()}</p>
            <WriteTable rows=part.rows caption="Writes, newest first" />
            <Pager label="Pages of the ledger" previous=previous next=next place=place />
        }
        .into_any();
    }
    if filter.state.is_some() || filter.turn.is_some() {
        let what = match unfiltered {
            Some(count) => format!("None of {} is in this state", counted(count, "write", "writes")),
            None => "No write is in this state".to_owned(),
        };
        return view! { {meaning} <FilteredEmpty what=what clear=paths::WRITES /> }.into_any();
    }
    view! {
        <Empty glyph=Glyph::Write what="Nothing was written yet" more="Approved proposals end up here, with their receipts." />
    }
    .into_any()
}
