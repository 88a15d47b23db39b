//! `drill kill-switch`: everything is stopped while a write is approved. Nothing leaves before two people let it.

use anyhow::ensure;

use crate::cli::client::Client;
use crate::cli::drill::cycle::{approve, propose};
use crate::cli::drill::evidence::{CouldNotTell, Run};
use crate::domain::ids::ProposalId;
use crate::web::api::kill_switch::{Scope, Stopped, SwitchRequest};
use crate::web::api::proposals::{Proposal, ProposalState};
use crate::web::api::review::Because;

const AT_REST: &str = "something that had left before the stop was not answered in time";

const WHY: &str = "Kill-switch drill: nothing may leave.";

/// The drill against a running service, which stays stopped; what to say when it went well.
pub(super) async fn live(run: &mut Run, client: &Client) -> anyhow::Result<String> {
    let started = propose(run, client).await?;
    approve(run, client, &started.proposed).await?;
    let at_rest = stop(run, client).await?;
    let held = held(run, client, started.proposed.id).await;
    if held.is_ok() {
        let because = Because { reason: "The drill is over; its write is not wanted.".to_owned() };
        client.tell(&format!("/api/v1/proposals/{}/stop", started.proposed.id), &because).await?;
        run.done("clear", "the drill's own proposal is stopped for good: nothing of it leaves later");
    }
    run.say("  Everything is still stopped. What is left to two people:");
    run.say("    studio-brain kill-switch resume --reason \"The drill is over.\"       one of them");
    run.say("    studio-brain kill-switch confirm --reason \"I have seen the evidence.\"  another");
    held?;
    ensure!(at_rest, AT_REST);
    Ok("Nothing left while everything was stopped, and it is still stopped.".to_owned())
}

/// Stops everything; is nothing under way any more?
async fn stop(run: &mut Run, client: &Client) -> anyhow::Result<bool> {
    let request = SwitchRequest { scope: Scope::Studio, reason: WHY.to_owned() };
    let stopped: Stopped = client.post("/api/v1/kill-switch/stop", &request).await?;
    let found = if stopped.at_rest { "nothing is under way" } else { "something is still under way" };
    run.done("stop", format!("everything is stopped, {found}"));
    Ok(stopped.at_rest)
}

/// The approved proposal stays approved and is held back because of the stop.
async fn held(run: &mut Run, client: &Client, id: ProposalId) -> anyhow::Result<()> {
    let over = |proposal: &Proposal| proposal.held.is_some() || proposal.state != ProposalState::Approved;
    let proposal: Proposal = client.wait_for(&format!("/api/v1/proposals/{id}"), over).await?;
    run.note("held", &proposal.held)?;
    if proposal.state == ProposalState::Sent {
        return Err(CouldNotTell("the write left before the stop: run the drill again".to_owned()).into());
    }
    ensure!(proposal.state == ProposalState::Approved, "the proposal is {:?}, not approved", proposal.state);
    ensure!(!proposal.sent, "a write was made of it all the same");
    ensure!(proposal.held.as_deref() == Some("KILL_SWITCH_ON"), "it is held back for another reason");
    run.done("hold", "the approved write is held back: KILL_SWITCH_ON");
    Ok(())
}

/// The drill in a private world, which plays both people; what to say when it went well.
#[cfg(feature = "sandbox")]
pub(super) async fn private(run: &mut Run, world: &crate::cli::world::World) -> anyhow::Result<String> {
    use std::time::Duration;

    use crate::cli::client::Refused;
    use crate::cli::drill::cycle::{observed, sent};
    use crate::cli::drill::persona::Persona;
    use crate::sandbox::firestore::{CallFault, Fault, Faults, Latency, Method, When};

    let (client, cloud) = (Client::of(world.data()), world.database());
    let started = propose(run, &client).await?;
    let path = started.document.to_string();
    run.note("document", &path)?;
    let had = cloud.writes_to(&path);
    // The look before the write takes its time, so that the stop comes in between.
    let slow = CallFault::Delay(Latency::fixed(Duration::from_millis(1_500)));
    world.cloud().add_fault(Fault::call(Method::BatchGetDocuments, When::Always, slow));
    approve(run, &client, &started.proposed).await?;
    ensure!(stop(run, &client).await?, AT_REST);
    held(run, &client, started.proposed.id).await?;
    world.cloud().set_faults(Faults::default());
    ensure!(cloud.writes_to(&path) == had, "the cloud was written to while everything was stopped");
    run.done("count", "the cloud was not written to");

    let again = propose(run, &client).await;
    ensure!(again.is_ok(), "asking stays possible while everything is stopped");
    let denied = match &again {
        Ok(again) => approve(run, &client, &again.proposed).await.err(),
        Err(_) => None,
    };
    let code = denied.as_ref().and_then(|error| error.downcast_ref::<Refused>()).map(ToString::to_string);
    ensure!(code.as_ref().is_some_and(|code| code.contains("KILL_SWITCH_ON")), "a second write could be approved");
    run.done("deny", "nobody can approve while everything is stopped: KILL_SWITCH_ON");

    let request = |reason: &str| SwitchRequest { scope: Scope::Studio, reason: reason.to_owned() };
    client.tell("/api/v1/kill-switch/resume", &request("The drill is over.")).await?;
    run.done("ask", "the operator asks to resume");
    let alone = client.tell("/api/v1/kill-switch/resume/confirm", &request("I agree with myself.")).await;
    let code = alone.err().map(|error| error.to_string()).unwrap_or_default();
    ensure!(code.contains("SECOND_PERSON_REQUIRED"), "one person alone has resumed: {code}");
    ensure!(cloud.writes_to(&path) == had, "the cloud was written to before the second person agreed");
    run.done("refuse", "the same person can't confirm: SECOND_PERSON_REQUIRED");
    let juno = Persona::sign_in(world.address(), "uid_admin_juno").await?;
    let body = request("I have seen the evidence.");
    let (status, said) = juno.post("/api/v1/kill-switch/resume/confirm", &body).await?;
    ensure!(status.is_success(), "the second person could not confirm: {status} {said}");
    run.done("confirm", "another person confirms, work resumes");

    let write = observed(&client, sent(&client, started.proposed.id).await?).await?;
    run.note("write", &write)?;
    let written = cloud.writes_to(&path) - had;
    ensure!(written == 1, "the cloud has carried out {written} writes, not one");
    run.done("go on", "the write that was held back was sent, exactly once");
    Ok("Nothing left while everything was stopped, and two people let it go on.".to_owned())
}
