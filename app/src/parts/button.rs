//! Buttons and links that look like them: one height, five weights, always with words.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emphasis {
    /// One of several things that can be done.
    Ordinary,
    /// What most readers came to do; one of them a page.
    Primary,
    /// Beside another button, and less wanted than it.
    Plain,
    /// It says no, or ends something.
    Danger,
    /// It does what is hard to undo; only on a page that asks for nothing else.
    Grave,
}

impl Emphasis {
    fn class(self) -> &'static str {
        match self {
            Self::Ordinary => "button",
            Self::Primary => "button primary",
            Self::Plain => "button plain",
            Self::Danger => "button danger",
            Self::Grave => "button danger primary",
        }
    }
}

/// Sends its form.
#[component]
pub(crate) fn Button(
    #[prop(into)] label: String,
    #[prop(default = Emphasis::Ordinary)] emphasis: Emphasis,
    #[prop(optional)] glyph: Option<Glyph>,
    /// The field and the value that pressing this one sends, where a form has several buttons.
    #[prop(optional)]
    sends: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    let (name, value) = sends.unzip();
    view! {
        <button class=emphasis.class() type="submit" name=name value=value>
            {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
            <span>{label}</span>
        </button>
    }
}

/// Leads to a page on which something is done.
#[component]
pub(crate) fn ButtonLink(
    #[prop(into)] label: String,
    #[prop(into)] href: String,
    #[prop(default = Emphasis::Ordinary)] emphasis: Emphasis,
    #[prop(optional)] glyph: Option<Glyph>,
) -> impl IntoView {
    view! {
        <a class=emphasis.class() href=href>
            {glyph.map(|glyph| view! { <Icon glyph=glyph /> })}
            <span>{label}</span>
        </a>
    }
}

/// Cannot be pressed; the sentence with this id, shown near it, says why.
#[component]
pub(crate) fn ButtonOff(#[prop(into)] label: String, #[prop(into)] why_id: String) -> impl IntoView {
    view! { <button class="button" type="button" disabled aria-describedby=why_id>{label}</button> }
}

/// Why the reader may not do something, in the place where it would be done.
#[component]
pub(crate) fn WhyNot(#[prop(into)] why: String, #[prop(optional, into)] id: Option<String>) -> impl IntoView {
    view! {
        <p class="why-not" id=id>
            <Icon glyph=Glyph::Lock />
            <span>{why}</span>
        </p>
    }
}
