//! One collection: counts, digests, and what differs.

use std::ops::Range;
use std::time::Duration;

use crate::authority;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::proof::{Depth, Differences, Verdict, Verification};
use crate::domain::reads as price;
use crate::jobs::reads;
use crate::jobs::verify::Verify;
use crate::store::digests::{Leaf, Look};

/// The server answers at a read time for one hour; with this much left there is time to ask.
const READ_TIME_LIVES: Duration = Duration::from_secs(50 * 60);

/// About how many documents are compared at a time where everything differs: what memory holds at once.
const AT_ONCE: u64 = 2_000;

/// A range of names that is to be read again.
pub(super) struct Stretch {
    /// The leaves that it is.
    pub(super) leaves: Range<usize>,
    /// How many documents we think that it has.
    pub(super) documents: u64,
}

/// What the server was asked, and what it cost.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) reads: u64,
    pub(super) differences: Differences,
    pub(super) why: Option<String>,
}

impl Asked {
    fn complain(&mut self, why: String) {
        self.why.get_or_insert(why);
    }
}

impl Verify {
    /// Proves one collection; `None` when it was told to stop.
    pub(super) async fn prove(&self, collection: &CollectionId, depth: Depth) -> anyhow::Result<Option<Verification>> {
        let untold = |read_time, why: String| {
            let untold = Verification::untold(collection.clone(), read_time, self.now());
            Ok(Some(Verification { why: Some(why), ..untold }))
        };
        let targets = self.store.targets().await?;
        let target = targets.into_iter().find(|target| target.collection == *collection);
        let Some(target) = target else { return untold(None, "it is not mirrored".to_owned()) };
        let Some(shown) = target.read_time else { return untold(None, "it was never read".to_owned()) };
        if self.now().since(shown) > READ_TIME_LIVES {
            return untold(Some(shown), "that is too long ago to ask the server about".to_owned());
        }
        let Some((look, is_first)) = self.look(collection).await? else {
            return untold(None, "it was never read".to_owned());
        };
        let mut asked = Asked::default();
        let counted = match self.authority.count(collection, Some(look.read_time)).await {
            Ok(counted) => counted.count,
            Err(error) => return untold(Some(look.read_time), format!("the server can't be asked: {}", error.chain())),
        };
        asked.reads += price::count(counted);
        let ours = look.found.documents.cast_unsigned();
        let told = match self.go_after(collection, depth, &look, counted, &mut asked).await {
            Ok(told) => told,
            Err(Trouble::Authority(error)) => {
                asked.complain(format!("the server can't be asked: {}", error.chain()));
                Told::Partly
            }
            Err(Trouble::Other(error)) => return Err(error),
        };
        let differed = asked.differences.leaves > 0 || asked.differences.documents() > 0 || counted != ours;
        let verdict = match (told, differed) {
            (Told::Stopped, _) => return Ok(None),
            (_, true) => Verdict::Differed,
            (Told::Wholly, false) => Verdict::Equal,
            (Told::Partly, false) => Verdict::Unknown,
        };
        if verdict == Verdict::Differed && asked.differences.repaired < asked.differences.documents() {
            asked.complain("what changed again meanwhile was left as it is".to_owned());
        }
        Ok(Some(Verification {
            collection: collection.clone(),
            verdict,
            why: asked.why,
            is_first,
            read_time: Some(look.read_time),
            documents: Some(ours),
            server_documents: Some(counted),
            hash: Some(look.found.hash()),
            differences: asked.differences,
            reads: asked.reads,
            checked: self.now(),
        }))
    }

    /// All of the collection, and whether its digests are kept only from now on.
    async fn look(&self, collection: &CollectionId) -> anyhow::Result<Option<(Look, bool)>> {
        match self.store.look(collection).await? {
            Some(look) if look.leaves.is_empty() => {
                let mut tx = self.store.begin().await?;
                tx.tree_plant(collection).await?;
                tx.commit().await?;
                Ok(self.store.look(collection).await?.map(|look| (look, true)))
            }
            look => Ok(look.map(|look| (look, false))),
        }
    }

    /// Reads again what differs, or everything, and puts it right.
    async fn go_after(
        &self,
        collection: &CollectionId,
        depth: Depth,
        look: &Look,
        counted: u64,
        asked: &mut Asked,
    ) -> Result<Told, Trouble> {
        let leaves = &look.leaves;
        let mut due: Vec<usize> = match depth {
            Depth::Everything => (0..leaves.len()).collect(),
            Depth::Digests => (0..leaves.len()).filter(|place| !leaves[*place].is_as_kept()).collect(),
        };
        asked.differences.leaves = leaves.iter().filter(|leaf| !leaf.is_as_kept()).count() as u64;
        let kept: i64 = leaves.iter().map(|leaf| leaf.kept.documents).sum();
        if depth == Depth::Digests && counted.cast_signed() != kept {
            due.extend(self.where_counts_differ(collection, leaves, counted, look.read_time, asked).await?);
            due.sort_unstable();
            due.dedup();
        }
        let mut told = Told::Wholly;
        for stretch in stretches(leaves, &due) {
            if self.stop.is_cancelled() {
                return Ok(Told::Stopped);
            }
            let left = reads::left(&self.store, &self.authority, self.settings.read_budget, self.now()).await?;
            if stretch.documents > left {
                asked.complain(format!(
                    "not all of it was read again: {left} reads are left today (`mirror.read_budget`)"
                ));
                told = Told::Partly;
                break;
            }
            self.mend(collection, leaves, &stretch, asked).await?;
        }
        Ok(told)
    }
}

/// How much of what was to be told could be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Wholly,
    Partly,
    Stopped,
}

/// Why a look could not be finished.
pub(super) enum Trouble {
    /// Firestore did not answer.
    Authority(authority::Error),
    /// We are to blame.
    Other(anyhow::Error),
}

impl From<authority::Error> for Trouble {
    fn from(error: authority::Error) -> Self {
        Self::Authority(error)
    }
}

impl From<crate::store::Error> for Trouble {
    fn from(error: crate::store::Error) -> Self {
        Self::Other(error.into())
    }
}

/// The names at which a range of leaves starts and ends.
pub(super) fn ends(leaves: &[Leaf], range: &Range<usize>) -> (Option<DocPath>, Option<DocPath>) {
    let start = |place: usize| leaves.get(place).and_then(|leaf| leaf.first.clone());
    (start(range.start), start(range.end))
}

/// Neighbouring leaves together, up to about [`AT_ONCE`] documents.
fn stretches(leaves: &[Leaf], due: &[usize]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for place in due {
        let leaf = &leaves[*place];
        let documents = leaf.kept.documents.max(leaf.found.documents).cast_unsigned();
        match stretches.last_mut() {
            Some(last) if last.leaves.end == *place && last.documents + documents <= AT_ONCE => {
                last.leaves.end += 1;
                last.documents += documents;
            }
            Some(_) | None => stretches.push(Stretch { leaves: *place..place + 1, documents }),
        }
    }
    stretches
}
