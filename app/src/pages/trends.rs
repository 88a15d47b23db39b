//! Numbers over days: drawn, with the same numbers as tables.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use leptos::prelude::*;

use crate::{
    frame::viewer,
    model::state::{Trend, Trends},
    parts::{
        absence::Empty,
        chart::{Line, LineChart, Point},
        icon::Glyph,
    },
};

/// How many numbers share a drawing: more could not be told apart.
const TOGETHER: usize = 3;

/// The names of the drawings.
const CHARTS: [(&str, &str); 4] = [
    ("trend-work", "Work"),
    ("trend-events", "Firings and reports"),
    ("trend-money", "Requests and money"),
    ("trend-rest", "Others"),
];

/// The part of the page.
pub(crate) fn part(trends: Trends) -> AnyView {
    if trends.days.len() < 2 {
        return view! {
            <Empty
                glyph=Glyph::Clock
                what="There are no trends yet"
                more="They begin once the state of two days was kept."
            />
        }
        .into_any();
    }
    let zone = viewer().zone.clone();
    let days: Vec<Option<Timestamp>> = trends.days.iter().map(|day| noon(day, &zone)).collect();
    let charts = trends.lines.chunks(TOGETHER).zip(CHARTS).map(|(lines, (id, title))| {
        let lines = lines.iter().map(|trend| line(trend, &days)).collect();
        view! { <LineChart id=id title=title lines=lines /> }
    });
    view! { <div class="choices">{charts.collect_view()}</div> }.into_any()
}

/// The middle of a studio's day, as the instant that stands for it.
fn noon(day: &str, zone: &TimeZone) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    day.at(12, 0, 0, 0).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

fn line(trend: &Trend, days: &[Option<Timestamp>]) -> Line {
    let points = days.iter().zip(&trend.values).filter_map(|(day, value)| {
        Some(Point { at: (*day)?, value: value.and_then(|value| u64::try_from(value).ok()) })
    });
    Line { name: trend.name.clone(), points: points.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_at_its_noon_and_what_is_unknown_stays_unknown() {
        let days = [noon("2026-03-17", &TimeZone::UTC), noon("nonsense", &TimeZone::UTC)];
        assert_eq!(days[0].map(|at| at.to_string()).as_deref(), Some("2026-03-17T12:00:00Z"));
        assert_eq!(days[1], None);
        let trend = Trend { name: "Orders".to_owned(), values: vec![None, Some(3)] };
        assert_eq!(line(&trend, &days).points, [Point { at: days[0].expect("a day"), value: None }]);
    }
}
