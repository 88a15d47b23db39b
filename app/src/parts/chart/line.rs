//! Values over time as lines.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    super::{
        table::{Column, Row, Table},
        when::{number, span},
    },
    drawing, figure, grid, known, labels,
    scale::{Scale, place},
};
use crate::frame::viewer;

/// A value at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    /// When.
    pub(crate) at: Timestamp,
    /// Nothing where it is unknown.
    pub(crate) value: Option<u64>,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it counts.
    pub(crate) name: String,
    /// Oldest first; the lines of one chart share their instants.
    pub(crate) points: Vec<Point>,
}

impl Line {
    /// What it shows, in a sentence.
    fn says(&self) -> String {
        let known: Vec<u64> = self.points.iter().filter_map(|point| point.value).collect();
        let (Some(first), Some(last)) = (known.first(), known.last()) else {
            return format!("{}: nothing is known.", self.name);
        };
        let (low, high) = (known.iter().min().unwrap_or(first), known.iter().max().unwrap_or(last));
        let unknown = match self.points.len() - known.len() {
            0 => String::new(),
            gaps => format!(" Unknown at {gaps} of {} instants.", self.points.len()),
        };
        format!(
            "{}: {} at first, {} at last, between {} and {}.{unknown}",
            self.name,
            number(*first),
            number(*last),
            number(*low),
            number(*high)
        )
    }
}

/// Values over time, at most four lines.
#[component]
pub(crate) fn LineChart(
    /// Unique on the page.
    id: &'static str,
    #[prop(into)] title: String,
    lines: Vec<Line>,
) -> impl IntoView {
    let instants: Vec<Timestamp> =
        lines.first().map(|line| line.points.iter().map(|point| point.at).collect()).unwrap_or_default();
    let says = lines.iter().map(Line::says).collect::<Vec<_>>().join(" ");
    let (Some(first), Some(last)) = (instants.first().copied(), instants.last().copied()) else {
        return figure(id, title, "Nothing is recorded yet.".to_owned(), None, None, None);
    };
    let values = lines.iter().flat_map(|line| &line.points).filter_map(|point| point.value);
    let scale = Scale::around(values);
    let axis = Axis { first, last };
    let marks = view! {
        {grid(&scale)}
        {unknown(&lines, &axis)}
        {lines.iter().enumerate().map(|(at, line)| drawn(at, line, &scale, &axis)).collect_view()}
        {spots(&instants, &lines, &axis)}
    }
    .into_any();
    let viewer = viewer();
    let dates = [first, axis.middle(), last].map(|at| span(at, last.as_second() - first.as_second(), &viewer));
    let plot = view! {
        {labels(&scale)}
        {drawing(id, marks)}
        <div class="chart-dates" aria-hidden="true">
            {dates.into_iter().map(|date| view! { <span>{date}</span> }).collect_view()}
        </div>
    }
    .into_any();
    let numbers = numbers(&title, &lines, last.as_second() - first.as_second());
    figure(id, title, says, Some(plot), key(&lines), Some(numbers))
}

/// The shape of a few values, without a scale: beside a number, never instead of it.
#[component]
pub(crate) fn Sparkline(values: Vec<Option<u64>>) -> impl IntoView {
    let scale = Scale::around(values.iter().copied().flatten().collect::<Vec<_>>().into_iter());
    let across = values.len().saturating_sub(1).max(1) as f64;
    let places: Vec<(String, Option<String>)> = values
        .iter()
        .enumerate()
        .map(|(at, value)| (place(at as f64 * 100.0 / across), value.map(|value| scale.y(value))))
        .collect();
    let last = places.last().and_then(|(x, y)| Some(format!("M{x} {}h0", y.as_ref()?)));
    view! {
        <svg class="spark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path vector-effect="non-scaling-stroke" d=path(&places)></path>
            {last.map(|d| view! { <path class="last" vector-effect="non-scaling-stroke" d=d></path> })}
        </svg>
    }
}

/// The instants from left to right.
struct Axis {
    first: Timestamp,
    last: Timestamp,
}

impl Axis {
    fn x(&self, at: Timestamp) -> String {
        let whole = self.last.as_second() - self.first.as_second();
        if whole <= 0 {
            return "50".to_owned();
        }
        place((at.as_second() - self.first.as_second()) as f64 * 100.0 / whole as f64)
    }

    fn middle(&self) -> Timestamp {
        let seconds = self.first.as_second().midpoint(self.last.as_second());
        Timestamp::from_second(seconds).unwrap_or(self.first)
    }
}

/// A path that is broken where a value is unknown; a value between two gaps is a dot.
fn path(places: &[(String, Option<String>)]) -> String {
    let mut path = String::new();
    let mut pen_is_down = false;
    for (x, y) in places {
        match y {
            None => pen_is_down = false,
            Some(y) if pen_is_down => path.push_str(&format!("L{x} {y}")),
            Some(y) => {
                path.push_str(&format!("M{x} {y}h0"));
                pen_is_down = true;
            }
        }
    }
    path
}

fn drawn(at: usize, line: &Line, scale: &Scale, axis: &Axis) -> AnyView {
    let places: Vec<(String, Option<String>)> =
        line.points.iter().map(|point| (axis.x(point.at), point.value.map(|value| scale.y(value)))).collect();
    let end = places.iter().rev().find_map(|(x, y)| Some(format!("M{x} {}h0", y.as_ref()?)));
    view! {
        <g class=series(at)>
            <path class="line" d=path(&places)></path>
            {end.map(|d| view! { <path class="dot" d=d></path> })}
        </g>
    }
    .into_any()
}

/// A broken line at each instant at which some value is unknown.
fn unknown(lines: &[Line], axis: &Axis) -> Vec<AnyView> {
    let mut instants: Vec<Timestamp> = lines
        .iter()
        .flat_map(|line| &line.points)
        .filter(|point| point.value.is_none())
        .map(|point| point.at)
        .collect();
    instants.dedup();
    instants
        .into_iter()
        .map(|at| {
            let x = axis.x(at);
            view! { <line class="unknown" x1=x.clone() x2=x y1="0" y2="100"></line> }.into_any()
        })
        .collect()
}

/// A place to point at for each instant, which tells its values.
fn spots(instants: &[Timestamp], lines: &[Line], axis: &Axis) -> Vec<AnyView> {
    let viewer = viewer();
    let width = 100.0 / instants.len() as f64;
    let whole = axis.last.as_second() - axis.first.as_second();
    instants
        .iter()
        .enumerate()
        .map(|(at, instant)| {
            let centre: f64 = axis.x(*instant).parse().unwrap_or(50.0);
            let told: Vec<String> = lines
                .iter()
                .filter_map(|line| {
                    let value = line.points.get(at)?.value.map_or_else(|| "unknown".to_owned(), number);
                    Some(format!("{}: {value}", line.name))
                })
                .collect();
            let title = format!("{}\n{}", span(*instant, whole, &viewer), told.join("\n"));
            let x = place((centre - width / 2.0).max(0.0));
            view! {
                <rect class="spot" x=x y="0" width=place(width) height="100">
                    <title>{title}</title>
                </rect>
            }
            .into_any()
        })
        .collect()
}

/// Which line is which, with its last known value.
fn key(lines: &[Line]) -> Option<AnyView> {
    let entries = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let last = line.points.last().and_then(|point| point.value);
            view! {
                <li class=series(at)>
                    <svg viewBox="0 0 26 8" aria-hidden="true" focusable="false">
                        <path class="line" d="M1 4h24"></path>
                    </svg>
                    <span>{line.name.clone()} " " <strong>{known(last)}</strong></span>
                </li>
            }
        })
        .collect_view();
    Some(view! { <ul class="chart-key">{entries}</ul> }.into_any())
}

fn numbers(title: &str, lines: &[Line], whole: i64) -> AnyView {
    let viewer = viewer();
    let columns =
        [Column::text("When")].into_iter().chain(lines.iter().map(|line| Column::number(line.name.clone()))).collect();
    let instants = lines.first().map(|line| line.points.as_slice()).unwrap_or_default();
    let rows = instants
        .iter()
        .enumerate()
        .rev()
        .map(|(at, point)| {
            let values = lines.iter().map(|line| known(line.points.get(at).and_then(|point| point.value)));
            let when = view! { <time datetime=point.at.to_string()>{span(point.at, whole, &viewer)}</time> }.into_any();
            Row::of([when].into_iter().chain(values).collect())
        })
        .collect();
    view! { <Table caption=format!("{title}, newest first") columns=columns rows=rows class="list ledger numbers" /> }
        .into_any()
}

fn series(at: usize) -> &'static str {
    ["series-1", "series-2", "series-3", "series-4"][at % 4]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[Option<u64>]) -> Line {
        let at = |index: usize| Timestamp::from_second(1_773_853_200 + index as i64 * 86_400).expect("BUG: in range");
        let points = values.iter().enumerate().map(|(index, value)| Point { at: at(index), value: *value }).collect();
        Line { name: "Members".to_owned(), points }
    }

    #[test]
    fn a_line_says_what_it_shows_and_what_it_does_not_know() {
        assert_eq!(line(&[]).says(), "Members: nothing is known.");
        assert_eq!(
            line(&[Some(1_200), None, Some(900), Some(1_000)]).says(),
            "Members: 1,200 at first, 1,000 at last, between 900 and 1,200. Unknown at 1 of 4 instants."
        );
    }

    #[test]
    fn a_gap_breaks_the_path() {
        let places = |values: &[Option<&str>]| {
            let place = |(x, y): (usize, &Option<&str>)| (x.to_string(), y.map(str::to_owned));
            values.iter().enumerate().map(place).collect::<Vec<_>>()
        };
        assert_eq!(path(&places(&[Some("9"), Some("8"), None, Some("7")])), "M0 9h0L1 8M3 7h0");
        assert_eq!(path(&places(&[None])), "");
    }

    #[test]
    fn the_axis_is_as_long_as_the_time_between() {
        let line = line(&[Some(1), Some(2), Some(3)]);
        let axis = Axis { first: line.points[0].at, last: line.points[2].at };
        assert_eq!([0, 1, 2].map(|at: usize| axis.x(line.points[at].at)), ["0", "50", "100"]);
        assert_eq!(axis.middle(), line.points[1].at);
        let alone = Axis { first: axis.first, last: axis.first };
        assert_eq!(alone.x(axis.first), "50");
    }
}
