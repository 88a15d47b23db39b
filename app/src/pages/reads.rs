//! What today's reads cost, as a part of the start page.

use leptos::prelude::*;

use crate::{
    model::overview::Reads,
    parts::{
        badge::{Badge, Tone},
        chart::Shares,
        icon::Glyph,
        when::{counted, number},
    },
};

/// The reads of the day against what they may cost, by cause.
pub(crate) fn part(reads: Reads) -> AnyView {
    let of = reads.budget.map_or_else(|| "an unknown budget".to_owned(), number);
    view! {
        <p>
            {format!("{} billed today (UTC), of {of}.", counted(reads.spent, "read", "reads"))}
            {reads
                .is_paused
                .then(|| {
                    view! {
                        " "
                        <Badge tone=Tone::Warn glyph=Glyph::Warning word="Spent" />
                        " Drift samples, proofs and reading collections again wait for tomorrow."
                    }
                })}
        </p>
        {(!reads.by_cause.is_empty())
            .then(|| view! { <Shares caption="Reads today by cause" each="Cause" unit="Reads" parts=reads.by_cause /> })}
    }
    .into_any()
}
