//! Tables and ages for people to read.

use std::time::Duration;

use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// Prints rows under their headings, each column as wide as it has to be; without rows, `nothing`.
pub(super) fn print<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: &[[String; COLUMNS]], nothing: &str) {
    if rows.is_empty() {
        println!("{nothing}");
        return;
    }
    for line in lines(headings, rows) {
        println!("{line}");
    }
}

fn lines<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let width =
        |column: usize| rows.iter().chain([&headings]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    std::iter::once(&headings).chain(rows).map(line).collect()
}

/// How long ago, or in how long, such as `3 h ago`.
pub(super) fn age(at: Timestamp) -> String {
    between(at, Clock::system().now().into())
}

fn between(at: Timestamp, now: Timestamp) -> String {
    if at > now { format!("in {}", length(at.since(now))) } else { format!("{} ago", length(now.since(at))) }
}

fn length(duration: Duration) -> String {
    // To the nearest unit: what lasts 90 days is good for 90 days a moment later, too.
    match duration.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_169 => format!("{} min", (seconds + 30) / 60),
        seconds @ 7_170..=170_999 => format!("{} h", (seconds + 1_800) / 3_600),
        seconds => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_rows_end_without_spaces() {
        let row = |first: &str, second: &str| [first.to_owned(), second.to_owned()];
        let found = lines(["ID", "WHAT"], &[row("é", "one"), row("long", "")]);
        assert_eq!(found, ["ID    WHAT", "é     one", "long"]);
    }

    #[test]
    fn ages_are_said_as_people_say_them() {
        let now = Timestamp::from_parts(1_000_000, 0);
        let check = |seconds: u64, says: &str| assert_eq!(between(now.minus(Duration::from_secs(seconds)), now), says);
        check(0, "0 s ago");
        check(119, "119 s ago");
        check(120, "2 min ago");
        check(7_200, "2 h ago");
        check(7_199, "2 h ago");
        check(200_000, "2 d ago");
        assert_eq!(between(now.plus(Duration::from_secs(90 * 86_400 - 1)), now), "in 90 d");
        assert_eq!(between(now.plus(Duration::from_secs(3_600)), now), "in 60 min");
    }
}
