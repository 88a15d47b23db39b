//! What the action that led here has to say, once.

use leptos::prelude::*;

use super::{
    badge::{Notice, Tone},
    icon::Glyph,
};
use crate::model::viewer::{Flash, FlashTone};

/// Messages shown once: polite ones are a status, only what went wrong interrupts.
#[component]
pub(crate) fn Flashes(flashes: Vec<Flash>) -> impl IntoView {
    flashes
        .into_iter()
        .map(|flash| {
            let (tone, glyph, role) = match flash.tone {
                FlashTone::Good => (Tone::Good, Glyph::Checked, "status"),
                FlashTone::Note => (Tone::Active, Glyph::Info, "status"),
                FlashTone::Bad => (Tone::Bad, Glyph::Warning, "alert"),
            };
            view! {
                <div class="flash" role=role>
                    <Notice tone=tone glyph=glyph>
                        <p>{flash.text}</p>
                    </Notice>
                </div>
            }
        })
        .collect_view()
}
