//! Instants and numbers as people read them.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{ages, frame::viewer};

pub(crate) use crate::ages::length;

/// An instant: how long ago, and the studio's time; UTC in the title.
#[component]
pub(crate) fn When(at: Timestamp) -> impl IntoView {
    let viewer = viewer();
    let ago = relative(at, viewer.now);
    let local = local(at, &viewer, Precision::Minute);
    view! {
        <time datetime=machine(at) title=utc(at)>
            <span class="ago">{ago}</span>
            " "
            <span class="at">{local}</span>
        </time>
    }
}

/// An instant to the second, for ledgers and timelines.
#[component]
pub(crate) fn Exactly(at: Timestamp) -> impl IntoView {
    let viewer = viewer();
    view! {
        <time class="exact" datetime=machine(at) title=utc(at)>
            {local(at, &viewer, Precision::Second)}
        </time>
    }
}

/// An update time, to the microsecond: the only precision at which two revisions can be told apart.
#[component]
pub(crate) fn Revision(at: Timestamp) -> impl IntoView {
    view! {
        <time class="code" datetime=machine(at)>
            {at.strftime("%Y-%m-%d %H:%M:%S%.6fZ").to_string()}
        </time>
    }
}

/// How long before or after `now`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    ages::relative(now.as_second() - at.as_second())
}

/// An instant within a span of so many seconds, as short as it can be told apart: a clock within two days, else a day.
pub(crate) fn span(at: Timestamp, seconds: i64, viewer: &crate::model::viewer::Viewer) -> String {
    let here = at.to_zoned(viewer.zone.clone());
    here.strftime(if seconds <= 172_800 { "%-d %b %H:%M" } else { "%-d %b" }).to_string()
}

/// A number with its thousands set apart.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun, such as `1 finding` or `1,200 findings`.
pub(crate) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

enum Precision {
    Minute,
    Second,
}

fn local(at: Timestamp, viewer: &crate::model::viewer::Viewer, precision: Precision) -> String {
    let here = at.to_zoned(viewer.zone.clone());
    let today = viewer.now.to_zoned(viewer.zone.clone());
    let clock = match precision {
        Precision::Minute => "%H:%M",
        Precision::Second => "%H:%M:%S",
    };
    let day = if here.date() == today.date() {
        ""
    } else if here.year() == today.year() {
        "%-d %b "
    } else {
        "%-d %b %Y "
    };
    here.strftime(&format!("{day}{clock}")).to_string()
}

fn machine(at: Timestamp) -> String {
    at.to_string()
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_from_the_moment_the_page_is_made() {
        let now = Timestamp::from_second(1_773_853_200).expect("BUG: a fixed instant");
        let ago = |seconds: i64| Timestamp::from_second(1_773_853_200 - seconds).expect("BUG: a fixed instant");
        assert_eq!([relative(ago(7_200), now), relative(ago(-3_120), now)], ["2 h ago", "in 52 min"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([number(0), number(999), number(2_512), number(1_234_567)], ["0", "999", "2,512", "1,234,567"]);
    }
}
