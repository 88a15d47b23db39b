//! Where the counts differ: halves are counted, and halves of what differs, until single leaves are left.
//!
//! A count costs one read for every thousand documents counted, where reading them again costs one for each.

use std::ops::Range;

use crate::authority::NameRange;
use crate::domain::ids::CollectionId;
use crate::domain::reads;
use crate::domain::time::Timestamp;
use crate::jobs::verify::Verify;
use crate::jobs::verify::proving::{Asked, Trouble, ends};
use crate::store::digests::Leaf;

impl Verify {
    /// The leaves in which the server has another number of documents than was kept, knowing that it has `counted` in all.
    pub(super) async fn where_counts_differ(
        &self,
        collection: &CollectionId,
        leaves: &[Leaf],
        counted: u64,
        read_time: Timestamp,
        asked: &mut Asked,
    ) -> Result<Vec<usize>, Trouble> {
        let mut found = Vec::new();
        let mut open: Vec<(Range<usize>, u64)> = vec![(0..leaves.len(), counted)];
        while let Some((range, theirs)) = open.pop() {
            let kept: i64 = leaves[range.clone()].iter().map(|leaf| leaf.kept.documents).sum();
            if kept == theirs.cast_signed() {
                continue;
            }
            if range.len() <= 1 {
                found.extend(range);
                continue;
            }
            let middle = range.start + range.len() / 2;
            let (left, right) = (range.start..middle, middle..range.end);
            let (first, until) = ends(leaves, &left);
            let names = NameRange { first, after: None, until };
            let lower = self.authority.count_range(collection, &names, read_time).await?.count;
            asked.reads += reads::count(lower);
            open.extend([(left, lower), (right, theirs.saturating_sub(lower))]);
        }
        Ok(found)
    }
}
