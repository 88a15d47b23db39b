//! The mirror as a part of the start page: every collection, how old and how sure.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    model::{
        documents::DocumentFilter,
        drift::DriftFilter,
        overview::{Backfill, CollectionMirror, Mirror, Proof},
    },
    parts::{
        absence::Empty,
        icon::Glyph,
        naming::Code,
        state,
        table::{Column, Row, Table},
        when::{When, counted, length, number},
    },
    paths,
};

/// The part of the page.
pub(super) fn part(mirror: Mirror) -> AnyView {
    if mirror.collections.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="No collection is mirrored"
                more="The configuration names none. An operator can add some under mirror.collections."
            />
        }
        .into_any();
    }
    let count = mirror.collections.len() as u64;
    let columns = vec![
        Column::text("Collection"),
        Column::number("Documents"),
        Column::text("As of"),
        Column::text("State"),
        Column::text("First read"),
        Column::text("Proved"),
        Column::number("Findings"),
    ];
    let rows = mirror.collections.into_iter().map(collection_row).collect();
    view! {
        <p class="aside">
            {format!("{}, derived from cloud. ", counted(count, "collection", "collections"))}
            <a href=paths::DOCUMENTS>"Look into them"</a>
        </p>
        <details>
            <summary>"Every collection: how many, how old, how sure"</summary>
            <Table caption="Mirrored collections, derived from cloud" columns=columns rows=rows />
        </details>
        {unreadable(mirror.unreadable, mirror.unreadable_count)}
        {not_mirrored(mirror.not_mirrored)}
    }
    .into_any()
}

fn unreadable(documents: Vec<(String, String)>, count: u64) -> AnyView {
    if count == 0 {
        return ().into_any();
    }
    let more = count.saturating_sub(documents.len() as u64);
    view! {
        <h3>{format!("{} that can't be kept", counted(count, "document", "documents"))}</h3>
        <ul>
            {documents
                .into_iter()
                .map(|(path, why)| view! { <li><code class="code">{path}</code>": "{why}</li> })
                .collect_view()}
        </ul>
        {(more > 0).then(|| view! { <p class="aside">{format!("and {} more", number(more))}</p> })}
    }
    .into_any()
}

fn not_mirrored(collections: Vec<String>) -> AnyView {
    if collections.is_empty() {
        return ().into_any();
    }
    let names = collections.into_iter().map(|name| view! { <code class="code">{name}</code>" " }).collect_view();
    view! {
        <p class="aside">"In the cloud but not mirrored, because the configuration does not name them: " {names}</p>
    }
    .into_any()
}

fn collection_row(collection: CollectionMirror) -> Row {
    let filter = DriftFilter { collection: Some(collection.collection.clone()), ..DriftFilter::default() };
    let of = DocumentFilter { collection: Some(collection.collection.clone()), ..DocumentFilter::default() };
    let unknown = || view! { <span class="missing">"unknown"</span> }.into_any();
    Row::of(vec![
        view! { <a href=paths::documents(&of)><Code text=collection.collection /></a> }.into_any(),
        collection.documents.map_or_else(|| "Unknown".into_any(), |count| number(count).into_any()),
        collection.as_of.map_or_else(unknown, |at| view! { <When at=at /> }.into_any()),
        state::freshness(collection.freshness),
        backfill(collection.backfill),
        proof(collection.proof),
        match collection.open_findings {
            Some(0) => "0".into_any(),
            Some(count) => view! { <a href=paths::drift(&filter)>{number(count)}</a> }.into_any(),
            None => unknown(),
        },
    ])
}

fn backfill(backfill: Backfill) -> AnyView {
    match backfill {
        Backfill::Waiting => view! { <span class="missing">"not begun"</span> }.into_any(),
        Backfill::Done => view! { "whole" }.into_any(),
        Backfill::Running { done, total: None, .. } => view! { {format!("{} read so far", number(done))} }.into_any(),
        Backfill::Running { done, total: Some(total), per_second, left } => view! {
            <span class="progress">
                <progress max=total.to_string() value=done.to_string() aria-label="First read"></progress>
                <span>{format!("{} of {}{}", number(done), number(total), pace(per_second, left))}</span>
            </span>
        }
        .into_any(),
    }
}

/// How fast, and how long still.
fn pace(per_second: Option<u64>, left: Option<Duration>) -> String {
    let rate = per_second.map_or_else(String::new, |rate| format!(", {} per second", number(rate)));
    let left = left.map_or_else(String::new, |left| format!(", about {} left", length(left.as_secs())));
    format!("{rate}{left}")
}

fn proof(proof: Proof) -> AnyView {
    match proof {
        Proof::Never => view! { <span class="missing">"not yet"</span> }.into_any(),
        Proof::Proved { as_of, hash } => view! {
            <When at=as_of />
            " "
            <code class="code">{hash}</code>
        }
        .into_any(),
        Proof::Differed { documents, repaired, as_of } => view! {
            {format!("{} differed, {repaired} put right, ", counted(documents, "document", "documents"))}
            <When at=as_of />
        }
        .into_any(),
        Proof::Unknown { why, proved: Some(at) } => view! {
            <When at=at />
            {format!("; since then unknown: {why}")}
        }
        .into_any(),
        Proof::Unknown { why, proved: None } => view! { {format!("unknown: {why}")} }.into_any(),
    }
}
