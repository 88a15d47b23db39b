//! One entry of the audit log.

use leptos::prelude::*;

use super::audit::target;
use crate::{
    frame::{PageHead, Section, Sheet},
    model::audit::{AuditDetail, DocumentChange, Link, Proof},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        button::ButtonLink,
        diff::{Diff, Sides, tally},
        icon::Glyph,
        naming::{Code, Fact, Who},
        pager::{Neighbour, Pager},
        state,
        titled::Titled,
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
    let sequence = entry.sequence;
    let (proof, changes) = (detail.proof, detail.changes);
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
        {panel(changes, before_and_after)}
        <Titled id="proof" title="Proof">{panel(proof, move |proof| proven(proof, sequence))}</Titled>
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

/// What the ledger has of the documents that an entry is about. Nothing where it is about none.
fn before_and_after(changes: Vec<DocumentChange>) -> AnyView {
    if changes.is_empty() {
        return ().into_any();
    }
    let one = |change: DocumentChange| {
        let sides = Sides { caption: "Fields before and after", before: "Before", after: "After" };
        let told = tally(&change.changes);
        view! {
            <p><Code text=change.document /> " " <span class="aside">{told}</span></p>
            <Diff changes=change.changes sides=sides />
        }
    };
    view! {
        <Titled id="changes" title="Before and after">
            <p class="aside">"As the ledger has it; the entry itself holds hashes and no contents."</p>
            {changes.into_iter().map(one).collect_view()}
        </Titled>
    }
    .into_any()
}

/// What proves that the entry is in the log, in words, as a file, and how to verify that.
fn proven(proof: Option<Proof>, sequence: u64) -> AnyView {
    let Some(proof) = proof else {
        return view! {
            <Empty
                glyph=Glyph::Clock
                what="Nothing proves it yet"
                more="The head of the log is signed within a minute of its newest entry. Load this page again then."
            />
        }
        .into_any();
    };
    let file = format!("audit-entry-{sequence}-proof.json");
    let command = format!("studio-brain audit verify-proof {file} --key \"$(cat audit.pub)\"");
    let anchored = match proof.anchored {
        Some(at) => view! { " The cloud has that head, too, since " <Exactly at=at /> "." }.into_any(),
        None => view! { " The cloud does not have that head yet." }.into_any(),
    };
    let beside = counted(proof.steps, "hash", "hashes");
    view! {
        <div class="card">
            <p>
                {format!("{beside} lead from this entry to the root of a tree of {}, ", counted(proof.size, "entry", "entries"))}
                "whose head was signed " <Exactly at=proof.sealed /> "." {anchored}
            </p>
            <p>"Root " <Code text=proof.root /></p>
            <p><ButtonLink label="Proof as JSON" href=paths::audit_proof(sequence) glyph=Glyph::Export /></p>
            <p>"Verify it anywhere, without this box, with the studio’s public key:"</p>
            <pre class="code command" role="group" tabindex="0" aria-label="The command that verifies the proof">{command}</pre>
        </div>
    }
    .into_any()
}

fn neighbour(sequence: u64) -> Neighbour {
    Neighbour { href: paths::audit_entry(sequence), name: format!("Entry {sequence}") }
}
