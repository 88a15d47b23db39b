//! `drill rehearse`: would every undo land? Nothing is proposed and nothing is written to the cloud.

use std::collections::BTreeSet;

use anyhow::{bail, ensure};

use crate::cli::client::Client;
use crate::cli::drill::evidence::{CouldNotTell, Run};
use crate::web::api::rehearsals::{Rehearsal, RehearsalRequest, RehearsedOutcome, RehearsedWrite};
use crate::web::api::verifications::{Verdict, VerificationAsked, VerificationRequest, VerificationRun};

/// How many writes that are not clean are said one by one.
const SAID: usize = 50;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The mirror as it is.
    Mirror,
    /// The mirror, after every document of the collections in question was read again from the cloud.
    Cloud,
}

/// Rehearses; what to say when everything would come back.
pub(super) async fn run(run: &mut Run, client: &Client, look: Look) -> anyhow::Result<String> {
    let mut held = rehearse(run, client).await?;
    if look == Look::Cloud {
        read_again(run, client, &held).await?;
        held = rehearse(run, client).await?;
    }
    run.note("rehearsal", &held)?;
    for (name, count) in [
        ("standing", held.standing),
        ("clean", held.clean),
        ("conflicting", held.conflicting),
        ("impossible", held.impossible),
        ("unknown", held.unknown),
        ("not_looked_at", held.not_looked_at),
    ] {
        run.note(name, count)?;
    }
    for write in held.writes.iter().filter(|write| write.outcome != RehearsedOutcome::Clean).take(SAID) {
        run.say(&format!("  {}", line(write)));
    }
    let said = format!("{} of {} clean", held.clean, held.standing);
    match (held.conflicting + held.impossible, held.unknown + held.not_looked_at) {
        (0, 0) => Ok(format!("Every write that stands can be taken back: {said}.")),
        (0, unknown) => Err(CouldNotTell(format!("{said}, {unknown} could not be told")).into()),
        (_, _) => bail!(
            "{said}, {} conflict with somebody's change, {} have nothing to put back, {} could not be told",
            held.conflicting,
            held.impossible,
            held.unknown
        ),
    }
}

async fn rehearse(run: &mut Run, client: &Client) -> anyhow::Result<Rehearsal> {
    let held: Rehearsal = client.post("/api/v1/drills/rehearse", &RehearsalRequest {}).await?;
    let as_of = held.as_of.map_or_else(|| "nothing to know".to_owned(), |at| format!("documents as of {at}"));
    run.done("rehearse", format!("{} of {} clean in {} ms, {as_of}", held.clean, held.standing, held.took_ms));
    Ok(held)
}

/// Has every document of the collections in question read again, and the mirror put right.
async fn read_again(run: &mut Run, client: &Client, held: &Rehearsal) -> anyhow::Result<()> {
    ensure!(held.left_off == 0, "more writes stand than one answer lists, so not every collection is known");
    let collections: BTreeSet<_> = held.writes.iter().map(|write| write.document.collection()).collect();
    if collections.is_empty() {
        return Ok(());
    }
    let request = VerificationRequest { collections: collections.into_iter().collect(), deep: true };
    let asked: VerificationAsked = client.post("/api/v1/mirror/verifications", &request).await?;
    let place = format!("/api/v1/mirror/verifications/{}", asked.id);
    let proof = client.wait_for(&place, |proof: &VerificationRun| proof.finished.is_some()).await?;
    if let Some(unknown) = proof.results.iter().find(|one| one.verdict == Verdict::Unknown) {
        return Err(CouldNotTell(format!("{} could not be read again: {}", unknown.collection, unknown.says)).into());
    }
    let (reread, repaired) = (
        proof.results.iter().map(|one| one.reread).sum::<u64>(),
        proof.results.iter().map(|one| one.repaired).sum::<u64>(),
    );
    run.done("read again", format!("{reread} documents from the cloud, {repaired} put right in the mirror"));
    Ok(())
}

fn line(write: &RehearsedWrite) -> String {
    let why = write.why.as_deref().unwrap_or_default();
    let who = match write.outcome {
        RehearsedOutcome::Conflict => {
            let by = write.by.as_deref().unwrap_or("somebody outside of this service");
            let at = write.changed.map_or_else(String::new, |at| format!(" at {at}"));
            format!(" By {by}{at}.")
        }
        RehearsedOutcome::Impossible | RehearsedOutcome::Unknown | RehearsedOutcome::Clean => String::new(),
    };
    let fields = match write.fields.as_slice() {
        [] => String::new(),
        fields => format!(" Fields: {}.", fields.join(", ")),
    };
    format!("{} ({}): {why}{who}{fields}", write.document, write.write)
}
