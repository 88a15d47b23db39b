//! Tables, facts, differences and what happened.

use jiff::{Timestamp, ToSpan};
use leptos::prelude::*;

use super::{side_by_side, specimen, state};
use crate::{
    frame::viewer,
    model::facts::{Actor, ActorKind, FieldChange, FieldValue, Risk, TimelineEvent, ValueKind},
    parts::{
        diff::{Diff, Sides, tally},
        naming::{Code, Fact, Facts, Layout, ShortHash, Who},
        state as states,
        table::{Column, Direction, Row, Sort, Table},
        timeline::Timeline,
        when::{Exactly, Revision, When},
    },
    paths,
};

/// What is recorded, in its four shapes.
pub(super) fn part() -> AnyView {
    let now = viewer().now;
    view! {
        {specimen("tables", "Sorted by links; on a small screen each row is a card that carries its columns' names.", table(now))}
        {specimen(
            "facts",
            "Names and values. What is not known is said, and looks different.",
            side_by_side(
                vec![
                    state("Beside", facts(Layout::Beside, now)),
                    state("Stacked", facts(Layout::Stacked, now)),
                    state("Inline", facts(Layout::Inline, now)),
                ],
            ),
        )}
        {specimen("differences", "Old and new are told by mark, word and place as well as by colour.", differences())}
        {specimen("histories", "Oldest first, as a story is told; every entry leads to its record.", happened(now))}
    }
    .into_any()
}

fn table(now: Timestamp) -> AnyView {
    let sort = |column: &str, now| Sort { href: format!("{}?sort={column}", paths::DESIGN), now };
    let columns = vec![
        Column::text("Change").sorted_by(sort("change", None)),
        Column::text("Proposed by"),
        Column::text("Age").sorted_by(sort("age", Some(Direction::Descending))),
        Column::text("Risk").sorted_by(sort("risk", Some(Direction::Ascending))),
        Column::number("Documents").sorted_by(sort("documents", None)),
    ];
    let row = |title: &'static str, by: Actor, minutes: i64, risk: Risk, documents: u64, is_mine: bool| Row {
        id: None,
        is_mine,
        cells: vec![
            view! { <a class="row-title" href=paths::PROPOSALS>{title}</a> }.into_any(),
            view! { <Who actor=by /> }.into_any(),
            view! { <When at=now - minutes.minutes() /> }.into_any(),
            states::risk(risk),
            documents.into_any(),
        ],
    };
    let rows = vec![
        row("Set the status of r-0042 to CONFIRMED", agent(), 12, Risk::Medium, 1, true),
        row("Leave a note about batch b-0031", person(), 190, Risk::Low, 1, false),
        row(
            "Undo the 14 writes of the kiln import of Tuesday, whose long name runs over",
            person(),
            4_300,
            Risk::High,
            14,
            false,
        ),
    ];
    view! { <Table caption="Proposals, as an example" columns=columns rows=rows /> }.into_any()
}

fn facts(layout: Layout, now: Timestamp) -> AnyView {
    view! {
        <Facts layout=layout>
            <Fact name="Document"><Code text="reservations/r-0042" /></Fact>
            <Fact name="Expires"><When at=now + 52.minutes() /></Fact>
            <Fact name="Content hash"><ShortHash hash="5be1f0c6a1d2e3f4" /></Fact>
            <Fact name="Revision"><Revision at=now - 3.minutes() /></Fact>
            <Fact name="Recorded"><Exactly at=now - 2.minutes() /></Fact>
            <Fact name="Approved by"><span class="missing">"nobody yet"</span></Fact>
        </Facts>
    }
    .into_any()
}

fn differences() -> AnyView {
    let value = |kind, text: &str| FieldValue::Present { kind, text: text.to_owned() };
    let change = |path: &str, before, after| FieldChange { path: path.to_owned(), before, after };
    let text = ValueKind::Text;
    let changes = vec![
        change("status", value(text, "confrimed"), value(text, "CONFIRMED")),
        change("cancelledAt", value(ValueKind::Timestamp, "2026-03-18 16:20:00Z"), FieldValue::Missing),
        change("opsNote", FieldValue::Missing, value(text, "Shelf three, handle with care.")),
        change("seats", value(ValueKind::Integer, "1"), value(ValueKind::Double, "1.0")),
        change("label", value(text, ""), value(ValueKind::Null, "")),
        change(
            "stageStatus.history.aVeryLongFieldNameThatHasToBreakSomewhere",
            value(text, &"drying ".repeat(12)),
            value(text, &"bisque ".repeat(12)),
        ),
    ];
    let summary = tally(&changes);
    let sides = Sides { caption: "Fields before and after, as an example", before: "Now", after: "After" };
    view! {
        <p class="aside">{summary}</p>
        <Diff changes=changes sides=sides />
    }
    .into_any()
}

fn happened(now: Timestamp) -> AnyView {
    let event = |minutes: i64, actor, what: &str, reason: Option<&str>, audit_sequence| TimelineEvent {
        at: now - minutes.minutes(),
        actor,
        what: what.to_owned(),
        reason: reason.map(str::to_owned),
        audit_sequence,
    };
    let events = vec![
        event(190, agent(), "Proposed", Some("The status is misspelt; the studio means this one."), Some(1_038)),
        event(64, person(), "Approved", Some("Looked at the reservation; it is right."), Some(1_040)),
        event(63, service(), "Sent", None, Some(1_041)),
        event(62, service(), "Seen by the mirror", None, None),
    ];
    view! { <Timeline events=events /> }.into_any()
}

fn person() -> Actor {
    Actor { id: "uid_staff_dov".to_owned(), name: "Dov Halpern".to_owned(), kind: ActorKind::Staff }
}

fn agent() -> Actor {
    Actor { id: "agent-ops-sweeper".to_owned(), name: "agent-ops-sweeper".to_owned(), kind: ActorKind::Agent }
}

fn service() -> Actor {
    Actor { id: "service".to_owned(), name: "Studio Brain".to_owned(), kind: ActorKind::Service }
}
