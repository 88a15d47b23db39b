//! Which part of a list is shown: tabs for one choice, chips for the filters that narrow it. Both are links.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    when::number,
};

/// One of several views of the same list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tab {
    /// Its name.
    pub(crate) name: String,
    /// Its address.
    pub(crate) href: String,
    /// Is it shown now?
    pub(crate) is_current: bool,
    /// How many things it holds, where that is known.
    pub(crate) count: Option<u64>,
}

/// Views of the same list; the address of each can be kept and sent.
#[component]
pub(crate) fn Tabs(
    /// What is chosen between, such as `Which proposals`.
    #[prop(into)]
    label: String,
    tabs: Vec<Tab>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>
                {tabs
                    .into_iter()
                    .map(|tab| {
                        view! {
                            <li>
                                <a href=tab.href aria-current=tab.is_current.then_some("page")>
                                    {tab.name}
                                    {tab.count.map(|count| view! { " " <span class="count">{number(count)}</span> })}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

/// A filter that narrows a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chip {
    /// What it narrows by, such as `Collection`.
    pub(crate) name: String,
    /// To what.
    pub(crate) value: String,
    /// The list without it.
    pub(crate) without: String,
}

/// The filters that narrow a list; each can be taken away by itself. Nothing while there is none.
#[component]
pub(crate) fn Chips(
    chips: Vec<Chip>,
    /// The list without any filter.
    #[prop(into)]
    clear: String,
) -> impl IntoView {
    let several = chips.len() > 1;
    (!chips.is_empty()).then(|| {
        view! {
            <div class="chips" role="group" aria-label="Filters in force">
                <Icon glyph=Glyph::Filter />
                <ul>
                    {chips
                        .into_iter()
                        .map(|chip| {
                            view! {
                                <li>
                                    <a class="chip" href=chip.without>
                                        <span class="hidden">"Remove the filter "</span>
                                        <span>{chip.name} ": " <strong>{chip.value}</strong></span>
                                        <Icon glyph=Glyph::Cross />
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {several.then(|| view! { <a href=clear>"Clear all"</a> })}
            </div>
        }
    })
}
