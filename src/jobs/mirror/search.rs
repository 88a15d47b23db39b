//! Finding the documents that are gone, by counting.
//!
//! A filter of names holds about one name in a hundred by chance. When such a document is deleted, the server's count
//! tells that one is gone but not which. Counting halves finds it: a count costs one read for every thousand documents
//! counted, where reading them again costs one for each.

use tracing::info;

use crate::authority;
use crate::domain::ids::DocPath;
use crate::domain::reads::{COUNTED_PER_READ, Cause};
use crate::domain::time::Timestamp;
use crate::jobs::mirror::{Means, MirrorError};
use crate::store::Target;

impl Means {
    /// Finds out which of `among` are gone, knowing that `count` of them exist at `read_time`.
    ///
    /// `None` when the counts make no sense, or when reading everything again costs no more.
    pub(super) async fn search(
        &self,
        target: &Target,
        mut among: Vec<DocPath>,
        count: u64,
        read_time: Timestamp,
    ) -> Result<Option<Vec<DocPath>>, MirrorError> {
        let all = among.len() as u64;
        if all < count || price(all, all - count) >= count {
            return Ok(None);
        }
        among.sort_unstable_by(DocPath::name_order);
        let found = self.halve(&among, count, read_time).await?;
        if let Some(gone) = &found {
            let collection = &target.collection;
            info!(mirror.collection = %collection, "Mirror found {} documents of `{collection}` gone by counting", gone.len());
        }
        Ok(found)
    }

    async fn halve(
        &self,
        among: &[DocPath],
        count: u64,
        read_time: Timestamp,
    ) -> Result<Option<Vec<DocPath>>, authority::Error> {
        let authority = self.authority.because_of(Cause::Tail);
        let (mut gone, mut open) = (Vec::new(), vec![(among, count)]);
        while let Some((some, count)) = open.pop() {
            match count.cmp(&(some.len() as u64)) {
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => return Ok(None),
                std::cmp::Ordering::Less if count == 0 => gone.extend_from_slice(some),
                std::cmp::Ordering::Less => {
                    let (left, right) = some.split_at(some.len() / 2);
                    let (Some(first), Some(last)) = (left.first(), left.last()) else { return Ok(None) };
                    let lower = authority.count_between(first, last, read_time).await?;
                    let Some(rest) = count.checked_sub(lower.count) else { return Ok(None) };
                    open.extend([(left, lower.count), (right, rest)]);
                }
            }
        }
        Ok(Some(gone))
    }
}

/// About what it costs to find `gone` documents among `all`.
fn price(all: u64, gone: u64) -> u64 {
    gone.saturating_mul(u64::from(all.max(2).ilog2()) + 1).saturating_add(2 * all / COUNTED_PER_READ)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_is_worth_it_only_where_little_is_gone() {
        assert!(price(500, 2) < 500);
        assert!(price(200_000, 10) < 1_000);
        assert!(price(10, 5) >= 10);
    }
}
