//! The rail: studio, navigation, whether writes are on, who is signed in.

use leptos::prelude::*;

use super::Section;
use crate::{
    model::{
        facts::Actor,
        viewer::{Counts, Environment, Viewer, WriteSwitch},
    },
    parts::{
        badge::{Badge, Tone},
        icon::{Glyph, Icon},
        naming::kind_word,
        when::number,
    },
    paths,
};

/// The rail.
pub(super) fn rail(viewer: &Viewer, person: Actor, current: Option<Section>) -> AnyView {
    let studio = viewer.studio.clone();
    view! {
        <header class="rail">
            <a class="brand" href=paths::OVERVIEW>
                <Icon glyph=Glyph::Brand />
                <span class="brand-name">{studio}</span>
                <span class="brand-sub">{place(&viewer.environment)}</span>
            </a>
            <nav aria-label="Main">
                <ul>{entries(viewer.counts, current)}</ul>
            </nav>
            <div class="rail-foot">
                {switch(&viewer.writes)}
                <div class="signed-in" data-session-ends=viewer.session_ends.map(|ends| ends.to_string())>
                    <Icon glyph=Glyph::Person />
                    <p>
                        <span class="hidden">"Signed in as "</span>
                        <a href=paths::SESSIONS><strong>{person.name}</strong></a>
                        " "
                        <span class="who-kind">{kind_word(person.kind)}</span>
                    </p>
                    <form method="post" action=paths::SIGN_OUT>
                        <button class="button plain" type="submit">
                            <Icon glyph=Glyph::SignOut />
                            <span>"Sign out"</span>
                        </button>
                    </form>
                </div>
            </div>
        </header>
    }
    .into_any()
}

fn place(environment: &Environment) -> String {
    match environment {
        Environment::Sandbox => "Studio Brain · sandbox".to_owned(),
        Environment::Emulator { .. } => "Studio Brain · emulator".to_owned(),
        Environment::Production { project } => format!("Studio Brain · {project}"),
    }
}

fn entries(counts: Option<Counts>, current: Option<Section>) -> Vec<AnyView> {
    [
        (Section::Overview, Glyph::Overview, "Overview", paths::OVERVIEW, None),
        (Section::State, Glyph::System, "State", paths::STATE, None),
        (Section::Drift, Glyph::Drift, "Drift", paths::DRIFT, counts.map(|counts| (counts.findings, "open"))),
        (
            Section::Proposals,
            Glyph::Proposal,
            "Proposals",
            paths::PROPOSALS,
            counts.map(|counts| (counts.proposals, "waiting")),
        ),
        (Section::Writes, Glyph::Write, "Writes", paths::WRITES, counts.map(|counts| (counts.writes, "need a look"))),
        (Section::Audit, Glyph::Audit, "Audit", paths::AUDIT, None),
    ]
    .into_iter()
    .map(|(section, glyph, name, href, count)| {
        let here = (current == Some(section)).then_some("page");
        view! {
            <li>
                <a href=href aria-current=here>
                    <Icon glyph=glyph />
                    <span>{name}</span>
                    " "
                    {count
                        .filter(|(count, _)| *count > 0)
                        .map(|(count, what)| {
                            view! {
                                <span class="count">
                                    {number(count)} <span class="hidden">{format!(" {what}")}</span>
                                </span>
                            }
                        })}
                </a>
            </li>
        }
        .into_any()
    })
    .collect()
}

fn switch(writes: &WriteSwitch) -> AnyView {
    let (tone, glyph, word, why) = match writes {
        WriteSwitch::On => (Tone::Good, Glyph::Checked, "Writes on", None),
        WriteSwitch::Off { why } => (Tone::Warn, Glyph::Lock, "Writes off", Some(why.clone())),
        WriteSwitch::Unknown => {
            let why = "The switch could not be read, so nothing is sent.".to_owned();
            (Tone::Bad, Glyph::Question, "Writes unknown", Some(why))
        }
    };
    view! {
        <div class="switch">
            <Badge tone=tone glyph=glyph word=word />
            {why.map(|why| view! { <p>{why}</p> })}
        </div>
    }
    .into_any()
}
