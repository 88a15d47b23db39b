//! Values side by side as bars.

use leptos::prelude::*;

use super::{
    super::{
        table::{Column, Row, Table},
        when::number,
    },
    drawing, figure, grid, known, labels,
    scale::{Scale, place},
};

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// What it is about, such as a day.
    pub(crate) name: String,
    /// Nothing where it is unknown.
    pub(crate) value: Option<u64>,
}

/// What the bars should stay below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What it is, such as `Budget`.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: u64,
}

/// How much of its place a bar fills.
const FILLED: f64 = 0.72;

/// Values side by side, from zero.
#[component]
pub(crate) fn BarChart(
    /// Unique on the page.
    id: &'static str,
    #[prop(into)] title: String,
    /// What is counted, such as `Reads`.
    #[prop(into)]
    unit: String,
    /// What each bar is about, such as `Day`.
    #[prop(into)]
    each: String,
    bars: Vec<Bar>,
    #[prop(optional)] limit: Option<Limit>,
) -> impl IntoView {
    let ceiling = limit.as_ref().map(|limit| limit.value);
    let scale = Scale::from_zero(bars.iter().filter_map(|bar| bar.value).chain(ceiling));
    let says = says(&bars, limit.as_ref());
    let width = 100.0 / bars.len().max(1) as f64;
    let marks = view! {
        {grid(&scale)}
        {bars.iter().enumerate().map(|(at, bar)| column(at, bar, width, &scale)).collect_view()}
        {ceiling.map(|value| view! { <line class="limit" x1="0" x2="100" y1=scale.y(value) y2=scale.y(value)></line> })}
    }
    .into_any();
    let ends = [bars.first(), bars.last()].into_iter().flatten().map(|bar| bar.name.clone()).collect::<Vec<_>>();
    let plot = view! {
        {labels(&scale)}
        {drawing(id, marks)}
        <div class="chart-dates" aria-hidden="true">
            {ends.into_iter().map(|name| view! { <span>{name}</span> }).collect_view()}
        </div>
    }
    .into_any();
    let rows =
        bars.into_iter().rev().map(|bar| Row::of(vec![bar.name.into_any(), known(bar.value)])).collect::<Vec<_>>();
    let columns = vec![Column::text(each), Column::number(unit)];
    let numbers =
        view! { <Table caption=format!("{title}, newest first") columns=columns rows=rows class="list ledger numbers" /> }
            .into_any();
    figure(id, title, says, Some(plot), None, Some(numbers))
}

fn says(bars: &[Bar], limit: Option<&Limit>) -> String {
    let known: Vec<(&str, u64)> = bars.iter().filter_map(|bar| Some((bar.name.as_str(), bar.value?))).collect();
    let Some((name, most)) = known.iter().max_by_key(|(_, value)| *value) else {
        return "Nothing is known.".to_owned();
    };
    let unknown = match bars.len() - known.len() {
        0 => String::new(),
        gaps => format!(" {gaps} of {} unknown.", bars.len()),
    };
    let limit = limit.map_or_else(String::new, |limit| {
        let over = known.iter().filter(|(_, value)| *value > limit.value).count();
        format!(" {} {}, the broken line: {over} above it.", limit.name, number(limit.value))
    });
    format!("Most: {} ({name}).{limit}{unknown}", number(*most))
}

fn column(at: usize, bar: &Bar, width: f64, scale: &Scale) -> AnyView {
    let x = place(at as f64 * width + width * (1.0 - FILLED) / 2.0);
    let told = bar.value.map_or_else(|| "unknown".to_owned(), number);
    let title = format!("{}: {told}", bar.name);
    let (class, y) = match bar.value {
        Some(value) => ("bar", scale.y(value)),
        None => ("unknown", "0".to_owned()),
    };
    let height = place(100.0 - y.parse::<f64>().unwrap_or(100.0));
    view! {
        <rect class=class x=x y=y width=place(width * FILLED) height=height>
            <title>{title}</title>
        </rect>
    }
    .into_any()
}

/// What a whole is made of: names, bars and numbers in one table, so that it needs no other.
#[component]
pub(crate) fn Shares(
    #[prop(into)] caption: String,
    /// What the parts are, such as `Cause`.
    #[prop(into)]
    each: String,
    /// What is counted.
    #[prop(into)]
    unit: String,
    /// Names and counts, largest first.
    parts: Vec<(String, u64)>,
) -> impl IntoView {
    let whole: u64 = parts.iter().map(|(_, count)| count).sum();
    let rows = parts
        .into_iter()
        .map(|(name, count)| {
            let share = if whole == 0 { 0.0 } else { count as f64 * 100.0 / whole as f64 };
            let bar = view! {
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <rect class="track" x="0" y="0" width="100" height="8"></rect>
                    <rect class="bar" x="0" y="0" width=place(share) height="8"></rect>
                </svg>
                <span class="hidden">{format!("{share:.0} %")}</span>
            };
            Row::of(vec![name.into_any(), bar.into_any(), number(count).into_any()])
        })
        .collect();
    let columns = vec![Column::text(each), Column::text("Share"), Column::number(unit)];
    view! { <Table caption=caption columns=columns rows=rows class="list ledger shares" /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[Option<u64>]) -> Vec<Bar> {
        values.iter().enumerate().map(|(at, value)| Bar { name: format!("day {at}"), value: *value }).collect()
    }

    #[test]
    fn bars_say_which_is_the_longest_and_which_are_over_the_limit() {
        assert_eq!(says(&[], None), "Nothing is known.");
        assert_eq!(says(&bars(&[Some(3), Some(1_200)]), None), "Most: 1,200 (day 1).");
        let limit = Limit { name: "Budget".to_owned(), value: 1_000 };
        assert_eq!(
            says(&bars(&[Some(3), None, Some(1_200)]), Some(&limit)),
            "Most: 1,200 (day 2). Budget 1,000, the broken line: 1 above it. 1 of 3 unknown."
        );
    }
}
