//! How old a mirror may be before nothing is based on it: for every collection, and for some of them by name.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::finding::Confidence;
use crate::domain::ids::CollectionId;

/// How old a mirror may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshnessBounds {
    /// Younger than this is fresh.
    pub fresh_within: Duration,
    /// Older than this is stale.
    pub stale_after: Duration,
    /// Older than this is stale, for some collections.
    pub stale_after_of: BTreeMap<CollectionId, Duration>,
}

impl FreshnessBounds {
    /// The same bound for all.
    pub const fn of_all(fresh_within: Duration, stale_after: Duration) -> Self {
        Self { fresh_within, stale_after, stale_after_of: BTreeMap::new() }
    }

    /// How old the mirror of this collection may be.
    pub fn stale_after(&self, collection: &CollectionId) -> Duration {
        self.stale_after_of.get(collection).copied().unwrap_or(self.stale_after)
    }

    /// Is a mirror of this age too old to base anything on it? One of no age was never read.
    pub fn is_stale(&self, collection: &CollectionId, age: Option<Duration>) -> bool {
        age.is_none_or(|age| age > self.stale_after(collection))
    }

    /// How sure one can be of what a mirror of this age says.
    pub fn confidence(&self, collection: &CollectionId, age: Duration) -> Confidence {
        match age {
            _ if age > self.stale_after(collection) => Confidence::Low,
            _ if age > self.fresh_within => Confidence::Medium,
            _ => Confidence::High,
        }
    }
}

impl Default for FreshnessBounds {
    fn default() -> Self {
        Self::of_all(Duration::from_secs(120), Duration::from_secs(900))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_has_the_bound_of_its_name_or_that_of_all() {
        let named = |name: &str| CollectionId::parse(name).expect("legal");
        let seconds = Duration::from_secs;
        let mut bounds = FreshnessBounds::default();
        bounds.stale_after_of.insert(named("delegations"), seconds(300));
        assert!(bounds.is_stale(&named("delegations"), Some(seconds(301))));
        assert!(!bounds.is_stale(&named("batches"), Some(seconds(301))));
        assert!(bounds.is_stale(&named("batches"), None), "what was never read has no age");
        assert_eq!(bounds.confidence(&named("batches"), seconds(120)), Confidence::High);
        assert_eq!(bounds.confidence(&named("batches"), seconds(121)), Confidence::Medium);
        assert_eq!(bounds.confidence(&named("delegations"), seconds(500)), Confidence::Low);
    }
}
