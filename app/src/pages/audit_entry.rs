//! One entry of the audit log.

use leptos::prelude::*;

use super::audit::target;
use crate::{
    frame::{PageHead, Section, Sheet},
    model::audit::{AuditDetail, Link},
    parts::{
        badge::{Badge, Tone},
        icon::Glyph,
        naming::{Code, Fact, Who},
        pager::{Neighbour, Pager},
        state,
        when::{Exactly, Revision, counted},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(detail: AuditDetail) -> Sheet {
    let entry = detail.entry;
    let title = format!("Entry {}", entry.sequence);
    let (tone, glyph, word) = match detail.link {
        Link::Holds => (Tone::Good, Glyph::Chain, "Is what was recorded and signed"),
        Link::Broken => (Tone::Bad, Glyph::Warning, "Is not what was recorded"),
        Link::NotChecked => (Tone::Quiet, Glyph::Question, "Is what was recorded, and not signed yet"),
    };
    let lede =
        view! { <p class="badges">{state::verdict(entry.verdict)} <Badge tone=tone glyph=glyph word=word /></p> }
            .into_any();
    let hash = |hash: Option<String>| match hash {
        Some(hash) => view! { <Code text=hash /> }.into_any(),
        None => view! { <span class="missing">"none"</span> }.into_any(),
    };
    let signed = match detail.signed_with {
        Some(size) => format!("the first {}", counted(size, "entry", "entries")),
        None => "nothing yet: within a minute".to_owned(),
    };
    let body = view! {
        <PageHead title=format!("Audit entry {}", entry.sequence) lede=lede back=Some((paths::AUDIT, "Audit")) />
        <section class="card" aria-labelledby="entry">
            <h2 id="entry">"Entry"</h2>
            <dl class="facts stacked wide">
                <Fact name="Action"><Code text=entry.action /></Fact>
                <Fact name="Actor"><Who actor=entry.actor.clone() /> " " <Code text=entry.actor.id /></Fact>
                <Fact name="Target">{target(entry.target)}</Fact>
                <Fact name="Time"><Exactly at=entry.at /> " " <Revision at=entry.at /></Fact>
                <Fact name="Studio">{detail.studio}</Fact>
                <Fact name="Reason code"><Code text=entry.reason_code /></Fact>
                {detail.reason.map(|reason| view! { <Fact name="Reason given">{reason}</Fact> })}
                {detail.details.into_iter().map(|(name, text)| view! { <Fact name=name>{text}</Fact> }).collect_view()}
            </dl>
        </section>
        <section class="card" aria-labelledby="hashes">
            <h2 id="hashes">"Hashes"</h2>
            <dl class="facts stacked wide">
                <Fact name="Input">{hash(detail.input_hash)}</Fact>
                <Fact name="Output">{hash(detail.output_hash)}</Fact>
                <Fact name="Leaf"><Code text=entry.hash /></Fact>
                <Fact name="Signed with">{signed}</Fact>
            </dl>
        </section>
        <Pager label="Neighbours in the log" previous=detail.previous.map(neighbour) next=detail.next.map(neighbour) />
    }
    .into_any();
    Sheet::new(Section::Audit, title, body)
}

fn neighbour(sequence: u64) -> Neighbour {
    Neighbour { href: paths::audit_entry(sequence), name: format!("Entry {sequence}") }
}
