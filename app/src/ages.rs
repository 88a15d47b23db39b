//! How long ago, in words: the same ones when a page is made and while it is looked at.

/// How long before now, in seconds; less than nothing is in the future.
pub(crate) fn relative(seconds: i64) -> String {
    if seconds.unsigned_abs() < 5 {
        return "just now".to_owned();
    }
    let length = length(seconds.unsigned_abs());
    if seconds < 0 { format!("in {length}") } else { format!("{length} ago") }
}

/// A length of time in its largest unit.
pub(crate) fn length(seconds: u64) -> String {
    match seconds {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..86_400 => format!("{} h", s / 3_600),
        s @ 86_400..5_184_000 => format!("{} d", s / 86_400),
        s => format!("{} months", s / 2_592_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let ages = [0, 12, 3_599, 7_200, 33 * 86_400, 200 * 86_400, -3_120].map(relative);
        assert_eq!(ages, ["just now", "12 s ago", "59 min ago", "2 h ago", "33 d ago", "6 months ago", "in 52 min"]);
    }
}
