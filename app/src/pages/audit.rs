//! The audit log.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        audit::{AuditEntry, AuditFilter, AuditLog, Chain, Target, Verdict},
        facts::Actor,
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Notice, Tone},
        button::Button,
        field::{LineField, SelectField},
        icon::Glyph,
        naming::{Code, ShortHash, Who},
        pager::{Neighbour, Pager},
        state,
        table::{Column, Row, Table},
        when::{Exactly, When, counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(log: AuditLog, filter: &AuditFilter) -> Sheet {
    let older = log.older.map(|before| Neighbour {
        href: paths::audit(&AuditFilter { before: Some(before), ..filter.clone() }),
        name: "Older entries".to_owned(),
    });
    let newest = filter.before.map(|_| Neighbour {
        href: paths::audit(&AuditFilter { before: None, ..filter.clone() }),
        name: "Newest".to_owned(),
    });
    let narrowed = filter.narrows();
    let later = filter.before.is_some();
    let lede =
        view! { <p>"Who did what, and what was denied. Each entry is a leaf of a tree of hashes, whose head is signed every minute."</p> }.into_any();
    let body = view! {
        <PageHead title="Audit" lede=lede />
        {panel(log.chain, chain)}
        {filters(filter, log.actions, log.actors)}
        {panel(log.entries, move |entries| list(entries, narrowed, later))}
        <Pager label="Pages" previous=newest next=older />
    }
    .into_any();
    Sheet::new(Section::Audit, "Audit", body)
}

fn chain(chain: Chain) -> AnyView {
    match chain {
        Chain::Holds { entries, at } => view! {
            <Notice tone=Tone::Good glyph=Glyph::Chain>
                <p>
                    <strong>"The log holds. "</strong>
                    {format!("{} verified; all of them were last walked along ", counted(entries, "entry", "entries"))}
                    <When at=at /> "."
                </p>
            </Notice>
        }
        .into_any(),
        Chain::Broken { sequence, at } => view! {
            <div role="alert">
                <Notice tone=Tone::Bad glyph=Glyph::Warning>
                    <p>
                        <strong>"The log is broken. "</strong> "Entry "
                        <a href=paths::audit_entry(sequence)>{number(sequence)}</a>
                        " is not what was recorded; found " <When at=at />
                        ". Entries from there on cannot be trusted."
                    </p>
                </Notice>
            </div>
        }
        .into_any(),
        Chain::NotChecked => view! {
            <Notice tone=Tone::Quiet glyph=Glyph::Question>
                <p>"The log was not verified yet."</p>
            </Notice>
        }
        .into_any(),
    }
}

fn filters(filter: &AuditFilter, actions: Vec<String>, actors: Vec<Actor>) -> AnyView {
    let any = |shown: &str| vec![(String::new(), shown.to_owned())];
    let actors =
        any("Anybody").into_iter().chain(actors.into_iter().map(|actor| (actor.id, actor.name))).collect::<Vec<_>>();
    let actions = any("Any action")
        .into_iter()
        .chain(actions.into_iter().map(|action| (action.clone(), action)))
        .collect::<Vec<_>>();
    let verdicts = any("Any verdict")
        .into_iter()
        .chain(Verdict::ALL.into_iter().map(|verdict| {
            let shown = match verdict {
                Verdict::Allow => "Allowed",
                Verdict::Deny => "Denied",
            };
            (verdict.word().to_owned(), shown.to_owned())
        }))
        .collect::<Vec<_>>();
    let chosen = filter.clone();
    let verdict = chosen.verdict.map_or("", |verdict| verdict.word());
    view! {
        <search>
            <form class="filters" method="get" action=paths::AUDIT>
                <SelectField id="actor" label="Actor" options=actors chosen=chosen.actor.unwrap_or_default() />
                <SelectField id="action" label="Action" options=actions chosen=chosen.action.unwrap_or_default() />
                <SelectField id="verdict" label="Verdict" options=verdicts chosen=verdict />
                <LineField
                    id="target"
                    label="Target contains"
                    value=chosen.target.unwrap_or_default()
                    kind="search"
                />
                <Button label="Show" />
                {filter.narrows().then(|| view! { <a class="clear" href=paths::AUDIT>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(entries: Vec<AuditEntry>, narrowed: bool, later: bool) -> AnyView {
    if entries.is_empty() && narrowed {
        return view! { <FilteredEmpty what="No entry matches" clear=paths::AUDIT /> }.into_any();
    }
    if entries.is_empty() && later {
        return view! { <Empty glyph=Glyph::Audit what="No older entries" more="This is where the log begins." /> }
            .into_any();
    }
    if entries.is_empty() {
        return view! {
            <Empty glyph=Glyph::Audit what="Nothing was recorded yet" more="Every action and every denial is kept here." />
        }
        .into_any();
    }
    let columns = ["Time", "Actor", "Action", "Target", "Verdict", "Hash"].map(Column::text);
    let columns = [Column::number("No.")].into_iter().chain(columns).collect();
    let rows = entries.into_iter().map(row).collect();
    view! { <Table caption="Audit entries, newest first" columns=columns rows=rows class="list ledger" /> }.into_any()
}

fn row(entry: AuditEntry) -> Row {
    let verdict = view! { {state::verdict(entry.verdict)} " " <span class="reason-code">{entry.reason_code}</span> };
    Row::of(vec![
        view! { <a href=paths::audit_entry(entry.sequence)>{entry.sequence.to_string()}</a> }.into_any(),
        view! { <Exactly at=entry.at /> }.into_any(),
        view! { <Who actor=entry.actor /> }.into_any(),
        view! { <Code text=entry.action /> }.into_any(),
        target(entry.target),
        verdict.into_any(),
        view! { <ShortHash hash=entry.hash /> }.into_any(),
    ])
}

/// What an action was about, with a link where there is a page of it.
pub(super) fn target(target: Option<Target>) -> AnyView {
    match target {
        None => view! { <span class="missing">"nothing in particular"</span> }.into_any(),
        Some(Target::Document(path)) => view! { <Code text=path /> }.into_any(),
        Some(Target::Proposal(id)) => {
            let href = paths::proposal(&id);
            view! { "Proposal " <a class="code" href=href>{id}</a> }.into_any()
        }
        Some(Target::Write(id)) => {
            let href = paths::write(&id);
            view! { "Write " <a class="code" href=href>{id}</a> }.into_any()
        }
        Some(Target::Other(text)) => view! { {text} }.into_any(),
    }
}
