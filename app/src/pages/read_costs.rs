//! What Firestore bills because of us: by day, by cause, and what that is at the list price.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        reads::{DayCauses, DayCost, ReadCosts, ReadsChoice, Span, dollars, list_price_micros},
        trouble::Panel,
    },
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        chart::{Bar, BarChart, Limit, Shares},
        icon::Glyph,
        stat::Stat,
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        titled::Titled,
        when::{counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(costs: ReadCosts, choice: &ReadsChoice) -> Sheet {
    let title = match &costs.chosen {
        Ok(Some(day)) => format!("{} on {} · Reads", counted(day.spent, "read", "reads"), day.day),
        Ok(None) | Err(_) => "Reads".to_owned(),
    };
    let lede = view! { <p>"What Firestore bills because of this box, and what it was for."</p> }.into_any();
    let tab = |span: Span| Tab {
        name: format!("{} days", span.days()),
        href: paths::reads(&ReadsChoice { span, ..choice.clone() }),
        is_current: span == choice.span,
        count: None,
    };
    let tabs = Span::ALL.into_iter().map(tab).collect::<Vec<_>>();
    let (span, day, today) = (choice.span, choice.day.clone(), choice.day.is_none());
    let heading = day.map_or_else(|| "Today (UTC)".to_owned(), |day| format!("{day} (UTC)"));
    let body = view! {
        <PageHead title="Reads and cost" lede=lede />
        {tiles(&costs.days, span)}
        <Titled id="causes" title=heading>{panel(costs.chosen, move |day| causes(day, today))}</Titled>
        <Titled id="days" title="Day by day">
            <Tabs label="How far back" tabs=tabs />
            {panel(costs.days, move |days| list(days, span))}
        </Titled>
        <Titled id="price" title="Where the price comes from">{price()}</Titled>
    }
    .into_any();
    Sheet::new(Section::Reads, title, body)
}

/// The sum of what is known, and of how many days nothing is.
fn sum(days: &[DayCost], of: impl Fn(&DayCost) -> Option<u64>) -> (Option<u64>, usize) {
    let known: Vec<u64> = days.iter().filter_map(of).collect();
    ((!known.is_empty()).then(|| known.iter().sum()), days.len() - known.len())
}

fn tiles(days: &Panel<Vec<DayCost>>, span: Span) -> AnyView {
    let Ok(days) = days else { return ().into_any() };
    let over = format!("in {} days", span.days());
    let rests_on = |unknown: usize| match unknown {
        0 => over.clone(),
        some => format!("{over}; of {} nothing is known", counted(some as u64, "day", "days")),
    };
    let (reads, no_reads) = sum(days, |day| day.reads);
    let (writes, no_writes) = sum(days, |day| day.writes);
    let cost = reads
        .map_or_else(|| "Unknown".to_owned(), |reads| dollars(list_price_micros(reads, writes.unwrap_or_default())));
    let about = if writes.is_some() { "reads and writes, at the list price" } else { "reads alone, at the list price" };
    view! {
        <div class="tiles">
            <Stat name="Reads billed" value=reads note=rests_on(no_reads).into_any() href="#days" />
            <Stat name="Documents written" value=writes note=rests_on(no_writes).into_any() href=paths::WRITES />
            <a class="tile" href="#price">
                <span class="tile-name">"Cost, roughly"</span>
                <span class="tile-value">{cost}</span>
                <span class="tile-note">{about}</span>
            </a>
        </div>
    }
    .into_any()
}

fn causes(day: Option<DayCauses>, today: bool) -> AnyView {
    let Some(day) = day else {
        let more = "Nothing was counted, which is not the same as nothing being read: the service may not have run.";
        return view! { <Empty glyph=Glyph::Question what="Nothing is known of this day" more=more /> }.into_any();
    };
    let of = day.budget.map_or_else(|| "an unknown budget".to_owned(), number);
    let cost = dollars(list_price_micros(day.spent, 0));
    let waits = if today { " Drift samples, proofs and reading collections again wait for tomorrow." } else { "" };
    let paused = day.is_paused.then(|| {
        view! { " " <Badge tone=Tone::Warn glyph=Glyph::Warning word="Budget spent" /> {waits} }
    });
    let so_far = if today { " so far" } else { "" };
    let told = format!("{} billed{so_far}, of {of}: {cost} at the list price.", counted(day.spent, "read", "reads"));
    let nothing = day.by_cause.is_empty();
    view! {
        <p>{told} {paused}</p>
        {(!nothing)
            .then(|| {
                view! {
                    <div class="halves">
                        <Shares caption="Reads by cause" each="Cause" unit="Reads" parts=day.by_cause />
                        <Shares caption="Reads by collection" each="Collection" unit="Reads" parts=day.by_collection />
                    </div>
                }
            })}
    }
    .into_any()
}

fn list(days: Vec<DayCost>, span: Span) -> AnyView {
    if days.iter().all(|day| day.reads.is_none() && day.writes.is_none_or(|writes| writes == 0)) {
        let more = "They are written down every few seconds while the service runs.";
        return view! { <Empty glyph=Glyph::Cost what="No day was counted yet" more=more /> }.into_any();
    }
    let bars = days.iter().map(|day| Bar { name: day.day.clone(), value: day.reads }).collect();
    let budget = days.iter().rev().find_map(|day| day.budget);
    let chart = match budget {
        Some(value) => {
            let limit = Limit { name: "Budget".to_owned(), value };
            view! { <BarChart id="reads-by-day" title="Reads by day" unit="Reads" each="Day" bars=bars limit=limit /> }
                .into_any()
        }
        None => {
            view! { <BarChart id="reads-by-day" title="Reads by day" unit="Reads" each="Day" bars=bars /> }.into_any()
        }
    };
    let unknown = || view! { <span class="missing">"unknown"</span> }.into_any();
    let told = |value: Option<u64>| value.map_or_else(unknown, |value| number(value).into_any());
    let row = |day: DayCost| {
        let cost = day.reads.map(|reads| dollars(list_price_micros(reads, day.writes.unwrap_or_default())));
        let href = paths::reads(&ReadsChoice { span, day: Some(day.day.clone()) });
        Row::of(vec![
            view! { <a href=href>{day.day}</a> }.into_any(),
            told(day.reads),
            told(day.budget),
            told(day.writes),
            cost.map_or_else(unknown, IntoAny::into_any),
        ])
    };
    let columns = vec![
        Column::text("Day (UTC)"),
        Column::number("Reads"),
        Column::number("Budget"),
        Column::number("Written"),
        Column::number("Cost, roughly"),
    ];
    let rows = days.into_iter().rev().map(row).collect();
    view! {
        {chart}
        <Table caption="Reads, writes and their cost day by day, newest first" columns=columns rows=rows class="list ledger" />
    }
    .into_any()
}

fn price() -> AnyView {
    view! {
        <div class="card">
            <p>
                "Google’s list price for multi-regions such as nam5: US$ 0.06 for 100,000 reads and US$ 0.18 for 100,000 written documents. Single regions have prices of their own. The free share of a day (50,000 reads, 20,000 writes, counted in Pacific time) is not taken off, and neither storage nor traffic is in it."
            </p>
            <p>
                "Reads are counted here by Google’s rules as they happen; a crash forgets the last few seconds. Written documents are those that the ledger knows to have landed, each with its receipt; the lease, anchors of the audit log and writes of other programs are not among them. What is really owed stands on Google’s invoice."
            </p>
            <p class="aside">"Source: firebase.google.com/docs/firestore/pricing"</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_which_nothing_is_known_are_told_and_never_counted_as_zero() {
        let day = |reads| DayCost { day: String::new(), reads, writes: None, budget: None };
        assert_eq!(sum(&[day(Some(3)), day(None), day(Some(4))], |day| day.reads), (Some(7), 1));
        assert_eq!(sum(&[day(None)], |day| day.reads), (None, 1));
    }
}
