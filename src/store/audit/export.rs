//! The log as a bundle that proves itself, written piece by piece.

use std::io;

use crate::domain::audit::bundle::{Manifest, Packer, TileFile, TooLarge, dropped_line};
use crate::domain::audit::checkpoint::{Checkpoint, origin};
use crate::domain::audit::tree::Place;
use crate::domain::audit::walk::Walk;
use crate::domain::ids::Hash;
use crate::store::audit::proofs::stored_at;
use crate::store::audit::verify::{page, walk_on};
use crate::store::audit::{TABLE, TREE, VerifyError};
use crate::store::{self, Column as _, Doing as _, Store};

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no checkpoint yet.
    #[error("the audit log has no checkpoint yet: the service makes one within a minute")]
    Unsealed,
    /// The log does not hold, and neither would the bundle.
    #[error("a bundle of this audit log would not hold")]
    Verify(#[from] VerifyError),
    /// It does not fit.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// It could not be written.
    #[error("could not write the bundle")]
    Write(#[from] io::Error),
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Store {
    /// Gives `write` a bundle of everything that the newest checkpoint covers, bit by bit.
    ///
    /// The log is verified first: what does not hold is not exported.
    ///
    /// # Errors
    /// [`ExportError`] says why there is none; what was written until then is useless.
    pub async fn audit_export(&self, mut write: impl FnMut(&[u8]) -> io::Result<()>) -> Result<Manifest, ExportError> {
        let mut tx = self.readers.begin().await.doing("start to export the audit log")?;
        let walk = walk_on(&mut tx, Walk::along(origin(&self.studio))).await?;
        let keys = walk.finish(None).map_err(VerifyError::from)?.keys;
        let notes = sqlx::query_scalar!("select note from audit_checkpoints order by number")
            .fetch_all(&mut *tx)
            .await
            .doing("read the checkpoints of the audit log")?;
        let checkpoints = notes.iter().map(|note| Checkpoint::parse(note));
        let checkpoints: Vec<_> = checkpoints.collect::<Result<_, _>>().column("audit_checkpoints")?;
        let (mut packer, begin) = Packer::begin(&self.studio, &checkpoints, keys)?.ok_or(ExportError::Unsealed)?;
        let size = checkpoints.last().map_or(0, Checkpoint::size);
        write(&begin)?;
        for tile in TileFile::all(size) {
            let places: Vec<Place> = tile.places().collect();
            let hashes = stored_at(&mut tx, &places).await?;
            let hashes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.bytes()).collect();
            write(&packer.tile(&tile, &hashes)?)?;
        }
        let through = i64::try_from(size).column(TREE)?;
        let bytes = sqlx::query!(
            r#"select coalesce(sum(length(cast(entry as blob)) + 1), 0) as "bytes!: i64",
                 count(*) - count(entry) as "dropped!: i64"
             from audit where sequence <= ?"#,
            through
        )
        .fetch_one(&mut *tx)
        .await
        .doing("measure the audit log")?;
        let of_dropped = dropped_line(Hash::from_bytes([0; 32])).len() + 1;
        let bytes = u64::try_from(bytes.bytes + bytes.dropped * of_dropped as i64).column(TABLE)?;
        write(&packer.entries(bytes)?)?;
        let mut after = 0;
        loop {
            let some = page(&mut tx, after, through).await?;
            if some.is_empty() {
                break;
            }
            let mut lines = Vec::with_capacity(some.size());
            for (sequence, text) in (after + 1..).zip(some.lines()) {
                match text {
                    Some(text) => lines.extend(text),
                    None => {
                        let leaf = stored_at(&mut tx, &[Place { sequence, level: 0 }]).await?;
                        let leaf = leaf.first().ok_or("a leaf has no hash").column(TREE)?;
                        lines.extend(dropped_line(*leaf).as_bytes());
                    }
                }
                lines.push(b'\n');
            }
            packer.lines(&lines);
            write(&lines)?;
            after = some.last();
        }
        let (end, manifest) = packer.end()?;
        write(&end)?;
        Ok(manifest)
    }
}
