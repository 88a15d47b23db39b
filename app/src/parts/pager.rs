//! Where one is, and what lies beside and above it: pager and breadcrumb.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A neighbour of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Neighbour {
    /// Its address.
    pub(crate) href: String,
    /// Its name, such as `Older entries`.
    pub(crate) name: String,
}

/// The pages before and after this one, of a list or of the things in it. Nothing where there is neither.
#[component]
pub(crate) fn Pager(
    /// Of what, such as `Pages of the audit log`.
    #[prop(into)]
    label: String,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
    /// Where one is, such as `51 to 100 of 1,204`.
    #[prop(optional, into)]
    place: Option<String>,
) -> impl IntoView {
    (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=label>
                {previous
                    .map(|page| {
                        view! {
                            <a class="button" href=page.href rel="prev">
                                <Icon glyph=Glyph::Previous />
                                <span>{page.name}</span>
                            </a>
                        }
                    })}
                {place.map(|place| view! { <span class="pager-place">{place}</span> })}
                {next
                    .map(|page| {
                        view! {
                            <a class="button" href=page.href rel="next">
                                <span>{page.name}</span>
                                <Icon glyph=Glyph::Next />
                            </a>
                        }
                    })}
            </nav>
        }
    })
}

/// What lies above the page, outermost first; the page itself is its heading, just below.
#[component]
pub(crate) fn Breadcrumb(
    /// Addresses and names.
    trail: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                {trail
                    .into_iter()
                    .map(|(href, name)| view! { <li><a href=href>{name}</a></li> })
                    .collect_view()}
            </ol>
        </nav>
    }
}
