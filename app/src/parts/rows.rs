//! Lists of proposals and writes, used by several pages.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    naming::{Code, Who},
    state,
    table::{Column, Row, Table},
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
    let columns = vec![
        Column::text("Change"),
        Column::text("Proposed by"),
        Column::text("Age"),
        Column::text("Risk"),
        Column::number("Approvals"),
        Column::text("State"),
    ];
    let rows = rows.into_iter().map(proposal_row).collect();
    view! { <Table caption=caption columns=columns rows=rows /> }
}

fn proposal_row(row: ProposalRow) -> Row {
    let is_mine = matches!((&row.may_decide, &row.state), (May::Yes, ProposalState::Waiting));
    let change = view! {
        <a class="row-title" href=paths::proposal(&row.id)>
            {row.summary}
        </a>
        <span class="row-note">
            <Code text=row.document />
            {(row.more > 0).then(|| format!("and {} more", row.more))}
            {is_mine.then(|| view! { <span class="yours"><Icon glyph=Glyph::Person />"You can decide"</span> })}
        </span>
    };
    Row {
        id: None,
        is_mine,
        cells: vec![
            change.into_any(),
            view! { <Who actor=row.proposer /> }.into_any(),
            view! { <When at=row.proposed_at /> }.into_any(),
            state::risk(row.risk),
            format!("{} of {}", row.approvals_given, row.approvals_needed).into_any(),
            state::proposal(&row.state),
        ],
    }
}

/// Writes as a table.
#[component]
pub(crate) fn WriteTable(rows: Vec<WriteRow>, #[prop(into)] caption: String) -> impl IntoView {
    let columns = ["Change", "Approved by", "When", "State", "Undo"].map(Column::text).into();
    let rows = rows.into_iter().map(write_row).collect();
    view! { <Table caption=caption columns=columns rows=rows /> }
}

fn write_row(row: WriteRow) -> Row {
    let change = view! {
        <a class="row-title" href=paths::write(&row.id)>
            {row.summary}
        </a>
        <span class="row-note">
            <Code text=row.document />
        </span>
    };
    let approved_by = if row.approved_by.is_empty() {
        view! { <span class="missing">"nobody recorded"</span> }.into_any()
    } else {
        row.approved_by.into_iter().map(|actor| view! { <Who actor=actor /> }).collect_view().into_any()
    };
    Row::of(vec![
        change.into_any(),
        approved_by,
        view! { <When at=row.at /> }.into_any(),
        state::write(row.state),
        undo(row.undo),
    ])
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
