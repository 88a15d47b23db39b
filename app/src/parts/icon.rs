//! Icons: symbols of the sprite, always beside a word and hidden from screen readers.

use leptos::prelude::*;

/// A symbol of the sprite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Overview,
    Drift,
    Proposal,
    Write,
    Audit,
    Check,
    Checked,
    Cross,
    Refused,
    Warning,
    Question,
    Clock,
    Circle,
    Info,
    Lock,
    Undo,
    Plus,
    Minus,
    Edit,
    Person,
    Agent,
    Service,
    Refresh,
    SignOut,
    System,
    Light,
    Dark,
    Chain,
    Brand,
}

impl Glyph {
    fn reference(self) -> &'static str {
        match self {
            Self::Overview => "#i-overview",
            Self::Drift => "#i-drift",
            Self::Proposal => "#i-proposal",
            Self::Write => "#i-write",
            Self::Audit => "#i-audit",
            Self::Check => "#i-check",
            Self::Checked => "#i-checked",
            Self::Cross => "#i-cross",
            Self::Refused => "#i-refused",
            Self::Warning => "#i-warning",
            Self::Question => "#i-question",
            Self::Clock => "#i-clock",
            Self::Circle => "#i-circle",
            Self::Info => "#i-info",
            Self::Lock => "#i-lock",
            Self::Undo => "#i-undo",
            Self::Plus => "#i-plus",
            Self::Minus => "#i-minus",
            Self::Edit => "#i-edit",
            Self::Person => "#i-person",
            Self::Agent => "#i-agent",
            Self::Service => "#i-service",
            Self::Refresh => "#i-refresh",
            Self::SignOut => "#i-sign-out",
            Self::System => "#i-system",
            Self::Light => "#i-light",
            Self::Dark => "#i-dark",
            Self::Chain => "#i-chain",
            Self::Brand => "#i-brand",
        }
    }
}

/// An icon.
#[component]
pub(crate) fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" width="16" height="16" aria-hidden="true" focusable="false">
            <use href=glyph.reference()></use>
        </svg>
    }
}
