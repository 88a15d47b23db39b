//! What a proposal would do to each document, and whether it still fits.

use leptos::prelude::*;

use crate::{
    frame::viewer,
    model::{
        facts::{Effect, FieldChange},
        proposals::{DocumentChange, DryRun, DryRunVerdict},
        trouble::Panel,
    },
    parts::{
        absence::panel,
        badge::{Badge, Tone},
        button::ButtonLink,
        diff::{Diff, Sides, tally},
        icon::Glyph,
        naming::{Code, Fact},
        when::{Revision, When},
    },
    paths,
};

/// Each document's change, one by one; a single one needs no heading of its own.
pub(super) fn part(documents: Vec<DocumentChange>) -> AnyView {
    let count = documents.len();
    if count == 1 {
        return documents.into_iter().map(only_change).collect_view().into_any();
    }
    view! {
        <section aria-labelledby="change">
            <h2 id="change">{format!("Changes to {count} documents")}</h2>
            <p class="aside">"One commit: all of them land, or none."</p>
            {documents.into_iter().enumerate().map(|(at, document)| one_of_many(at + 1, document)).collect_view()}
        </section>
    }
    .into_any()
}

fn only_change(document: DocumentChange) -> AnyView {
    let DocumentChange { effect, changes, base, dry_run, raw, .. } = document;
    view! {
        <section aria-labelledby="change">
            <h2 id="change">"Change"</h2>
            {fields(effect, changes)}
            {exactly(raw)}
        </section>
        <section aria-labelledby="dry-run">
            <h2 id="dry-run">"Dry run"</h2>
            {panel(dry_run, move |run| dry(run, base))}
        </section>
    }
    .into_any()
}

fn one_of_many(place: usize, document: DocumentChange) -> AnyView {
    let id = format!("change-{place}");
    let labelled = id.clone();
    let DocumentChange { document, effect, changes, base, raw, dry_run, write_id, undo_of } = document;
    let page = paths::document(&document);
    view! {
        <section aria-labelledby=labelled class="card">
            <h3 id=id>{format!("{place}. ")} <a href=page><Code text=document /></a></h3>
            {write_id.map(|id| view! { <p><a href=paths::write(&id)>"See its write"</a></p> })}
            {undo_of.map(|id| view! { <p><a href=paths::write(&id)>"The write that it undoes"</a></p> })}
            {fields(effect, changes)}
            {exactly(raw)}
            {panel(dry_run, move |run| dry(run, base))}
        </section>
    }
    .into_any()
}

/// The exact write, for whoever wants to read it to the letter.
fn exactly(raw: String) -> AnyView {
    view! {
        <details>
            <summary>"The exact write, as JSON"</summary>
            <div class="scroll" role="group" aria-label="The exact write" tabindex="0"><pre class="raw"><code>{raw}</code></pre></div>
        </details>
    }
    .into_any()
}

fn fields(effect: Effect, changes: Panel<Vec<FieldChange>>) -> AnyView {
    panel(changes, |changes| compared(effect, changes))
}

fn compared(effect: Effect, changes: Vec<FieldChange>) -> AnyView {
    let what = match effect {
        Effect::Create => "Creates a document",
        Effect::Update => "Changes a document",
        Effect::Delete => "Deletes a document",
    };
    let summary = format!("{what}: {}", tally(&changes));
    let sides = Sides { caption: "Fields before and after", before: "Now", after: "After" };
    view! {
        <p class="aside">{summary}</p>
        <Diff changes=changes sides=sides />
    }
    .into_any()
}

fn dry(run: DryRun, base: Option<jiff::Timestamp>) -> AnyView {
    let (tone, glyph, word, sentence) = match run.verdict {
        DryRunVerdict::Current => {
            let sentence = match base {
                Some(_) => "The document is as it was when this was proposed. The write would land.",
                None => "The document does not exist yet, as it should. The write would land.",
            };
            (Tone::Good, Glyph::Checked, "Would land", sentence.to_owned())
        }
        DryRunVerdict::Moved { .. } => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document changed after this was proposed. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::Gone => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document is gone. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::Appeared => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document exists although it must not. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::AlreadySo => {
            (Tone::Quiet, Glyph::Check, "Already so", "The document already holds these values.".to_owned())
        }
        DryRunVerdict::CouldNotTell { ref why } => (Tone::Quiet, Glyph::Question, "Could not tell", why.clone()),
    };
    let moved = match run.verdict {
        DryRunVerdict::Moved { updated_at } => Some(updated_at),
        DryRunVerdict::Current
        | DryRunVerdict::Gone
        | DryRunVerdict::Appeared
        | DryRunVerdict::AlreadySo
        | DryRunVerdict::CouldNotTell { .. } => None,
    };
    let again = match run.verdict {
        DryRunVerdict::Current | DryRunVerdict::AlreadySo => None,
        DryRunVerdict::Moved { .. }
        | DryRunVerdict::Gone
        | DryRunVerdict::Appeared
        | DryRunVerdict::CouldNotTell { .. } => Some(viewer().here.clone()),
    };
    view! {
        <p><Badge tone=tone glyph=glyph word=word /> " " {sentence}</p>
        {again.map(|here| view! { <p><ButtonLink label="Run it again" href=here glyph=Glyph::Refresh /></p> })}
        <dl class="facts">
            <Fact name="Bound to revision">
                {match base {
                    Some(at) => view! { <Revision at=at /> }.into_any(),
                    None => view! { "Document must not exist" }.into_any(),
                }}
            </Fact>
            {moved.map(|at| view! { <Fact name="Revision now"><Revision at=at /></Fact> })}
            <Fact name="Judged against the mirror">
                "derived from cloud, as of " <When at=run.as_of />
            </Fact>
        </dl>
        <p class="aside">"Firestore checks the revision again when the write is sent."</p>
    }
    .into_any()
}
