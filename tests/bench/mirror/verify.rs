//! Proof that the mirror is what the server has: of equal documents, and with ten that differ.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use serde_json::{Value as Json, json};
use studio_brain::authority::{Authority, Connect, PlainEndpoint, Settings};
use studio_brain::clock::Clock;
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::domain::proof::{Depth, Verdict, Verification};
use studio_brain::jobs::verify::{Verify, VerifySettings};
use studio_brain::store::Store;
use tokio_util::sync::CancellationToken;

use crate::server::PROJECT;
use crate::{Arguments, peak_mb};

/// How many documents are damaged.
const DAMAGED: u64 = 10;

/// Proves everything, damages ten documents behind the mirror's back, and proves everything again.
pub(super) async fn verify(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let clock = Clock::system();
    let store = Store::open(directory, &StudioId::parse("west")?, clock.now().into()).await?;
    let authority = Authority::new(Settings {
        connect: Connect::Plain(PlainEndpoint::parse(&arguments.server)?),
        project: PROJECT.to_owned(),
        database: "(default)".to_owned(),
        request_timeout: std::time::Duration::from_secs(60),
    });
    let settings = VerifySettings { every: std::time::Duration::from_secs(3_600), read_budget: 1_000_000 };
    let job = Verify::new(store.clone(), authority, clock.clone(), settings, CancellationToken::new());
    let names = arguments.collection_names();
    let collections: Vec<CollectionId> = names.into_iter().map(CollectionId::parse).collect::<Result<_, _>>()?;
    let prove = async || -> anyhow::Result<(f64, Vec<Verification>)> {
        let began = Instant::now();
        let mut tx = store.begin().await?;
        let id = tx.run_request(Some("bench"), &collections, Depth::Digests, clock.now().into()).await?;
        tx.commit().await?;
        let (run, _) = store.run_by_id(id).await?.context("the wish is gone")?;
        job.carry_out(&run).await?;
        let (_, results) = store.run_by_id(id).await?.context("the answer is gone")?;
        Ok((began.elapsed().as_secs_f64(), results))
    };
    let sum = |results: &[Verification], of: fn(&Verification) -> u64| results.iter().map(of).sum::<u64>();
    let (equal_seconds, equal) = prove().await?;
    let unequal = equal.iter().find(|one| one.verdict != Verdict::Equal);
    anyhow::ensure!(unequal.is_none(), "not equal: {unequal:?}");
    anyhow::ensure!(sum(&equal, |one| one.documents.unwrap_or_default()) == arguments.docs, "not all were proved");
    let file = Store::file_in(directory);
    let intruder = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await?;
    sqlx::query("update documents set fields = '{}' where id in (select id from documents order by random() limit ?)")
        .bind(DAMAGED as i64)
        .execute(&intruder)
        .await?;
    intruder.close().await;
    let (differing_seconds, differing) = prove().await?;
    let repaired = sum(&differing, |one| one.differences.repaired);
    anyhow::ensure!(repaired == DAMAGED, "{repaired} of {DAMAGED} were put right");
    let reread = sum(&differing, |one| one.differences.reread);
    let (equal_reads, differing_reads) = (sum(&equal, |one| one.reads), sum(&differing, |one| one.reads));
    store.close().await;
    Ok(json!({
        "equal_seconds": equal_seconds, "equal_reads": equal_reads, "differing_seconds": differing_seconds,
        "reread": reread, "all_reads": equal_reads + differing_reads, "peak_mb": peak_mb(),
    }))
}
