//! One number, whether it grows, and where to look further.

use leptos::prelude::*;

use super::{
    chart::Sparkline,
    icon::{Glyph, Icon},
    when::number,
};

/// How a number came to be what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trend {
    /// Earlier values, oldest first, the present one last; nothing where it was unknown.
    pub(crate) values: Vec<Option<u64>>,
    /// Since when, such as `since yesterday`.
    pub(crate) since: String,
}

impl Trend {
    /// By how much it grew from the oldest known value to the last; nothing while one of them is unknown.
    fn change(&self) -> Option<i64> {
        let first = self.values.iter().copied().flatten().next()?;
        let last = self.values.last().copied().flatten()?;
        last.checked_signed_diff(first)
    }
}

/// One number. What is unknown says so; more or less is told by sign, word and arrow, for either may be good news.
#[component]
pub(crate) fn Stat(
    #[prop(into)] name: String,
    /// Nothing if it is unknown.
    value: Option<u64>,
    /// What it rests on, or where the link leads.
    note: AnyView,
    /// The page behind it.
    #[prop(optional, into)]
    href: Option<String>,
    #[prop(optional)] trend: Option<Trend>,
) -> impl IntoView {
    let shown = value.map_or_else(|| "Unknown".to_owned(), number);
    let content = view! {
        <span class="tile-name">{name}</span>
        <span class="tile-value">{shown}</span>
        {trend.map(drawn)}
        <span class="tile-note">{note}</span>
    };
    match href {
        Some(href) => view! { <a class="tile" href=href>{content}</a> }.into_any(),
        None => view! { <div class="tile">{content}</div> }.into_any(),
    }
}

fn drawn(trend: Trend) -> AnyView {
    let (glyph, words) = match trend.change() {
        None => (Glyph::Question, "change unknown".to_owned()),
        Some(0) => (Glyph::Level, format!("no change {}", trend.since)),
        Some(more) if more > 0 => (Glyph::Rising, format!("+{} {}", number(more.unsigned_abs()), trend.since)),
        Some(less) => (Glyph::Falling, format!("−{} {}", number(less.unsigned_abs()), trend.since)),
    };
    view! {
        <span class="tile-trend">
            <Sparkline values=trend.values />
            <span class="tile-change">
                <Icon glyph=glyph />
                <span>{words}</span>
            </span>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[Option<u64>], expect: Option<i64>) {
        assert_eq!(Trend { values: values.to_vec(), since: String::new() }.change(), expect);
    }

    #[test]
    fn a_change_is_known_only_when_both_ends_are() {
        check(&[Some(5), None, Some(8)], Some(3));
        check(&[None, Some(9), Some(8)], Some(-1));
        check(&[Some(5), None], None);
        check(&[None, None], None);
        check(&[], None);
    }
}
