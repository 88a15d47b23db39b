//! Charts and numbers.

use jiff::{Timestamp, ToSpan};
use leptos::prelude::*;

use super::{side_by_side, specimen};
use crate::{
    frame::viewer,
    parts::{
        chart::{Bar, BarChart, Limit, Line, LineChart, Point, Shares},
        stat::{Stat, Trend},
        when::When,
    },
    paths,
};

/// Numbers with their trends, and charts.
pub(super) fn part() -> AnyView {
    let now = viewer().now;
    view! {
        {specimen("stats", "One number and whether it grows. More or less is told by sign and arrow: either may be good news.", stats(now))}
        {specimen(
            "charts",
            "A sentence, a drawing, and the numbers in a table beside it. A gap and a dotted line are what is unknown, never zero.",
            side_by_side(
                vec![
                    view! { <LineChart id="chart-two" title="Reservations by state" lines=two(now) /> }.into_any(),
                    view! { <LineChart id="chart-gap" title="Documents mirrored" lines=with_a_gap(now) /> }.into_any(),
                    view! { <LineChart id="chart-four" title="Batches by stage" lines=four(now) /> }.into_any(),
                    view! { <LineChart id="chart-empty" title="Members" lines=Vec::new() /> }.into_any(),
                    view! {
                        <BarChart
                            id="chart-bars"
                            title="Reads billed"
                            unit="Reads"
                            each="Day"
                            bars=days()
                            limit=Limit { name: "Budget".to_owned(), value: 50_000 }
                        />
                    }
                        .into_any(),
                    view! { <Shares caption="Reads today by cause" each="Cause" unit="Reads" parts=causes() /> }.into_any(),
                ],
            ),
        )}
    }
    .into_any()
}

fn stats(now: Timestamp) -> AnyView {
    let trend = |values: &[Option<u64>]| Trend { values: values.to_vec(), since: "since yesterday".to_owned() };
    let as_of = || view! { "As of " <When at=now - 2.minutes() /> }.into_any();
    view! {
        <div class="tiles">
            <Stat
                name="Documents mirrored"
                value=Some(2_398)
                note=as_of()
                trend=trend(&[2_310, 2_322, 2_340, 2_339, 2_361, 2_380, 2_398].map(Some))
            />
            <Stat name="Open findings" value=Some(8) note=as_of() trend=trend(&[14, 14, 12, 9, 9, 8].map(Some)) />
            <Stat name="Kilns firing" value=Some(2) note=as_of() trend=trend(&[2, 2, 2, 2].map(Some)) />
            <Stat name="Orders unpaid" value=None note=as_of() trend=trend(&[Some(4), Some(5), None, None]) />
            <Stat name="Proposals you can decide" value=Some(1) note="Open the queue".into_any() href=paths::PROPOSALS />
        </div>
    }
    .into_any()
}

fn line(name: &str, now: Timestamp, days: i64, value: impl Fn(i64) -> Option<u64>) -> Line {
    let points = (0..days).map(|day| Point { at: now - ((days - 1 - day) * 24).hours(), value: value(day) }).collect();
    Line { name: name.to_owned(), points }
}

fn two(now: Timestamp) -> Vec<Line> {
    vec![
        line("Confirmed", now, 30, |day| Some(180 + (day * 7 % 23) as u64 + day as u64)),
        line("Pending", now, 30, |day| Some(60 - (day * 5 % 17) as u64)),
    ]
}

fn with_a_gap(now: Timestamp) -> Vec<Line> {
    vec![line("Documents", now, 14, |day| (!(5..8).contains(&day)).then(|| 2_310 + (day * 7) as u64))]
}

fn four(now: Timestamp) -> Vec<Line> {
    ["Drying", "Bisque", "Glazing", "Ready"]
        .into_iter()
        .zip([3, 11, 19, 29])
        .map(|(name, at)| line(name, now, 12, move |day| Some(at + (day as u64 * at) % 7)))
        .collect()
}

fn days() -> Vec<Bar> {
    (5..=18)
        .map(|day: u64| Bar { name: format!("{day} Mar"), value: (day != 9).then(|| 18_000 + day * 7_919 % 41_000) })
        .collect()
}

fn causes() -> Vec<(String, u64)> {
    [("Following changes", 8_204), ("Drift samples", 2_000), ("Proofs", 940), ("Dry runs", 12)]
        .map(|(name, count)| (name.to_owned(), count))
        .into()
}
