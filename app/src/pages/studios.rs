//! Which studio this is, and what serves it.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Sheet, viewer},
    model::{
        studios::{Held, Studios},
        viewer::Environment,
    },
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        icon::Glyph,
        naming::{Code, Fact, Facts},
        titled::Titled,
        when::{When, counted},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(studios: Studios) -> Sheet {
    let viewer = viewer();
    let lede =
        view! { <p>"Studios share nothing but the process: each has its own database, credential and audit log."</p> }
            .into_any();
    let environment = match &viewer.environment {
        Environment::Sandbox => "Sandbox: a made-up studio".to_owned(),
        Environment::Emulator { host } => format!("Emulator at {host}"),
        Environment::Production { .. } => "The studio’s real Firestore".to_owned(),
    };
    let since = studios.since.map_or_else(unsaid, |at| view! { <When at=at /> }.into_any());
    let zone = viewer.zone.iana_name().unwrap_or("UTC").to_owned();
    let body = view! {
        <PageHead title="Studios" lede=lede />
        <Titled id="this-studio" title=viewer.studio.clone() count=None>
            <div class="card">
                <p class="badges"><Badge tone=Tone::Good glyph=Glyph::Check word="Shown now" /></p>
                <Facts>
                    <Fact name="Id"><Code text=studios.id /></Fact>
                    <Fact name="Environment">{environment}</Fact>
                    <Fact name="Project">{named(studios.project)}</Fact>
                    <Fact name="Database">{named(studios.database)}</Fact>
                    <Fact name="Time zone">{zone}</Fact>
                    <Fact name="Version">{viewer.version.clone()}</Fact>
                    <Fact name="Running since">{since}</Fact>
                </Facts>
            </div>
            {panel(studios.held, held)}
        </Titled>
        <Titled id="other-studios" title="Other studios">
            <Empty
                glyph=Glyph::Studio
                what="No other studio is set up here"
                more="One process serves one studio today. Another studio has its own service, at its own address."
            />
        </Titled>
    }
    .into_any();
    Sheet { status: 200, title: "Studios".to_owned(), section: None, body }
}

fn unsaid() -> AnyView {
    view! { <span class="missing">"not told"</span> }.into_any()
}

fn named(name: Option<String>) -> AnyView {
    name.map_or_else(unsaid, |name| view! { <Code text=name /> }.into_any())
}

fn held(held: Held) -> AnyView {
    view! {
        <div class="card">
            <Facts>
                <Fact name="Mirror">
                    <a href=paths::CONNECTORS>{counted(held.collections, "collection", "collections")}</a>
                </Fact>
                <Fact name="Audit log">
                    <a href=paths::AUDIT>{counted(held.audit_entries, "entry", "entries")}</a>
                </Fact>
                <Fact name="Lease">{held.lease}</Fact>
            </Facts>
        </div>
    }
    .into_any()
}
