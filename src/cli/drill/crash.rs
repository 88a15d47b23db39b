//! `drill crash`: a service dies at every step of a write and is started again. The write exists exactly once.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use crate::cli::client::Client;
use crate::cli::drill::child::{Service, Yard};
use crate::cli::drill::cycle::{observed, sent};
use crate::cli::drill::evidence::Run;
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::receipt;
use crate::gate::failpoints::FAILPOINTS;
use crate::sandbox::firestore::Database;
use crate::sandbox::studio::DRILL_DOCUMENT;
use crate::store::Store;
use crate::store::backup::Soundness;
use crate::web::api::audit::{SealAsked, SealWish};
use crate::web::api::documents::Document;
use crate::web::api::drills::{DrillStart, DrillStarted, DrillUndo};
use crate::web::api::proposals::{Choice, DecisionRequest, Moved, Proposal, ProposalState, Proposed};
use crate::web::api::writes::Write;

/// What every start passes, too.
const SURVIVED_ONCE: [&str; 3] = ["seal::before-checkpoint", "seal::after-checkpoint", "seal::after-anchor"];

/// How long a service may take to change its key.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Where the receipts are.
const RECEIPTS: &str = "studioBrainReceipts/";

/// The drill; what to say when it went well.
pub(super) async fn run(run: &mut Run) -> anyhow::Result<String> {
    let yard = Yard::open().await?;
    run.note("document", DRILL_DOCUMENT)?;
    run.note("failpoints", FAILPOINTS)?;
    run.done("world", "a made-up cloud is up");
    for failpoint in FAILPOINTS {
        dies_at(run, &yard, failpoint).await.with_context(|| format!("killed at {failpoint}"))?;
    }
    Ok(format!("Killed at {} places, and every approved write exists exactly once.", FAILPOINTS.len()))
}

/// A write and its undo, with a service that dies at `failpoint`.
async fn dies_at(run: &mut Run, yard: &Yard, failpoint: &'static str) -> anyhow::Result<()> {
    let (cloud, data) = (yard.cloud(), yard.data("box"));
    let (had, receipts) = (cloud.writes_to(DRILL_DOCUMENT), self::receipts(&cloud).len());
    let mut way = Way::default();
    // What every start passes is survived once, so that there is a service to lose.
    let when = if SURVIVED_ONCE.contains(&failpoint) { "1*off->return" } else { "return" };
    let mut service = yard.serve(&data, &format!("{failpoint}={when}")).await?;
    let before: Document = service.client.get(&format!("/api/v1/documents/{DRILL_DOCUMENT}")).await?;
    way.until_it_dies(&mut service).await?;
    let status = match service.ended()? {
        Some(status) => status,
        // The last anchor of a service is that of its end.
        None if failpoint == "seal::after-anchor" => service.stop().await?,
        None if failpoint.starts_with("seal::") => {
            let _: SealAsked = service.client.post("/api/v1/audit/key/rotations", &SealWish {}).await?;
            tokio::time::timeout(PATIENCE, service.died()).await.context("the failpoint was never reached")??
        }
        None => bail!("the failpoint was never reached"),
    };
    ensure!(!status.success(), "the service ended as if nothing had happened");
    run.done("kill", format!("at {failpoint}: {status}"));
    let service = yard.serve(&data, "").await?;
    way.go_on(&service.client).await?;
    run.done("recover", "started again: the write and its undo were carried out");
    let after: Document = service.client.get(&format!("/api/v1/documents/{DRILL_DOCUMENT}")).await?;
    ensure!(after.hash == before.hash, "the document is not as it was");
    let stopped = service.stop().await?;
    ensure!(stopped.success(), "the service did not stop as asked: {stopped}");

    let written = cloud.writes_to(DRILL_DOCUMENT) - had;
    ensure!(written == 2, "the cloud has carried out {written} writes, not one and its undo");
    ensure!(self::receipts(&cloud).len() - receipts == 2, "there are not exactly two new receipts");
    let held = holds_together(&cloud, &data).await?;
    run.done(
        "count",
        format!("one write, one undo, two receipts; {held}; the document is {} again", short(after.hash)),
    );
    Ok(())
}

/// How far a write and its undo are. Whoever asks may lose the service at any step and go on with another.
#[derive(Default)]
struct Way {
    proposal: Option<ProposalId>,
    write: Option<WriteId>,
}

impl Way {
    /// Goes on until the service is dead, or everything is done.
    async fn until_it_dies(&mut self, service: &mut Service) -> anyhow::Result<()> {
        let client = Client::like(&service.client);
        let gone = tokio::select! {
            gone = self.go_on(&client) => gone,
            died = service.died() => died.map(|_| ()),
        };
        match gone {
            Ok(()) => Ok(()),
            // It may have been the service's death that cut the answer off.
            Err(error) => match tokio::time::timeout(std::time::Duration::from_secs(5), service.died()).await {
                Ok(_) => Ok(()),
                Err(_) => Err(error),
            },
        }
    }

    async fn go_on(&mut self, client: &Client) -> anyhow::Result<()> {
        let proposal = match self.proposal {
            Some(proposal) => proposal,
            None => {
                let started: DrillStarted = client.post("/api/v1/drills", &DrillStart {}).await?;
                *self.proposal.insert(started.proposed.id)
            }
        };
        let write = match self.write {
            Some(write) => write,
            None => {
                approve_once(client, proposal).await?;
                *self.write.insert(sent(client, proposal).await?)
            }
        };
        let seen: Write = observed(client, write).await?;
        let undo = match seen.undo {
            Some(undo) => undo,
            None => client.post::<Proposed>("/api/v1/drills/undo", &DrillUndo { write }).await?.id,
        };
        approve_once(client, undo).await?;
        observed(client, sent(client, undo).await?).await?;
        Ok(())
    }
}

/// Approves what still waits: the answer to an earlier approval may be lost.
async fn approve_once(client: &Client, id: ProposalId) -> anyhow::Result<()> {
    let proposal: Proposal = client.get(&format!("/api/v1/proposals/{id}")).await?;
    if proposal.state == ProposalState::Waiting {
        let decision = DecisionRequest {
            decision: Choice::Approve,
            reason: "Crash drill on the drill document.".to_owned(),
            content_hash: proposal.content_hash,
            code: None,
        };
        let _: Moved = client.post(&format!("/api/v1/proposals/{id}/decision"), &decision).await?;
    }
    Ok(())
}

/// The ledger has landed exactly the writes that have a receipt, and the database is sound.
async fn holds_together(cloud: &Database, data: &Path) -> anyhow::Result<String> {
    let store = Store::open_read_only(data).await?;
    let records = store.writes(u16::MAX).await?;
    let landed: BTreeSet<String> = records
        .iter()
        .filter(|record| record.state.landing().is_some())
        .map(|record| receipt::path(record.id).to_string())
        .collect();
    let (_, open) = store.write_counts().await?;
    let checks = store.check().await;
    store.close().await;
    ensure!(open == 0, "{open} writes have no known end");
    ensure!(landed == receipts(cloud), "the ledger and the cloud's receipts are not the same");
    if let Some(wrong) = checks.iter().find(|checked| checked.soundness != Soundness::Sound) {
        bail!("the database is not sound: {}: {}", wrong.what, wrong.says);
    }
    Ok(format!("the ledger's {} writes are the cloud's receipts; database and audit log are sound", landed.len()))
}

fn receipts(cloud: &Database) -> BTreeSet<String> {
    cloud.paths().into_iter().filter(|path| path.starts_with(RECEIPTS)).collect()
}

fn short(hash: Hash) -> String {
    hash.to_string().chars().take(12).collect()
}
