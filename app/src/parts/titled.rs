//! A part of a page under a heading, and what has to be said before its content.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    badge::{Notice, Tone},
    icon::Glyph,
    when::{When, length, number},
};

/// What has to be said before a panel's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Sound,
    /// It is older than what may be relied on.
    Stale {
        /// The read time of the cloud that it is derived from.
        as_of: Timestamp,
        /// How old it may be, in seconds.
        bound: u64,
    },
    /// It can be read, and nothing can be done.
    ReadOnly {
        /// One sentence: since when, and who can change that.
        why: String,
    },
}

/// A part of a page: its heading, how many there are, what can be done, and its content.
#[component]
pub(crate) fn Titled(
    /// The heading's id, by which the part can be linked to.
    #[prop(into)]
    id: String,
    #[prop(into)] title: String,
    /// How many things it holds, where that is known.
    #[prop(default = None)]
    count: Option<u64>,
    #[prop(default = None)] actions: Option<AnyView>,
    #[prop(default = Standing::Sound)] standing: Standing,
    children: Children,
) -> impl IntoView {
    let labelled = id.clone();
    view! {
        <section class="panel" aria-labelledby=labelled>
            <div class="panel-head">
                <div class="panel-name">
                    <h2 id=id>{title}</h2>
                    {count.map(|count| view! { <span class="count">{number(count)}</span> })}
                </div>
                {actions.map(|actions| view! { <div class="panel-actions">{actions}</div> })}
            </div>
            {said(standing)}
            {children()}
        </section>
    }
}

fn said(standing: Standing) -> Option<AnyView> {
    match standing {
        Standing::Sound => None,
        Standing::Stale { as_of, bound } => Some(
            view! {
                <Notice tone=Tone::Warn glyph=Glyph::Clock>
                    <p>
                        <strong>"Stale. "</strong> "Derived from cloud, as of " <When at=as_of />
                        {format!("; that is older than the {} it may be. It may have changed since.", length(bound))}
                    </p>
                </Notice>
            }
            .into_any(),
        ),
        Standing::ReadOnly { why } => Some(
            view! {
                <Notice tone=Tone::Quiet glyph=Glyph::ReadOnly>
                    <p><strong>"Read only. "</strong> {why}</p>
                </Notice>
            }
            .into_any(),
        ),
    }
}
