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
        icon::Glyph,
        naming::{Code, ShortHash, Who},
        state,
        when::{Exactly, When, counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(log: AuditLog, filter: &AuditFilter) -> Sheet {
    let older = log.older.map(|before| paths::audit(&AuditFilter { before: Some(before), ..filter.clone() }));
    let newest = filter.before.map(|_| paths::audit(&AuditFilter { before: None, ..filter.clone() }));
    let narrowed = filter.narrows();
    let later = filter.before.is_some();
    let lede =
        view! { <p>"Who did what, and what was denied. Each entry is a leaf of a tree of hashes, whose head is signed every minute."</p> }.into_any();
    let body = view! {
        <PageHead title="Audit" lede=lede />
        {panel(log.chain, chain)}
        {filters(filter, log.actions, log.actors)}
        {panel(log.entries, move |entries| list(entries, narrowed, later))}
        <nav class="pager" aria-label="Pages">
            {newest.map(|href| view! { <a class="button" href=href>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href rel="next">"Older entries"</a> })}
        </nav>
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
    let chosen = filter.clone();
    view! {
        <search>
            <form class="filters" method="get" action=paths::AUDIT>
                <div class="field">
                    <label for="actor">"Actor"</label>
                    <select id="actor" name="actor">
                        <option value="">"Anybody"</option>
                        {actors
                            .into_iter()
                            .map(|actor| {
                                let selected = chosen.actor.as_ref() == Some(&actor.id);
                                view! { <option value=actor.id selected=selected>{actor.name}</option> }
                            })
                            .collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="action">"Action"</label>
                    <select id="action" name="action">
                        <option value="">"Any action"</option>
                        {actions
                            .into_iter()
                            .map(|action| {
                                let selected = chosen.action.as_ref() == Some(&action);
                                let value = action.clone();
                                view! { <option value=value selected=selected>{action}</option> }
                            })
                            .collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="verdict">"Verdict"</label>
                    <select id="verdict" name="verdict">
                        <option value="">"Any verdict"</option>
                        {Verdict::ALL
                            .into_iter()
                            .map(|verdict| {
                                let word = match verdict {
                                    Verdict::Allow => "Allowed",
                                    Verdict::Deny => "Denied",
                                };
                                view! {
                                    <option value=verdict.word() selected=chosen.verdict == Some(verdict)>{word}</option>
                                }
                            })
                            .collect_view()}
                    </select>
                </div>
                <div class="field grow">
                    <label for="target">"Target contains"</label>
                    <input
                        id="target"
                        name="target"
                        type="search"
                        value=chosen.target.unwrap_or_default()
                        autocomplete="off"
                        spellcheck="false"
                    />
                </div>
                <button class="button" type="submit">"Show"</button>
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
    view! {
        <table class="list ledger">
            <caption class="hidden">"Audit entries, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col" class="number">"No."</th>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Actor"</th>
                    <th scope="col">"Action"</th>
                    <th scope="col">"Target"</th>
                    <th scope="col">"Verdict"</th>
                    <th scope="col">"Hash"</th>
                </tr>
            </thead>
            <tbody>{entries.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(entry: AuditEntry) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="number" data-label="No.">
                <a href=paths::audit_entry(entry.sequence)>{entry.sequence.to_string()}</a>
            </th>
            <td data-label="Time"><Exactly at=entry.at /></td>
            <td data-label="Actor"><Who actor=entry.actor /></td>
            <td data-label="Action"><Code text=entry.action /></td>
            <td data-label="Target">{target(entry.target)}</td>
            <td data-label="Verdict">
                {state::verdict(entry.verdict)} " " <span class="reason-code">{entry.reason_code}</span>
            </td>
            <td data-label="Hash"><ShortHash hash=entry.hash /></td>
        </tr>
    }
    .into_any()
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
