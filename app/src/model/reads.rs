//! What Firestore bills because of us.

use super::trouble::Panel;

/// What the last days have cost.
#[derive(Debug, Clone)]
pub struct ReadCosts {
    /// Every day of the span, the newest last.
    pub days: Panel<Vec<DayCost>>,
    /// The day of which causes and collections are told.
    pub chosen: Panel<Option<DayCauses>>,
}

/// What one day has cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCost {
    /// The day in UTC, such as `2026-03-18`.
    pub day: String,
    /// Reads billed; `None`: nothing was counted that day, which is not zero.
    pub reads: Option<u64>,
    /// Documents that we wrote, with their receipts; `None`: it is not known.
    pub writes: Option<u64>,
    /// What reads might have cost that day; `None`: nothing was counted.
    pub budget: Option<u64>,
}

/// What one day's reads were for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCauses {
    /// The day in UTC.
    pub day: String,
    /// Reads billed.
    pub spent: u64,
    /// What might be spent.
    pub budget: Option<u64>,
    /// Is it spent, so that what can wait pauses?
    pub is_paused: bool,
    /// Reads by why, the dearest first.
    pub by_cause: Vec<(String, u64)>,
    /// Reads by collection, the dearest first.
    pub by_collection: Vec<(String, u64)>,
}

/// How far back the page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// A week.
    Week,
    /// A month.
    #[default]
    Month,
    /// A quarter.
    Quarter,
}

impl Span {
    /// Every span.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// How many days.
    pub fn days(self) -> u32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// The word used in the query parameter `days`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Week => "7",
            Self::Month => "30",
            Self::Quarter => "90",
        }
    }
}

/// What is chosen on the page; from the query string of `/reads`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadsChoice {
    /// Query parameter `days`.
    pub span: Span,
    /// Query parameter `day`; `None`: today.
    pub day: Option<String>,
}

impl ReadsChoice {
    /// Reads decoded query parameters; unknown names and words count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut choice = Self::default();
        for (name, value) in pairs {
            match name {
                "days" => {
                    choice.span = Span::ALL.into_iter().find(|span| span.word() == value).unwrap_or_default();
                }
                "day" => choice.day = Some(value.trim()).filter(|day| !day.is_empty()).map(str::to_owned),
                _ => {}
            }
        }
        choice
    }
}

/// What Firestore asks for at its list price, in millionths of a US dollar.
///
/// Multi-regions such as nam5: 0.06 US$ for 100,000 reads, 0.18 US$ for 100,000 writes
/// (<https://firebase.google.com/docs/firestore/pricing>). The free share of a day is not taken off.
pub fn list_price_micros(reads: u64, writes: u64) -> u64 {
    (reads.saturating_mul(6).saturating_add(writes.saturating_mul(18))).div_ceil(10)
}

/// A price in US dollars, as people write it; what is something is never shown as nothing.
pub fn dollars(micros: u64) -> String {
    match micros {
        0 => "US$ 0.00".to_owned(),
        1..10_000 => "under US$ 0.01".to_owned(),
        micros => format!("US$ {}.{:02}", micros / 1_000_000, micros % 1_000_000 / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_told_to_the_cent_and_never_as_nothing() {
        assert_eq!(dollars(list_price_micros(0, 0)), "US$ 0.00");
        assert_eq!(dollars(list_price_micros(1, 0)), "under US$ 0.01");
        assert_eq!(dollars(list_price_micros(100_000, 0)), "US$ 0.06");
        assert_eq!(dollars(list_price_micros(0, 1_000_000)), "US$ 1.80");
        assert_eq!(dollars(list_price_micros(u64::MAX, u64::MAX)).get(..4), Some("US$ "));
    }

    #[test]
    fn a_choice_nobody_knows_is_the_usual_one() {
        let choice = ReadsChoice::from_pairs([("days", "8"), ("day", " "), ("x", "y")]);
        assert_eq!(choice, ReadsChoice::default());
    }
}
