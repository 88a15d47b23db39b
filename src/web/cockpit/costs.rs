//! What Firestore bills because of us.

use std::collections::BTreeMap;

use studio_cockpit::model::reads::{DayCauses, DayCost, ReadCosts, ReadsChoice};

use crate::domain::reads::{Cause, Day, DayReads};
use crate::store;
use crate::web::cockpit::backend::Cockpit;

/// What a write costs: its document and its receipt.
const DOCUMENTS_PER_WRITE: u64 = 2;

impl Cockpit {
    pub(super) async fn reads_page(&self, choice: &ReadsChoice) -> ReadCosts {
        let today = Day::of(self.now());
        let days = self.day_costs(today, choice.span.days()).await;
        let chosen = choice.day.as_deref().map_or(Some(today), Day::parse);
        let chosen = match chosen {
            Some(day) => self.store().reads_of(day).await.map(Some),
            None => Ok(None),
        };
        ReadCosts {
            days: self.panel("What the days have cost", days),
            chosen: self.panel("What the day has cost", chosen).map(|day| day.and_then(|day| causes(&day))),
        }
    }

    async fn day_costs(&self, today: Day, days: u32) -> store::Result<Vec<DayCost>> {
        let sums = self.store().reads_of_days(today, days).await?;
        let landed = self.store().writes_landed_by_day(today.before(days)).await?;
        let cost = |sum: &store::DaySum| DayCost {
            day: sum.day.to_string(),
            reads: sum.reads,
            writes: Some(landed.get(&sum.day).copied().unwrap_or_default() * DOCUMENTS_PER_WRITE),
            budget: sum.budget,
        };
        Ok(sums.iter().map(cost).collect())
    }
}

/// What a day's reads were for; nothing when nothing was counted that day.
fn causes(day: &DayReads) -> Option<DayCauses> {
    if day.budget.is_none() && day.reads.is_empty() {
        return None;
    }
    let mut collections: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &day.reads {
        *collections.entry(line.collection.as_str()).or_default() += line.reads;
    }
    let mut by_cause: Vec<(String, u64)> =
        day.by_cause().into_iter().map(|(cause, reads)| (purpose(cause).to_owned(), reads)).collect();
    let mut by_collection: Vec<(String, u64)> = collections
        .into_iter()
        .map(|(name, reads)| (if name == "(all)" { "All at once".to_owned() } else { name.to_owned() }, reads))
        .collect();
    for parts in [&mut by_cause, &mut by_collection] {
        parts.sort_by_key(|(_, reads)| std::cmp::Reverse(*reads));
    }
    Some(DayCauses {
        day: day.day.to_string(),
        spent: day.spent(),
        budget: day.budget,
        is_paused: day.is_spent(),
        by_cause,
        by_collection,
    })
}

/// What a read was for, in words.
pub(super) const fn purpose(cause: Cause) -> &'static str {
    match cause {
        Cause::Backfill => "Reading collections for the first time",
        Cause::Relist => "Reading collections again",
        Cause::Tail => "Following changes",
        Cause::Verify => "Proving the mirror",
        Cause::Drift => "Comparing with the cloud",
        Cause::Push => "Sending approved writes",
        Cause::Drill => "Rehearsing rollbacks",
        Cause::Discovery => "Looking for collections",
        Cause::Doctor => "Checking the connection",
        Cause::Other => "Something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CollectionId;
    use crate::domain::reads::{Reads, all_collections};

    #[test]
    fn a_day_that_was_not_counted_is_unknown_and_one_that_was_tells_the_dearest_first() {
        let day = Day::parse("2026-03-18").expect("a day");
        assert_eq!(causes(&DayReads { day, budget: None, reads: Vec::new() }), None);
        let idle = causes(&DayReads { day, budget: Some(5), reads: Vec::new() }).expect("was counted");
        assert_eq!((idle.spent, idle.is_paused), (0, false));
        let batches = CollectionId::parse("batches").expect("legal");
        let reads = vec![
            Reads { collection: batches.clone(), cause: Cause::Tail, reads: 2 },
            Reads { collection: batches, cause: Cause::Drift, reads: 3 },
            Reads { collection: all_collections(), cause: Cause::Discovery, reads: 1 },
        ];
        let told = causes(&DayReads { day, budget: Some(5), reads }).expect("was counted");
        assert_eq!((told.spent, told.is_paused), (6, true));
        assert_eq!(told.by_cause[0], ("Comparing with the cloud".to_owned(), 3));
        assert_eq!(told.by_collection, [("batches".to_owned(), 5), ("All at once".to_owned(), 1)]);
    }
}
