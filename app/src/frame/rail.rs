//! The rail: studio, navigation, whether writes are on, who is signed in.

use leptos::prelude::*;

use super::{
    Section,
    entries::{self, Entry, Group},
};
use crate::{
    model::{
        facts::Actor,
        viewer::{Environment, Viewer, WriteSwitch},
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
            <button class="button rail-menu" type="button" popovertarget="rail-nav">
                <Icon glyph=Glyph::Menu />
                <span>"Menu"</span>
            </button>
            <nav id="rail-nav" aria-label="Main" popover>
                {entries::groups(viewer.counts).into_iter().map(|group| drawn(group, current)).collect_view()}
            </nav>
            <div class="rail-foot">
                {switch(&viewer.writes)}
                <a class="studios" href=paths::STUDIOS>
                    <Icon glyph=Glyph::Studio />
                    <span>"Studios"</span>
                </a>
                <div class="signed-in">
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

fn drawn(group: Group, current: Option<Section>) -> Option<AnyView> {
    let id = format!("rail-{}", group.name.to_lowercase());
    let labelled = id.clone();
    (!group.entries.is_empty()).then(|| {
        view! {
            <div class="rail-part">
                <p class="rail-group" id=id>{group.name}</p>
                <ul aria-labelledby=labelled>
                    {group.entries.into_iter().map(|entry| link(entry, current)).collect_view()}
                </ul>
            </div>
        }
        .into_any()
    })
}

fn link(entry: Entry, current: Option<Section>) -> AnyView {
    let here = (current == Some(entry.section)).then_some("page");
    let count = entry.count.filter(|(count, _)| *count > 0).map(|(count, what)| {
        view! { <span class="count">{number(count)} <span class="hidden">{format!(" {what}")}</span></span> }
    });
    view! {
        <li>
            <a href=entry.href aria-current=here>
                <Icon glyph=entry.glyph />
                <span>{entry.name}</span>
                " "
                {count}
            </a>
        </li>
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
            <a href=paths::POLICY>
                <Badge tone=tone glyph=glyph word=word />
            </a>
            {why.map(|why| view! { <p>{why}</p> })}
        </div>
    }
    .into_any()
}
