//! What Firestore bills because of us.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::CollectionId;
use crate::domain::reads::{DayReads, Reads};
use crate::web::openapi::words::Name;

/// What a day's reads cost, and what they may. Written down every few seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadsToday {
    /// The day in UTC, such as `2026-03-18`.
    pub day: String,
    /// Reads billed so far.
    pub spent: u64,
    /// Reads that the day may cost; null when nothing was counted yet.
    pub budget: Option<u64>,
    /// Is the budget spent, so that drift samples, proofs and reading collections again pause?
    pub paused: bool,
    /// Reads by why we read, those without any left out.
    pub causes: Vec<ReadsByCause>,
}

/// The reads of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadsByCause {
    /// Such as `backfill`.
    pub cause: String,
    /// Reads billed so far.
    pub reads: u64,
    /// The same by collection, the dearest first.
    pub collections: Vec<ReadsOfCollection>,
}

/// The reads of one collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadsOfCollection {
    /// The collection.
    #[schema(value_type = Name)]
    pub collection: CollectionId,
    /// Reads billed so far.
    pub reads: u64,
}

impl From<&DayReads> for ReadsToday {
    fn from(day: &DayReads) -> Self {
        let of = |cause| {
            let lines = day.reads.iter().filter(|line| line.cause == cause);
            let line = |line: &Reads| ReadsOfCollection { collection: line.collection.clone(), reads: line.reads };
            let mut lines: Vec<ReadsOfCollection> = lines.map(line).collect();
            lines.sort_by_key(|line| std::cmp::Reverse(line.reads));
            lines
        };
        let causes = day.by_cause().into_iter().map(|(cause, reads)| ReadsByCause {
            cause: cause.word().to_owned(),
            reads,
            collections: of(cause),
        });
        Self {
            day: day.day.to_string(),
            spent: day.spent(),
            budget: day.budget,
            paused: day.is_spent(),
            causes: causes.collect(),
        }
    }
}
