//! When the reader is signed out, and what is said about it before.

use crate::ages::length;

/// How long before the end it is said, in seconds.
const BEFORE: f64 = 120.0;

/// When the session ends, by the browser's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    /// Milliseconds since 1970.
    pub(super) at: f64,
    /// Does it last longer if it is used?
    pub(super) can_stay: bool,
}

/// What is to be said about the end of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: it is far.
    Nothing,
    /// It ends unless the reader stays.
    Stay(String),
    /// It ends, whatever the reader does.
    Soon(String),
    /// It has ended.
    Over,
}

impl End {
    /// What is to be said at this moment. It changes three times at most: every change is read aloud.
    pub(super) fn said(self, now: f64) -> Said {
        let left = (self.at - now) / 1_000.0;
        if left > BEFORE {
            return Said::Nothing;
        }
        if left <= 0.0 {
            return Said::Over;
        }
        let about = if left > 60.0 {
            120
        } else if left > 30.0 {
            60
        } else {
            30
        };
        let left = length(about);
        if self.can_stay {
            Said::Stay(format!("Nothing was done for long: you are signed out in less than {left}."))
        } else {
            Said::Soon(format!("This session has lasted its longest: it ends in less than {left}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_two_minutes_before_it_and_seldom() {
        let end = End { at: 1_000_000.0, can_stay: true };
        assert_eq!(end.said(879_000.0), Said::Nothing);
        let words: Vec<Said> = (880..1_000).map(|second| end.said(f64::from(second) * 1_000.0)).collect();
        assert!(words.iter().all(|said| matches!(said, Said::Stay(_))), "at least 20 seconds to answer");
        assert_eq!(words.windows(2).filter(|two| two[0] != two[1]).count(), 2, "it is read aloud three times");
        assert_eq!(end.said(1_000_000.0), Said::Over);
        assert!(matches!(End { can_stay: false, ..end }.said(990_000.0), Said::Soon(_)));
    }
}
