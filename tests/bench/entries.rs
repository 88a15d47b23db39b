//! An audit log as long as it is wanted, such as the push job writes it.

use std::ops::Range;

use studio_brain::domain::actor::{Actor, Person};
use studio_brain::domain::audit::checkpoint::{Checkpoint, SealKey};
use studio_brain::domain::audit::walk::KEY;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::ids::{DocPath, Hash, ProposalId, StudioId, WriteId};
use studio_brain::domain::time::Timestamp;
use studio_brain::store::Store;

/// When every entry is made.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

/// How many entries one transaction holds when many are committed together.
pub(crate) const GROUP: u64 = 500;

/// How many entries a checkpoint covers more than the one before.
pub(crate) const EVERY: u64 = 10_000;

/// The proposal of this number.
pub(crate) fn proposal(number: u64) -> ProposalId {
    ProposalId::from_uuid(uuid::Uuid::from_u128(u128::from(number)))
}

/// A key for the log, and its first entry.
pub(crate) async fn begin(store: &Store, studio: &StudioId) -> anyhow::Result<SealKey> {
    let key = SealKey::from_seed(studio, [1; 32]);
    let first = Event::new(NOW, actor(studio), Action::AuditKeyCreated, Target::Service);
    let mut tx = store.begin().await?;
    tx.audit(studio, first.detail(KEY, key.public().as_str())).await?;
    tx.commit().await?;
    Ok(key)
}

/// Appends entries such as the push job writes them, about the documents that `path` names.
pub(crate) async fn append(
    store: &Store,
    studio: &StudioId,
    numbers: Range<u64>,
    path: impl Fn(u64) -> anyhow::Result<DocPath>,
) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    for number in numbers {
        let path = path(number)?;
        let write = WriteId::of(proposal(number), &path);
        let event = Event::new(NOW, actor(studio), Action::WriteLanded, Target::Write(write))
            .input(Hash::of(number.to_be_bytes()))
            .output(Hash::of(number.to_le_bytes()))
            .detail("document", path.as_str())
            .detail("update_time", NOW.to_string());
        tx.audit(studio, event).await?;
    }
    Ok(tx.commit().await?)
}

/// Signs the log as it is.
pub(crate) async fn seal(store: &Store, studio: &StudioId, key: &SealKey) -> anyhow::Result<()> {
    let size = store.audit_size().await?;
    let Some(root) = store.audit_root(size).await? else { anyhow::bail!("the tree has no head") };
    let mut tx = store.begin().await?;
    tx.audit_seal(&Checkpoint::sign(studio, size, root, key), NOW).await?;
    Ok(tx.commit().await?)
}

fn actor(studio: &StudioId) -> Person {
    Actor::system(studio, "push").person()
}
