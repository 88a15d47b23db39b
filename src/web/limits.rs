//! How much, and how often.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::domain::time::Timestamp;
use crate::web::body;
use crate::web::problem::Problem;
use crate::web::state::WebState;

/// The most addresses that are told apart. Beyond them, strangers share one allowance.
const MOST_ADDRESSES: usize = 1_024;

/// How often something may be done: at once, and then steadily.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How often at once.
    pub burst: u32,
    /// How long until one more.
    pub refill: Duration,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { burst: 20, refill: Duration::from_secs(3) }
    }
}

/// Who knocks, as well as we can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Knocker {
    /// An IPv4 address, or the network that an IPv6 address is in.
    Address(IpAddr),
    /// No address is known, or too many are.
    Stranger,
}

/// Counts attempts by address. Its size is bounded whatever comes in.
#[derive(Debug)]
pub(super) struct RateLimiter {
    limit: RateLimit,
    /// When each allowance would be full again (GCRA: one moment says everything).
    full_at: Mutex<HashMap<Knocker, Timestamp>>,
}

impl RateLimiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, full_at: Mutex::new(HashMap::new()) }
    }

    /// Counts one attempt by whoever made the request.
    pub(super) fn knock(&self, parts: &Parts, now: Timestamp) -> Result<(), Problem> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        self.take(address, now).map_err(Problem::too_many)
    }

    fn take(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut who = address.map_or(Knocker::Stranger, |address| Knocker::Address(network(address)));
        if !full_at.contains_key(&who) && full_at.len() >= MOST_ADDRESSES {
            full_at.retain(|_, moment| *moment > now);
            if full_at.len() >= MOST_ADDRESSES {
                who = Knocker::Stranger;
            }
        }
        let full = full_at.get(&who).copied().unwrap_or(now).max(now);
        let after = full.plus(self.limit.refill);
        let room = self.limit.refill * self.limit.burst;
        if after > now.plus(room) {
            return Err(after.since(now.plus(room)));
        }
        full_at.insert(who, after);
        Ok(())
    }
}

/// The network of an IPv6 address (/64): one household has as many addresses as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
    }
}

/// Refuses a body whose announced length is too large, before a byte of it is read.
pub(super) async fn refuse_large_bodies(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let too_large = announced
        .is_some_and(|length| length.parse::<usize>().map_or(true, |length| length > state.settings().max_body));
    if too_large { body::too_large().into_response() } else { next.run(request).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_in_a_burst_and_then_steadily() {
        let limiter = RateLimiter::new(RateLimit { burst: 3, refill: Duration::from_secs(10) });
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        let at = |seconds: i64| Timestamp::from_parts(1_000 + seconds, 0);
        for _ in 0..3 {
            assert_eq!(limiter.take(Some(address), at(0)), Ok(()));
        }
        assert_eq!(limiter.take(Some(address), at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limiter.take(Some(address), at(9)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take(Some(address), at(10)), Ok(()));
        assert!(limiter.take(Some(address), at(10)).is_err());
        let other: IpAddr = "192.0.2.2".parse().expect("an address");
        assert_eq!(limiter.take(Some(other), at(10)), Ok(()), "others are not held up");
        for _ in 0..3 {
            assert_eq!(limiter.take(Some(address), at(1_000)), Ok(()), "it fills up again");
        }
        assert!(limiter.take(Some(address), at(1_000)).is_err(), "and no further");
    }

    #[test]
    fn a_flood_of_addresses_shares_one_allowance() {
        let limiter = RateLimiter::new(RateLimit { burst: 2, refill: Duration::from_secs(10) });
        let now = Timestamp::from_parts(1_000, 0);
        let taken =
            (0..5_000_u128).filter(|number| limiter.take(Some(IpAddr::V6((number << 64).into())), now).is_ok()).count();
        assert_eq!(taken, MOST_ADDRESSES + 2);
        let same_house = |last: u128| limiter.take(Some(IpAddr::V6((7_u128 << 64 | last).into())), now);
        assert_eq!((same_house(1), same_house(2).is_err()), (Ok(()), true));
    }
}
