//! The words that the studio's documents use for their states, and which may follow which.

/// The collection of reservations.
pub const RESERVATIONS: &str = "reservations";

/// The collection of batches.
pub const BATCHES: &str = "batches";

/// Where a reservation stands (the writer's words; legacy spellings are read, never written).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReservationStatus {
    /// A member asked for room in a kiln.
    Requested,
    /// Staff gave it.
    Confirmed,
    /// There is no room yet.
    Waitlisted,
    /// It will not happen.
    Cancelled,
    /// The pieces have arrived; read in old documents only.
    ConfirmedArrived,
    /// The pieces are in the kiln; read in old documents only.
    Loaded,
}

impl ReservationStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Requested, Self::Confirmed, Self::Waitlisted, Self::Cancelled, Self::ConfirmedArrived, Self::Loaded];

    /// The word in the documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Confirmed => "CONFIRMED",
            Self::Waitlisted => "WAITLISTED",
            Self::Cancelled => "CANCELLED",
            Self::ConfirmedArrived => "CONFIRMED_ARRIVED",
            Self::Loaded => "LOADED",
        }
    }

    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Requested => "A member asked for room in a kiln.",
            Self::Confirmed => "The member has a place in the kiln.",
            Self::Waitlisted => "There is no room yet; the member waits.",
            Self::Cancelled => "It will not happen.",
            Self::ConfirmedArrived => "The pieces have arrived.",
            Self::Loaded => "The pieces are in the kiln.",
        }
    }

    /// The status that exactly this word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The status that a reader takes the word for: legacy spellings too.
    pub fn read(word: &str) -> Option<Self> {
        if word == "CANCELED" { Some(Self::Cancelled) } else { Self::parse(word) }
    }

    /// What may follow.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Requested => &[Self::Confirmed, Self::Waitlisted, Self::Cancelled],
            Self::Confirmed => &[Self::Waitlisted, Self::Cancelled, Self::Loaded],
            Self::Waitlisted => &[Self::Confirmed, Self::Cancelled],
            Self::Loaded | Self::ConfirmedArrived => &[Self::Cancelled],
            Self::Cancelled => &[],
        }
    }

    /// What may replace the word `current`: what may follow its status, and the right spelling of a legacy word.
    pub fn allowed_from(current: &str) -> Vec<Self> {
        let Some(status) = Self::read(current) else { return Vec::new() };
        if status.word() == current { status.next().to_vec() } else { vec![status] }
    }
}

/// Where a batch stands.
pub const BATCH_STATES: [&str; 8] =
    ["DRAFT", "SUBMITTED", "SHELVED", "LOADED", "FIRED", "READY_FOR_PICKUP", "CLOSED_PICKED_UP", "CLOSED_OTHER"];

/// Does this word say that a batch is closed?
pub fn is_closed_state(word: &str) -> bool {
    word.starts_with("CLOSED_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_reservation_stays_cancelled_and_a_legacy_word_only_gets_its_right_spelling() {
        assert!(ReservationStatus::allowed_from("CANCELLED").is_empty());
        assert_eq!(ReservationStatus::allowed_from("CANCELED"), [ReservationStatus::Cancelled]);
        assert_eq!(
            ReservationStatus::allowed_from("WAITLISTED"),
            [ReservationStatus::Confirmed, ReservationStatus::Cancelled]
        );
        assert!(ReservationStatus::allowed_from("ON_HOLD").is_empty());
    }
}
