//! `drill lost-reply`: the cloud carries a write out, and its answer is lost. The receipt tells, and the write exists once.

use anyhow::{Context as _, ensure};

use crate::cli::client::Client;
use crate::cli::drill::cycle::{approve, carry_out, observed, propose, propose_undo, sent, settled};
use crate::cli::drill::evidence::Run;
use crate::cli::world::World;
use crate::web::api::audit::AuditPage;
use crate::web::api::documents::Document;
use crate::web::api::writes::WriteState;

/// The drill; what to say when it went well.
pub(super) async fn run(run: &mut Run, world: &World) -> anyhow::Result<String> {
    let (client, cloud) = (Client::of(world.data()), world.database());
    let started = propose(run, &client).await?;
    let path = started.document.to_string();
    run.note("document", &path)?;
    run.note("before", started.before)?;
    let had = cloud.writes_to(&path);

    world.cloud().lose_next_commit_reply();
    run.done("sabotage", "the cloud will carry the next commit out and lose its answer");
    approve(run, &client, &started.proposed).await?;
    let landed = settled(&client, sent(&client, started.proposed.id).await?).await?;
    ensure!(
        matches!(landed.state, WriteState::Landed | WriteState::Observed),
        "the write did not land: it is {:?}",
        landed.state
    );
    run.done("resolve", format!("landed, says the receipt {}", landed.receipt));
    let page: AuditPage = client.get(&format!("/api/v1/audit?target=write:{}", landed.id)).await?;
    let told = |action: &str, reason: &str| {
        let found = page.entries.iter().find(|entry| entry.action == action && entry.reason == reason);
        found.map(|entry| entry.sequence).with_context(|| format!("the audit log has no {action} with {reason}"))
    };
    let (lost, found) = (told("write.unknown", "ANSWER_LOST")?, told("write.landed", "RECEIPT_FOUND")?);
    ensure!(lost < found, "the receipt was found before the answer was lost");
    run.done("audit", format!("entry {lost}: the answer was lost; entry {found}: the receipt was found"));

    let seen = observed(&client, landed.id).await?;
    run.note("write", &seen)?;
    let written = cloud.writes_to(&path) - had;
    ensure!(written == 1, "the cloud has carried out {written} writes, not one");
    ensure!(cloud.get(seen.receipt.as_str()).is_some(), "the cloud has no receipt");
    let changed: Document = client.get(&format!("/api/v1/documents/{path}")).await?;
    run.note("changed", changed.hash)?;
    ensure!(Some(changed.hash) == seen.after_hash, "the mirror has seen something else than was written");
    run.done("count", "the cloud has carried out exactly one write, with its receipt");

    let undo = propose_undo(run, &client, landed.id).await?;
    carry_out(run, &client, &undo).await?;
    let after: Option<Document> = client.find(&format!("/api/v1/documents/{path}")).await?;
    let after = after.map(|document| document.hash);
    run.note("after", after)?;
    ensure!(after == started.before, "the document is not as it was");
    Ok("The answer was lost, the receipt told, and the write existed exactly once.".to_owned())
}
