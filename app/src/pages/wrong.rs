//! What is wrong, as a part of the start page: what needs a look first, each with where to look.

use leptos::prelude::*;

use crate::{
    frame::viewer,
    model::{
        overview::{Freshness, Mirror, Overview, Stream},
        trouble::Panel,
        viewer::WriteSwitch,
    },
    parts::{
        absence::{Empty, Failed},
        badge::{Badge, Tone},
        icon::Glyph,
        rows::WriteTable,
        state,
        when::{When, counted},
    },
    paths,
};

/// One thing that is wrong.
struct Wrong {
    tone: Tone,
    glyph: Glyph,
    word: &'static str,
    what: AnyView,
    /// Where to look, and what that is called.
    look: (&'static str, &'static str),
}

/// The part of the page: what could not be read is told in the place of what it would have said.
pub(super) fn part(overview: &Overview) -> AnyView {
    let mut all: Vec<Wrong> = Vec::new();
    let mut troubles: Vec<AnyView> = Vec::new();
    let mut read = |failed: Option<AnyView>| troubles.extend(failed);
    all.extend(switched_off());
    match &overview.mirror {
        Ok(mirror) => all.extend(mirrored(mirror)),
        // The mirror's own panel, further down, says the same with a way to try again.
        Err(_) => all.push(Wrong {
            tone: Tone::Bad,
            glyph: Glyph::Question,
            word: "Unknown",
            what: "Whether the cloud is being followed could not be read.".into_any(),
            look: ("#mirror", "The mirror"),
        }),
    }
    match &overview.findings {
        Ok(counts) => all.extend(drifted(counts)),
        Err(_) => read(failed(&overview.findings)),
    }
    let stuck = match &overview.stuck_writes {
        Ok(rows) if rows.is_empty() => None,
        Ok(rows) => Some(rows.clone()),
        Err(_) => {
            read(failed(&overview.stuck_writes));
            None
        }
    };
    let is_calm = all.is_empty() && troubles.is_empty() && stuck.is_none();
    let stuck = stuck.map(|rows| {
        view! {
            <h3>"Writes that need a look"</h3>
            <WriteTable rows=rows caption="Writes whose outcome is unknown, or that are stuck" />
        }
    });
    if is_calm {
        return view! {
            <Empty glyph=Glyph::Checked what="Nothing that we know of" more="The cloud is followed, and nothing differs." />
        }
        .into_any();
    }
    view! {
        <ul class="wrongs">{all.into_iter().map(line).collect_view()}</ul>
        {troubles}
        {stuck}
    }
    .into_any()
}

fn failed<T>(panel: &Panel<T>) -> Option<AnyView> {
    panel.as_ref().err().map(|trouble| view! { <Failed trouble=trouble.clone() /> }.into_any())
}

fn line(wrong: Wrong) -> AnyView {
    let (href, name) = wrong.look;
    view! {
        <li>
            <Badge tone=wrong.tone glyph=wrong.glyph word=wrong.word />
            <span class="wrong-what">{wrong.what}</span>
            <a href=href>{name}</a>
        </li>
    }
    .into_any()
}

fn switched_off() -> Option<Wrong> {
    let what = match &viewer().writes {
        WriteSwitch::On => return None,
        WriteSwitch::Off { why } => format!("Nothing is sent to the cloud. {why}"),
        WriteSwitch::Unknown => "It could not be read whether writes are on, which counts as off.".to_owned(),
    };
    let look = (paths::WRITES, "Writes");
    Some(Wrong { tone: Tone::Warn, glyph: Glyph::Lock, word: "Writes off", what: what.into_any(), look })
}

fn mirrored(mirror: &Mirror) -> Vec<Wrong> {
    let look = (paths::DOCUMENTS, "Documents");
    let mut all = Vec::new();
    if let Stream::Reconnecting { since, why } = &mirror.stream {
        let (since, why) = (*since, why.clone());
        all.push(Wrong {
            tone: Tone::Bad,
            glyph: Glyph::Warning,
            word: "Out of reach",
            what: view! { "The cloud can't be reached since " <When at=since /> {format!(". {why}")} }.into_any(),
            look: ("#mirror", "The mirror"),
        });
    }
    let named = |wanted: Freshness| -> Vec<String> {
        let of = mirror.collections.iter().filter(|row| row.freshness == wanted);
        of.map(|row| row.collection.clone()).collect()
    };
    let stale = named(Freshness::Stale);
    if !stale.is_empty() {
        let what = format!(
            "{} too old to rely on: {}.",
            counted(stale.len() as u64, "collection is", "collections are"),
            stale.join(", ")
        );
        all.push(Wrong { tone: Tone::Bad, glyph: Glyph::Clock, word: "Stale", what: what.into_any(), look });
    }
    let unknown = named(Freshness::Unknown);
    if !unknown.is_empty() {
        let what = format!(
            "{} never read, or refused: {}.",
            counted(unknown.len() as u64, "collection was", "collections were"),
            unknown.join(", ")
        );
        all.push(Wrong { tone: Tone::Warn, glyph: Glyph::Question, word: "Unknown", what: what.into_any(), look });
    }
    if mirror.unreadable_count > 0 {
        let what = format!("{} can't be kept.", counted(mirror.unreadable_count, "document", "documents"));
        let look = ("#mirror", "Which");
        all.push(Wrong { tone: Tone::Warn, glyph: Glyph::Warning, word: "Unreadable", what: what.into_any(), look });
    }
    all
}

fn drifted(counts: &crate::model::overview::FindingCounts) -> Vec<Wrong> {
    let look = (paths::DRIFT, "Drift");
    let open: u64 = counts.by_kind.iter().map(|(_, count)| count).sum();
    let mut all = Vec::new();
    if open > 0 {
        let filter = |kind| crate::model::drift::DriftFilter { kind: Some(kind), ..Default::default() };
        let kinds = counts.by_kind.clone().into_iter().map(|(kind, count)| {
            view! { <li><a href=paths::drift(&filter(kind))>{state::kind_word(kind)}</a> " " <span class="number">{count.to_string()}</span></li> }
        });
        let what = view! {
            {format!("{} open.", counted(open, "finding is", "findings are"))}
            <ul class="tally inline">{kinds.collect_view()}</ul>
        };
        all.push(Wrong { tone: Tone::Warn, glyph: Glyph::Drift, word: "Drift", what: what.into_any(), look });
    }
    if counts.could_not_tell > 0 {
        let what =
            format!("{} could not be judged by the last check.", counted(counts.could_not_tell, "finding", "findings"));
        all.push(Wrong {
            tone: Tone::Quiet,
            glyph: Glyph::Question,
            word: "Could not tell",
            what: what.into_any(),
            look,
        });
    }
    if counts.compared_at.is_none() {
        let what = "Mirror and cloud have not been compared since the service was set up.";
        all.push(Wrong { tone: Tone::Quiet, glyph: Glyph::Question, word: "Unknown", what: what.into_any(), look });
    }
    all
}
