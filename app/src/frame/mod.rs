//! What surrounds every page: document, banner, navigation, who is here, footer.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    assets::{FAVICON, STYLESHEET},
    model::viewer::{Environment, Theme, Viewer},
    parts::{flash::Flashes, pager::Breadcrumb},
};

mod alive;
mod entries;
mod foot;
mod rail;

/// A page's content, before its frame.
pub(crate) struct Sheet {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The title, most telling part first.
    pub(crate) title: String,
    /// Which entry of the navigation is current.
    pub(crate) section: Option<Section>,
    /// What is between header and footer.
    pub(crate) body: AnyView,
}

impl Sheet {
    /// A page that is found and whole.
    pub(crate) fn new(section: Section, title: impl Into<String>, body: AnyView) -> Self {
        Self { status: 200, title: title.into(), section: Some(section), body }
    }

    /// The same page with another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    State,
    Drift,
    Documents,
    Proposals,
    Writes,
    Policy,
    Agents,
    Intake,
    Recommendations,
    Connectors,
    Jobs,
    Reads,
    Scorecard,
    Audit,
    Help,
}

/// The reader of the page being rendered.
pub(crate) fn viewer() -> Arc<Viewer> {
    expect_context::<Arc<Viewer>>()
}

/// The whole document.
pub(crate) fn document(sheet: Sheet) -> AnyView {
    let viewer = viewer();
    let title = format!("{} · {}", sheet.title, viewer.studio);
    // The browser paints its own canvas and controls by this before the stylesheet is there: no flash of the other one.
    let schemes = match viewer.theme {
        Theme::System => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    view! {
        <html lang="en" data-theme=viewer.theme.word()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=schemes />
                <meta name="robots" content="noindex" />
                <title>{title}</title>
                <link rel="stylesheet" href=STYLESHEET.path() />
                <link rel="icon" type="image/svg+xml" href=FAVICON.path() />
                {alive::head(&viewer)}
            </head>
            <body>
                <svg class="sprite" aria-hidden="true"></svg>
                <a class="skip" href="#main">"Skip to content"</a>
                {environment(&viewer.environment)}
                <div class=if viewer.person.is_some() { "shell" } else { "shell alone" }>
                    {viewer.person.clone().map(|person| rail::rail(&viewer, person, sheet.section))}
                    <div class="column">
                        <main id="main" tabindex="-1">
                            <Flashes flashes=viewer.flashes.clone() />
                            {sheet.body}
                        </main>
                        {foot::foot(&viewer)}
                    </div>
                </div>
                {alive::body(&viewer)}
            </body>
        </html>
    }
    .into_any()
}

/// The head of a page: its name, what it is for, and what can be done.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    /// One sentence.
    lede: AnyView,
    /// What lies above the page, shown above its name.
    #[prop(default = None)]
    back: Option<(&'static str, &'static str)>,
    #[prop(default = None)] actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <div class="page-name">
                {back.map(|above| view! { <Breadcrumb trail=vec![above] /> })}
                <h1>{title}</h1>
                <div class="lede">{lede}</div>
            </div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}

fn environment(environment: &Environment) -> Option<AnyView> {
    let (class, word, rest) = match environment {
        Environment::Sandbox => {
            ("sandbox", "Sandbox", "A made-up studio. Nothing you do here touches a real one.".to_owned())
        }
        Environment::Emulator { host } => ("emulator", "Emulator", format!("Reads and writes go to {host}.")),
        Environment::Production { .. } => return None,
    };
    Some(
        view! {
            <section class=format!("environment {class}") aria-label="Environment">
                <strong>{word}</strong>
                <span>{rest}</span>
            </section>
        }
        .into_any(),
    )
}
