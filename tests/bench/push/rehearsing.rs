//! How long an operator waits for the rehearsal of every write that stands: the command, against the running service.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gcloud_sdk::google::firestore::v1::Value as WireValue;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tokio::process::Command;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::capability::CapabilityId;
use studio_brain::domain::change::{Change, Changes};
use studio_brain::domain::ids::{DocPath, ProposalId, StudioId};
use studio_brain::domain::ledger::{Landing, WriteRecord, WriteState};
use studio_brain::domain::proposal::{GivenReason, Proposal, ProposalState};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Fields, Value};
use studio_brain::domain::write::Write;
use studio_brain::sandbox::firestore::{FirestoreServer, Options};
use studio_brain::store::Store;

use crate::line;

const PROGRAM: &str = env!("CARGO_BIN_EXE_studio-brain");

/// How long the service may take until its mirror can tell of every document.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn measure(writes: usize) -> anyhow::Result<()> {
    let server = FirestoreServer::start(([127, 0, 0, 1], 0).into(), Options::default()).await?;
    let cloud = server.world().database("projects/demo-studio/databases/(default)");
    let status = WireValue { value_type: Some(ValueType::StringValue("SHELVED".to_owned())) };
    let fields = HashMap::from([("state".to_owned(), status)]);
    cloud.seed((0..writes).map(|number| (format!("batches/w-{number}"), fields.clone())));
    let seeded = cloud.get("batches/w-0").and_then(|document| document.update_time).context("is seeded")?;
    let directory = tempfile::tempdir()?;
    let config = format!(
        "[studio]\nid = \"monsoon-west\"\nname = \"Monsoon West\"\n\
         [firestore]\nproject = \"demo-studio\"\nemulator_host = \"{}\"\n\
         [mirror]\ncollections = [\"batches\"]\n[web]\nlisten = \"127.0.0.1:0\"\n",
        server.address()
    );
    std::fs::write(directory.path().join("config.toml"), config)?;
    ledger(&directory.path().join("data"), writes, Timestamp::from_parts(seeded.seconds, seeded.nanos)).await?;
    let mut service = program(directory.path(), &["serve"]).stdout(Stdio::null()).spawn()?;
    let started = Instant::now();
    let (took, inside) = loop {
        let asked = Instant::now();
        let output = program(directory.path(), &["drill", "rehearse", "--json"]).output().await?;
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let clean = told.pointer("/clean").and_then(serde_json::Value::as_u64);
        if clean == u64::try_from(writes).ok() {
            let inside = told.pointer("/rehearsal/took_ms");
            break (asked.elapsed(), inside.and_then(serde_json::Value::as_f64).context("no time in the answer")?);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(started.elapsed() < PATIENCE, "{clean:?} of {writes} clean: {told} {said}");
    };
    line(&format!("rehearsal of {writes} writes, the command"), took.as_secs_f64(), "s", None);
    line(&format!("rehearsal of {writes} writes, inside of the service"), inside / 1_000.0, "s", None);
    service.kill().await?;
    server.stop().await;
    Ok(())
}

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(directory).stderr(Stdio::piped()).kill_on_drop(true);
    command.arg("--config").arg(directory.join("config.toml")).arg("--data").arg(directory.join("data"));
    command
}

/// A ledger of writes that landed and left the documents as they are.
async fn ledger(data: &Path, writes: usize, update_time: Timestamp) -> anyhow::Result<()> {
    let studio = StudioId::parse("monsoon-west")?;
    let store = Store::open(data, &studio, update_time).await?;
    let mut tx = store.begin().await?;
    for number in 0..writes {
        let path = DocPath::parse(format!("batches/w-{number}"))?;
        let changes = BTreeMap::from([(FieldPath::top("state"), Some(Value::text("SHELVED")))]);
        let write = Write::Update { path: path.clone(), changes, base: update_time.minus(Duration::from_secs(9)) };
        let id = ProposalId::from_uuid(uuid::Uuid::now_v7());
        let proposal = Proposal {
            id,
            capability: CapabilityId::parse("batch.state.correct")?,
            changes: Changes::one(Change { subject: path, write: write.clone(), undoes: None }),
            summary: format!("Write {number}"),
            reason: GivenReason::parse("It was shelved on Tuesday.").map_err(|reason| anyhow::anyhow!(reason))?,
            proposer: Actor::system(&studio, "drill").person(),
            behalf: None,
            created: update_time,
            expires: update_time,
            finding: None,
            state: ProposalState::Sent,
            state_since: update_time,
            round: 1,
            held: None,
        };
        let before = Fields::from([("state".to_owned(), Value::text("FIRED"))]);
        let mut record = WriteRecord::intended(id, (1, write), proposal.content_hash(), Some(before), update_time);
        record.state = WriteState::Observed { landing: Landing { at: update_time, update_time }, at: update_time };
        tx.proposal_insert(&proposal, None).await?;
        tx.writes_intend(&[&record]).await?;
    }
    tx.commit().await?;
    store.close().await;
    Ok(())
}
