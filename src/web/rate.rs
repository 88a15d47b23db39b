//! How often somebody may knock before we know who they are: by address, and by session or key.
//!
//! It holds a fixed number of keys, whatever comes in: the one that was quiet for longest makes room for a new one.
//! Many addresses can so make us forget one, but a network counts as one address (IPv6: a /64).

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};

use crate::domain::quota::{Level, Limit, RetryAfter};
use crate::domain::time::Timestamp;

/// Who knocks, as far as a request tells before anything is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Knocker {
    /// An IPv4 address, or the /64 network that an IPv6 address is in.
    Address(IpAddr),
    /// Someone whose address is not known.
    Nowhere,
    /// A session or an agent's key, by the hash of what was sent.
    Credential(crate::domain::ids::Hash),
}

impl Knocker {
    /// Whoever is at this address. An IPv4 address counts the same however it is written.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        })
    }
}

/// Counts by key, for a fixed number of keys.
#[derive(Clone, Debug)]
pub struct BoundedLimiter<K> {
    limit: Limit,
    capacity: usize,
    levels: HashMap<K, (Level, u64)>,
    /// The keys by when they were last heard.
    quietest: BTreeMap<u64, K>,
    turn: u64,
}

impl<K: Clone + Eq + Hash> BoundedLimiter<K> {
    /// A limiter that tells `capacity` keys apart, at least one.
    pub fn new(limit: Limit, capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self { limit, capacity, levels: HashMap::new(), quietest: BTreeMap::new(), turn: 0 }
    }

    /// Counts one, or says how long to wait.
    pub fn admit(&mut self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        let known = self.levels.get(key).copied();
        let taken = self.limit.take(known.map(|(level, _)| level), now);
        let level = match (taken, known) {
            (Ok((level, _)), _) | (Err(_), Some((level, _))) => level,
            (Err(wait), None) => return Err(wait),
        };
        if let Some((_, turn)) = known {
            self.quietest.remove(&turn);
        } else if self.levels.len() >= self.capacity
            && let Some((_, quiet)) = self.quietest.pop_first()
        {
            self.levels.remove(&quiet);
        }
        self.turn += 1;
        self.levels.insert(key.clone(), (level, self.turn));
        self.quietest.insert(self.turn, key.clone());
        taken.map(|_| ())
    }

    /// How many keys are told apart now.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Has nobody knocked yet?
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limiter(capacity: usize) -> BoundedLimiter<Knocker> {
        BoundedLimiter::new(Limit::per(2, Duration::from_secs(60)).expect("a limit"), capacity)
    }

    fn address(text: &str) -> Knocker {
        Knocker::at(text.parse().expect("an address"))
    }

    const NOW: Timestamp = Timestamp::from_micros(1);

    #[test]
    fn everybody_has_their_own_allowance() {
        let mut limiter = limiter(10);
        for _ in 0..2 {
            assert!(limiter.admit(&address("10.0.0.1"), NOW).is_ok());
        }
        let wait = limiter.admit(&address("10.0.0.1"), NOW).expect_err("has to wait");
        assert_eq!(wait.seconds(), 30);
        assert!(limiter.admit(&address("10.0.0.2"), NOW).is_ok());
        assert!(limiter.admit(&address("10.0.0.1"), NOW.plus(wait.duration())).is_ok());
    }

    #[test]
    fn a_network_counts_as_one_address() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_room_and_forgets_the_quietest() {
        let mut limiter = limiter(8);
        assert!(limiter.is_empty());
        let noisy = address("10.9.9.9");
        for number in 0..1_000_u32 {
            let _ = limiter.admit(&noisy, NOW);
            assert!(limiter.admit(&Knocker::at(IpAddr::V4(number.into())), NOW).is_ok());
            assert!(limiter.len() <= 8);
        }
        assert!(limiter.admit(&noisy, NOW).is_err(), "who keeps knocking is remembered");
    }
}
