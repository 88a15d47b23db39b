//! Colours, type and icons.

use leptos::prelude::*;

use super::specimen;
use crate::parts::icon::{Glyph, Icon};

/// A ground or an ink: its class, its name, what it is for.
const SWATCHES: [(&str, &str, &str); 13] = [
    ("page", "page", "Under everything"),
    ("surface", "surface", "What holds content"),
    ("raised", "raised", "Heads of tables"),
    ("quiet", "quiet", "Nothing to do"),
    ("good", "good", "As it should be"),
    ("active", "active", "Under way, or waiting"),
    ("warn", "warn", "Look at it"),
    ("bad", "bad", "It went wrong"),
    ("strong", "strong", "The main button"),
    ("soft", "ink-soft", "What supports"),
    ("faint", "ink-faint", "What can be skipped"),
    ("clay", "clay", "Here, and yours"),
    ("link", "link", "Leads somewhere"),
];

const TYPE: [(&str, &str); 6] = [
    ("type-title", "Title of a page, 22"),
    ("type-head", "Head of a part, 15"),
    ("type-figure", "2,398"),
    ("", "Text, 14: calm, dense, legible."),
    ("aside", "Beside the point, 13"),
    ("code", "reservations/r-0042"),
];

/// Colours, type and icons.
pub(super) fn part() -> AnyView {
    let swatches = SWATCHES
        .into_iter()
        .map(|(class, name, meaning)| {
            view! {
                <li class=format!("swatch {class}")>
                    <strong>{name}</strong>
                    <span>{meaning}</span>
                </li>
            }
        })
        .collect_view();
    let sizes = TYPE.into_iter().map(|(class, text)| view! { <p class=class>{text}</p> }).collect_view();
    let glyphs = Glyph::ALL
        .iter()
        .map(|glyph| {
            view! {
                <li>
                    <Icon glyph=*glyph />
                    <span>{glyph.name()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        {specimen(
            "colours",
            "Pairs for light and dark, each with a contrast of at least 4.5 to 1. No meaning rests on colour alone.",
            view! { <ul class="swatches">{swatches}</ul> }.into_any(),
        )}
        {specimen(
            "type",
            "One family and one for code; sizes follow the reader's own.",
            view! { <div class="state">{sizes}</div> }.into_any(),
        )}
        {specimen(
            "icons",
            "Always beside a word. A page carries those that it uses.",
            view! { <ul class="glyphs">{glyphs}</ul> }.into_any(),
        )}
    }
    .into_any()
}
