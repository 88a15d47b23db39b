//! Icons: symbols of the sprite, always beside a word and hidden from screen readers.

use leptos::prelude::*;

/// Each symbol of the sprite with its id there.
macro_rules! glyphs {
    ($($name:ident $id:literal)+) => {
        /// A symbol of the sprite.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Glyph {
            $($name,)+
        }

        impl Glyph {
            /// Every symbol.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What leads to it within a page.
            fn reference(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("#i-", $id),)+
                }
            }

            /// Its name in the sprite.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }
        }
    };
}

glyphs! {
    Brand "brand"
    Today "today"
    Overview "overview"
    State "state"
    Drift "drift"
    Proposal "proposal"
    Write "write"
    Document "document"
    Policy "policy"
    Agent "agent"
    Connector "connector"
    Advice "advice"
    Audit "audit"
    Cost "cost"
    Job "job"
    Studio "studio"
    Help "help"
    Design "design"
    Check "check"
    Checked "checked"
    Cross "cross"
    Refused "refused"
    Warning "warning"
    Question "question"
    Clock "clock"
    Circle "circle"
    Info "info"
    Lock "lock"
    ReadOnly "read-only"
    Stop "stop"
    Undo "undo"
    Plus "plus"
    Minus "minus"
    Edit "edit"
    Copy "copy"
    Export "export"
    Search "search"
    Filter "filter"
    Sort "sort"
    Up "up"
    Down "down"
    Previous "previous"
    Next "next"
    Rising "rising"
    Falling "falling"
    Level "level"
    Person "person"
    Service "service"
    Refresh "refresh"
    SignOut "sign-out"
    System "system"
    Light "light"
    Dark "dark"
    Chain "chain"
    Menu "menu"
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
