//! Charts: drawn on the server as SVG, each with a sentence that says what it shows and the numbers in a table beside it.
//!
//! A value that is unknown is a gap, never zero. Lines differ by their dashes as well as by their colours.
//! The drawing is stretched to the room there is, so it holds no text: scale and dates are text around it.

use leptos::prelude::*;

/// Values over time as lines.
mod line;

/// Values side by side as bars.
mod bar;

/// From values to places in a drawing.
mod scale;

pub(crate) use bar::{Bar, BarChart, Limit, Shares};
pub(crate) use line::{Line, LineChart, Point, Sparkline};

use scale::Scale;

/// The lines of the scale across the drawing.
fn grid(scale: &Scale) -> Vec<AnyView> {
    scale
        .ticks()
        .map(|tick| {
            let y = scale.y(tick);
            view! { <line class="grid" x1="0" x2="100" y1=y.clone() y2=y></line> }.into_any()
        })
        .collect()
}

/// The numbers of the scale, beside the drawing; the table tells the same to whoever cannot see them.
fn labels(scale: &Scale) -> AnyView {
    let labels = scale.ticks().rev().map(|tick| view! { <span>{super::when::number(tick)}</span> }).collect_view();
    view! { <div class="chart-scale" aria-hidden="true">{labels}</div> }.into_any()
}

/// A chart's frame: what it is, what it says, the drawing, and the numbers.
fn figure(
    id: &str,
    title: String,
    says: String,
    plot: Option<AnyView>,
    key: Option<AnyView>,
    numbers: Option<AnyView>,
) -> AnyView {
    let summary = format!("{title}: the numbers");
    view! {
        <figure class="chart">
            <figcaption>
                <span class="chart-name" id=format!("{id}-name")>{title}</span>
                " "
                <span class="chart-says" id=format!("{id}-says")>{says}</span>
            </figcaption>
            {plot.map(|plot| view! { <div class="chart-plot">{plot}</div> })}
            {key}
            {numbers.map(|numbers| view! { <details><summary>{summary}</summary> {numbers}</details> })}
        </figure>
    }
    .into_any()
}

/// The drawing itself; named by the chart's title and described by its sentence.
fn drawing(id: &str, marks: AnyView) -> AnyView {
    view! {
        <svg
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
            role="img"
            aria-labelledby=format!("{id}-name")
            aria-describedby=format!("{id}-says")
            focusable="false"
        >
            {marks}
        </svg>
    }
    .into_any()
}

/// A number, or that it is unknown.
fn known(value: Option<u64>) -> AnyView {
    match value {
        Some(value) => super::when::number(value).into_any(),
        None => view! { <span class="missing">"unknown"</span> }.into_any(),
    }
}
