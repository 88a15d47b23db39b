//! How often something may happen: the generic cell rate algorithm, as arithmetic on whole microseconds.
//!
//! # Guarantees
//! * In any span of time, no more is taken than the burst and what the span refills.
//! * A clock that is set back refills nothing until it has caught up.
//! * What is given back is at most what was taken and has not refilled by itself.

/// One limit and the level of one bucket.
mod limit;

/// Several limits at once: all are taken, or none.
mod claim;

pub use claim::{Bucket, Claim, Limited, Scope, Taken, take_all};
pub use limit::{BadLimit, Level, Limit, RetryAfter, Ticket};
