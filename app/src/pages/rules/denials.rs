//! What was denied to agents, with what was known of their rights then.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::agents::{DenialFilter, DenialRow, Denials, Within},
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Tone},
        button::Button,
        field::SelectField,
        icon::Glyph,
        naming::Code,
        pager::{Neighbour, Pager},
        table::{Column, Row, Table},
        when::Exactly,
    },
    paths,
};

/// The page.
pub(super) fn sheet(found: Denials, filter: &DenialFilter) -> Sheet {
    let lede = view! { <p>"Each attempt that was denied, and how far the agent’s key and delegation reached. The newest 10,000 are kept."</p> };
    let older = found.older.map(|before| Neighbour {
        href: paths::denials(&DenialFilter { before: Some(before), ..filter.clone() }),
        name: "Older".to_owned(),
    });
    let newest = filter.before.map(|_| Neighbour {
        href: paths::denials(&DenialFilter { before: None, ..filter.clone() }),
        name: "Newest".to_owned(),
    });
    let (narrowed, later) = (filter.narrows(), filter.before.is_some());
    let body = view! {
        <PageHead title="Denials" lede=lede.into_any() back=Some((paths::AGENTS, "Agents")) />
        {narrowing(filter, found.agents, found.reasons)}
        {panel(found.rows, move |rows| list(rows, narrowed, later))}
        <Pager label="Pages" previous=newest next=older />
    };
    Sheet::new(Section::Agents, "Denials · Agents", body.into_any())
}

fn narrowing(filter: &DenialFilter, agents: Vec<String>, reasons: Vec<String>) -> AnyView {
    // What is filtered by can be chosen, also when nothing has it any more.
    let options = |any: &str, known: Vec<String>, chosen: &Option<String>| {
        let kept = chosen.clone().filter(|chosen| !known.contains(chosen));
        let all = known.into_iter().chain(kept).map(|each| (each.clone(), each));
        [(String::new(), any.to_owned())].into_iter().chain(all).collect::<Vec<_>>()
    };
    let within = Within::ALL
        .map(|within| {
            let shown = match within {
                Within::Ever => "Any time",
                Within::Hour => "The last hour",
                Within::Day => "The last day",
                Within::Week => "The last seven days",
            };
            (within.word().to_owned(), shown.to_owned())
        })
        .to_vec();
    view! {
        <search>
            <form class="filters" method="get" action=paths::DENIALS>
                <SelectField
                    id="agent"
                    label="Agent"
                    options=options("Any agent", agents, &filter.agent)
                    chosen=filter.agent.clone().unwrap_or_default()
                />
                <SelectField
                    id="reason"
                    label="Reason"
                    options=options("Any reason", reasons, &filter.reason)
                    chosen=filter.reason.clone().unwrap_or_default()
                />
                <SelectField id="within" label="When" options=within chosen=filter.within.word() />
                <Button label="Show" />
                {filter.narrows().then(|| view! { <a class="clear" href=paths::DENIALS>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<DenialRow>, narrowed: bool, later: bool) -> AnyView {
    if !rows.is_empty() {
        return table(rows, "What was denied to agents, newest first");
    }
    if narrowed {
        return view! { <FilteredEmpty what="No denial matches" clear=paths::DENIALS /> }.into_any();
    }
    let (what, more) = if later {
        ("No older denials", "This is where what is kept begins.")
    } else {
        (
            "Nothing was denied to an agent",
            "Attempts that are denied are kept here, with what was known of their rights.",
        )
    };
    view! { <Empty glyph=Glyph::Checked what=what more=more /> }.into_any()
}

/// Denials as a table.
pub(super) fn table(rows: Vec<DenialRow>, caption: &'static str) -> AnyView {
    let columns = ["When", "Agent", "Wanted", "In the name of", "Why not"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let reached = if row.reached.is_empty() {
            view! { <span class="missing">"nothing"</span> }.into_any()
        } else {
            row.reached.into_iter().map(|scope| view! { <Code text=scope /> " " }).collect_view().into_any()
        };
        let suspicion = row.suspicion.map(|sign| {
            view! { <Badge tone=Tone::Bad glyph=Glyph::Warning word=format!("Suspicious: {sign}") /> }
        });
        let by = row.delegation.map(|id| view! { <span class="row-note">"by delegation " <Code text=id /></span> });
        let mut shown = Row::of(vec![
            view! { <Exactly at=row.at /> }.into_any(),
            view! { <a href=paths::agent(&row.agent)>{row.actor.name}</a> }.into_any(),
            view! { <Code text=row.scope /> <span class="row-note">"on " <Code text=row.document /></span> }.into_any(),
            view! { <Code text=row.owner /> {by} <span class="row-note">"reached: " {reached}</span> }.into_any(),
            view! {
                {row.sentence}
                " "
                <span class="reason-code">{row.code}</span>
                {suspicion}
            }
            .into_any(),
        ]);
        shown.id = Some(format!("denial-{}", row.id));
        shown
    });
    view! { <Table caption=caption columns=columns rows=rows.collect() /> }.into_any()
}
