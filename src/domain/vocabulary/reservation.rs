//! What may become of a reservation, as its vocabulary says.

use crate::domain::vocabulary::{Class, RESERVATIONS, Vocabulary, Word, Words};

/// Where a reservation stands: a word of its status, never a legacy spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservationStatus(&'static Word);

impl ReservationStatus {
    fn words() -> &'static Words {
        let reservations = Vocabulary::shipped().named(RESERVATIONS).and_then(|known| known.words_named("status"));
        reservations.expect("BUG: a test finds the words of reservations")
    }

    /// Every status.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::words().iter().map(Self)
    }

    /// The word in the documents.
    pub fn word(self) -> &'static str {
        self.0.word()
    }

    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        self.0.meaning()
    }

    /// What it means for whoever has to do something.
    pub const fn class(self) -> Option<Class> {
        self.0.class()
    }

    /// The status that exactly this word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::words().find(word).map(Self)
    }

    /// The status that a reader takes the word for: legacy spellings too.
    pub fn read(word: &str) -> Option<Self> {
        Self::words().read(word).word().map(Self)
    }

    /// What may replace the word `current`: what may follow its status, and the right spelling of a legacy word.
    pub fn allowed_from(current: &str) -> Vec<Self> {
        Self::words().allowed_from(current).into_iter().map(Self).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_reservation_stays_cancelled_and_a_legacy_word_only_gets_its_right_spelling() {
        let allowed = |word| ReservationStatus::allowed_from(word).into_iter().map(ReservationStatus::word);
        assert_eq!(allowed("CANCELLED").count(), 0);
        assert!(allowed("CANCELED").eq(["CANCELLED"]));
        assert!(allowed("WAITLISTED").eq(["CONFIRMED", "CANCELLED"]));
        assert_eq!(allowed("ON_HOLD").count(), 0);
    }
}
