//! One range of a collection, from the stream to rows that only need to be written.

use tokio::sync::mpsc;

use crate::authority::{self, Authority, NameRange};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::store::{Range, Staged};

/// A batch is passed on when it has this many bytes, however few documents they are.
const LARGE: usize = 256 * 1024;

/// One range that is to be read.
pub(super) struct Reading {
    /// Which of the targets that are read.
    pub(super) target: usize,
    pub(super) collection: CollectionId,
    pub(super) range: Range,
    pub(super) read_time: Timestamp,
    /// How many documents a batch has at most.
    pub(super) batch: usize,
}

/// Documents that follow each other, ready to be written.
pub(super) struct Batch {
    pub(super) target: usize,
    pub(super) range: u32,
    pub(super) rows: Vec<Staged>,
    /// Is the range read to its end?
    pub(super) complete: bool,
}

impl Reading {
    /// Reads the range to its end. The channel is bounded: a slow writer makes the stream wait, and memory stays small.
    pub(super) async fn run(
        self,
        authority: Authority,
        out: mpsc::Sender<Batch>,
    ) -> Result<(), (usize, authority::Error)> {
        let target = self.target;
        self.read(authority, out).await.map_err(|error| (target, error))
    }

    async fn read(self, authority: Authority, out: mpsc::Sender<Batch>) -> Result<(), authority::Error> {
        let Self { target, collection, range, read_time, batch } = self;
        let position = range.position;
        let names = NameRange { first: range.first, after: range.after, until: range.until };
        let mut documents = authority.documents(&collection, &names, read_time).await?;
        let (mut rows, mut bytes) = (Vec::with_capacity(batch), 0);
        while let Some(sighting) = documents.next().await? {
            let row = Staged::of(sighting);
            bytes += row.size();
            rows.push(row);
            if rows.len() >= batch || bytes >= LARGE {
                let rows = std::mem::replace(&mut rows, Vec::with_capacity(batch));
                bytes = 0;
                if out.send(Batch { target, range: position, rows, complete: false }).await.is_err() {
                    return Ok(()); // Nobody writes any more: the backfill was given up.
                }
            }
        }
        // A writer that is gone does not mind.
        let _ = out.send(Batch { target, range: position, rows, complete: true }).await;
        Ok(())
    }
}
