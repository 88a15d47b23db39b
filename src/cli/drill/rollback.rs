//! `drill rollback`: propose → approve → land → observe → undo → verify, on a document that is there for nothing else.

use anyhow::ensure;

use crate::cli::client::Client;
use crate::cli::drift::look_now;
use crate::cli::drill::cycle::{carry_out, propose, propose_undo};
use crate::cli::drill::evidence::Run;
use crate::domain::ids::Hash;
use crate::web::api::checks::CheckOutcome;
use crate::web::api::documents::Document;

/// The cycle, as often as asked; what to say when it went well.
pub(super) async fn run(run: &mut Run, client: &Client, rounds: u32) -> anyhow::Result<String> {
    run.note("rounds", rounds)?;
    for round in 1..=rounds {
        if rounds > 1 {
            run.round(round);
        }
        cycle(run, client).await?;
        run.note("rounds_done", round)?;
        if rounds > 1 {
            run.say(&format!("  round {round} of {rounds}: back as it was"));
        }
    }
    Ok("The document is back as it was, byte for byte.".to_owned())
}

async fn cycle(run: &mut Run, client: &Client) -> anyhow::Result<()> {
    let started = propose(run, client).await?;
    run.note("document", &started.document)?;
    run.note("before", started.before)?;
    let write = carry_out(run, client, &started.proposed).await?;
    run.note("before_image", write.before_hash)?;
    run.note("write", &write)?;
    ensure!(write.before_hash == started.before, "the before-image is not what the mirror had");
    let place = format!("/api/v1/documents/{}", started.document);
    let changed: Document = client.get(&place).await?;
    run.note("changed", changed.hash)?;
    ensure!(Some(changed.hash) != started.before, "the write changed nothing");
    ensure!(Some(changed.hash) == write.after_hash, "the mirror has seen something else than was written");

    let proposed = propose_undo(run, client, write.id).await?;
    let undo = carry_out(run, client, &proposed).await?;
    run.note("undo", &undo)?;

    let after: Option<Document> = client.find(&place).await?;
    let after: Option<Hash> = after.map(|document| document.hash);
    run.note("after", after)?;
    ensure!(after == started.before, "the document is not as it was");
    let looked = look_now(client).await?;
    let told = looked.check.outcome.is_some_and(|outcome| outcome != CheckOutcome::Unknown);
    ensure!(told, "the cloud could not be read again: {}", looked.check.why.unwrap_or_default());
    let drifted = looked.findings.findings.iter().any(|finding| finding.document.as_ref() == Some(&started.document));
    ensure!(!drifted, "the cloud says something else than the mirror about the drill document");
    let hash = after.map_or_else(|| "no document".to_owned(), |hash| hash.to_string());
    run.done("verify", format!("{hash} again, also read from the cloud a second time"));
    Ok(())
}
