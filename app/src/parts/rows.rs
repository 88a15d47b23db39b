//! Lists of proposals and writes, used by several pages.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    naming::{Code, Who},
    state,
    when::When,
};
use crate::{
    model::{
        facts::May,
        proposals::{ProposalRow, ProposalState},
        writes::{Undo, WriteRow},
    },
    paths,
};

/// Proposals as a table.
#[component]
pub(crate) fn ProposalTable(rows: Vec<ProposalRow>, #[prop(into)] caption: String) -> impl IntoView {
    view! {
        <table class="list">
            <caption class="hidden">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Change"</th>
                    <th scope="col">"Proposed by"</th>
                    <th scope="col">"Age"</th>
                    <th scope="col">"Risk"</th>
                    <th scope="col">"Approvals"</th>
                    <th scope="col">"State"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(proposal_row).collect_view()}</tbody>
        </table>
    }
}

fn proposal_row(row: ProposalRow) -> AnyView {
    let mine = matches!((&row.may_decide, &row.state), (May::Yes, ProposalState::Waiting));
    view! {
        <tr class=if mine { "mine" } else { "" }>
            <th scope="row" data-label="Change">
                <a class="row-title" href=paths::proposal(&row.id)>
                    {row.summary}
                </a>
                <span class="row-note">
                    <Code text=row.document />
                    {(row.more > 0).then(|| format!("and {} more", row.more))}
                    {mine.then(|| view! { <span class="yours"><Icon glyph=Glyph::Person />"You can decide"</span> })}
                </span>
            </th>
            <td data-label="Proposed by">
                <Who actor=row.proposer />
            </td>
            <td data-label="Age">
                <When at=row.proposed_at />
            </td>
            <td data-label="Risk">{state::risk(row.risk)}</td>
            <td data-label="Approvals" class="number">
                {format!("{} of {}", row.approvals_given, row.approvals_needed)}
            </td>
            <td data-label="State">{state::proposal(&row.state)}</td>
        </tr>
    }
    .into_any()
}

/// Writes as a table.
#[component]
pub(crate) fn WriteTable(rows: Vec<WriteRow>, #[prop(into)] caption: String) -> impl IntoView {
    view! {
        <table class="list">
            <caption class="hidden">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Change"</th>
                    <th scope="col">"Approved by"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Undo"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(write_row).collect_view()}</tbody>
        </table>
    }
}

fn write_row(row: WriteRow) -> AnyView {
    view! {
        <tr>
            <th scope="row" data-label="Change">
                <a class="row-title" href=paths::write(&row.id)>
                    {row.summary}
                </a>
                <span class="row-note">
                    <Code text=row.document />
                </span>
            </th>
            <td data-label="Approved by">
                {if row.approved_by.is_empty() {
                    view! { <span class="missing">"nobody recorded"</span> }.into_any()
                } else {
                    row.approved_by.into_iter().map(|actor| view! { <Who actor=actor /> }).collect_view().into_any()
                }}
            </td>
            <td data-label="When">
                <When at=row.at />
            </td>
            <td data-label="State">{state::write(row.state)}</td>
            <td data-label="Undo">{undo(row.undo)}</td>
        </tr>
    }
    .into_any()
}

fn undo(undo: Undo) -> AnyView {
    match undo {
        Undo::None => view! { <span class="missing">"not undone"</span> }.into_any(),
        Undo::Proposed { proposal_id } => {
            view! { <a href=paths::proposal(&proposal_id)>"Undo proposed"</a> }.into_any()
        }
        Undo::Undone { write_id } => view! { <a href=paths::write(&write_id)>"Undone"</a> }.into_any(),
    }
}
