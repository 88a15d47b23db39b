//! One range, read again and put right: our documents as of one moment against the server's at that moment.

use tracing::warn;

use crate::authority::NameRange;
use crate::domain::digest::Stamp;
use crate::domain::ids::CollectionId;
use crate::domain::proof::Mismatch;
use crate::domain::reads;
use crate::domain::sighting::Sighting;
use crate::jobs::verify::Verify;
use crate::jobs::verify::proving::{Asked, Stretch, Trouble, ends};
use crate::store::digests::{HeldRow, Leaf};
use crate::store::repairs::Wrong;
use crate::telemetry::names;

impl Verify {
    /// Reads a range again, puts right what differs, and keeps its digests anew if they were not as they should be.
    pub(super) async fn mend(
        &self,
        collection: &CollectionId,
        leaves: &[Leaf],
        stretch: &Stretch,
        asked: &mut Asked,
    ) -> Result<(), Trouble> {
        let (first, until) = ends(leaves, &stretch.leaves);
        // Before our documents are looked at: what is deleted from now on is not brought back.
        let watching = self.store.watch_deletions().await?;
        let part = self.store.look_closely(collection, first.as_ref(), until.as_ref()).await?;
        let Some(part) = part else { return Ok(()) };
        let range = NameRange { first: first.clone(), after: None, until: until.clone() };
        let mut documents = self.authority.documents(collection, &range, part.read_time).await?;
        let (mut ours, mut wrongs, mut read) = (part.rows.into_iter().peekable(), Vec::new(), 0);
        while let Some(theirs) = documents.next().await? {
            read += 1;
            while let Some(extra) = ours.next_if(|ours| ours.path.name_key() < theirs.path().name_key()) {
                wrongs.push((Mismatch::Extra, Wrong { ours: Some(extra), theirs: None }));
            }
            let same = ours.next_if(|ours| ours.path == *theirs.path());
            match same {
                None => wrongs.push((Mismatch::Missing, Wrong { ours: None, theirs: Some(theirs) })),
                Some(ours) if is_equal(&ours, &theirs) => {}
                Some(ours) => wrongs.push((Mismatch::Changed, Wrong { ours: Some(ours), theirs: Some(theirs) })),
            }
        }
        wrongs.extend(ours.map(|extra| (Mismatch::Extra, Wrong { ours: Some(extra), theirs: None })));
        asked.reads += reads::query(read);
        asked.differences.reread += read as u64;
        for (mismatch, wrong) in &wrongs {
            self.tell_of(collection, *mismatch, wrong);
            asked.differences.count(*mismatch);
        }
        let is_as_kept = leaves[stretch.leaves.clone()].iter().all(Leaf::is_as_kept);
        if wrongs.is_empty() && is_as_kept {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        if !tx.is_generation(collection, part.generation).await? {
            return Ok(tx.rollback().await?); // It was read as a whole meanwhile.
        }
        let mut repaired = 0;
        for (_, wrong) in &wrongs {
            repaired += u64::from(tx.document_repair(wrong, part.read_time, &watching).await?);
        }
        tx.leaves_replant(collection, first.as_ref(), until.as_ref()).await?;
        tx.commit().await?;
        asked.differences.repaired += repaired;
        Ok(())
    }

    fn tell_of(&self, collection: &CollectionId, mismatch: Mismatch, wrong: &Wrong) {
        let Some(path) = wrong.path() else { return };
        warn!(
            event = "mirror.mismatch",
            mirror.collection = %collection,
            mirror.mismatch = mismatch.word(),
            doc.path = %path,
            "Mirror differs from Firestore: `{path}` is {mismatch}"
        );
        let studio = self.store.studio().to_string();
        metrics::counter!(names::MIRROR_MISMATCHES, "studio" => studio, "kind" => mismatch.word()).increment(1);
    }
}

/// Is what we hold what the server has?
fn is_equal(ours: &HeldRow, theirs: &Sighting) -> bool {
    ours.is_sound() && ours.stamp == Stamp::of(theirs)
}
