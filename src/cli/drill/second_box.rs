//! `drill second-box`: a copy of the box is started beside the original. It only mirrors until an operator decides.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::drill::child::{Service, Yard};
use crate::cli::drill::cycle::{approve, carry_out, dealt_with, observed, propose, sent};
use crate::cli::drill::evidence::{CouldNotTell, Run};
use crate::clock::Clock;
use crate::domain::ids::ProposalId;
use crate::sandbox::firestore::{CallFault, Database, Fault, Faults, Latency, Method, When};
use crate::sandbox::studio::{DRILL_DOCUMENT, somebody_writes};
use crate::store::Store;
use crate::store::backup::{Backup, Replace, Soundness, restore};
use crate::web::api::documents::Document;
use crate::web::api::proposals::{Proposal, ProposalState};
use crate::web::api::review::Because;

/// Why a second box sends nothing.
const SECOND: &str = "SECOND_BOX";

/// How long the cloud takes its time, so that the copy is taken between the approval and the write.
const HELD: Duration = Duration::from_secs(3);

/// The drill; what to say when it went well.
pub(super) async fn run(run: &mut Run) -> anyhow::Result<String> {
    let yard = Yard::open().await?;
    run.note("document", DRILL_DOCUMENT)?;
    let (cloud, had) = (yard.cloud(), yard.cloud().writes_to(DRILL_DOCUMENT));
    let original = yard.serve(&yard.data("original"), "").await?;
    if original.client.find::<Value>("/api/v1/lease").await?.is_none() {
        return Err(CouldNotTell("this version of the service has no lease".to_owned()).into());
    }
    stands(&original.client, "ours").await?;
    run.done("world", "a made-up cloud and the original box are up; the original has the lease");

    yard.world().add_fault(Fault::call(
        Method::BatchGetDocuments,
        When::Always,
        CallFault::Delay(Latency::fixed(HELD)),
    ));
    let started = propose(run, &original.client).await?;
    approve(run, &original.client, &started.proposed).await?;
    copy(&yard.data("original"), &yard.data("copy")).await?;
    yard.world().set_faults(Faults::default());
    run.done("copy", "the box was copied with an approved write in it that was not sent");
    let id = started.proposed.id;
    let write = observed(&original.client, sent(&original.client, id).await?).await?;
    run.note("write", &write)?;
    written(&cloud, had, 1)?;
    run.done("write", "the original has sent it, once");

    let second = yard.serve(&yard.data("copy"), "").await?;
    stands(&second.client, "second").await?;
    is_held(&second.client, id).await?;
    written(&cloud, had, 1)?;
    run.done("notice", format!("the copy has noticed, and holds the same write back: {SECOND}"));

    stop(original).await?;
    let because = Because { reason: "Second-box drill: the original is stopped.".to_owned() };
    client_takes(&second.client, &because).await?;
    run.done("decide", "the original is stopped, and the operator makes the copy the one that writes");
    let proposal = dealt_with(&second.client, id).await?;
    written(&cloud, had, 1)?;
    run.done("late", format!("the copy's own attempt at the same write ends as {:?}: nothing new", proposal.state));

    let other = yard.cloud().writes_to(DRILL_DOCUMENT);
    moves(&cloud, &second.client).await?;
    let next = propose(run, &second.client).await?;
    carry_out(run, &second.client, &next.proposed).await?;
    written(&cloud, other, 2)?;
    run.done("go on", "the copy writes now");

    let back = yard.serve(&yard.data("original"), "").await?;
    stands(&back.client, "second").await?;
    moves(&cloud, &back.client).await?;
    let late = propose(run, &back.client).await?;
    approve(run, &back.client, &late.proposed).await?;
    is_held(&back.client, late.proposed.id).await?;
    written(&cloud, other, 3)?;
    run.done("come back", format!("the original comes back, notices, and holds its write back: {SECOND}"));
    stop(back).await?;
    stop(second).await?;
    for name in ["original", "copy"] {
        is_sound(&yard.data(name)).await?;
    }
    run.done("check", "both databases and audit logs are sound");
    Ok("Two boxes of one studio: one wrote, the other waited for a decision, and no write was sent twice.".to_owned())
}

/// Waits until the box stands so to the lease.
async fn stands(client: &Client, wanted: &str) -> anyhow::Result<()> {
    client.wait_for("/api/v1/lease", |lease: &Value| lease.get("standing").is_some_and(|is| is == wanted)).await?;
    Ok(())
}

async fn client_takes(client: &Client, because: &Because) -> anyhow::Result<()> {
    client.tell("/api/v1/lease/take", because).await.context("could not take the lease")?;
    stands(client, "ours").await
}

async fn is_held(client: &Client, id: ProposalId) -> anyhow::Result<()> {
    let over = |proposal: &Proposal| proposal.held.is_some() || proposal.state != ProposalState::Approved;
    let proposal: Proposal = client.wait_for(&format!("/api/v1/proposals/{id}"), over).await?;
    let held = proposal.held.as_deref().unwrap_or("nothing");
    ensure!(proposal.state == ProposalState::Approved, "the second box has {:?} it", proposal.state);
    ensure!(held == SECOND, "{held} holds it back, and not {SECOND}");
    Ok(())
}

/// Somebody changes the document, so that there is something to write again; waits until the box has seen it.
async fn moves(cloud: &Database, client: &Client) -> anyhow::Result<()> {
    let text = format!("Somebody was here at {}.", Clock::system().now());
    somebody_writes(cloud, DRILL_DOCUMENT, "note", &text);
    let seen = |document: &Document| document.fields.to_string().contains(&text);
    client.wait_for(&format!("/api/v1/documents/{DRILL_DOCUMENT}"), seen).await?;
    Ok(())
}

async fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let file = to.with_extension("db");
    let store = Store::open_read_only(from).await?;
    let backup = Backup::at(&file)?;
    backup.copy(&store).await?;
    backup.keep().await?;
    store.close().await;
    restore(&file, to, None, Replace::Never, Clock::system().now().into()).await?;
    Ok(())
}

fn written(cloud: &Database, had: u64, wanted: u64) -> anyhow::Result<()> {
    let found = cloud.writes_to(DRILL_DOCUMENT) - had;
    ensure!(found == wanted, "the document was written {found} times, not {wanted}");
    Ok(())
}

async fn stop(service: Service) -> anyhow::Result<()> {
    let stopped = service.stop().await?;
    ensure!(stopped.success(), "a box did not stop as asked: {stopped}");
    Ok(())
}

async fn is_sound(data: &Path) -> anyhow::Result<()> {
    let store = Store::open_read_only(data).await?;
    let checks = store.check().await;
    store.close().await;
    match checks.iter().find(|checked| checked.soundness != Soundness::Sound) {
        Some(wrong) => bail!("`{}` is not sound: {}: {}", data.display(), wrong.what, wrong.says),
        None => Ok(()),
    }
}
