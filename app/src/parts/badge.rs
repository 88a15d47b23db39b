//! States in words, colour and icon: never colour alone.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// What a state means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to do.
    Quiet,
    /// As it should be.
    Good,
    /// Under way, or waiting for somebody.
    Active,
    /// Look at it.
    Warn,
    /// It went wrong.
    Bad,
}

impl Tone {
    /// The class of an element in this tone.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Good => "good",
            Self::Active => "active",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A state.
#[component]
pub(crate) fn Badge(tone: Tone, glyph: Glyph, #[prop(into)] word: String) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            <Icon glyph=glyph />
            <span>{word}</span>
        </span>
    }
}

/// A sentence that concerns a whole page or section.
#[component]
pub(crate) fn Notice(tone: Tone, glyph: Glyph, children: Children) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <Icon glyph=glyph />
            <div class="notice-text">{children()}</div>
        </div>
    }
}
