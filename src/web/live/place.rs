//! Where a page stands, as the id of an event: `1042.88` is entry 1042 of the audit log and change 88 of the mirror.

use crate::store::Place;

/// The id of the event that tells of everything up to here.
pub(in crate::web) fn words(place: Place) -> String {
    format!("{}.{}", place.audit, place.feed)
}

/// Reads an id. The number of an audit entry alone will do: then the mirror counts from `now`.
pub(super) fn parse(words: &str, now: Place) -> Option<Place> {
    let number = |digits: &str| digits.parse().ok().filter(|_| digits.bytes().all(|each| each.is_ascii_digit()));
    Some(match words.split_once('.') {
        Some((audit, feed)) => Place { audit: number(audit)?, feed: number(feed)? },
        None => Place { audit: number(words)?, feed: now.feed },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written_and_nothing_else_is() {
        let (now, place) = (Place { audit: 9, feed: 7 }, Place { audit: 1_042, feed: 88 });
        assert_eq!(parse(&words(place), now), Some(place));
        assert_eq!(parse("12", now), Some(Place { audit: 12, feed: 7 }));
        for nonsense in ["", ".", "1.", ".1", "+1.2", "1.2.3", "-1", "1e3", "٣", "99999999999999999999"] {
            assert_eq!(parse(nonsense, now), None, "{nonsense}");
        }
    }
}
