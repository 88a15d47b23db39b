//! Parts of a page that are empty or could not be read: said in words, never shown as zero.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::{
    frame::viewer,
    model::trouble::{Panel, Trouble},
};

/// Nothing is here, and that is fine.
#[component]
pub(crate) fn Empty(glyph: Glyph, #[prop(into)] what: String, #[prop(into)] more: String) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph=glyph />
            <p class="empty-what">{what}</p>
            <p class="empty-more">{more}</p>
        </div>
    }
}

/// Nothing matches the filter.
#[component]
pub(crate) fn FilteredEmpty(#[prop(into)] what: String, #[prop(into)] clear: String) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph=Glyph::Question />
            <p class="empty-what">{what}</p>
            <p class="empty-more">
                <a class="button" href=clear>"Clear filters"</a>
            </p>
        </div>
    }
}

/// A part of the page could not be read.
#[component]
pub(crate) fn Failed(trouble: Trouble) -> impl IntoView {
    let here = viewer().here.clone();
    view! {
        <div class="notice bad" role="alert">
            <Icon glyph=Glyph::Warning />
            <div class="notice-text">
                <p>
                    <strong>{trouble.what} "."</strong>
                    " Nothing is known about this part right now; the rest of the page is not affected."
                </p>
                <p class="notice-actions">
                    <a href=here>"Try again"</a>
                    <span>"Error id " <code class="code">{trouble.error_id}</code></span>
                </p>
            </div>
        </div>
    }
}

/// The reader may not see this part; the rest of the page is theirs.
#[component]
pub(crate) fn Forbidden(
    /// Which role may, in a sentence.
    #[prop(into)]
    why: String,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph=Glyph::Lock />
            <p class="empty-what">"You may not see this"</p>
            <p class="empty-more">{why}</p>
        </div>
    }
}

/// A part of the page, or why it could not be read.
pub(crate) fn panel<T>(panel: Panel<T>, show: impl FnOnce(T) -> AnyView) -> AnyView {
    match panel {
        Ok(value) => show(value),
        Err(trouble) => view! { <Failed trouble=trouble /> }.into_any(),
    }
}
