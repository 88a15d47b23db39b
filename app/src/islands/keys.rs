//! What keys mean. No key decides anything: they only lead somewhere, and pick.

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Shows what keys there are.
    Help,
    /// Goes to the page's search, or to the palette.
    Search,
    /// Goes to a place of the rail.
    Go(&'static str),
    /// To the next row.
    Down,
    /// To the row before.
    Up,
    /// Picks the row, or no longer.
    Pick,
}

/// How long after `g` the second key may come, in milliseconds.
const PATIENCE: f64 = 1_500.0;

/// The keys after `g`, with the places they lead to.
const PLACES: [(&str, &str); 7] = [
    ("t", "/"),
    ("s", "/state"),
    ("d", "/drift"),
    ("o", "/documents"),
    ("p", "/proposals"),
    ("w", "/writes"),
    ("a", "/audit"),
];

/// The keys pressed so far.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// When `g` was pressed, if that was the last key.
    going: Option<f64>,
}

impl Keys {
    /// A key is pressed at this moment, in milliseconds.
    pub(super) fn press(&mut self, key: &str, now: f64) -> Option<Act> {
        if let Some(since) = self.going.take()
            && now - since < PATIENCE
        {
            return PLACES.iter().find(|(last, _)| *last == key).map(|(_, place)| Act::Go(place));
        }
        match key {
            "?" => Some(Act::Help),
            "/" => Some(Act::Search),
            "j" => Some(Act::Down),
            "k" => Some(Act::Up),
            "x" => Some(Act::Pick),
            "g" => {
                self.going = Some(now);
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_lead_to_a_place_if_they_follow_each_other() {
        let mut keys = Keys::default();
        assert_eq!(keys.press("g", 0.0), None);
        assert_eq!(keys.press("p", 900.0), Some(Act::Go("/proposals")));
        assert_eq!(keys.press("p", 1_000.0), None, "`p` alone does nothing");
        keys.press("g", 2_000.0);
        assert_eq!(keys.press("d", 4_000.0), None, "too late");
        keys.press("g", 5_000.0);
        assert_eq!(keys.press("j", 5_100.0), None, "`g j` leads nowhere, and moves nothing");
        assert_eq!(keys.press("j", 5_200.0), Some(Act::Down));
    }

    #[test]
    fn no_key_decides() {
        for key in "abcdefghilmnopqrstuvwyz0123456789".chars() {
            assert_eq!(Keys::default().press(&key.to_string(), 0.0), None, "{key}");
        }
    }
}
