//! When somebody was here before: a preference in the browser, and no record of ours.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};

use crate::domain::time::Timestamp;
use crate::web::cookie::Cookie;
use crate::web::origin::PublicOrigin;

/// Who comes back within this time never went away.
const PAUSE: Duration = Duration::from_secs(30 * 60);

/// A look at the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visit {
    /// When the visit before this one ended; none: it is not known.
    pub(super) before: Option<Timestamp>,
    now: Timestamp,
}

impl Visit {
    /// What the browser remembers, as of now. What it can't have been given is forgotten.
    pub(super) fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        // When the visit before this one ended, and when the page was last seen, in microseconds.
        let kept = Cookie::Visit.preference(headers).and_then(|value| value.split_once('.'));
        let moment = |text: &str| {
            text.parse::<i64>().ok().map(Timestamp::from_micros).filter(|at| at.micros() > 0 && *at <= now)
        };
        let Some((before, seen)) = kept else { return Self { before: None, now } };
        let before = match moment(seen) {
            Some(seen) if now.since(seen) >= PAUSE => Some(seen),
            Some(_) => moment(before),
            None => None,
        };
        Self { before, now }
    }

    /// What the browser is to remember.
    pub(super) fn cookie(&self, origin: &PublicOrigin) -> HeaderValue {
        let (before, now) = (self.before.map_or(0, Timestamp::micros), self.now.micros());
        Cookie::Visit.prefer(origin, &format!("{before}.{now}"))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    const fn at(minutes: u64) -> Timestamp {
        Timestamp::from_parts(1_773_853_200 + (minutes * 60).cast_signed(), 0)
    }

    fn back(visit: Visit, minutes: u64) -> Visit {
        let cookie = visit.cookie(&PublicOrigin::parse("http://127.0.0.1:8787").expect("an origin"));
        let pair = cookie.to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("other=1; {pair}").parse().expect("a cookie"));
        Visit::of(&headers, at(minutes))
    }

    #[test]
    fn a_visit_goes_on_until_somebody_stays_away_for_half_an_hour() {
        let first = Visit::of(&HeaderMap::new(), at(0));
        assert_eq!(first.before, None);
        let still = back(first, 20);
        assert_eq!(still.before, None, "it is still the first visit");
        let second = back(still, 80);
        assert_eq!(second.before, Some(at(20)));
        assert_eq!(back(second, 90).before, Some(at(20)), "looking again does not end it");
        assert_eq!(back(second, 200).before, Some(at(80)));
    }

    #[test]
    fn what_a_browser_made_up_is_forgotten() {
        for value in ["x.y", "5", "1.99999999999999999", "-5.-5", ""] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("sb-visit={value}").parse().expect("a cookie"));
            assert_eq!(Visit::of(&headers, at(0)).before, None, "{value}");
        }
    }
}
