//! The audit log: appends with group commit beside one transaction for each, verifying all of it, proving one entry.

use std::time::Instant;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::audit::checkpoint::{Checkpoint, SealKey};
use studio_brain::domain::audit::walk::KEY;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::ids::{DocPath, Hash, ProposalId, StudioId, WriteId};
use studio_brain::domain::time::Timestamp;
use studio_brain::store::Store;

use crate::line;

const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

/// How many entries one transaction holds when many are committed together.
const GROUP: u64 = 500;

/// How many entries each have a transaction of their own, for comparison.
const ALONE: u64 = 500;

/// How many entries a checkpoint covers more than the one before.
const EVERY: u64 = 10_000;

/// How many entries are proved.
const PROOFS: u64 = 1_000;

pub(crate) async fn measure(entries: u64) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let studio = StudioId::parse("monsoon-west")?;
    let store = Store::open(directory.path(), &studio, NOW).await?;
    let key = SealKey::from_seed(&studio, [1; 32]);
    let first = Event::new(NOW, actor(&studio), Action::AuditKeyCreated, Target::Service);
    let mut tx = store.begin().await?;
    tx.audit(&studio, first.detail(KEY, key.public().as_str())).await?;
    tx.commit().await?;

    let started = Instant::now();
    for number in 0..ALONE {
        append(&store, &studio, number..number + 1).await?;
    }
    let alone = ALONE as f64 / started.elapsed().as_secs_f64();
    let (mut number, mut took) = (ALONE, 0.0);
    while number < entries {
        let until = (number + GROUP).min(entries);
        let started = Instant::now();
        append(&store, &studio, number..until).await?;
        took += started.elapsed().as_secs_f64();
        number = until;
        if number % EVERY == 0 || number == entries {
            seal(&store, &studio, &key).await?;
        }
    }
    let together = entries.saturating_sub(ALONE) as f64 / took;
    line("audit appends per second, 500 in a transaction", together, "1/s", Some(alone));

    let started = Instant::now();
    let verified = store.audit_verify(Some(key.public())).await?;
    line(&format!("audit verify of {} entries", verified.entries), started.elapsed().as_secs_f64(), "s", None);
    let mut proofs = Vec::new();
    for number in 0..PROOFS {
        let sequence = 1 + number * 7_919 % verified.sealed;
        let started = Instant::now();
        let proof = store.audit_proof(sequence).await?;
        proofs.push(started.elapsed().as_secs_f64() * 1_000.0);
        anyhow::ensure!(proof.is_some_and(|proof| proof.holds()), "entry {sequence} is not proved");
    }
    proofs.sort_by(f64::total_cmp);
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let at = ((proofs.len() - 1) as f64 * part).round() as usize;
        line(&format!("audit proof of one entry, {name}"), proofs[at], "ms", None);
    }
    let (started, mut bytes) = (Instant::now(), 0_usize);
    store
        .audit_export(|some| {
            bytes += some.len();
            Ok(())
        })
        .await?;
    line("audit export", started.elapsed().as_secs_f64(), "s", None);
    line("audit export", bytes as f64 / 1_000_000.0, "MB", None);
    store.close().await;
    Ok(())
}

fn actor(studio: &StudioId) -> studio_brain::domain::actor::Person {
    Actor::system(studio, "push").person()
}

/// Appends entries such as the push job writes them.
async fn append(store: &Store, studio: &StudioId, numbers: std::ops::Range<u64>) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    for number in numbers {
        let path = DocPath::parse(format!("reservations/r-{number}"))?;
        let proposal = ProposalId::from_uuid(uuid::Uuid::from_u128(u128::from(number)));
        let event = Event::new(NOW, actor(studio), Action::WriteLanded, Target::Write(WriteId::of(proposal, &path)))
            .input(Hash::of(number.to_be_bytes()))
            .output(Hash::of(number.to_le_bytes()))
            .detail("document", path.as_str())
            .detail("update_time", NOW.to_string());
        tx.audit(studio, event).await?;
    }
    Ok(tx.commit().await?)
}

async fn seal(store: &Store, studio: &StudioId, key: &SealKey) -> anyhow::Result<()> {
    let size = store.audit_size().await?;
    let Some(root) = store.audit_root(size).await? else { anyhow::bail!("the tree has no head") };
    let mut tx = store.begin().await?;
    tx.audit_seal(&Checkpoint::sign(studio, size, root, key), NOW).await?;
    Ok(tx.commit().await?)
}
