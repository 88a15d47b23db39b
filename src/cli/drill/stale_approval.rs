//! `drill stale-approval`: somebody else changes the document after the approval. Nothing of ours is written over it.

use std::time::Duration;

use anyhow::ensure;

use crate::cli::client::Client;
use crate::cli::drill::cycle::{approve, dealt_with, propose, sent, settled};
use crate::cli::drill::evidence::Run;
use crate::cli::world::World;
use crate::sandbox::firestore::{CallFault, Fault, Faults, Latency, Method, When};
use crate::sandbox::studio::somebody_writes;
use crate::web::api::documents::Document;
use crate::web::api::proposals::ProposalState;
use crate::web::api::writes::WriteState;

/// How long the cloud takes its time, so that somebody else is quicker.
const HELD: Duration = Duration::from_millis(1_500);

/// The drill; what to say when it went well.
pub(super) async fn run(run: &mut Run, world: &World) -> anyhow::Result<String> {
    before_the_claim(run, world).await?;
    after_the_claim(run, world).await?;
    Ok("Somebody else was quicker, twice: nothing was written over their change.".to_owned())
}

/// The document moves between the approval and the look that comes before the intent.
async fn before_the_claim(run: &mut Run, world: &World) -> anyhow::Result<()> {
    let (client, cloud) = (Client::of(world.data()), world.database());
    let started = propose(run, &client).await?;
    let path = started.document.to_string();
    run.note("document", &path)?;
    world.cloud().add_fault(slow(Method::BatchGetDocuments));
    approve(run, &client, &started.proposed).await?;
    let had = cloud.writes_to(&path);
    somebody_writes(&cloud, &path, "note", "Somebody else was here, before the claim.");
    run.done("interfere", "somebody else has changed the document after the approval");
    let proposal = dealt_with(&client, started.proposed.id).await?;
    world.cloud().set_faults(Faults::default());
    ensure!(proposal.state == ProposalState::Stale, "the proposal is {:?}, not stale", proposal.state);
    ensure!(!proposal.sent, "a write was sent all the same");
    run.done("refuse", "the proposal is stale, nothing was sent");
    only_theirs(run, world, &path, had).await
}

/// The document moves between the intent and the commit: the cloud itself refuses.
async fn after_the_claim(run: &mut Run, world: &World) -> anyhow::Result<()> {
    let (client, cloud) = (Client::of(world.data()), world.database());
    let started = propose(run, &client).await?;
    let path = started.document.to_string();
    world.cloud().add_fault(slow(Method::Commit));
    approve(run, &client, &started.proposed).await?;
    let write = sent(&client, started.proposed.id).await?;
    let had = cloud.writes_to(&path);
    somebody_writes(&cloud, &path, "note", "Somebody else was here, after the claim.");
    run.done("interfere", "somebody else has changed the document after the intent was stored");
    let settled = settled(&client, write).await?;
    world.cloud().set_faults(Faults::default());
    run.note("write", &settled)?;
    ensure!(settled.state == WriteState::Stale, "the write is {:?}, not stale", settled.state);
    ensure!(cloud.get(settled.receipt.as_str()).is_none(), "the cloud has a receipt of what was not written");
    run.done("refuse", "the cloud refused the commit: neither write nor receipt");
    only_theirs(run, world, &path, had).await
}

/// The document is as the other one left it, and the mirror sees that.
async fn only_theirs(run: &mut Run, world: &World, path: &str, had: u64) -> anyhow::Result<()> {
    let (client, cloud) = (Client::of(world.data()), world.database());
    let written = cloud.writes_to(path) - had;
    ensure!(written == 1, "the document was written {written} times, not once by the other one");
    let theirs = cloud.get(path).and_then(|document| document.update_time);
    let place = format!("/api/v1/documents/{path}");
    let shown =
        |document: &Document| theirs.as_ref().is_some_and(|at| document.update_time.parts() == (at.seconds, at.nanos));
    let seen = client.wait_for(&place, shown).await?;
    run.note("theirs", seen.hash)?;
    run.done("verify", format!("the document is as they left it, {}", seen.hash));
    Ok(())
}

fn slow(method: Method) -> Fault {
    Fault::call(method, When::Always, CallFault::Delay(Latency::fixed(HELD)))
}
