//! `drill rollback`: propose → approve → push → observe → undo → verify, on a document that is there for nothing else.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use serde::Serialize;

use crate::cli::client::Client;
use crate::cli::drift::look_now;
use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::ids::{Hash, ProposalId};
use crate::domain::time::Timestamp;
use crate::web::api::documents::Document;
use crate::web::api::drift::CheckOutcome;
use crate::web::api::drills::{DrillFinish, DrillOutcome, DrillStart, DrillStarted, DrillUndo};
use crate::web::api::proposals::{Choice, DecisionRequest, Moved, Proposal, ProposalState, Proposed};
use crate::web::api::writes::{Write, WriteState};

/// Rehearse.
#[derive(Debug, Subcommand)]
pub(super) enum Drill {
    /// Change the drill document, take the change back, and prove that nothing is left of it
    #[command(
        after_help = "Example:\n  studio-brain drill rollback --data /var/lib/studio-brain\n  studio-brain drill rollback --demo --evidence drill.json"
    )]
    Rollback {
        /// Where to write the evidence [default: drill-rollback-TIME.json in the data directory, or here with --demo]
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
}

/// What the drill proves, step by step.
#[derive(Debug, Serialize)]
struct Evidence {
    drill: &'static str,
    version: &'static str,
    document: String,
    started: Timestamp,
    outcome: &'static str,
    /// The document's hash before; null when it did not exist.
    before: Option<Hash>,
    /// The before-image that was taken from Firestore just before the write.
    before_image: Option<Hash>,
    /// After the write.
    changed: Option<Hash>,
    /// After the undo; equal to `before` when the drill succeeded.
    after: Option<Hash>,
    write: Option<Write>,
    undo: Option<Write>,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

#[derive(Debug, Serialize)]
struct Step {
    step: &'static str,
    at: Timestamp,
    took_ms: u64,
    found: String,
}

impl Drill {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let Self::Rollback { evidence } = self;
        let data = global.data_directory()?;
        let mut run = Run::new(&data, !global.json);
        let client = Client::of(&data);
        let outcome = run.rehearse(&client).await;
        let failure = outcome.err().map(|error| format!("{error:#}"));
        let succeeded = failure.is_none();
        run.evidence.outcome = if succeeded { "succeeded" } else { "failed" };
        run.evidence.failure = failure;
        let file = match (evidence, global.demo_runs()) {
            (Some(file), _) => file.clone(),
            (None, true) => PathBuf::from(run.file_name()),
            (None, false) => data.join(run.file_name()),
        };
        let text = serde_json::to_string_pretty(&run.evidence)? + "\n";
        std::fs::write(&file, &text)
            .with_context(|| format!("could not write the evidence to `{}`", file.display()))?;
        let finish = DrillFinish {
            outcome: if succeeded { DrillOutcome::Succeeded } else { DrillOutcome::Failed },
            evidence_hash: Hash::of(&text),
        };
        client.tell("/api/v1/drills/finish", &finish).await?;
        if global.json {
            print_json(&run.evidence)?;
        } else {
            match &run.evidence.failure {
                None => println!("The document is back as it was, byte for byte."),
                Some(failure) => println!("The drill failed: {failure}"),
            }
            println!("Evidence: {}", file.display());
        }
        Ok(if succeeded { Exit::Yes } else { Exit::No })
    }
}

/// A drill under way.
struct Run {
    evidence: Evidence,
    clock: Clock,
    since: Instant,
    speaks: bool,
}

impl Run {
    fn new(data: &Path, speaks: bool) -> Self {
        let clock = Clock::system();
        if speaks {
            println!("Rollback drill against the service of `{}`", data.display());
        }
        let evidence = Evidence {
            drill: "rollback",
            version: env!("CARGO_PKG_VERSION"),
            document: String::new(),
            started: clock.now().into(),
            outcome: "running",
            before: None,
            before_image: None,
            changed: None,
            after: None,
            write: None,
            undo: None,
            steps: Vec::new(),
            failure: None,
        };
        Self { evidence, since: clock_start(), clock, speaks }
    }

    fn file_name(&self) -> String {
        format!("drill-rollback-{}.json", self.evidence.started.to_string().replace([':', '.'], "-"))
    }

    /// Notes that a step is done, with its time.
    fn done(&mut self, step: &'static str, found: String) {
        let took_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since = clock_start();
        if self.speaks {
            println!("  {step:<10} {took_ms:>6} ms  {found}");
        }
        self.evidence.steps.push(Step { step, at: self.clock.now().into(), took_ms, found });
    }

    async fn rehearse(&mut self, client: &Client) -> anyhow::Result<()> {
        let started: DrillStarted = client.post("/api/v1/drills", &DrillStart {}).await?;
        self.evidence.document = started.document.to_string();
        self.evidence.before = started.before;
        self.done("propose", format!("proposal {} by the service", started.proposed.id));
        let write = self.carry_out(client, &started.proposed).await?;
        self.evidence.before_image = write.before_hash;
        self.evidence.write = Some(write.clone());
        ensure!(write.before_hash == started.before, "the before-image is not what the mirror had");
        let place = format!("/api/v1/documents/{}", started.document);
        let changed: Document = client.get(&place).await?;
        self.evidence.changed = Some(changed.hash);
        ensure!(Some(changed.hash) != started.before, "the write changed nothing");
        ensure!(Some(changed.hash) == write.after_hash, "the mirror has seen something else than was written");

        let proposed: Proposed = client.post("/api/v1/drills/undo", &DrillUndo { write: write.id }).await?;
        self.done("undo", format!("proposal {} takes the write back", proposed.id));
        self.evidence.undo = Some(self.carry_out(client, &proposed).await?);

        let after: Option<Document> = client.find(&place).await?;
        self.evidence.after = after.map(|document| document.hash);
        ensure!(self.evidence.after == started.before, "the document is not as it was");
        let looked = look_now(client).await?;
        let told = looked.check.outcome.is_some_and(|outcome| outcome != CheckOutcome::Unknown);
        ensure!(told, "the cloud could not be read again: {}", looked.check.why.unwrap_or_default());
        let drifted =
            looked.findings.findings.iter().any(|finding| finding.document.as_ref() == Some(&started.document));
        ensure!(!drifted, "the cloud says something else than the mirror about the drill document");
        let hash = self.evidence.after.map_or_else(|| "no document".to_owned(), |hash| hash.to_string());
        self.done("verify", format!("{hash} again, also read from the cloud a second time"));
        Ok(())
    }

    /// Approves a proposal as the operator and waits until the mirror has seen its write.
    async fn carry_out(&mut self, client: &Client, proposed: &Proposed) -> anyhow::Result<Write> {
        let decision = DecisionRequest {
            decision: Choice::Approve,
            reason: "Rollback drill on the drill document.".to_owned(),
            content_hash: proposed.content_hash,
            code: None,
        };
        let _: Moved = client.post(&format!("/api/v1/proposals/{}/decision", proposed.id), &decision).await?;
        self.done("approve", "by the operator".to_owned());
        let id = self.sent(client, proposed.id).await?;
        let place = format!("/api/v1/writes/{id}");
        let over = |write: &Write| match write.state {
            WriteState::Intended | WriteState::Unknown => false,
            WriteState::Landed
            | WriteState::Observed
            | WriteState::Stale
            | WriteState::Refused
            | WriteState::Conflicted
            | WriteState::Abandoned => true,
        };
        let landed: Write = client.wait_for(&place, over).await?;
        if !matches!(landed.state, WriteState::Landed | WriteState::Observed) {
            bail!("the write did not land: it is {:?} ({})", landed.state, landed.answer.unwrap_or_default());
        }
        let update_time = landed.update_time.map(|at| at.to_string()).unwrap_or_default();
        self.done("push", format!("landed at {update_time}, receipt {}", landed.receipt));
        let observed = client.wait_for(&place, |write: &Write| write.state == WriteState::Observed).await?;
        self.done("observe", "the mirror has seen it".to_owned());
        Ok(observed)
    }

    /// Waits until the push job has taken the proposal.
    async fn sent(&self, client: &Client, id: ProposalId) -> anyhow::Result<crate::domain::ids::WriteId> {
        let over = |proposal: &Proposal| match proposal.state {
            ProposalState::Waiting | ProposalState::Approved => false,
            ProposalState::Sent
            | ProposalState::Rejected
            | ProposalState::Withdrawn
            | ProposalState::Expired
            | ProposalState::Stale
            | ProposalState::Denied => true,
        };
        let proposal: Proposal = client
            .wait_for(&format!("/api/v1/proposals/{id}"), over)
            .await
            .context("nothing was sent: are writes turned on (`push.enabled`)?")?;
        ensure!(proposal.state == ProposalState::Sent, "the proposal was not sent: it is {:?}", proposal.state);
        proposal.writes.first().map(|write| write.id).context("the proposal writes nothing")
    }
}

fn clock_start() -> Instant {
    Instant::now()
}
