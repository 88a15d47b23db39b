//! The footer: when the page was made, by which version, and in which colours.

use leptos::prelude::*;

use crate::{
    model::viewer::{Environment, Theme, Viewer},
    parts::{
        icon::{Glyph, Icon},
        when::Exactly,
    },
    paths,
};

/// The footer.
pub(super) fn foot(viewer: &Viewer) -> AnyView {
    let zone = viewer.zone.iana_name().unwrap_or("UTC").to_owned();
    let here = viewer.here.clone();
    let version = viewer.version.clone();
    let design = (viewer.environment == Environment::Sandbox && viewer.person.is_some())
        .then(|| view! { " · " <a href=paths::DESIGN>"Design"</a> });
    view! {
        <footer class="foot">
            <p>
                "Page made " <Exactly at=viewer.now /> {format!(" ({zone}) · ")} <a href=here.clone()>"Reload"</a>
                {format!(" · Studio Brain {version}")} {design} {super::alive::openers(viewer)}
            </p>
            <form method="post" action=paths::PREFERENCES class="themes">
                <input type="hidden" name="return_to" value=here />
                <fieldset>
                    <legend>"Colours"</legend>
                    {Theme::ALL.into_iter().map(|theme| choice(theme, viewer.theme)).collect_view()}
                </fieldset>
            </form>
        </footer>
    }
    .into_any()
}

fn choice(theme: Theme, chosen: Theme) -> AnyView {
    let (glyph, name) = match theme {
        Theme::System => (Glyph::System, "System"),
        Theme::Light => (Glyph::Light, "Light"),
        Theme::Dark => (Glyph::Dark, "Dark"),
    };
    let pressed = if theme == chosen { "true" } else { "false" };
    view! {
        <button type="submit" name="theme" value=theme.word() aria-pressed=pressed>
            <Icon glyph=glyph />
            <span>{name}</span>
        </button>
    }
    .into_any()
}
