//! Lists of proposals and writes, used by several pages.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    naming::{Code, Who},
    state,
    table::{Column, Direction, Row, Sort, Table},
    when::When,
};
use crate::{
    model::{
        facts::May,
        proposals::{ProposalRow, ProposalState},
        queue::{ProposalFilter, QueueSort},
        writes::{Undo, WriteRow},
    },
    paths,
};

/// Proposals as a table.
#[component]
pub(crate) fn ProposalTable(
    rows: Vec<ProposalRow>,
    #[prop(into)] caption: String,
    /// The queue that they are shown in: its proposals lead to their neighbours, and its columns sort it.
    #[prop(default = None)]
    queue: Option<ProposalFilter>,
    /// Can some of them be chosen, to be decided together?
    #[prop(default = false)]
    picks: bool,
) -> impl IntoView {
    let sorted = |column: Column, by: QueueSort| match &queue {
        Some(filter) => column.sorted_by(sort_link(filter, by)),
        None => column,
    };
    let mut columns = vec![
        Column::text("Change"),
        sorted(Column::text("Risk"), QueueSort::Risk),
        Column::text("Proposed by"),
        sorted(Column::text("Age"), QueueSort::Oldest),
        Column::number("Approvals"),
        Column::text("State"),
        Column::text("Policy"),
    ];
    if picks {
        columns.push(Column::text("Choose"));
    }
    let rows = rows.into_iter().map(|row| proposal_row(row, queue.as_ref(), picks)).collect();
    view! { <Table caption=caption columns=columns rows=rows /> }
}

/// The queue sorted by a column; by age once more the other way round.
fn sort_link(filter: &ProposalFilter, by: QueueSort) -> Sort {
    let order = filter.order();
    let (now, next) = match (by, order) {
        (QueueSort::Risk, QueueSort::Risk) => (Some(Direction::Descending), QueueSort::Risk),
        (QueueSort::Risk, QueueSort::Oldest | QueueSort::Newest) => (None, QueueSort::Risk),
        (QueueSort::Oldest | QueueSort::Newest, QueueSort::Risk) => (None, QueueSort::Oldest),
        (QueueSort::Oldest | QueueSort::Newest, QueueSort::Oldest) => (Some(Direction::Descending), QueueSort::Newest),
        (QueueSort::Oldest | QueueSort::Newest, QueueSort::Newest) => (Some(Direction::Ascending), QueueSort::Oldest),
    };
    Sort { href: paths::proposals(&ProposalFilter { sort: Some(next), ..filter.from_start() }), now }
}

fn proposal_row(row: ProposalRow, queue: Option<&ProposalFilter>, picks: bool) -> Row {
    let is_mine = matches!((&row.may_decide, &row.state), (May::Yes, ProposalState::Waiting));
    let may_bulk = row.may_bulk();
    let href = match queue {
        Some(filter) => paths::proposal_in(&row.id, filter),
        None => paths::proposal(&row.id),
    };
    let (summary, pick) = (row.summary.clone(), format!("pick-{}", row.id));
    let change = view! {
        <a class="row-title" href=href>
            {row.summary}
        </a>
        <span class="row-note">
            <Code text=row.document />
            {(row.more > 0).then(|| format!("and {} more", row.more))}
            {is_mine.then(|| view! { <span class="yours"><Icon glyph=Glyph::Person />"You can decide"</span> })}
        </span>
    };
    let mut cells = vec![
        change.into_any(),
        state::risk(row.risk),
        view! { <Who actor=row.proposer /> }.into_any(),
        view! { <When at=row.proposed_at /> }.into_any(),
        format!("{} of {}", row.approvals_given, row.approvals_needed).into_any(),
        state::proposal(&row.state),
        row.policy.map_or_else(|| view! { <span class="missing">"over"</span> }.into_any(), state::policy),
    ];
    if picks {
        cells.push(if may_bulk {
            let named = pick.clone();
            view! {
                <span class="pick">
                    <input id=pick type="checkbox" name="item" value=row.id />
                    <label for=named>"Choose" <span class="hidden">": " {summary}</span></label>
                </span>
            }
            .into_any()
        } else {
            view! { <span class="missing">"one by one"</span> }.into_any()
        });
    }
    Row { id: None, is_mine, cells }
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
