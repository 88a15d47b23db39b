//! The steps that drills share: propose on the drill document, approve, and wait for what becomes of it.

use anyhow::{Context as _, bail, ensure};

use crate::cli::client::Client;
use crate::cli::drill::evidence::Run;
use crate::domain::ids::{ProposalId, WriteId};
use crate::web::api::drills::{DrillStart, DrillStarted, DrillUndo};
use crate::web::api::proposals::{Choice, DecisionRequest, Moved, Proposal, ProposalState, Proposed};
use crate::web::api::writes::{Write, WriteState};

/// Has the service propose to change the drill document.
pub(super) async fn propose(run: &mut Run, client: &Client) -> anyhow::Result<DrillStarted> {
    let started: DrillStarted = client.post("/api/v1/drills", &DrillStart {}).await?;
    run.done("propose", format!("proposal {} by the service", started.proposed.id));
    Ok(started)
}

/// Has the service propose to take the drill's write back.
pub(super) async fn propose_undo(run: &mut Run, client: &Client, write: WriteId) -> anyhow::Result<Proposed> {
    let proposed: Proposed = client.post("/api/v1/drills/undo", &DrillUndo { write }).await?;
    run.done("undo", format!("proposal {} takes the write back", proposed.id));
    Ok(proposed)
}

/// Approves a proposal as the operator.
pub(super) async fn approve(run: &mut Run, client: &Client, proposed: &Proposed) -> anyhow::Result<Moved> {
    let decision = DecisionRequest {
        decision: Choice::Approve,
        reason: "Drill on the drill document.".to_owned(),
        content_hash: proposed.content_hash,
        code: None,
    };
    let moved = client.post(&format!("/api/v1/proposals/{}/decision", proposed.id), &decision).await?;
    run.done("approve", "by the operator");
    Ok(moved)
}

/// Approves a proposal and waits until the mirror has seen its write.
pub(super) async fn carry_out(run: &mut Run, client: &Client, proposed: &Proposed) -> anyhow::Result<Write> {
    approve(run, client, proposed).await?;
    let landed = settled(client, sent(client, proposed.id).await?).await?;
    if !matches!(landed.state, WriteState::Landed | WriteState::Observed) {
        bail!("the write did not land: it is {:?} ({})", landed.state, landed.answer.unwrap_or_default());
    }
    let update_time = landed.update_time.map(|at| at.to_string()).unwrap_or_default();
    run.done("land", format!("landed at {update_time}, receipt {}", landed.receipt));
    let observed = observed(client, landed.id).await?;
    run.done("observe", "the mirror has seen it");
    Ok(observed)
}

/// Waits until it is known what became of a write.
pub(super) async fn settled(client: &Client, id: WriteId) -> anyhow::Result<Write> {
    let over = |write: &Write| match write.state {
        WriteState::Intended | WriteState::Unknown => false,
        WriteState::Landed
        | WriteState::Observed
        | WriteState::Stale
        | WriteState::Refused
        | WriteState::Conflicted
        | WriteState::Abandoned => true,
    };
    client.wait_for(&format!("/api/v1/writes/{id}"), over).await
}

/// Waits until the mirror has seen a write.
pub(super) async fn observed(client: &Client, id: WriteId) -> anyhow::Result<Write> {
    client.wait_for(&format!("/api/v1/writes/{id}"), |write: &Write| write.state == WriteState::Observed).await
}

/// Waits until the push job has dealt with a proposal.
pub(super) async fn dealt_with(client: &Client, id: ProposalId) -> anyhow::Result<Proposal> {
    let over = |proposal: &Proposal| match proposal.state {
        ProposalState::Waiting | ProposalState::Approved => false,
        ProposalState::Sent
        | ProposalState::Rejected
        | ProposalState::Withdrawn
        | ProposalState::Expired
        | ProposalState::Stale
        | ProposalState::Denied => true,
    };
    client
        .wait_for(&format!("/api/v1/proposals/{id}"), over)
        .await
        .context("nothing was sent: are writes turned on (`push.enabled`)?")
}

/// Waits until the push job has taken a proposal; its write.
pub(super) async fn sent(client: &Client, id: ProposalId) -> anyhow::Result<WriteId> {
    let proposal = dealt_with(client, id).await?;
    ensure!(proposal.state == ProposalState::Sent, "the proposal was not sent: it is {:?}", proposal.state);
    proposal.writes.first().map(|write| write.id).context("the proposal writes nothing")
}
