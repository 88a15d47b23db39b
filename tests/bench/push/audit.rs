//! The audit log: appends with group commit beside one transaction for each, verifying all of it, proving one entry.

use std::time::Instant;

use studio_brain::domain::ids::{DocPath, StudioId};
use studio_brain::store::Store;

use crate::entries::{EVERY, GROUP, NOW, append, begin, seal};
use crate::line;

/// How many entries each have a transaction of their own, for comparison.
const ALONE: u64 = 500;

/// How many entries are proved.
const PROOFS: u64 = 1_000;

pub(crate) async fn measure(entries: u64) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let studio = StudioId::parse("monsoon-west")?;
    let store = Store::open(directory.path(), &studio, NOW).await?;
    let key = begin(&store, &studio).await?;
    let path = |number: u64| -> anyhow::Result<DocPath> { Ok(DocPath::parse(format!("reservations/r-{number}"))?) };
    let started = Instant::now();
    for number in 0..ALONE {
        append(&store, &studio, number..number + 1, path).await?;
    }
    let alone = ALONE as f64 / started.elapsed().as_secs_f64();
    let (mut number, mut took) = (ALONE, 0.0);
    while number < entries {
        let until = (number + GROUP).min(entries);
        let started = Instant::now();
        append(&store, &studio, number..until, path).await?;
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
