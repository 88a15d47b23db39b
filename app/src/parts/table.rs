//! Tables: sorted by links, readable as cards on a small screen.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Smallest, earliest or first in the alphabet on top.
    Ascending,
    /// The other way round.
    Descending,
}

/// How a column can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort {
    /// The page sorted by this column; if it is already, the other way round.
    pub(crate) href: String,
    /// Which way it is sorted by it now, if it is.
    pub(crate) now: Option<Direction>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    name: String,
    is_number: bool,
    sort: Option<Sort>,
}

impl Column {
    /// Words, dates, states.
    pub(crate) fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: false, sort: None }
    }

    /// Numbers, which end at the same place.
    pub(crate) fn number(name: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::text(name) }
    }

    /// The same column with a link to sort by it.
    pub(crate) fn sorted_by(self, sort: Sort) -> Self {
        Self { sort: Some(sort), ..self }
    }
}

/// A row of a table.
pub(crate) struct Row {
    /// The id by which it can be linked to.
    pub(crate) id: Option<String>,
    /// Does it wait for the reader?
    pub(crate) is_mine: bool,
    /// One for each column; the first names the row.
    pub(crate) cells: Vec<AnyView>,
}

impl Row {
    /// A row of these cells.
    pub(crate) fn of(cells: Vec<AnyView>) -> Self {
        Self { id: None, is_mine: false, cells }
    }
}

/// A table. Each cell carries its column's name, which is all that is left of the head on a small screen.
#[component]
pub(crate) fn Table(
    /// What it holds, for whoever cannot see the heading above it.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// `list` and what else is wanted.
    #[prop(default = "list")]
    class: &'static str,
) -> impl IntoView {
    let labels: Vec<(String, bool)> = columns.iter().map(|column| (column.name.clone(), column.is_number)).collect();
    view! {
        <table class=class>
            <caption class="hidden">{caption}</caption>
            <thead>
                <tr>{columns.into_iter().map(head).collect_view()}</tr>
            </thead>
            <tbody>{rows.into_iter().map(|each| row(each, &labels)).collect_view()}</tbody>
        </table>
    }
}

fn head(column: Column) -> AnyView {
    let class = column.is_number.then_some("number");
    let Some(sort) = column.sort else {
        return view! { <th scope="col" class=class>{column.name}</th> }.into_any();
    };
    let (sorted, glyph, told) = match sort.now {
        None => (None, Glyph::Sort, ", sort by it"),
        Some(Direction::Ascending) => (Some("ascending"), Glyph::Up, ", sort descending"),
        Some(Direction::Descending) => (Some("descending"), Glyph::Down, ", sort ascending"),
    };
    view! {
        <th scope="col" class=class aria-sort=sorted>
            <a class="sort" href=sort.href>
                <span>{column.name}</span>
                <Icon glyph=glyph />
                <span class="hidden">{told}</span>
            </a>
        </th>
    }
    .into_any()
}

fn row(row: Row, labels: &[(String, bool)]) -> AnyView {
    let cells = row.cells.into_iter().zip(labels).enumerate().map(|(at, (cell, (label, is_number)))| {
        let label = label.clone();
        let class = is_number.then_some("number");
        if at == 0 {
            view! { <th scope="row" class=class data-label=label>{cell}</th> }.into_any()
        } else {
            view! { <td class=class data-label=label>{cell}</td> }.into_any()
        }
    });
    view! { <tr id=row.id class=row.is_mine.then_some("mine")>{cells.collect_view()}</tr> }.into_any()
}
