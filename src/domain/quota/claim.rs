use std::collections::BTreeMap;
use std::fmt;

use crate::domain::ids::Hash;
use crate::domain::quota::{Level, Limit, RetryAfter, Ticket};
use crate::domain::time::Timestamp;

/// Whose share of the studio's patience a limit is about, from the narrowest to the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One verified actor.
    Actor,
    /// Everybody who acts for one owner.
    Owner,
    /// One capability, whoever uses it.
    Capability,
    /// Everything in the studio.
    Studio,
    /// Everything on the box. A studio's database counts its own part of it.
    Global,
}

impl Scope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 5] = [Self::Actor, Self::Owner, Self::Capability, Self::Studio, Self::Global];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Owner => "owner",
            Self::Capability => "capability",
            Self::Studio => "studio",
            Self::Global => "global",
        }
    }

    /// The scope that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// What one limit counts: the same bucket is the same counter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Whose share it is.
    pub scope: Scope,
    /// Who or what within the scope, such as `agent:agent-glaze-scout`; taken from verified identities only.
    pub subject: String,
    /// The capability that it counts; none: all of them.
    pub capability: Option<String>,
    /// The window, in microseconds: a limit per minute and one per day count apart.
    pub window_us: i64,
}

impl fmt::Display for Bucket {
    /// Such as `actor ops_note.append 3600s agent:agent-glaze-scout`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capability = self.capability.as_deref().unwrap_or("*");
        let (seconds, rest) = (self.window_us / 1_000_000, self.window_us % 1_000_000);
        write!(out, "{} {capability} {seconds}", self.scope.word())?;
        if rest != 0 {
            write!(out, ".{rest:06}")?;
        }
        write!(out, "s {}", self.subject)
    }
}

impl Bucket {
    /// The bucket that counts `subject` within `scope` for this limit.
    pub fn new(scope: Scope, subject: impl Into<String>, capability: Option<&str>, limit: &Limit) -> Self {
        let window_us = i64::try_from(limit.window().as_micros()).unwrap_or(i64::MAX);
        Self { scope, subject: subject.into(), capability: capability.map(str::to_owned), window_us }
    }

    /// The fingerprint of the bucket at this level: what the audit log keeps of a counter.
    pub fn digest(&self, level: Level) -> Hash {
        let (full, seen) = (level.full.micros(), level.seen.micros());
        Hash::of(format!("quota\n{self}\n{full}\n{seen}\n{}", level.returned_us))
    }
}

/// One of the limits that an effect has to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is counted.
    pub bucket: Bucket,
    /// How often it may happen.
    pub limit: Limit,
}

impl Claim {
    /// The claim on `subject`'s share.
    pub fn new(scope: Scope, subject: impl Into<String>, capability: Option<&str>, limit: Limit) -> Self {
        Self { bucket: Bucket::new(scope, subject, capability, &limit), limit }
    }
}

/// One bucket after one was taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The bucket.
    pub bucket: Bucket,
    /// Its limit.
    pub limit: Limit,
    /// Its level now.
    pub level: Level,
    /// For giving it back.
    pub ticket: Ticket,
}

/// A limit was reached, and nothing was taken from any bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The bucket that has to be waited for longest.
    pub bucket: Bucket,
    /// Its limit.
    pub limit: Limit,
    /// How long to wait for all of them.
    pub retry_after: RetryAfter,
}

/// Takes `weight` from every bucket, or nothing from any.
///
/// Two claims on one bucket are one take under the stricter of their limits.
pub fn take_all(
    claims: &[Claim],
    levels: &BTreeMap<Bucket, Level>,
    weight: u32,
    now: Timestamp,
) -> Result<Vec<Taken>, Box<Limited>> {
    let mut strictest: BTreeMap<&Bucket, Limit> = BTreeMap::new();
    for Claim { bucket, limit } in claims {
        let stricter = |known: &Limit| (limit.burst(), limit.count()) < (known.burst(), known.count());
        if strictest.get(bucket).is_none_or(stricter) {
            strictest.insert(bucket, *limit);
        }
    }
    let (mut taken, mut limited): (Vec<Taken>, Option<Limited>) = (Vec::new(), None);
    for (bucket, limit) in strictest {
        match limit.take_many(levels.get(bucket).copied(), weight, now) {
            Ok((level, ticket)) => taken.push(Taken { bucket: bucket.clone(), limit, level, ticket }),
            Err(retry_after) => {
                if limited.as_ref().is_none_or(|worst| worst.retry_after < retry_after) {
                    limited = Some(Limited { bucket: bucket.clone(), limit, retry_after });
                }
            }
        }
    }
    limited.map_or(Ok(taken), |limited| Err(Box::new(limited)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn claim(scope: Scope, subject: &str, count: u32) -> Claim {
        Claim::new(
            scope,
            subject,
            Some("ops_note.append"),
            Limit::per(count, Duration::from_secs(60)).expect("a limit"),
        )
    }

    #[test]
    fn all_are_taken_or_none() {
        let claims = [claim(Scope::Actor, "agent:a", 5), claim(Scope::Owner, "u", 1), claim(Scope::Studio, "west", 9)];
        let now = Timestamp::from_micros(1);
        let taken = take_all(&claims, &BTreeMap::new(), 1, now).expect("all are full");
        assert_eq!(taken.len(), 3);
        let levels: BTreeMap<Bucket, Level> = taken.into_iter().map(|taken| (taken.bucket, taken.level)).collect();
        let limited = take_all(&claims, &levels, 1, now).expect_err("the owner's is empty");
        assert_eq!(limited.bucket.scope, Scope::Owner);
        assert_eq!(limited.retry_after.seconds(), 60);
        assert_eq!(limited.bucket.to_string(), "owner ops_note.append 60s u");
    }

    #[test]
    fn two_claims_on_one_bucket_are_one_take_under_the_stricter() {
        let claims = [claim(Scope::Actor, "a", 3), claim(Scope::Actor, "a", 2)];
        let taken = take_all(&claims, &BTreeMap::new(), 1, Timestamp::from_micros(1)).expect("full");
        assert_eq!((taken.len(), taken[0].limit.burst()), (1, 2));
    }

    #[test]
    fn a_digest_tells_every_change() {
        let bucket = claim(Scope::Actor, "a", 3).bucket;
        let level = Level { full: Timestamp::from_micros(5), seen: Timestamp::from_micros(1), returned_us: 0 };
        let same = bucket.digest(level);
        assert_ne!(same, bucket.digest(Level { full: Timestamp::from_micros(6), ..level }));
        assert_ne!(same, bucket.digest(Level { seen: Timestamp::from_micros(2), ..level }));
        assert_ne!(same, bucket.digest(Level { returned_us: 1, ..level }));
        assert_ne!(same, claim(Scope::Owner, "a", 3).bucket.digest(level));
    }

    #[test]
    fn scopes_survive_their_words() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.word()), Some(scope));
        }
    }
}
